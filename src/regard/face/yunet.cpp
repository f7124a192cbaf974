#include "regard/face/yunet.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <openvino/core/preprocess/pre_post_process.hpp>
#include <string>

#include "regard/core/error.h"
#include "regard/core/file.h"
#include "regard/core/file_cache.h"
#include "regard/core/pool.h"
#include "regard/openvino/compiled.h"
#include "regard/openvino/settings.h"

namespace regard {
namespace {

// A box with more than this fraction inside a better one is the same face at another scale.
constexpr float kInside = 0.75f;
// Detections that overlap more than this are of the same face at the same scale.
constexpr float kAgree = 0.6f;

/// Copies a tile of the level into the network's input, black where the tile reaches beyond the level.
void fill_tile(const cv::Mat& level, Span x, Span y, ov::Tensor input) {
  cv::Mat tile(y.size, x.size, CV_8UC3, input.data<std::uint8_t>());
  tile.setTo(cv::Scalar::all(0));
  const cv::Rect part = cv::Rect(x.start, y.start, x.size, y.size) & cv::Rect(0, 0, level.cols, level.rows);
  level(part).copyTo(tile(part - cv::Point(x.start, y.start)));
}

/// Decodes the cells of one stride: score sqrt(class x object), box centre (cell + d) stride and size exp(d)
/// stride, landmarks (cell + d) stride.
void decode_stride(const ov::InferRequest& request, int stride, Span x, Span y, float min_score,
                   std::vector<Detection>& found) {
  const auto output = [&](const char* name) {
    return const_cast<ov::InferRequest&>(request)
        .get_tensor(name + std::to_string(stride))
        .data<const float>();
  };
  const float *cls = output("cls_"), *obj = output("obj_"), *bbox = output("bbox_"), *kps = output("kps_");
  const int columns = x.size / stride, cells = columns * (y.size / stride);
  const float s = static_cast<float>(stride);
  for (int i = 0; i < cells; ++i) {
    const float score = std::sqrt(std::clamp(cls[i], 0.f, 1.f) * std::clamp(obj[i], 0.f, 1.f));
    if (!(score >= min_score)) continue;
    const int row = i / columns;
    const float cell_x = static_cast<float>(i % columns), cell_y = static_cast<float>(row);
    const float* b = bbox + 4 * i;
    const float width = std::exp(b[2]) * s, height = std::exp(b[3]) * s;
    Detection face{
        {(cell_x + b[0]) * s - width / 2, (cell_y + b[1]) * s - height / 2, width, height}, score, {}};
    for (int k = 0; k < 5; ++k)
      face.landmarks[k] = {(cell_x + kps[10 * i + 2 * k]) * s, (cell_y + kps[10 * i + 2 * k + 1]) * s};
    found.push_back(face);
  }
}

float share_inside(const Box& inner, const Box& outer) {
  const float width = std::min(inner.x + inner.width, outer.x + outer.width) - std::max(inner.x, outer.x);
  const float height = std::min(inner.y + inner.height, outer.y + outer.height) - std::max(inner.y, outer.y);
  return width > 0 && height > 0 ? width * height / inner.area() : 0;
}

/// The mean of the detections that nearly agree with `best`, weighted by their scores: single cells'
/// landmarks scatter.
Detection agreed(const Detection& best, const std::vector<Detection>& found) {
  Detection mean{{}, best.score, {}};
  float sum = 0;
  const auto add = [](float& total, float value, float weight) { total += value * weight; };
  for (const auto& face : found) {
    if (intersection_over_union(face.box, best.box) < kAgree) continue;
    const float w = face.score;
    sum += w;
    add(mean.box.x, face.box.x, w), add(mean.box.y, face.box.y, w);
    add(mean.box.width, face.box.width, w), add(mean.box.height, face.box.height, w);
    for (std::size_t i = 0; i < mean.landmarks.size(); ++i)
      add(mean.landmarks[i].x, face.landmarks[i].x, w), add(mean.landmarks[i].y, face.landmarks[i].y, w);
  }
  mean.box = {mean.box.x / sum, mean.box.y / sum, mean.box.width / sum, mean.box.height / sum};
  for (auto& point : mean.landmarks) point = {point.x / sum, point.y / sum};
  return mean;
}

/// YuNet for square tiles of a side, -1 for tiles of any size; RGB bytes in.
std::shared_ptr<ov::Model> read_network(ov::Core& core, const std::string& onnx, int side) {
  auto network = core.read_model(onnx, ov::Tensor());
  network->reshape(ov::PartialShape{1, 3, side, side});
  ov::preprocess::PrePostProcessor steps(network);
  steps.input()
      .tensor()
      .set_element_type(ov::element::u8)
      .set_layout("NHWC")
      .set_color_format(ov::preprocess::ColorFormat::RGB);
  steps.input().model().set_layout("NCHW");
  steps.input()
      .preprocess()
      .convert_element_type(ov::element::f32)
      .convert_color(ov::preprocess::ColorFormat::BGR);
  return steps.build();
}

void check_outputs(const ov::Model& network, const std::filesystem::path& path) {
  std::string names;
  for (const auto& output : network.outputs()) names += output.get_any_name() + " ";
  for (const char* kind : {"cls_", "obj_", "bbox_", "kps_"})
    for (const char* stride : {"8 ", "16 ", "32 "})
      if (names.find(std::string(kind) + stride) == std::string::npos)
        throw Error("is not the face detector", path.string(), std::string("an output ") + kind + stride,
                    names);
}

/// One form of the network, and its requests.
struct Form {
  explicit Form(CompiledNetwork compiled) : network(std::move(compiled)) {}

