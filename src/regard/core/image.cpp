#include "regard/core/image.h"

#include <string>

#include "regard/core/error.h"

namespace regard {

void check_view(const ImageView& view, const std::string& where) {
  if (view.empty())
    throw Error("image is empty", where, "pixels",
                std::to_string(view.width) + " x " + std::to_string(view.height));
  if (view.channels != 1 && view.channels != 3)
    throw Error("image has the wrong number of channels", where, "1 or 3", std::to_string(view.channels));
  const auto row = static_cast<std::ptrdiff_t>(view.width) * view.channels;
  if (view.stride < row)
    throw Error("image's stride is shorter than a row", where, std::to_string(row) + " bytes or more",
                std::to_string(view.stride));
}

}  // namespace regard
