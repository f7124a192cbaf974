#include "regard/model/file_kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>

namespace regard {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLookedAt = 512;

/// Text after a byte order mark and blanks.
std::string_view text_of(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  return bytes;
}

/// Whether the bytes begin so, whatever the case of letters.
bool begins_with_text(std::string_view bytes, std::string_view text) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  bytes = text_of(bytes);
  return bytes.size() >= text.size() && std::equal(text.begin(), text.end(), bytes.begin(),
                                                   [&](char wanted, char got) { return same(got, wanted); });
}

template <class... Texts>
bool begins_with_any(std::string_view bytes, Texts... texts) {
  return (begins_with_text(bytes, texts) || ...);
}

template <class... Signatures>
bool starts_with_any(std::string_view bytes, Signatures... signatures) {
  return (bytes.starts_with(signatures) || ...);
}

bool is_torch(std::string_view bytes) {
  const bool zip = bytes.starts_with("PK\3\4") && bytes.find("data.pkl") != std::string_view::npos;
  return zip || (bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5);
}

bool is_tar(std::string_view bytes) {
  return bytes.size() > 262 && bytes.substr(257, 5) == "ustar";
}

/// The length of a header, then the JSON object that it is.
bool is_safetensors(std::string_view bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < 9) return false;
  std::memcpy(&length, bytes.data(), sizeof(length));
  return length < (1u << 30) && bytes[8] == '{';
}

/// A small version, then the producer's name, a domain, a version or the graph.
bool is_onnx(std::string_view bytes) {
  return bytes.size() > 4 && bytes[0] == 8 && bytes[1] > 0 && bytes[1] < 32 &&
         "\x12\x1a\x22\x28\x32\x3a\x42"sv.find(bytes[2]) != std::string_view::npos;
}

constexpr auto kBrokenDownload = "the download failed: fetch the file itself"sv;
constexpr auto kUnpack = "unpack it first"sv;
constexpr auto kImport = "`regard import` makes a model to train from"sv;

constexpr std::array kKinds{
    FileKindRow{FileKind::stub, "an empty file", kBrokenDownload,
                [](std::string_view b) { return b.empty(); }},
    FileKindRow{FileKind::stub, "a Git LFS pointer", "`git lfs pull` fetches the file itself",
                [](std::string_view b) { return begins_with_text(b, "version https://git-lfs"); }},
    FileKindRow{FileKind::stub, "a git-annex pointer", "`git annex get` fetches the file itself",
                [](std::string_view b) { return begins_with_text(b, "/annex/objects/"); }},
    FileKindRow{
        FileKind::stub, "an HTML page", kBrokenDownload,
        [](std::string_view b) { return begins_with_any(b, "<!doctype html", "<html", "<head", "<body"); }},
    FileKindRow{FileKind::stub, "an XML document", kBrokenDownload,
                [](std::string_view b) { return begins_with_any(b, "<?xml", "<error"); }},
    FileKindRow{FileKind::safetensors, "a safetensors file", "", is_safetensors},
    FileKindRow{FileKind::torch, "a PyTorch file", kImport, is_torch},
    FileKindRow{FileKind::zip, "a zip archive", kUnpack,
                [](std::string_view b) { return starts_with_any(b, "PK\3\4", "PK\5\6"); }},
    FileKindRow{FileKind::other, "a gzip archive", kUnpack,
                [](std::string_view b) { return b.starts_with("\x1f\x8b"); }},
    FileKindRow{FileKind::other, "a tar archive", kUnpack, is_tar},
    FileKindRow{FileKind::other, "a bzip2 archive", kUnpack,
                [](std::string_view b) { return b.starts_with("BZh"); }},
    FileKindRow{FileKind::other, "an xz archive", kUnpack,
                [](std::string_view b) {
                  return b.starts_with(
                      "\xfd"
                      "7zXZ");
                }},
    FileKindRow{FileKind::other, "a zstd archive", kUnpack,
                [](std::string_view b) { return b.starts_with("\x28\xb5\x2f\xfd"); }},
    FileKindRow{FileKind::other, "a 7z archive", kUnpack,
                [](std::string_view b) { return b.starts_with("7z\xbc\xaf"); }},
    FileKindRow{FileKind::other, "a RAR archive", kUnpack,
                [](std::string_view b) { return b.starts_with("Rar!"); }},
    FileKindRow{FileKind::other, "an HDF5 file (Keras' .h5)", "save its weights as .safetensors or .onnx",
                [](std::string_view b) { return b.starts_with("\x89HDF"); }},
    FileKindRow{FileKind::other, "a NumPy array", "save all weights by name as .safetensors",
                [](std::string_view b) { return b.starts_with("\x93NUMPY"); }},
    FileKindRow{FileKind::other, "a TensorFlow Lite model", "save its weights as .safetensors or .onnx",
                [](std::string_view b) { return b.size() > 8 && b.substr(4, 4) == "TFL3"; }},
    FileKindRow{FileKind::other, "a GGUF file", "save its weights as .safetensors",
                [](std::string_view b) { return b.starts_with("GGUF"); }},
    FileKindRow{
        FileKind::other, "an image", "",
        [](std::string_view b) { return starts_with_any(b, "\x89PNG", "\xff\xd8\xff", "GIF8", "RIFF"); }},
    FileKindRow{FileKind::other, "a PDF document", "",
                [](std::string_view b) { return b.starts_with("%PDF"); }},
    FileKindRow{FileKind::onnx, "an ONNX file", kImport, is_onnx},
    FileKindRow{FileKind::json, "a JSON file", "",
                [](std::string_view b) { return begins_with_any(b, "{", "["); }},
    FileKindRow{FileKind::unknown, "a file of an unknown kind", "", [](std::string_view) { return true; }},
};

}  // namespace

const FileKindRow& file_kind(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kLookedAt));
  return *std::ranges::find_if(kKinds, [&](const FileKindRow& row) { return row.matches(text); });
}

std::string describe(const FileKindRow& row) {
  return std::string(row.name) + (row.advice.empty() ? "" : " (" + std::string(row.advice) + ")");
}

}  // namespace regard
