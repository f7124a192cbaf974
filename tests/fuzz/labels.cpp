// Listing the images of a data set with any label files ends with images or a regard::Error. The first byte
// says which data set.

#include <array>
#include <cstdint>
#include <map>

#include "lab/datasets/affectnet.h"
#include "lab/datasets/ferplus.h"
#include "lab/datasets/rafdb.h"
#include "regard/core/error.h"

namespace {

/// A few files, whatever is asked.
class MemoryTree : public regard::Tree {
 public:
  explicit MemoryTree(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  bool has(const std::string& name) override { return files_.contains(name); }
  std::optional<std::string> read(const std::string& name) override {
    const auto found = files_.find(name);
    return found == files_.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::string> files(const std::string&) override { return {}; }
  std::vector<std::string> folders(const std::string&) override { return {}; }
  std::string place(const std::string& name) const override { return name; }

 private:
  std::map<std::string, std::string> files_;
};

struct Target {
  regard::Dataset dataset;
  const char* file;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::array<Target, 4> kTargets{
      {{regard::ferplus(), "FER2013Valid/label.csv"},
       {regard::affectnet(), "Manually_Annotated_file_lists/validation.csv"},
       {regard::rafdb(), "basic/EmoLabel/list_patition_label.txt"},
       {regard::ferplus_csv(), "fer2013.csv"}}};
  if (size == 0) return 0;
  const auto& [dataset, file] = kTargets[data[0] % kTargets.size()];
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  MemoryTree tree({{file, text}, {"fer2013new.csv", text}});
  try {
    dataset.list(tree, {});
  } catch (const regard::Error&) {
  }
  return 0;
}
