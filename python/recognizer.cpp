#include "regard/pipeline/recognizer.h"

#include <optional>
#include <variant>

#include "bindings.h"
#include "convert.h"
#include "faces.h"
#include "inputs.h"
#include "regard/core/options.h"
#include "regard/core/parallel.h"
#include "regard/core/text.h"
#include "settings.h"

namespace regard::python {
namespace {

/// A recognizer as Python sees it. All members are thread safe.
class SharedRecognizer {
 public:
  explicit SharedRecognizer(const Settings& settings)
      : jobs_(jobs_of(settings)),
        recognizer_(settings.model.value_or(std::filesystem::path()), options_of(settings)),
        names_(std::make_shared<Names>(Names{recognizer_.labels(), recognizer_.views()})) {}

  int jobs() const { return jobs_; }
  const Recognizer& engine() const { return recognizer_; }

  Faces recognize(const ImageArgument& argument) const {
    const Pixels pixels = argument.pixels();
    auto image = std::make_shared<ImageFaces>();
    image->file = argument.file();
    image->width = pixels.view.width, image->height = pixels.view.height;
    image->faces = recognizer_.recognize(pixels.view);
    return {std::move(image), names_};
  }

 private:
  int jobs_;
  Recognizer recognizer_;
  std::shared_ptr<const Names> names_;
};

Faces recognize_one(const SharedRecognizer& recognizer, const ImageObject& image,
                    const std::string& channels) {
  const ImageArgument argument(image, channels_of(channels), "image");
  const nb::gil_scoped_release released;
  return recognizer.recognize(argument);
}

/// Lets Ctrl-C end a long call; only in Python's main thread it has an effect.
void check_interrupt() {
  const nb::gil_scoped_acquire acquired;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

std::vector<ImageArgument> arguments_of(const nb::iterable& images, const std::string& channels) {
  const auto order = channels_of(channels);
  std::vector<ImageArgument> arguments;
  for (nb::handle image : images)
    arguments.emplace_back(image, order, formatted("images[%zu]", arguments.size()));
  return arguments;
}

using Result = std::variant<Faces, Error>;

std::vector<Result> recognize_all(const SharedRecognizer& recognizer, const nb::iterable& images,
                                  const std::string& channels, bool keep_errors) {
  const auto arguments = arguments_of(images, channels);
  std::vector<Result> results(arguments.size());
  const nb::gil_scoped_release released;
  const auto work = [&](std::size_t thread, std::size_t i) {
    if (thread == 0) check_interrupt();
    try {
      results[i] = recognizer.recognize(arguments[i]);
    } catch (const Error& error) {
      if (!keep_errors) throw;
      results[i] = error;
    }
  };
  for_each_index(arguments.size(), static_cast<std::size_t>(recognizer.jobs()), work);
  return results;
}

nb::list list_of(std::vector<Result> results) {
  nb::list list;
  for (auto& result : results)
    if (auto* faces = std::get_if<Faces>(&result))
      list.append(nb::cast(std::move(*faces)));
    else
      list.append(to_python(std::get<Error>(result)));
  return list;
}

nb::list recognize_list(const SharedRecognizer& recognizer, const nb::iterable& images,
                        const std::string& channels) {
  return list_of(recognize_all(recognizer, images, channels, false));
}

nb::list recognize_list_with_errors(const SharedRecognizer& recognizer, const nb::iterable& images,
                                    const std::string& errors, const std::string& channels) {
  if (errors != "return" && errors != "raise") throw Error("unknown", "errors", "raise or return", errors);
  return list_of(recognize_all(recognizer, images, channels, errors == "return"));
}

constexpr const char* kRecognizer = R"(Finds the faces in images and recognises their expressions.

model: the name of a shipped model (see `models()`) or a model file; None: the default one.
threads: threads of the CPU in all; 0: one per core.
jobs: images at the same time, each with an equal part of the threads; 0: one for each thread, at most 16, which
    gives the most images per second, from a list or from several threads of Python. 1 gives all threads to one
    image, which is the shortest time for a single one.
precision: of convolutions: "f32", "bf16", "int8" (for a model that `regard quantize` made, such as the shipped ones) or
    "auto" (the fastest of them that the CPU has instructions for).
prior: class frequencies that probabilities assume: "natural", those of the training data, or "balanced", all equal,
    which finds more of the rare expressions and less of the frequent ones.
min_score: the least confidence of a face, 0 to 1.

An object may be used by several threads at once, and they should share one. Raises Error for a model that does not
exist or is damaged, and for options out of range.)";

constexpr const char* kRecognize = R"(The faces of an image, the highest score first; none is no error.

image: a path; or the bytes of a file (JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, BMP); or pixels: an
    array of uint8 of height x width x 3, or height x width (x 1) if it is grey, with any strides, of anything that
    supports DLPack or the buffer protocol. Read-only arrays will do. Pixels are not copied if they lie next to
    each other within a row, in the order RGB.
channels: the order in an array, "rgb", or "bgr" as OpenCV has it.

Orientation tags of files are applied. Raises Error for an unreadable file, and for an array that is no image. The GIL
is released.)";

constexpr const char* kRecognizeList = R"(The same for many images, `jobs` at a time, in their order.

errors: "return" puts an Error in the place of an image that cannot be read; "raise", the default, raises the first
    one.)";