  CompiledNetwork network;
  Pool<ov::InferRequest> requests;
};

}  // namespace

/// The network's forms, each compiled when it is first needed. Thread safe.
class YuNet::Forms {
 public:
  Forms(const std::filesystem::path& path, const DetectorOptions& options)
      : onnx_(read_text(path)),
        identity_("detector " + std::to_string(quick_hash(std::as_bytes(std::span(onnx_))))),
        path_(path),
        settings_(cpu_settings(ov::element::f32, options.threads, options.streams)) {}

  /// For square tiles of kSquares[index], or for tiles of any size.
  Form& get(std::size_t index) {
    auto& [made, form] = entries_[index];
    std::call_once(made, [&, &form = form] {
      form = std::make_unique<Form>(compile(index < kSquares.size() ? kSquares[index] : -1));
    });
    return *form;
  }

  Form& fitting(int width, int height) {
    const auto* const square = std::find(kSquares.begin(), kSquares.end(), width);
    return get(width == height ? static_cast<std::size_t>(square - kSquares.begin()) : kSquares.size());
  }

 private:
  struct Entry {
    std::once_flag made;
    std::unique_ptr<Form> form;
  };

  CompiledNetwork compile(int side) const {
    const auto build = [&](ov::Core& core) {
      auto model = read_network(core, onnx_, side);
      check_outputs(*model, path_);
      return model;
    };
    try {
      return compile_network({identity_ + " for tiles of " + std::to_string(side), build}, settings_);
    } catch (const ov::Exception& error) {
      throw Error(std::string("face detector cannot be loaded: ") + error.what(), path_.string());
    }
  }

  std::string onnx_, identity_;
  std::filesystem::path path_;
  ov::AnyMap settings_;
  std::array<Entry, kSquares.size() + 1> entries_;
};

YuNet::YuNet(const std::filesystem::path& network, const DetectorOptions& options)
    : forms_(std::make_unique<Forms>(network, options)) {
  for (const std::size_t often_used : {1, 2}) forms_->get(often_used);
}

YuNet::~YuNet() = default;
YuNet::YuNet(YuNet&&) noexcept = default;

std::vector<Detection> YuNet::look(const cv::Mat& level, Span x, Span y, float min_score) const {
  Form& form = forms_->fitting(x.size, y.size);
  auto request = form.requests.take([&] { return form.network.model.create_infer_request(); });
  ov::Tensor input = request->get_input_tensor();
  input.set_shape({1, static_cast<std::size_t>(y.size), static_cast<std::size_t>(x.size), 3});
  fill_tile(level, x, y, input);
  request->infer();
  std::vector<Detection> found;
  for (const int stride : {8, 16, 32}) decode_stride(*request, stride, x, y, min_score, found);
  return found;
}

bool is_same_face(const Box& a, const Box& b, float overlap) {
  return intersection_over_union(a, b) > overlap || share_inside(a, b) > kInside ||
         share_inside(b, a) > kInside;
}

std::vector<Detection> suppress(std::vector<Detection> found, float overlap) {
  std::stable_sort(found.begin(), found.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  for (const auto& face : found) {
    const bool known = std::any_of(kept.begin(), kept.end(), [&](const Detection& better) {
      return is_same_face(face.box, better.box, overlap);
    });
    if (!known) kept.push_back(face);
  }
  for (auto& face : kept) face = agreed(face, found);
  return kept;
}

}  // namespace regard
