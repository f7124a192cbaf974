#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "regard/face/yunet.h"

namespace regard {

/// The faces in an image (grey or RGB) on a pyramid of levels, each half the size of the previous one, the
/// first at most `max_side` pixels long; the same face often more than once. A first level that is larger
/// than a tile is searched only where other levels show that there may be a small face. Throws ov::Exception
/// and cv::Exception.
std::vector<Detection> search_pyramid(const YuNet& network, const cv::Mat& image, int max_side,
                                      float min_score);

}  // namespace regard
