#include <c10/util/Exception.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>

#include "cli/flags.h"
#include "train/trainer.h"

// `regard-torch`: the commands that need torch. `regard train` and `regard evaluate --engine torch` start it.

namespace {

std::atomic<bool> interrupted = false;

/// "1 h 02 min", "3 min 20 s".
std::string duration(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  char text[32];
  if (whole >= 3600)
    std::snprintf(text, sizeof text, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
  else
    std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
  return text;
}

/// On a terminal one line that is overwritten; elsewhere one line per epoch.
void print_progress(const regard::TrainProgress& p) {
  const bool terminal = isatty(STDERR_FILENO);
  const bool epoch_ends = p.step % (p.steps / p.epochs) == 0;
  if (!epoch_ends && !(terminal && p.step % 10 == 0)) return;
  std::fprintf(stderr, "%sepoch %d/%d  step %ld/%ld  loss %.4f  rate %.5f  %.0f images/s  %s left",
               terminal ? "\r\033[K" : "", p.epoch, p.epochs, static_cast<long>(p.step),
               static_cast<long>(p.steps), p.loss, p.learning_rate, p.images_per_second,
               duration(p.seconds_left).c_str());
  if (p.valid_accuracy >= 0) std::fprintf(stderr, "  valid %.4f", p.valid_accuracy);
  if (epoch_ends) std::fputc('\n', stderr);
}

/// Every key of a recipe with its default and meaning, one a line: "optimizer.learning_rate = 0.02   highest
/// ...".
template <regard::OptionsStruct Options>
std::string recipe_keys(Options options, const std::string& prefix = {}) {
  std::string lines;
  options.visit([&](const char* name, auto& field, const char* help) {
    if constexpr (regard::OptionsStruct<std::remove_reference_t<decltype(field)>>) {
      lines += recipe_keys(field, prefix + name + ".");
    } else {
      std::string key = "  " + prefix + name + " = " + regard::field_to_json(field).dump();
      key.resize(std::max<std::size_t>(key.size() + 2, 36), ' ');
      lines += key + help + "\n";
    }
  });
  return lines;
}

struct TrainArguments {
  std::filesystem::path recipe, packed, out;
  regard::TrainOptions options;
};

void add_train(CLI::App& app, TrainArguments& arguments) {
  auto* command = app.add_subcommand("train", "Train a recipe on a packed data set, or continue a run");
  command->add_option("recipe", arguments.recipe, "TOML file")->required();
  command->add_option("--packed", arguments.packed, "packed data set")->required();
  command->add_option("--out", arguments.out, "folder of the run")->required();
  regard::add_flags(*command, arguments.options);
  command->footer("keys of a recipe, with their defaults:\n" + recipe_keys(regard::Recipe{}));
  command->callback([&arguments] {
    std::signal(SIGINT, [](int) { interrupted = true; });
    std::signal(SIGTERM, [](int) { interrupted = true; });
    const auto recipe = regard::read_recipe(arguments.recipe);
    const auto data = regard::PackedDataset::open(arguments.packed);
    const auto world = regard::World::from_environment();
    const bool done =
        regard::train(recipe, data, arguments.out, arguments.options, print_progress, &interrupted, world);
    if (!done)
      throw regard::Error("stopped; give the same command again to continue", arguments.out.string());
    if (world.is_first()) std::cout << (arguments.out / "model.safetensors").string() << "\n";
  });
}

struct PredictArguments {
  std::filesystem::path model, packed, out;
  std::string split = "valid", device = "cpu";
  std::vector<std::string> settings;
};

void add_predict(CLI::App& app, PredictArguments& arguments) {
  auto* command =
      app.add_subcommand("predict", "Write the logits for the images of a split with a majority label");
  command->add_option("--model", arguments.model, "model file")->required();
  command->add_option("--packed", arguments.packed, "packed data set")->required();
  command->add_option("--split", arguments.split, "train, valid or test")->capture_default_str();
  command->add_option("--out", arguments.out, "file to write, .safetensors")->required();
  command->add_option("--device", arguments.device, "cpu or cuda")->capture_default_str();
  regard::repeatable(command->add_option("--set", arguments.settings, "KEY=VALUE of the network's options"));
  command->callback([&arguments] {
    const auto model = regard::with_options(regard::load_model(arguments.model), arguments.settings);
    regard::expect_trained(model);
    const auto data = regard::PackedDataset::open(arguments.packed);
    const auto indices = data.indices(arguments.split, true);
    const auto logits = regard::predict_logits(model, data, indices, arguments.device);
    const regard::Shape shape{static_cast<std::int64_t>(indices.size()),
                              static_cast<std::int64_t>(model.labels.size())};
    regard::write_tensor_file(arguments.out, {},
                              {{"logits", {regard::DType::f32, shape, std::as_bytes(std::span(logits))}}});
  });
}

}  // namespace

int main(int argc, char** argv) {
  // Large tensors stay on the heap: mapping them anew in each step costs a page fault per page.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  CLI::App app("Commands of regard that need torch", "regard-torch");
  app.require_subcommand(1);
  TrainArguments train_arguments;
  PredictArguments predict_arguments;
  add_train(app, train_arguments);
  add_predict(app, predict_arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const c10::Error& error) {
    std::cerr << "regard: " << error.what_without_backtrace() << "\n";
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "regard: " << error.what() << "\n";
    return 1;
  }
}
