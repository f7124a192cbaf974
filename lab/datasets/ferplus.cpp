#include "lab/datasets/ferplus.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string_view>
#include <unordered_set>

#include "regard/core/csv.h"
#include "regard/core/error.h"
#include "regard/core/labels.h"
#include "regard/core/text.h"

namespace regard {
namespace {

struct Split {
  const char* name;
  const char* folder;
};
constexpr std::array<Split, 3> kSplits{
    {{"train", "FER2013Train"}, {"valid", "FER2013Valid"}, {"test", "FER2013Test"}}};
constexpr std::size_t kEmotions = kFerplusLabels.size();

/// "" or "data/", whichever holds one of the splits' label files.
std::string root_of(Tree& tree) {
  for (const std::string root : {"", "data/"})
    for (const auto& split : kSplits)
      if (tree.has(root + split.folder + "/label.csv")) return root;
  throw Error("file is missing", tree.place(std::string(kSplits[0].folder) + "/label.csv"),
              "the folders FER2013Train, FER2013Valid, FER2013Test, each with its label.csv");
}

std::vector<Split> wanted_splits(Tree& tree, const std::string& root, const std::vector<std::string>& asked) {
  std::vector<Split> wanted;
  for (const auto& split : kSplits) {
    const std::string file = root + split.folder + "/label.csv";
    if (is_asked(asked, split.name) && !tree.has(file)) throw Error("file is missing", tree.place(file));
    if (is_wanted(asked, split.name) && tree.has(file)) wanted.push_back(split);
  }
  return wanted;
}

struct Row {
  std::string name;
  VoteResult votes;
  std::string place;  // file and line, for messages
};

float vote_of(const std::string& text, const std::string& place) {
  const auto value = whole_number<float>(text);
  if (!value || !(*value >= 0 && *value <= 1000))
    throw Error("a vote is no count", place, "a number from 0", text);
  return *value;
}

Row row_of(const std::vector<std::string>& fields, const std::string& place) {
  std::array<float, 10> votes;
  if (fields.size() != 2 + votes.size())
    throw Error("row has the wrong number of columns", place, std::to_string(2 + votes.size()),
                std::to_string(fields.size()));
  for (std::size_t i = 0; i < votes.size(); ++i) votes[i] = vote_of(fields[2 + i], place);
  if (fields[0].empty() || fields[0].find_first_of("/\\") != std::string::npos)
    throw Error("first column is no file name", place, "a name like fer0000000.png", fields[0]);
  return {fields[0], count_votes(votes), place};
}

std::vector<Row> rows_of(std::string_view text, const std::string& place) {
  std::vector<Row> rows;
  std::unordered_set<std::string> names;
  CsvReader reader(text, place, csv_separator(text));
  while (const auto row = reader.next()) {
    rows.push_back(row_of(row->fields, reader.place(*row)));
    if (!names.insert(rows.back().name).second)
      throw Error("image stands twice in the label file", rows.back().place, {}, rows.back().name);
  }
  return rows;
}

/// "48 x 48, grey, 8 bits": what a PNG file's first chunk says (RFC 2083, 11.2.2); empty if it is none.
std::string form_of(std::string_view png) {
  if (png.size() < 26 || png.substr(0, 8) != "\x89PNG\r\n\x1a\n" || png.substr(12, 4) != "IHDR") return {};
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(png[at]); };
  const auto side = [&](std::size_t at) {
    return std::to_string(std::uint32_t{byte(at)} << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 |
                          byte(at + 3));
  };
  const char* const kind = byte(25) == 0 ? "grey" : byte(25) == 4 ? "grey with alpha" : "colour";
  return side(16) + " x " + side(20) + ", " + kind + ", " + std::to_string(byte(24)) + " bits";
}

void check_image(const std::string& bytes, const SourceImage& image) {
  static const std::string kForm =
      std::to_string(kFerplusSize) + " x " + std::to_string(kFerplusSize) + ", grey, 8 bits";
  const std::string form = form_of(bytes);
  if (form.empty()) throw Error("image cannot be decoded: " + image.file, image.place, "PNG");
  if (form != kForm) throw Error("image has the wrong form: " + image.file, image.place, kForm, form);
}

std::vector<SourceImage> list_images(Tree& tree, const std::vector<std::string>& splits) {
  const std::string root = root_of(tree);
  std::vector<SourceImage> images;
  for (const auto& split : wanted_splits(tree, root, splits)) {
    const std::string folder = root + split.folder + "/";
    for (auto& row : rows_of(tree.text(folder + "label.csv"), tree.place(folder + "label.csv")))
      images.push_back({{row.name, split.name, row.votes.label, std::move(row.votes.soft_labels)},
                        Shows::chip,
                        folder + row.name,
                        row.place,
                        {},
                        {}});
  }
  return images;
}

// --- The two tables ---

constexpr const char *kPixels = "fer2013.csv", *kVotes = "fer2013new.csv";
constexpr std::array<Split, 3> kUsages{
    {{"train", "Training"}, {"valid", "PublicTest"}, {"test", "PrivateTest"}}};

/// "70 80 82 ..." -> a byte for each.
std::string pixels_of(std::string_view text, const std::string& place) {
  std::string pixels;
  for (const char *at = text.data(), *end = at + text.size(); at < end;) {
    unsigned value = 256;
    const auto [next, error] = std::from_chars(at, end, value);
    if (error != std::errc() || value > 255) break;
    pixels += static_cast<char>(value);
    at = std::find_if(next, end, [](char letter) { return letter != ' '; });
  }
  if (pixels.size() != std::size_t{kFerplusSize} * kFerplusSize)
    throw Error("pixels cannot be read", place, "2304 numbers from 0 to 255", std::to_string(pixels.size()));
  return pixels;
}

/// A row of both tables. Throws Error if their splits differ.
SourceImage image_of(const std::vector<std::string>& shown, const std::vector<std::string>& fields,
                     const std::string& place) {
  if (shown.size() != 3 || fields.size() != 12 || shown[2] != fields[0])
    throw Error("rows of the two tables do not belong together", place,
                "emotion,pixels,Usage beside Usage,Image name and ten votes of the same Usage",
                join(fields, ",").substr(0, 80));
  const auto usage = std::ranges::find(kUsages, fields[0], &Split::folder);
  if (usage == kUsages.end())
    throw Error("part is none", place, "Training, PublicTest or PrivateTest", fields[0]);
  std::array<float, 10> counts;
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = vote_of(fields[2 + i], place);
  auto result = count_votes(counts);
  SourceImage image{
      {fields[1], usage->name, result.label, std::move(result.soft_labels)}, Shows::chip, {}, place, {}, {}};
  image.pixels = pixels_of(shown[1], place);
  if (fields[1].empty()) image.left_out = "row without a name";
  return image;
}

std::vector<SourceImage> list_tables(Tree& tree, const std::vector<std::string>& splits) {
  const std::string pixels = tree.text(kPixels), votes = tree.text(kVotes);
  CsvReader pixel_rows(pixels, tree.place(kPixels), csv_separator(pixels));
  CsvReader vote_rows(votes, tree.place(kVotes), csv_separator(votes));
  pixel_rows.next(), vote_rows.next();  // the headers
  std::vector<SourceImage> images;
  std::unordered_set<std::string> names;
  for (;;) {
    const auto shown = pixel_rows.next(), row = vote_rows.next();
    if (!shown && !row) break;
    auto image = image_of(shown.value_or(CsvRow{}).fields, row.value_or(CsvRow{}).fields,
                          row ? vote_rows.place(*row) : pixel_rows.place(*shown));
    if (!is_wanted(splits, image.sample.split)) continue;
    const bool repeats = !names.insert(image.sample.name).second;
    if (image.left_out.empty() && repeats) image.left_out = "name that stands there twice";
    images.push_back(std::move(image));
  }
  return images;
}

}  // namespace

