#include "regard/data/ferplus.h"

#include <zip.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "regard/core/error.h"
#include "regard/core/labels.h"
#include "regard/core/text.h"
#include "regard/face/picture.h"

namespace regard {
namespace {

struct Split {
  const char* name;
  const char* folder;
};
constexpr std::array<Split, 3> kSplits{
    {{"train", "FER2013Train"}, {"valid", "FER2013Valid"}, {"test", "FER2013Test"}}};
constexpr std::size_t kEmotions = kFerplusLabels.size();
constexpr std::uint64_t kMaxFileBytes = 64u << 20;

/// A folder or a zip file that holds the tree.
class Tree {
 public:
  virtual ~Tree() = default;
  virtual bool has(const std::string& name) = 0;
  /// The file's bytes; nothing where it is missing. Throws Error where it cannot be read.
  virtual std::optional<std::string> read(const std::string& name) = 0;
  /// How messages name the file.
  virtual std::string place(const std::string& name) const = 0;
};

class FolderTree : public Tree {
 public:
  explicit FolderTree(std::filesystem::path root) : root_(std::move(root)) {}
  bool has(const std::string& name) override { return std::filesystem::is_regular_file(root_ / name); }
  std::optional<std::string> read(const std::string& name) override {
    if (!has(name)) return {};
    if (std::filesystem::file_size(root_ / name) > kMaxFileBytes)
      throw Error("file is too large", place(name));
    std::ifstream stream(root_ / name, std::ios::binary);
    if (!stream) throw Error("file cannot be read", place(name));
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  std::string place(const std::string& name) const override { return (root_ / name).string(); }

 private:
  std::filesystem::path root_;
};

class ZipTree : public Tree {
 public:
  explicit ZipTree(const std::filesystem::path& path)
      : path_(path), zip_(zip_open(path.c_str(), ZIP_RDONLY, nullptr), &zip_discard) {
    if (!zip_) throw Error("zip file cannot be read", path.string());
  }
  bool has(const std::string& name) override { return zip_name_locate(zip_.get(), name.c_str(), 0) >= 0; }
  std::optional<std::string> read(const std::string& name) override {
    const zip_int64_t index = zip_name_locate(zip_.get(), name.c_str(), 0);
    if (index < 0) return {};
    zip_stat_t stat;
    if (zip_stat_index(zip_.get(), index, 0, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE))
      throw Error("entry of the zip file cannot be read", place(name));
    if (stat.size > kMaxFileBytes) throw Error("entry of the zip file is too large", place(name));
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(zip_fopen_index(zip_.get(), index, 0),
                                                                  &zip_fclose);
    std::string bytes(stat.size, '\0');
    if (!file || zip_fread(file.get(), bytes.data(), bytes.size()) != static_cast<zip_int64_t>(bytes.size()))
      throw Error("entry of the zip file is damaged", place(name));
    return bytes;
  }
  std::string place(const std::string& name) const override { return path_.string() + ":" + name; }

