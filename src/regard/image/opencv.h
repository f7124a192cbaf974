#pragma once

#include <opencv2/core.hpp>

#include "regard/core/image.h"

/// Only for code that uses OpenCV: it is kept out of the public headers.
namespace regard {

/// The same pixels as a cv::Mat, not owned. Pixels of a const view must not be written.
inline cv::Mat mat_of(const ImageView& view) {
  return cv::Mat(view.height, view.width, CV_8UC(view.channels), const_cast<std::uint8_t*>(view.data),
                 static_cast<std::size_t>(view.stride));
}

}  // namespace regard
