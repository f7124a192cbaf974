#include "regard/archive/tar.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <numeric>
#include <span>
#include <utility>

#include "regard/core/content.h"
#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/system_error.h"

namespace regard {
namespace {

constexpr std::uint64_t kBlock = 512;
constexpr std::uint64_t kLongestExtension = 1 << 20;

std::string_view until_zero(std::string_view field) {
  return field.substr(0, field.find('\0'));
}

/// Octal digits, perhaps with blanks around them; none if it is something else.
std::optional<std::uint64_t> octal(std::string_view field) {
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  field = field.substr(0, field.find_first_of(std::string_view(" \0", 2)));
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value, 8);
  const bool whole = end == field.data() + field.size() && (field.empty() || error == std::errc());
  return whole ? std::optional(value) : std::nullopt;
}

/// A size: octal or, above 8 GB, with the highest bit set and in base 256 (GNU).
std::optional<std::uint64_t> size_of(std::string_view field) {
  if ((static_cast<unsigned char>(field[0]) & 0x80) == 0) return octal(field);
  std::uint64_t value = 0;
  for (const char digit : field.substr(field.size() - sizeof value))
    value = value << 8 | static_cast<unsigned char>(digit);
  return value;
}

/// The sum of a header's bytes, with blanks in place of the field that states it; some old programs have
/// added them up as signed.
template <class Byte>
std::int64_t sum_of(std::string_view block) {
  constexpr std::size_t kAt = 148, kLength = 8;
  const auto add = [](std::int64_t sum, char byte) { return sum + static_cast<Byte>(byte); };
  const auto before = block.substr(0, kAt), after = block.substr(kAt + kLength);
  return std::accumulate(after.begin(), after.end(),
                         std::accumulate(before.begin(), before.end(), std::int64_t{' '} * kLength, add),
                         add);
}

bool is_header(std::string_view block) {
  const auto stated = octal(block.substr(148, 8));
  if (!stated) return false;
  const auto sum = static_cast<std::int64_t>(*stated);
  return sum == sum_of<unsigned char>(block) || sum == sum_of<signed char>(block);
}

std::string name_in(std::string_view block) {
  const std::string name(until_zero(block.substr(0, 100)));
  const auto prefix = until_zero(block.substr(345, 155));
  const bool is_posix = block.substr(257, 6) == std::string_view("ustar\0", 6);
  return is_posix && !prefix.empty() ? std::string(prefix) + "/" + name : name;
}

std::string plain_name(std::string name) {
  while (name.starts_with("./")) name.erase(0, 2);
  return name;
}

std::uint64_t whole_blocks(std::uint64_t bytes) {
  return (bytes + kBlock - 1) / kBlock * kBlock;
}

}  // namespace

TarFile::TarFile(const std::filesystem::path& path)
    : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  struct stat status {};
  if (!file_.is_open() || ::fstat(file_.get(), &status) != 0)
    throw_system_error("file cannot be opened", path);
  if (!S_ISREG(status.st_mode)) throw Error("is no regular file", path.string());
  bytes_ = static_cast<std::uint64_t>(status.st_size);
}

std::string TarFile::read(std::uint64_t offset, std::uint64_t bytes) const {
  std::string text(offset < bytes_ ? std::min(bytes, bytes_ - offset) : 0, '\0');
  std::size_t read = 0;
  while (read < text.size()) {
    const auto count =
        ::pread(file_.get(), text.data() + read, text.size() - read, static_cast<off_t>(offset + read));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_system_error("file cannot be read", path_);
    if (count == 0) break;
    read += static_cast<std::size_t>(count);
  }
  text.resize(read);
  return text;
}

std::string TarFile::read(const TarEntry& entry) const {
  const auto where = path_.string() + "/" + entry.name;
  if (entry.bytes > kMostRead)
    throw Error("file is too large", where, std::to_string(kMostRead) + " bytes at most",
                std::to_string(entry.bytes));
  std::string text = read(entry.offset, entry.bytes);
  if (text.size() < entry.bytes)
    throw Error("tar file is cut off", where, std::to_string(entry.bytes) + " bytes",
                std::to_string(text.size()));
  return text;
}

/// The fields of a header that matter here.
struct TarReader::Header {
  char type = 0;
  std::string name = {}, link = {};
  std::uint64_t bytes = 0;
};

