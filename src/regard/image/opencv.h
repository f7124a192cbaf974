#pragma once

#include <opencv2/core.hpp>

#include "regard/core/image.h"

/// For those who use OpenCV only: it stays out of the public headers.
namespace regard {

/// The same pixels, not owned, as OpenCV names them. What came from a const view must not be written to.
inline cv::Mat mat_of(const ImageView& view) {
  return cv::Mat(view.height, view.width, CV_8UC(view.channels), const_cast<std::uint8_t*>(view.data),
                 static_cast<std::size_t>(view.stride));
}

}  // namespace regard