VoteResult count_votes(const std::array<float, 10>& votes) {
  std::array<float, 10> left;
  std::transform(votes.begin(), votes.end(), left.begin(), [](float v) { return v == 1 ? 0 : v; });
  const auto top = std::max_element(left.begin(), left.end());
  const float all = std::accumulate(left.begin(), left.end(), 0.0f);
  const float emotions = std::accumulate(left.begin(), left.begin() + kEmotions, 0.0f);

  VoteResult result;
  const std::size_t index = top - left.begin();
  // More than half of all votes cannot be shared, so this top is the only one.
  if (index < kEmotions && 2 * *top > all) result.label = static_cast<int>(index);
  result.soft_labels.assign(left.begin(), left.begin() + kEmotions);
  if (emotions > 0)
    for (float& share : result.soft_labels) share /= emotions;
  return result;
}

Dataset ferplus() {
  return {.name = "ferplus",
          .about = "FER2013Train, FER2013Valid, FER2013Test with label.csv and images, or some of them",
          .source = "FERPlus, Barsoum et al., ICMI 2016",
          .labels = {kFerplusLabels.begin(), kFerplusLabels.end()},
          .splits = {"train", "valid", "test"},
          .channels = 1,
          .size = kFerplusSize,
          .list = list_images,
          .check = check_image};
}

Dataset ferplus_csv() {
  return {.name = "ferplus-csv",
          .about = "fer2013.csv and fer2013new.csv (other votes than the label files' in some 1,600 rows)",
          .source = "FERPlus by fer2013new.csv, Barsoum et al., ICMI 2016",
          .labels = {kFerplusLabels.begin(), kFerplusLabels.end()},
          .splits = {"train", "valid", "test"},
          .channels = 1,
          .size = kFerplusSize,
          .list = list_tables};
}

}  // namespace regard