std::optional<TarReader::Header> TarReader::next_header() {
  const std::string block = file_.read(at_, kBlock);
  const bool is_end =
      block.find_first_not_of('\0') == std::string::npos && (at_ > 0 || block.size() == kBlock);
  if (is_end) return {};
  const auto where = file_.path().string();
  if (block.size() == kBlock && is_header(block)) {
    const auto bytes = size_of(std::string_view(block).substr(124, 12));
    if (!bytes) throw Error("tar file is damaged", where, "a size at byte " + std::to_string(at_ + 124));
    at_ += kBlock;
    return Header{block[156], name_in(block), std::string(until_zero(block.substr(157, 100))), *bytes};
  }
  if (at_ == 0)
    throw Error("is no tar file", where, "one without compression",
                std::string(describe_content(std::as_bytes(std::span(block)))));
  throw Error(block.size() < kBlock ? "tar file is cut off" : "tar file is damaged", where,
              "a header at byte " + std::to_string(at_));
}

/// Records of pax: "LENGTH KEY=VALUE\n", where LENGTH counts all of it.
void TarReader::read_records(std::string_view records) {
  while (!records.empty()) {
    std::size_t length = 0;
    const auto parsed = std::from_chars(records.data(), records.data() + records.size(), length);
    const auto start = static_cast<std::size_t>(parsed.ptr - records.data()) + 1;
    if (parsed.ec != std::errc() || length > records.size() || start >= length)
      throw Error("tar file is damaged", file_.path().string(), "records of pax",
                  std::string(records.substr(0, 40)));
    const auto record = records.substr(start, length - start - 1);
    const auto key = record.substr(0, record.find('='));
    const auto value = record.substr(std::min(record.size(), key.size() + 1));
    if (key == "path") name_ = value;
    if (key == "linkpath") link_ = value;
    if (key == "size") std::from_chars(value.data(), value.data() + value.size(), size_.emplace());
    if (key.starts_with("GNU.sparse.")) throw Error("sparse files are not supported", file_.path().string());
    records.remove_prefix(length);
  }
}

/// Reads what is said about the next entry, if this header is about that.
bool TarReader::is_extension(const Header& header) {
  const bool is_name = header.type == 'L', is_link = header.type == 'K', is_pax = header.type == 'x';
  if (!is_name && !is_link && !is_pax) return false;
  if (header.bytes > kLongestExtension)
    throw Error("tar file is damaged", file_.path().string(), "a name of at most a megabyte",
                std::to_string(header.bytes) + " bytes");
  const std::string text = file_.read(at_, header.bytes);
  if (is_name) name_ = until_zero(text);
  if (is_link) link_ = until_zero(text);
  if (is_pax) read_records(text);
  at_ += whole_blocks(header.bytes);
  return true;
}

/// The file that a hard link stands for. From the first link on, the files before it are remembered.
TarEntry TarReader::linked(const TarEntry& link, const std::string& to, std::uint64_t begin) {
  if (!files_) {
    files_.emplace();
    TarReader before(file_);
    while (before.at_ < begin) {
      const auto entry = before.next();
      if (!entry) break;
      files_->insert_or_assign(entry->name, *entry);
    }
  }
  const auto found = files_->find(to);
  if (found == files_->end())
    throw Error("hard link leads nowhere", file_.path().string() + "/" + link.name, "a file before it", to);
  return {link.name, found->second.offset, found->second.bytes};
}

/// Goes over the contents of an entry, which must be there.
void TarReader::skip(const TarEntry& entry) {
  const auto left = file_.bytes() - std::min(at_, file_.bytes());
  if (entry.bytes > left)
    throw Error("tar file is cut off", file_.path().string() + "/" + entry.name,
                std::to_string(entry.bytes) + " bytes", std::to_string(left));
  at_ += whole_blocks(entry.bytes);
}

std::optional<TarEntry> TarReader::next() {
  const auto begin = at_;
  while (const auto header = next_header()) {
    if (is_extension(*header)) continue;
    TarEntry entry{.name = plain_name(std::exchange(name_, {}).value_or(header->name)),
                   .offset = at_,
                   .bytes = std::exchange(size_, {}).value_or(header->bytes)};
    const auto link = plain_name(std::exchange(link_, {}).value_or(header->link));
    if (header->type == 'S')
      throw Error("sparse files are not supported", file_.path().string() + "/" + entry.name);
    const bool is_link = header->type == '1';
    if (is_link) entry = linked(entry, link, begin);
    if (!is_link) skip(entry);
    const bool is_file = header->type == '0' || header->type == '\0' || header->type == '7';
    if (!is_link && (!is_file || entry.name.ends_with('/'))) continue;
    if (files_) files_->insert_or_assign(entry.name, entry);
    return entry;
  }
  return {};
}

}  // namespace regard
