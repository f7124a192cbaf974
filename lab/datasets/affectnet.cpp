#include "lab/datasets/affectnet.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "regard/core/csv.h"
#include "regard/core/error.h"
#include "regard/core/text.h"

namespace regard {
namespace {

const std::vector<std::string> kLabels{"neutral", "happiness", "sadness", "surprise",
                                       "fear",    "disgust",   "anger",   "contempt"};
// The codes after the emotions, with the reason why such images are excluded.
constexpr std::array<const char*, 3> kNoEmotions{"labelled as no emotion of the eight", "labelled uncertain",
                                                 "labelled as no face"};
constexpr int kLastLabel = 10;
constexpr std::size_t kPoints = 68;

template <class T>
std::optional<T> number_of(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

/// Eyes, nose tip and mouth corners out of 68 points (iBUG's order: Sagonas et al., ICCV Workshops 2013).
std::optional<Landmarks> five_of(const std::vector<float>& xy) {
  if (xy.size() != 2 * kPoints) return {};
  const auto mean = [&](std::size_t first, std::size_t last) {
    Point sum;
    for (std::size_t i = first; i <= last; ++i) sum = {sum.x + xy[2 * i], sum.y + xy[2 * i + 1]};
    const float count = static_cast<float>(last - first + 1);
    return Point{sum.x / count, sum.y / count};
  };
  return Landmarks{mean(36, 41), mean(42, 47), mean(30, 30), mean(48, 48), mean(54, 54)};
}

/// "1.5;2;..."; anything else gives none.
std::vector<float> points_of(std::string_view text) {
  std::vector<float> xy;
  while (!text.empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto value = number_of<float>(text.substr(0, end));
    if (!value) return {};
    xy.push_back(*value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return xy;
}

std::optional<Box> box_of(const std::vector<std::string>& fields) {
  std::array<float, 4> box{};
  for (std::size_t i = 0; i < box.size(); ++i) {
    const auto value = number_of<float>(fields[1 + i]);
    if (!value) return {};
    box[i] = *value;
  }
  if (box[2] < 1 || box[3] < 1) return {};
  return Box{box[0], box[1], box[2], box[3]};
}

/// Adds the image; excluded if its label is not one of the first `labels`.
void add_labelled(std::vector<SourceImage>& images, SourceImage image, int label, std::size_t labels) {
  if (label < 0 || label > kLastLabel)
    throw Error("expression is none", image.place, "0 to 10", std::to_string(label));
  if (label >= static_cast<int>(kLabels.size())) {
    image.left_out = kNoEmotions.at(static_cast<std::size_t>(label) - kLabels.size());
  } else if (label >= static_cast<int>(labels)) {
    image.left_out = "labelled " + kLabels[static_cast<std::size_t>(label)];
  } else {
    image.sample.label = label;
    image.sample.soft_labels = one_hot(label, labels);
  }
  images.push_back(std::move(image));
}

// --- The original release ---

struct List {
  const char *split, *file;
};
constexpr std::array<List, 2> kLists{{{"train", "training.csv"}, {"valid", "validation.csv"}}};

std::optional<std::string> folder_of_lists(Tree& tree) {
  for (const std::string folder : {"Manually_Annotated_file_lists", ""})
    for (const auto& list : kLists)
      if (tree.has(joined(folder, list.file))) return folder;
  return {};
}

std::string folder_of_images(Tree& tree) {
  const std::string image_folder = "Manually_Annotated_Images";
  return tree.folders("Manually_Annotated/" + image_folder).empty() ? image_folder
                                                                    : "Manually_Annotated/" + image_folder;
}

void add_row(std::vector<SourceImage>& images, const std::string& image_folder, const std::string& split,
             const std::vector<std::string>& fields, const std::string& place, std::size_t labels) {
  if (fields[0] == "subDirectory_filePath") return;
  const auto label = fields.size() < 7 ? std::nullopt : number_of<int>(fields[6]);
  const auto slash = fields[0].find('/');
  if (!label || slash == std::string::npos || fields[0].find("..") != std::string::npos)
    throw Error("row cannot be read", place, "folder/name, box, landmarks, expression, valence, arousal",
                join(fields, ",").substr(0, 80));
  add_labelled(images,
               {{fields[0], split, -1, {}},
                Shows::photograph,
                joined(image_folder, fields[0]),
                place,
                box_of(fields),
                five_of(points_of(fields[5]))},
               *label, labels);
}

std::vector<SourceImage> list_original(Tree& tree, const std::string& folder,
                                       const std::vector<std::string>& splits, std::size_t labels) {
  const std::string image_folder = folder_of_images(tree);
  std::vector<SourceImage> images;
  for (const auto& [split, name] : kLists) {
    const std::string file = joined(folder, name);
    if (!is_wanted(splits, split) || (splits.empty() && !tree.has(file))) continue;
    const std::string text = tree.text(file);
    CsvReader reader(text, tree.place(file));
    while (const auto row = reader.next())
      add_row(images, image_folder, split, row->fields, reader.place(*row), labels);
  }
  return images;
}

// --- The numbered release ---

/// An array of NumPy's .npy format (version 1 or 2, https://numpy.org/doc/stable/reference/generated/
/// numpy.lib.format.html): its element type, e.g. "<f8", and its bytes.
struct Npy {
  std::string type;
  std::string_view data;
};

Npy npy_of(std::string_view bytes, const std::string& place) {
  const bool starts = bytes.size() > 12 && bytes.starts_with("\x93NUMPY");
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[at]));
  };
  const std::size_t begin = starts && byte(6) == 1 ? 10 : 12;
  const std::size_t length = starts ? byte(8) + 256 * byte(9) : 0;
  if (!starts || begin + length > bytes.size()) throw Error("file is no .npy array", place);
  const auto header = bytes.substr(begin, length);
  const auto key = header.find("'descr'");
  const auto open = key == header.npos ? key : header.find('\'', key + 7);
  const auto close = open == header.npos ? open : header.find('\'', open + 1);
  if (close == header.npos) throw Error("file is no .npy array", place);
  return {std::string(header.substr(open + 1, close - open - 1)), bytes.substr(begin + length)};
}

template <class T>
std::vector<float> copied(std::string_view data) {
  std::vector<T> values(data.size() / sizeof(T));
  std::memcpy(values.data(), data.data(), values.size() * sizeof(T));
  return {values.begin(), values.end()};
}

/// Numbers of an array; text (one string of UTF-32, as NumPy keeps it) is read as one.
std::vector<float> numbers_of(std::string_view bytes, const std::string& place) {
  const auto [type, data] = npy_of(bytes, place);
  if (type == "<f8") return copied<double>(data);
  if (type == "<f4") return copied<float>(data);
  if (type == "<i8") return copied<std::int64_t>(data);
  if (type == "<i4") return copied<std::int32_t>(data);
  std::string text;
  for (std::size_t i = 0; i < data.size() && data[i] != 0; i += 4) text += data[i];
  const auto value = type.starts_with("<U") ? number_of<float>(text) : std::nullopt;
  if (!value) throw Error("array has no numbers", place, "floats, integers or a number as text", type);
  return {*value};
}

/// "12" of "12_exp.npy", by number.
std::vector<std::string> numbers_in(Tree& tree, const std::string& folder) {
  constexpr std::string_view kEnd = "_exp.npy";
  std::vector<std::string> numbers;
  for (const auto& name : tree.files(folder))
    if (name.ends_with(kEnd)) numbers.push_back(name.substr(0, name.size() - kEnd.size()));
  std::sort(numbers.begin(), numbers.end(),
            [](const auto& a, const auto& b) { return std::pair(a.size(), a) < std::pair(b.size(), b); });
  return numbers;
}

std::vector<SourceImage> list_numbered(Tree& tree, const std::vector<std::string>& splits,
                                       std::size_t labels) {
  std::vector<SourceImage> images;
  for (const auto& [split, folder] : {std::pair("train", "train_set"), std::pair("valid", "val_set")}) {
    if (!is_wanted(splits, split)) continue;
    const std::string notes = std::string(folder) + "/annotations",
                      image_folder = std::string(folder) + "/images/";
    const auto numbers = numbers_in(tree, notes);
    if (numbers.empty() && is_asked(splits, split))
      throw Error("file is missing", tree.place(notes + "/0_exp.npy"));
    for (const auto& number : numbers) {
      const std::string expression = notes + "/" + number + "_exp.npy",
                        points = notes + "/" + number + "_lnd.npy";
      const auto label = numbers_of(tree.bytes(expression), tree.place(expression));
      const auto landmarks =
          tree.has(points) ? numbers_of(tree.bytes(points), tree.place(points)) : std::vector<float>();
      add_labelled(images,
                   {{number + ".jpg", split, -1, {}},
                    Shows::face,
                    image_folder + number + ".jpg",
                    tree.place(expression),
                    {},
                    five_of(landmarks)},
                   label.empty() ? -1 : static_cast<int>(label[0]), labels);
    }
  }
  return images;
}

// --- Folders of labels ---

std::vector<SourceImage> list_classes(Tree& tree, const std::vector<std::string>& splits,
                                      std::size_t labels) {
  std::vector<SourceImage> images;
  for (const auto& [split, folder] : {std::pair("train", "train"), std::pair("valid", "val")}) {
    if (!is_wanted(splits, split) || tree.folders(folder).empty()) continue;
    for (auto& image : images_by_number(tree, folder, split, kLabels, 0, Shows::face)) {
      const int label = image.sample.label;
      add_labelled(images, std::move(image), label, labels);
    }
  }
  return images;
}

std::vector<SourceImage> list_any(Tree& tree, const std::vector<std::string>& splits, std::size_t labels) {
  if (const auto folder = folder_of_lists(tree)) return list_original(tree, *folder, splits, labels);
  auto images = list_classes(tree, splits, labels);
  if (images.empty()) images = list_numbered(tree, splits, labels);
  if (images.empty())
    throw Error(
        "file is missing", tree.place("Manually_Annotated_file_lists/training.csv"),
        "AffectNet's original release, its numbered one (train_set, val_set) or train/0 to 7, val/0 to 7");
  return images;
}

std::vector<SourceImage> list_eight(Tree& tree, const std::vector<std::string>& splits) {
  return list_any(tree, splits, 8);
}

std::vector<SourceImage> list_seven(Tree& tree, const std::vector<std::string>& splits) {
  return list_any(tree, splits, 7);
}

}  // namespace

Dataset affectnet() {
  return {.name = "affectnet",
          .about =
              "8 labels: Manually_Annotated_file_lists and _Images; train_set and val_set; or train/0 to 7, "
              "val/0 to 7",
          .source = "AffectNet, Mollahosseini, Hasani & Mahoor, IEEE TAC 2019",
          .labels = kLabels,
          .splits = {"train", "valid"},
          .list = list_eight};
}

Dataset affectnet7() {
  Dataset set = affectnet();
  set.name = "affectnet7";
  set.about = "AffectNet without contempt";
  set.labels.pop_back();
  set.list = list_seven;
  return set;
}

}  // namespace regard
