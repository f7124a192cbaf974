#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "regard/model/model.h"

namespace regard {

/// How weights of another program become a network to train from.
struct ImportOptions {
  std::string backbone = {};
  int input_size = 224;
  bool bgr = false;
  NormalizeOptions normalize = {};

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("backbone", backbone,
          "mobilenet_v1, resnet18, vgg16 or sface; empty: detected from the names in the file");
    visit("input_size", input_size, "input size of the network, in pixels");
    visit("bgr", bgr, "the network was trained on BGR images: reverse the channels of its first kernels");
    visit("normalize", normalize, "input normalisation");
  }
};

/// What was done with the tensors of a file.
struct ImportReport {
  std::string backbone;
  std::string first;  ///< how the file names the backbone's first kernel
  std::string place;  ///< where the tensors stand in the file: "ema"; empty: nothing else is there
  std::vector<std::string> taken;  ///< parameters and buffers of the backbone, from the file
  std::vector<std::string>
      fresh;  ///< parameters that the file lacks or has in another shape, and the classifier
  std::vector<std::string> left_over;  ///< unused tensors of the file, other than batch counters
};

/// Reads the weights of a backbone from a `.safetensors` file, an `.onnx` one (see read_onnx_file) or one of
/// PyTorch's (see read_torch_file), told apart by what is in them, as a network to start training from:
/// "plain", with a fresh classifier of FERPlus' eight expressions.
///
/// Names may be torchvision's or, for ResNet-18, those of its layers put into one Sequential by number
/// ("4.0.conv1" for "layer1.0.conv1"), for VGG-16 Caffe's ("conv1_1" or "conv_1_1", "fc6"), for SFace MXNet's
/// ("conv_1_batchnorm_gamma"), all of them behind any prefix ("module.", "backbone."). The first fully
/// connected layer may be stored as a convolution.
///
/// Throws Error where the file is damaged or something else, which is called by its name, where less than
/// half of the backbone's parameters are found there by name and shape, and where a value is not finite.
Model import_weights(const std::filesystem::path& path, const ImportOptions& options, ImportReport& report);

}  // namespace regard
