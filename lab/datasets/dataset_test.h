#pragma once

#include <fstream>

#include "lab/datasets/packing.h"
#include "regard/image/encode.h"
#include "regard/image/opencv.h"
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

  /// An image of one colour except for its upper right corner (otherwise it would be excluded), or one that
  /// is dark left of `edge`.
  void image(const std::string& name, int width, int height, cv::Scalar rgb, int edge = 0) const {
    Image image(width, height);
    cv::Mat pixels = mat_of(image);
    pixels = rgb;
    if (edge > 0)
      pixels.colRange(0, edge) = cv::Scalar::all(0);
    else
      pixels(cv::Rect(width - width / 8, 0, width / 8, height / 8)) = cv::Scalar::all(rgb[0] < 128 ? 255 : 0);
    const auto bytes = name.ends_with(".png") ? encode_png(image) : encode_jpeg(image, 100);
    text(name, {bytes.begin(), bytes.end()});
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
  /// What is left out, a line each.
  std::string left_out_of(const std::string& dataset) const {
    std::string lines;
    PackJob asked = job();
    asked.left_out = [&](const LeftOut& image) {
      lines += image.name + " " + image.reason + " " + image.what + "\n";
    };
    read_dataset(find_dataset(dataset), asked);
    return lines;
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
