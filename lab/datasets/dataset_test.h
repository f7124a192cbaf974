#pragma once

#include <fstream>
#include <opencv2/imgcodecs.hpp>

#include "lab/datasets/packing.h"
#include "tests/support.h"

/// Shared by the tests of data sets: small trees in the exact layout.
namespace regard::test {

class DatasetTree {
 public:
  std::filesystem::path root() const { return folder_.path(); }

  void text(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((root() / name).parent_path());
    std::ofstream(root() / name, std::ios::binary) << text;
  }

  /// An image of one colour, or one that is dark left of `edge` and bright to the right.
  void image(const std::string& name, int width, int height, cv::Scalar rgb, int edge = 0) const {
    std::filesystem::create_directories((root() / name).parent_path());
    cv::Mat pixels(height, width, CV_8UC3, cv::Scalar(rgb[2], rgb[1], rgb[0]));
    if (edge > 0) pixels.colRange(0, edge) = cv::Scalar::all(0);
    cv::imwrite((root() / name).string(), pixels, {cv::IMWRITE_JPEG_QUALITY, 100});
  }

  void remove(const std::string& name) const { std::filesystem::remove_all(root() / name); }

  PackJob job(std::vector<std::string> splits = {}) const {
    PackJob job;
    job.source = root();
    job.splits = std::move(splits);
    job.options.size = 16;
    job.options.valid_fraction = 0;
    job.detector = REGARD_SOURCE_DIR "/models/yunet-2023mar.onnx";
    return job;
  }
  LoadedDataset read(const std::string& dataset, std::vector<std::string> splits = {}) const {
    return read_dataset(find_dataset(dataset), job(std::move(splits)));
  }
  std::string error_of(const std::string& dataset, std::vector<std::string> splits = {}) const {
    return test::error_of([&] { read(dataset, std::move(splits)); });
  }

 private:
  TemporaryFolder folder_;
};

/// Value of a chip's pixel, 16 pixels a side.
inline int pixel(const LoadedDataset& data, std::size_t index, int x, int y, int channel = 0) {
  const auto side = static_cast<std::size_t>(data.size), area = side * side;
  return data
      .chips[(index * static_cast<std::size_t>(data.channels) + static_cast<std::size_t>(channel)) * area +
             static_cast<std::size_t>(y) * side + static_cast<std::size_t>(x)];
}

inline std::vector<std::string> names_of(const LoadedDataset& data) {
  std::vector<std::string> names;
  for (const auto& sample : data.samples) names.push_back(sample.name);
  return names;
}

/// Labels by name.
inline std::vector<std::string> labels_of(const LoadedDataset& data, const std::string& dataset) {
  std::vector<std::string> labels;
  for (const auto& sample : data.samples)
    labels.push_back(find_dataset(dataset).labels.at(static_cast<std::size_t>(sample.label)));
  return labels;
}

}  // namespace regard::test
