#include "regard/face/given_boxes.h"

#include <cmath>

#include "regard/core/error.h"

namespace regard {
namespace {

std::string text_of(const Box& box) {
  return "x " + std::to_string(box.x) + ", y " + std::to_string(box.y) + ", width " +
         std::to_string(box.width) + ", height " + std::to_string(box.height);
}

bool lies_outside(const Box& box, ImageView image) {
  return box.x >= static_cast<float>(image.width) || box.y >= static_cast<float>(image.height) ||
         box.x + box.width <= 0 || box.y + box.height <= 0;
}

}  // namespace

void check_box(const Box& box, const std::string& where) {
  for (const float value : {box.x, box.y, box.width, box.height})
    if (!(std::abs(value) < kFarthest))
      throw Error("box is out of range", where, "finite numbers below a million", text_of(box));
  if (!(box.width > 0 && box.height > 0))
    throw Error("box is empty", where, "a width and height above 0", text_of(box));
}

void check_boxes(std::span<const Box> boxes, ImageView image) {
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const std::string where = "boxes[" + std::to_string(i) + "]";
    check_box(boxes[i], where);
    if (lies_outside(boxes[i], image))
      throw Error(
          "box lies outside of the image", where,
          "a part within " + std::to_string(image.width) + " x " + std::to_string(image.height) + " pixels",
          text_of(boxes[i]));
  }
}

}  // namespace regard
