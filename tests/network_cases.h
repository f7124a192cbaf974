#pragma once

#include <string>
#include <vector>

#include "regard/core/image.h"
#include "regard/model/model.h"

/// Networks small enough to be run by every executor that must give the same of them.
namespace regard::test {

/// What a network of the table is made with.
struct NetworkCase {
  std::string name;  ///< e.g. "mean_of_scores-random-map-flip-resnet18"
  NetworkConfig network;

  /// With lively weights, and attention that tells random chips' views apart.
  Model model() const;
};

/// All networks of the table; those that look at regions with every scheme, each once with the attention and
/// once with every fusion, so that each of both meets each place to cut from, mirrored and not, and each
/// backbone.
std::vector<NetworkCase> network_cases();

/// Chips of random patches of colour and where their landmarks lie.
struct Faces {
  std::vector<Image> chips;
  std::vector<Landmarks> landmarks;

  std::vector<ImageView> views() const { return {chips.begin(), chips.end()}; }
};

/// The first faces are the same, however many there are.
Faces random_faces(int count, int size);

}  // namespace regard::test
