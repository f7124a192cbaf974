#include "regard/model/file_kind.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "regard/core/content.h"

namespace regard {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLookedAt = 512;

bool is_torch(std::string_view bytes) {
  const bool zip = bytes.starts_with("PK\3\4") && bytes.find("data.pkl") != std::string_view::npos;
  return zip || (bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5);
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

bool is_json(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  const auto start = bytes.find_first_not_of(" \t\r\n");
  return start != std::string_view::npos && (bytes[start] == '{' || bytes[start] == '[');
}

constexpr auto kBrokenDownload = "the download failed: fetch the file itself"sv;
constexpr auto kImport = "`regard import` makes a model to train from"sv;
constexpr auto kSave = "save its weights as .safetensors or .onnx"sv;

struct Format {
  FileContent content;
  bool (*matches)(std::string_view bytes);
};

/// Formats of weights, which are known here only.
constexpr std::array kFormats{
    Format{{FileKind::safetensors, "a safetensors file", ""}, is_safetensors},
    Format{{FileKind::torch, "a PyTorch file", kImport}, is_torch},
    Format{{FileKind::onnx, "an ONNX file", kImport}, is_onnx},
    Format{{FileKind::json, "a JSON file", ""}, is_json},
    Format{{FileKind::other, "a TensorFlow Lite model", kSave},
           [](std::string_view b) { return b.size() > 8 && b.substr(4, 4) == "TFL3"; }},
    Format{{FileKind::other, "a GGUF file", kSave}, [](std::string_view b) { return b.starts_with("GGUF"); }},
    Format{{FileKind::other, "an image", ""},
           [](std::string_view b) { return b.starts_with("\x89PNG") || b.starts_with("\xff\xd8\xff"); }}};

struct Advice {
  std::string_view named;  // what the name holds
  FileKind kind;
  std::string_view advice;
};

/// What to do about a file that describe_content names so.
constexpr std::array kAdvice{
    Advice{"an empty file", FileKind::stub, kBrokenDownload},
    Advice{"zeros", FileKind::stub, kBrokenDownload},
    Advice{"an HTML page", FileKind::stub, kBrokenDownload},
    Advice{"an XML file", FileKind::stub, kBrokenDownload},
    Advice{"a Git LFS pointer", FileKind::stub, "`git lfs pull` fetches the file itself"},
    Advice{"a ZIP archive", FileKind::zip, "unpack it first"},
    Advice{"archive", FileKind::other, "unpack it first"},
    Advice{"HDF5", FileKind::other, kSave},
    Advice{"NumPy", FileKind::other, kSave},
    Advice{"something else", FileKind::unknown, ""},
    Advice{"text", FileKind::unknown, ""}};

}  // namespace

FileContent file_kind(std::span<const std::byte> bytes) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kLookedAt));
  const auto* format = std::ranges::find_if(kFormats, [&](const Format& f) { return f.matches(head); });
  if (format != kFormats.end()) return format->content;
  const auto name = describe_content(bytes);
  for (const auto& [named, kind, advice] : kAdvice)
    if (name.find(named) != std::string_view::npos) return {kind, name, advice};
  return {FileKind::other, name, ""};
}

std::string describe(const FileContent& content) {
  const std::string name(content.name);
  return content.advice.empty() ? name : name + " (" + std::string(content.advice) + ")";
}

}  // namespace regard
