#include "regard/core/content.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "regard/core/text.h"

namespace regard {
namespace {

struct Signature {
  std::size_t at;
  std::string_view bytes;
  std::string_view name;
};

using std::operator""sv;

// If one signature is a prefix of another, the longer one comes first.
constexpr std::array kSignatures{
    Signature{0, "%PDF"sv, "a PDF document"},
    Signature{0, "%!PS"sv, "a PostScript file"},
    Signature{0, "8BPS"sv, "a Photoshop document"},
    Signature{0, "\xff\x0a"sv, "a JPEG XL image"},
    Signature{0, "\0\0\0\x0cJXL "sv, "a JPEG XL image"},
    Signature{0, "\0\0\0\x0cjP  "sv, "a JPEG 2000 image"},
    Signature{0, "\xff\x4f\xff\x51"sv, "a JPEG 2000 image"},
    Signature{0, "\0\0\1\0"sv, "a Windows icon"},
    Signature{0, "v/1\1"sv, "an OpenEXR image"},
    Signature{0, "#?RADIANCE"sv, "a Radiance HDR image"},
    Signature{0, "qoif"sv, "a QOI image"},
    Signature{0, "FUJIFILMCCD-RAW"sv, "a camera raw file (RAF)"},
    Signature{0, "IIRO"sv, "a camera raw file (ORF)"},
    Signature{0, "IIU\0"sv, "a camera raw file (RW2)"},
    Signature{4, "ftypcrx "sv, "a camera raw file (CR3)"},
    Signature{128, "DICM"sv, "a DICOM file"},
    Signature{4, "ftypqt  "sv, "a QuickTime video"},
    Signature{4, "ftyp"sv, "an MP4 video"},
    Signature{4, "moov"sv, "a QuickTime video"},
    Signature{4, "mdat"sv, "a QuickTime video"},
    Signature{4, "wide"sv, "a QuickTime video"},
    Signature{0, "\x1a\x45\xdf\xa3"sv, "a Matroska or WebM video"},
    Signature{8, "AVI "sv, "an AVI video"},
    Signature{8, "WAVE"sv, "a WAV sound file"},
    Signature{0, "\0\0\1\xba"sv, "an MPEG video"},
    Signature{0, "\0\0\1\xb3"sv, "an MPEG video"},
    Signature{0, "FLV\1"sv, "a Flash video"},
    Signature{0, "OggS"sv, "an Ogg file"},
    Signature{0, "fLaC"sv, "a FLAC sound file"},
    Signature{0, "ID3"sv, "an MP3 sound file"},
    Signature{0, "PK\3\4"sv, "a ZIP archive"},
    Signature{0, "\xd0\xcf\x11\xe0"sv, "an old spreadsheet or document (.xls, .doc)"},
    Signature{0, "PK\5\6"sv, "an empty ZIP archive"},
    Signature{0, "\x1f\x8b"sv, "a gzip archive"},
    Signature{0, "BZh"sv, "a bzip2 archive"},
    Signature{0,
              "\xfd"
              "7zXZ\0"sv,
              "an xz archive"},
    Signature{0, "\x28\xb5\x2f\xfd"sv, "a Zstandard archive"},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive"},
    Signature{0, "Rar!"sv, "a RAR archive"},
    Signature{257, "ustar"sv, "a tar archive"},
    Signature{0,
              "\x7f"
              "ELF"sv,
              "a program"},
    Signature{0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file"},
    Signature{0, "\x93NUMPY"sv, "a NumPy array"},
    Signature{0, "PAR1"sv, "a Parquet file"},
    Signature{0, "SQLite format 3"sv, "a SQLite database"},
    Signature{0, "\0\5\x16\7"sv, "an AppleDouble file, a Mac's companion of another file"},
    Signature{0, "\0\0\0\1Bud1"sv, "a Mac's .DS_Store"},
    Signature{0, "version https://git-lfs"sv, "a Git LFS pointer, whose file was not fetched"},
};

bool is_text(std::string_view head) {
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) return true;  // UTF-16
  return std::all_of(head.begin(), head.end(), [](unsigned char c) {
    return (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\r' || c == '\t' || c == '\f';
  });
}

/// Byte order marks of text.
std::string_view describe_text(std::string_view head) {
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  const auto start = head.find_first_not_of(" \t\r\n");
  const std::string text = lower_case(start == head.npos ? "" : head.substr(start));
  if (text.starts_with("<!doctype html") || text.starts_with("<html")) return "an HTML page";
  if (text.find("<svg") != text.npos && text.starts_with('<')) return "an SVG drawing";
  if (text.find("<html") != text.npos && text.starts_with('<')) return "an HTML page";
  if (text.starts_with("<?xml")) return "an XML file";
  return "text";
}

}  // namespace

std::string_view describe_content(std::span<const std::byte> bytes) {
  constexpr std::size_t kHead = 1024;
  if (bytes.empty()) return "an empty file";
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kHead));
  for (const auto& signature : kSignatures)
    if (head.size() > signature.at && head.substr(signature.at).starts_with(signature.bytes))
      return signature.name;
  if (head.find_first_not_of('\0') == head.npos) return "zeros";
  return is_text(head) ? describe_text(head) : "something else";
}

}  // namespace regard
