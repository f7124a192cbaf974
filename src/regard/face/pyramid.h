#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "regard/face/yunet.h"

namespace regard {

/// What is looked for on a pyramid.
struct PyramidSearch {
  int max_side;    ///< of the first level, in pixels
  float min_face;  ///< longer side of the smallest face, in the image's pixels; 0: as small as can be found
  float min_score;
};

/// The faces in an image (grey or RGB) on a pyramid of levels, from half of the first level's size down; the
/// same face often more than once, and smaller faces as well. The first level is searched only where the
/// others show that there may be a small face. Throws ov::Exception and cv::Exception.
std::vector<Detection> search_pyramid(const YuNet& network, const cv::Mat& image,
                                      const PyramidSearch& search);

}  // namespace regard
