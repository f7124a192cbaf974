#include "regard/core/chip.h"

#include <string>

#include "regard/core/error.h"

namespace regard {

Landmarks landmark_places(const ChipOptions& chip) {
  Landmarks places;
  if (chip.landmarks.size() != 2 * places.size())
    throw Error("chip cannot be cut", "chip", "ten landmark coordinates",
                std::to_string(chip.landmarks.size()));
  for (std::size_t i = 0; i < places.size(); ++i)
    places[i] = {chip.landmarks[2 * i], chip.landmarks[2 * i + 1]};
  return places;
}

}  // namespace regard
