#include "lab/reproduce/kinds.h"

#include "lab/reproduce/faces.h"
#include "lab/reproduce/measuring.h"
#include "lab/reproduce/named.h"

namespace regard {

const std::vector<TableKind>& table_kinds() {
  constexpr const char* kAccuracy = "ours, %";
  static const std::vector<TableKind> kAll{
      {"table", true, true, kAccuracy, measure_accuracy, nullptr, nullptr, nullptr, nullptr},
      {"bars", true, true, kAccuracy, measure_accuracy, nullptr, bar_charts, bars_html, nullptr},
      {"curve", true, true, kAccuracy, measure_accuracy, nullptr, curve_charts, curves_html, nullptr},
      {"confusion", true, true, kAccuracy, measure_accuracy, nullptr, nullptr, confusions_html,
       recalls_markdown},
      {"attention", true, true, kAccuracy, measure_attention, show_attention, nullptr, attention_html,
       attention_markdown},
      {"scales", true, true, kAccuracy, measure_scales, show_turned_faces, scales_charts, scales_html,
       scales_markdown},
      {"time", true, false, "ours, ms", measure_time, nullptr, nullptr, nullptr, nullptr},
      {"sizes", false, false, "ours, images", count_images, nullptr, nullptr, nullptr, nullptr}};
  return kAll;
}

const TableKind& find_kind(const std::string& name, const std::string& where) {
  return find_named(table_kinds(), name, "kind of table", where);
}

}  // namespace regard