constexpr const char* kOne =
    "def recognize(self, image: regard.Image, *, channels: typing.Literal['rgb', 'bgr'] = 'rgb') -> Faces";
constexpr const char* kList =
    "def recognize(self, images: collections.abc.Iterable[regard.Image], *, "
    "channels: typing.Literal['rgb', 'bgr'] = 'rgb') -> list[Faces]";
constexpr const char* kListWithErrors =
    "def recognize(self, images: collections.abc.Iterable[regard.Image], *, errors: "
    "typing.Literal['return'], "
    "channels: typing.Literal['rgb', 'bgr'] = 'rgb') -> list[Faces | regard.Error]";

void initialize(SharedRecognizer* place, std::optional<std::filesystem::path> model, int threads, int jobs,
                std::string precision, std::string prior, float min_score) {
  const Settings settings{std::move(model), threads, jobs, std::move(precision), std::move(prior), min_score};
  const nb::gil_scoped_release released;
  new (place) SharedRecognizer(settings);
}

using Class = nb::class_<SharedRecognizer>;

void bind_recognition(Class& type) {
  type.def("recognize", recognize_one, nb::arg("image"), nb::kw_only(), nb::arg("channels") = "rgb",
           nb::sig(kOne), kRecognize);
  type.def("recognize", recognize_list, nb::arg("images"), nb::kw_only(), nb::arg("channels") = "rgb",
           nb::sig(kList), kRecognizeList);
  type.def("recognize", recognize_list_with_errors, nb::arg("images"), nb::kw_only(), nb::arg("errors"),
           nb::arg("channels") = "rgb", nb::sig(kListWithErrors), kRecognizeList);
}

void bind_properties(Class& type) {
  type.def_prop_ro(
      "labels", [](const SharedRecognizer& self) { return self.engine().labels(); },
      "The labels of the probabilities, in order.");
  type.def_prop_ro(
      "views", [](const SharedRecognizer& self) { return self.engine().views(); },
      "The views of a face that the network weighs; none if it does not.");
  type.def_prop_ro(
      "model", [](const SharedRecognizer& self) { return self.engine().model().name; }, "The model's name.");
  type.def_prop_ro(
      "sha256", [](const SharedRecognizer& self) { return self.engine().model().hash(); },
      "SHA-256 of the model's file, in hexadecimal digits.");
  type.def_prop_ro("jobs", &SharedRecognizer::jobs, "Images at the same time.");
  type.def("__repr__", [](const SharedRecognizer& self) {
    return formatted("Recognizer('%s', jobs=%d)", self.engine().model().name.c_str(), self.jobs());
  });
}

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& file : known_models()) names.push_back(file.stem().string());
  return names;
}

void bind_construction(Class& type) {
  const RecognizerOptions defaults;
  const double min_score = shortest(defaults.detector.min_score);
  static const auto signature = formatted(
      "def __init__(self, model: str | os.PathLike[str] | None = None, threads: int = 0, *, jobs: int = 0, "
      "precision: typing.Literal['f32', 'bf16', 'int8', 'auto'] = '%s', "
      "prior: typing.Literal['natural', 'balanced'] = '%s', "
      "min_score: float = %g) -> None",
      defaults.engine.precision.c_str(), defaults.engine.prior.c_str(), min_score);
  type.def("__init__", initialize, nb::arg("model") = nb::none(), nb::arg("threads") = 0, nb::kw_only(),
           nb::arg("jobs") = 0, nb::arg("precision") = defaults.engine.precision,
           nb::arg("prior") = defaults.engine.prior, nb::arg("min_score") = min_score,
           nb::sig(signature.c_str()));
}

}  // namespace

void bind_recognizer(nb::module_& module) {
  Class type(module, "Recognizer", kRecognizer);
  bind_construction(type);
  bind_recognition(type);
  bind_properties(type);
  module.def("models", model_names, "The names of the shipped models.");
}

}  // namespace regard::python
