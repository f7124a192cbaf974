#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "regard/core/geometry.h"
#include "regard/core/image.h"

/// Synthetic occluders of the four kinds in the occlusion test sets of Wang et al. (IEEE TIP 2020), for
/// training and for choosing models when there are too few really occluded faces. They are drawn from shapes
/// and textures, depend only on a seed, and have any size.
namespace regard {

/// In the order of the numbers in the published lists (lab/datasets/lists.h).
enum class OccluderKind {
  upper,         ///< fringe, hat, cloth or hand over the brow or the eyes
  bottom,        ///< hand, scarf, cup or book over mouth and chin
  left_right,    ///< hair, an object's edge, another head or a hand over one half
  glasses_mask,  ///< sunglasses, or a surgical mask
};
inline constexpr int kOccluderKinds = 4;

/// Training and validation use the same generator but never the same seed: the lowest bit is 0 for training
/// and 1 for validation.
std::uint64_t training_seed(std::uint64_t bits);
/// The seed of a validation image, derived from the seed of the set.
std::uint64_t validation_seed(std::uint64_t seed, std::uint64_t index);

/// An occluder for images of one size, planar, values 0 to 255 (floats [channels or 1, height, width]):
/// new = kept x old + colour + skin x tone, tone being the mean colour of the face around its nose (hands are
/// as bright as the face they cover).
struct Occluder {
  OccluderKind kind = OccluderKind::upper;
  std::string object;  ///< what it shows: "fringe", "hand", ...
  int width = 0, height = 0, channels = 1;
  Landmarks landmarks = {};  ///< that it was drawn for
  std::vector<float> colour, skin, kept;
  std::vector<float> occluded;  ///< hidden fraction of each pixel (a shadow hides nothing)
};

/// Minimum and maximum fraction of the face that an occluder hides.
inline constexpr float kMinOcclusion = .15f, kMaxOcclusion = .45f;

/// Landmarks of a chip if nothing else is known: FERPlus' mean (ChipOptions), as fractions of the chip.
Landmarks usual_landmarks();

/// Draws one over the face whose landmarks, as fractions of the image, are given. channels: 1 (grey) or 3.
/// The same seed gives the same object at every size. Throws Error for an empty size, other numbers of
/// channels, and eyes that coincide.
Occluder draw_occluder(OccluderKind kind, std::uint64_t seed, const Landmarks& landmarks, int width,
                       int height, int channels);

/// Area for measuring the tone of a face, in pixels.
struct ToneBox {
  int x, y, width, height;
};
ToneBox tone_box(const Landmarks& landmarks, int width, int height);

/// Pastes it onto planar pixels [channels, height, width], or onto an image. Throws Error if its shape
/// differs from the occluder's.
void paste(const Occluder& occluder, std::span<std::uint8_t> planar);
void paste(const Occluder& occluder, Image& image);

/// A part of the face where its landmarks lie on average; left is the image's left.
enum class FacePart { face, brow, left_eye, right_eye, nose, mouth, left_half, right_half };

/// Fraction of a part of the face, inside the image, that the occluder hides, 0 to 1.
float occluded(const Occluder& occluder, FacePart part);
/// The same for a box in fractions of the image, such as a region of region attention.
float occluded(const Occluder& occluder, const Box& box);

}  // namespace regard
