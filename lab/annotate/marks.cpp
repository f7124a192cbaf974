#include "lab/annotate/marks.h"

#include <algorithm>
#include <mutex>

#include "lab/annotate/mark_file.h"

namespace regard {
namespace {

constexpr std::array<const char*, kMarks> kNames{"upper",        "bottom", "left-right",
                                                 "glasses-mask", "none",   "skip"};

constexpr const char* kColumns = "SELECT place, name, label, suspicion, mark FROM images ";

MarkedImage image_of(const Statement& row) {
  MarkedImage image;
  image.place = row.integer(0);
  image.name = row.text(1);
  image.label = static_cast<int>(row.integer(2));
  image.suspicion = row.real(3);
  if (!row.is_null(4)) image.mark = static_cast<Mark>(row.integer(4));
  return image;
}

}  // namespace

const char* name_of(Mark mark) {
  return kNames.at(static_cast<std::size_t>(mark));
}

std::optional<Mark> mark_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return {};
  return static_cast<Mark>(found - kNames.begin());
}

struct MarkStore::Impl {
  std::unique_ptr<MarkFile> file;
  std::mutex mutex;

  Database& database() { return file->database; }

  std::vector<MarkedImage> select(const std::string& condition) {
    const std::lock_guard lock(mutex);
    Statement query(database(), (kColumns + condition).c_str());
    std::vector<MarkedImage> images;
    while (query.next()) images.push_back(image_of(query));
    return images;
  }
};

MarkStore::MarkStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MarkStore::~MarkStore() = default;
MarkStore::MarkStore(MarkStore&&) noexcept = default;
MarkStore& MarkStore::operator=(MarkStore&&) noexcept = default;

bool MarkStore::exists(const std::filesystem::path& path) {
  return MarkFile::exists(path);
}

MarkStore MarkStore::create(const std::filesystem::path& path, const MarkedSet& set) {
  auto impl = std::make_unique<Impl>();
  impl->file = MarkFile::create(path, set);
  return MarkStore(std::move(impl));
}

MarkStore MarkStore::open(const std::filesystem::path& path) {
  auto impl = std::make_unique<Impl>();
  impl->file = MarkFile::open(path);
  return MarkStore(std::move(impl));
}

const std::string& MarkStore::dataset() const {
  return impl_->file->dataset;
}
const std::string& MarkStore::split() const {
  return impl_->file->split;
}
const std::vector<std::string>& MarkStore::labels() const {
  return impl_->file->labels;
}
std::int64_t MarkStore::count() const {
  return impl_->file->count;
}

void MarkStore::check_is_of(const std::string& dataset, const std::string& split,
                            const std::vector<std::string>& names) const {
  impl_->file->check_is_of(dataset, split, names);
}

MarkedImage MarkStore::at(std::int64_t place) const {
  const auto found = impl_->select("WHERE place = " + std::to_string(place));
  if (found.empty())
    throw Error("there is no such image", impl_->database().path(),
                "0 to " + std::to_string(impl_->file->count - 1), std::to_string(place));
  return found[0];
}

std::vector<MarkedImage> MarkStore::unmarked(std::size_t most) const {
  return impl_->select("WHERE mark IS NULL ORDER BY place LIMIT " + std::to_string(most));
}

std::vector<MarkedImage> MarkStore::marked() const {
  return impl_->select("WHERE mark IS NOT NULL ORDER BY place");
}

std::vector<MarkedImage> MarkStore::recent(std::size_t most) const {
  return impl_->select(
      "JOIN (SELECT place, max(id) AS last FROM strokes GROUP BY place) USING (place) ORDER BY last DESC "
      "LIMIT " +
      std::to_string(most));
}

std::array<std::int64_t, kMarks> MarkStore::counts() const {
  const std::lock_guard lock(impl_->mutex);
  std::array<std::int64_t, kMarks> counts{};
  Statement query(impl_->database(),
                  "SELECT mark, count(*) FROM images WHERE mark IS NOT NULL GROUP BY mark");
  while (query.next()) counts.at(static_cast<std::size_t>(query.integer(0))) = query.integer(1);
  return counts;
}

void MarkStore::mark(std::int64_t place, Mark mark) {
  const auto before = at(place).mark;
  const std::lock_guard lock(impl_->mutex);
  Transaction transaction(impl_->database());
  const auto after = static_cast<std::int64_t>(mark);
  const auto was = before ? std::optional(static_cast<std::int64_t>(*before)) : std::nullopt;
  Statement(impl_->database(), "INSERT INTO strokes (place, before, after) VALUES (?, ?, ?)")
      .with(place, was, after)
      .run();
  Statement(impl_->database(), "UPDATE images SET mark = ? WHERE place = ?").with(after, place).run();
  transaction.commit();
}

std::optional<std::int64_t> MarkStore::undo() {
  const std::lock_guard lock(impl_->mutex);
  Transaction transaction(impl_->database());
  Statement last(impl_->database(), "SELECT id, place, before FROM strokes ORDER BY id DESC LIMIT 1");
  if (!last.next()) return {};
  const auto id = last.integer(0), place = last.integer(1);
  const auto before = last.is_null(2) ? std::nullopt : std::optional(last.integer(2));
  last.with();
  Statement(impl_->database(), "UPDATE images SET mark = ? WHERE place = ?").with(before, place).run();
  Statement(impl_->database(), "DELETE FROM strokes WHERE id = ?").with(id).run();
  transaction.commit();
  return place;
}

std::string occlusion_list(const MarkStore& store) {
  std::string lines;
  for (const auto& image : store.marked()) {
    const auto type = static_cast<std::size_t>(*image.mark);
    if (type < kOcclusionTypes)
      lines += std::to_string(image.label) + "_" + image.name + " 8 " + std::to_string(type) + "\n";
  }
  return lines;
}

}  // namespace regard
