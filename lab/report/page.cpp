#include "lab/report/page.h"

#include <cstdint>
#include <vector>

#include "regard/image/encode.h"

namespace regard {
namespace {

constexpr const char* kColours = R"css(
:root { --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --accent: #1f5fa8; --miss: #c2410c; --paper: #fff;
  --band: #f5f7fa; }
)css";

/// Of what is drawn inside a page or by itself.
constexpr const char* kDrawn = R"css(
svg text { font-size: 13px; fill: var(--ink); } svg .cell { font-size: 14.5px; } svg .tick { font-size: 12px; fill: var(--soft); }
)css";

constexpr const char* kStyle = R"css(
:root { color-scheme: light dark; }
@media (prefers-color-scheme: dark) { @media screen { :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #333d4a;
  --accent: #6cabf0; --miss: #fb923c; --paper: #12171e; --band: #1a212b; } } }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { margin: 0 auto; padding: 32px 28px 48px; max-width: 1180px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; }
h2 { font-size: 20px; margin: 44px 0 4px; padding-top: 14px; border-top: 2px solid var(--line); }
p { margin: 4px 0 12px; max-width: 78ch; }
.soft, figcaption, .run { color: var(--soft); }
.run { font-size: 14px; max-width: none; } .run code { overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 14px; margin: 22px 0 8px; }
.tile { background: var(--band); border-radius: 10px; padding: 14px 18px; }
.tile b { display: block; font-size: 30px; line-height: 1.25; font-weight: 650; }
.tile span { display: block; color: var(--soft); font-size: 13.5px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 10px 0; }
th { text-align: right; font-weight: 600; color: var(--soft); font-size: 13.5px; vertical-align: bottom; }
td { text-align: right; border-top: 1px solid var(--line); white-space: nowrap; }
th, td { padding: 5px 12px; } th:first-child, td:first-child { text-align: left; }
td.left, th.left { text-align: left; } td .soft { display: inline-block; min-width: 88px; font-size: 13px; margin-left: 8px; text-align: left; }
.wide td .soft { min-width: 138px; }
tr:nth-child(even) td { background: var(--band); }
tr.type td:first-child { padding-left: 20px; color: var(--soft); } td svg { width: 140px; vertical-align: middle; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(350px, 1fr)); gap: 26px 30px; }
figure { margin: 10px 0 0; break-inside: avoid; } figure svg { width: 100%; max-width: 500px; display: block; }
figure .chart { max-width: 820px; }
figcaption { font-size: 13.5px; margin-bottom: 8px; } figcaption b { color: var(--ink); font-size: 15.5px; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(128px, 1fr)); gap: 18px 16px; margin-top: 14px; }
.face { break-inside: avoid; font-size: 13px; line-height: 1.35; }
.face img { width: 100%; aspect-ratio: 1; border-radius: 8px; display: block; margin-bottom: 6px; }
.face .was { color: var(--accent); font-weight: 600; } .face .taken { color: var(--miss); font-weight: 600; }
.face small { color: var(--soft); font-size: 11.5px; }
footer { margin-top: 48px; color: var(--soft); font-size: 13px; }
@media print { body { padding: 0; max-width: none; font-size: 11px; } h2, h2 + p { break-after: avoid; }
  h1 { font-size: 22px; } .run { font-size: 11px; } h2 { margin-top: 22px; font-size: 16px; }
  .tiles { grid-template-columns: repeat(4, 1fr); gap: 8px; } .tile { padding: 8px 10px; } .tile b { font-size: 20px; }
  .tile span, figcaption, th { font-size: 10.5px; } .scroll { overflow: visible; } table { break-inside: avoid; }
  th, td { padding: 3px 6px; } td .soft, .wide td .soft { min-width: 62px; font-size: 10px; margin-left: 4px; }
  .wide td .soft { min-width: 98px; } td svg { width: 80px; } .plots { grid-template-columns: repeat(3, 1fr); gap: 12px; }
  .sheet { grid-template-columns: repeat(8, 1fr); gap: 8px; } .face { font-size: 10px; } .face small { font-size: 8.5px; } }
)css";

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < left ? bytes[i + k] : 0);
    for (std::size_t k = 0; k < 4; ++k) text += k <= left ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

}  // namespace

std::string page_head(const std::string& title) {
  return "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
         "content='width=device-width, initial-scale=1'><title>" +
         title + "</title><style>" + kColours + kStyle + kDrawn + "</style></head>";
}

std::string svg_file(const std::string& drawing) {
  constexpr std::string_view kTag = "<svg";
  const auto body = drawing.find('>') + 1;
  return std::string(kTag) + " xmlns='http://www.w3.org/2000/svg'" +
         drawing.substr(kTag.size(), body - kTag.size()) + "<style>" + kColours + kDrawn +
         "svg { font-family: system-ui, 'DejaVu Sans', sans-serif; }</style>"
         "<rect width='100%' height='100%' fill='var(--paper)'/>" +
         drawing.substr(body) + "\n";
}

std::string data_uri(const Image& image) {
  return "data:image/png;base64," + base64(encode_png(image));
}

}  // namespace regard