 private:
  std::filesystem::path path_;
  std::unique_ptr<zip_t, decltype(&zip_discard)> zip_;
};

std::unique_ptr<Tree> open_tree(const std::filesystem::path& source) {
  if (std::filesystem::is_directory(source)) return std::make_unique<FolderTree>(source);
  if (std::filesystem::is_regular_file(source)) return std::make_unique<ZipTree>(source);
  throw Error("FERPlus is not there", source.string(), "a folder or a .zip file");
}

/// "" or "data/", whichever holds one of the splits' label files.
std::string root_of(Tree& tree) {
  for (const std::string root : {"", "data/"})
    for (const auto& split : kSplits)
      if (tree.has(root + split.folder + "/label.csv")) return root;
  throw Error("file is missing", tree.place(std::string(kSplits[0].folder) + "/label.csv"),
              "the folders FER2013Train, FER2013Valid, FER2013Test, each with its label.csv");
}

std::vector<Split> wanted_splits(Tree& tree, const std::string& root, const std::vector<std::string>& names) {
  for (const auto& name : names)
    if (std::none_of(kSplits.begin(), kSplits.end(), [&](const Split& s) { return s.name == name; }))
      throw Error("FERPlus has no such split", {}, "train, valid, test", name);
  std::vector<Split> wanted;
  for (const auto& split : kSplits) {
    const bool asked = std::find(names.begin(), names.end(), split.name) != names.end();
    const std::string file = root + split.folder + "/label.csv";
    if (asked && !tree.has(file)) throw Error("file is missing", tree.place(file));
    if (asked || (names.empty() && tree.has(file))) wanted.push_back(split);
  }
  return wanted;
}

struct Row {
  std::string name;
  VoteResult votes;
  std::string place;  // file and line, for messages
};

float vote_of(const std::string& text, const std::string& place) {
  float value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0 && value <= 1000))
    throw Error("a vote is no count", place, "a number from 0", text);
  return value;
}

Row row_of(std::string_view line, const std::string& place) {
  const auto fields = csv_fields(line);
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
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    rows.push_back(row_of(line, place + ":" + std::to_string(number)));
    if (!names.insert(rows.back().name).second)
      throw Error("picture stands twice in the label file", rows.back().place, {}, rows.back().name);
  }
  return rows;
}

/// "48 x 48, grey, 8 bits": what a PNG file's first chunk says (RFC 2083, 11.2.2); empty where it is none.
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

/// Decodes a picture onto the end of `chips`.
void append_picture(const std::optional<std::string>& bytes, const std::string& file, const Row& row,
                    std::vector<std::uint8_t>& chips) {
  if (!bytes) throw Error("picture is missing: " + file, row.place);
  static const std::string kForm =
      std::to_string(kFerplusSize) + " x " + std::to_string(kFerplusSize) + ", grey, 8 bits";
  const std::string form = form_of(*bytes);
  if (form.empty()) throw Error("picture cannot be decoded: " + file, row.place, "PNG");
  if (form != kForm) throw Error("picture has the wrong form: " + file, row.place, kForm, form);
  const Image picture = decode_picture(std::as_bytes(std::span(*bytes)), row.place + ": " + file);
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) chips.push_back(picture.pixels[i]);
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
  result.shares.assign(left.begin(), left.begin() + kEmotions);
  if (emotions > 0)
    for (float& share : result.shares) share /= emotions;
  return result;
}

Ferplus read_ferplus(const std::filesystem::path& source, std::vector<std::string> splits,
                     const PackProgress& progress) {
  const auto tree = open_tree(source);
  const std::string root = root_of(*tree);
  std::vector<std::pair<Split, std::vector<Row>>> parts;
  std::int64_t total = 0, done = 0;
  for (const auto& split : wanted_splits(*tree, root, splits)) {
    const std::string labels = root + split.folder + "/label.csv";
    parts.emplace_back(split, rows_of(tree->read(labels).value(), tree->place(labels)));
    total += static_cast<std::int64_t>(parts.back().second.size());
  }

  Ferplus data;
  data.samples.reserve(total);
  data.chips.reserve(total * kFerplusSize * kFerplusSize);
  for (auto& [split, rows] : parts) {
    for (auto& row : rows) {
      const std::string file = root + split.folder + "/" + row.name;
      append_picture(tree->read(file), tree->place(file), row, data.chips);
      data.samples.push_back({row.name, split.name, row.votes.label, std::move(row.votes.shares)});
      if (++done % 500 == 0 || done == total)
        if (progress) progress(done, total);
    }
  }
  return data;
}

void pack_ferplus(const std::filesystem::path& source, const std::filesystem::path& out,
                  const PackProgress& progress) {
  const Ferplus data = read_ferplus(source, {}, progress);
  PackedDataset::write(out, "ferplus", {kFerplusLabels.begin(), kFerplusLabels.end()},
                       "FERPlus, Barsoum et al., ICMI 2016", 1, kFerplusSize, data.samples, data.chips);
}

}  // namespace regard
