#pragma once

#include <numeric>
#include <vector>

#include "lab/metrics/metrics.h"
#include "regard/core/file.h"
#include "regard/core/options.h"

namespace regard {

/// The logits, labels and values of tests/golden/metrics.py.
struct Golden {
  Json json = Json::parse(read_text(REGARD_SOURCE_DIR "/tests/golden/metrics.json"));
  std::vector<float> logits = json["logits"].get<std::vector<float>>();
  std::vector<int> labels = json["labels"].get<std::vector<int>>();

  Scores scores() const { return {json["classes"].get<std::size_t>(), logits, labels}; }
  std::vector<std::size_t> rows() const {
    std::vector<std::size_t> rows(labels.size());
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }
};

}  // namespace regard
