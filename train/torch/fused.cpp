#include "train/torch/fused.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <bit>
#include <limits>

namespace regard {

namespace {

// One binary serves every processor: the loops below are compiled for several and chosen when it starts.
// Sanitizers run before that choice can be made.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define REGARD_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#else
#define REGARD_CLONES
#endif

using Bits = std::uint16_t;  // of a bfloat16: the upper half of a float's

inline float to_float(Bits bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Rounded to the nearest, ties to even.
inline Bits to_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<Bits>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// What turns a pixel's channel into its output, and back: y = clamp(factor x + offset, low, high).
struct Channels {
  const float *factor, *offset;
  float low, high;
};

REGARD_CLONES void add_moments(const Bits* x, std::int64_t rows, std::int64_t c, float* sum, float* squares) {
  for (std::int64_t row = 0; row < rows; ++row, x += c)
    for (std::int64_t i = 0; i < c; ++i) {
      const float value = to_float(x[i]);
      sum[i] += value;
      squares[i] += value * value;
    }
}

REGARD_CLONES void normalize_rows(const Bits* x, std::int64_t rows, std::int64_t c, const Channels& channels,
                                  Bits* y) {
  const float low = channels.low, high = channels.high;
  for (std::int64_t row = 0; row < rows; ++row, x += c, y += c)
    for (std::int64_t i = 0; i < c; ++i) {
      const float value = to_float(x[i]) * channels.factor[i] + channels.offset[i];
      y[i] = to_bits(std::min(std::max(value, low), high));
    }
}

/// The gradient that the activation lets through.
inline float passed(float x, float gradient, float factor, float offset, float low, float high) {
  const float value = x * factor + offset;
  return value > low && value < high ? gradient : 0.f;
}

REGARD_CLONES void add_gradient_moments(const Bits* x, const Bits* gradient, std::int64_t rows,
                                        std::int64_t c, const Channels& channels, float* sum,
                                        float* products) {
  const float low = channels.low, high = channels.high;
  for (std::int64_t row = 0; row < rows; ++row, x += c, gradient += c)
    for (std::int64_t i = 0; i < c; ++i) {
      const float value = to_float(x[i]);
      const float g = passed(value, to_float(gradient[i]), channels.factor[i], channels.offset[i], low, high);
      sum[i] += g;
      products[i] += g * value;
    }
}

/// dx = factor g + slope x + constant, channel by channel.
REGARD_CLONES void input_gradient_rows(const Bits* x, const Bits* gradient, std::int64_t rows, std::int64_t c,
                                       const Channels& channels, const float* slope, const float* constant,
                                       Bits* dx) {
  const float low = channels.low, high = channels.high;
  for (std::int64_t row = 0; row < rows; ++row, x += c, gradient += c, dx += c)
    for (std::int64_t i = 0; i < c; ++i) {
      const float value = to_float(x[i]);
      const float g = passed(value, to_float(gradient[i]), channels.factor[i], channels.offset[i], low, high);
      dx[i] = to_bits(channels.factor[i] * g + slope[i] * value + constant[i]);
    }
}

REGARD_CLONES void prelu_rows(const Bits* x, std::int64_t rows, std::int64_t c, const float* slope, Bits* y) {
  for (std::int64_t row = 0; row < rows; ++row, x += c, y += c)
    for (std::int64_t i = 0; i < c; ++i) {
      const float value = to_float(x[i]);
      y[i] = to_bits(value > 0 ? value : slope[i] * value);
    }
}

/// dx = g where x is positive, else slope g; adds g x, where it is not, to the slopes' gradients.
REGARD_CLONES void prelu_gradient_rows(const Bits* x, const Bits* gradient, std::int64_t rows, std::int64_t c,
                                       const float* slope, Bits* dx, float* d_slope) {
  for (std::int64_t row = 0; row < rows; ++row, x += c, gradient += c, dx += c)
    for (std::int64_t i = 0; i < c; ++i) {
      const float value = to_float(x[i]), g = to_float(gradient[i]);
      dx[i] = to_bits(value > 0 ? g : slope[i] * g);
      d_slope[i] += value > 0 ? 0 : g * value;
    }
}

constexpr std::int64_t kBlockRows = 512;  // few enough for sums in f32

/// Runs `add(first row, rows, sums [count, c])` on blocks of rows and adds the blocks' sums up in f64, in
/// order: [count, c].
template <class Add>
at::Tensor sum_of_blocks(std::int64_t count, std::int64_t rows, std::int64_t c, const Add& add) {
  const std::int64_t blocks = (rows + kBlockRows - 1) / kBlockRows;
  const auto sums = at::zeros({blocks, count, c}, at::kFloat);
  float* begin = sums.mutable_data_ptr<float>();
  at::parallel_for(0, blocks, 1, [&](std::int64_t first, std::int64_t last) {
    for (auto block = first; block < last; ++block) {
      const auto row = block * kBlockRows;
      add(row, std::min(kBlockRows, rows - row), begin + block * count * c);
    }
  });
  return sums.sum(0, /*keepdim=*/false, at::kDouble);
}

template <class Do>
void for_rows(std::int64_t rows, const Do& run) {
  at::parallel_for(0, rows, kBlockRows,
                   [&](std::int64_t first, std::int64_t last) { run(first, last - first); });
}

const Bits* bits_of(const at::Tensor& x) {
  return static_cast<const Bits*>(x.const_data_ptr());
}

Bits* mutable_bits_of(at::Tensor& x) {
  return static_cast<Bits*>(x.mutable_data_ptr());
}

const float* floats_of(const at::Tensor& x) {
  return x.const_data_ptr<float>();
}

/// A batch norm with its activation: x, whose rows are pixels of c channels, and what turns it into
/// y = clamp(factor x + offset, low, high).
struct Normalization {
  at::Tensor x;               ///< bfloat16, channels last
  at::Tensor mean, inv_std;   ///< used for the normalisation
  at::Tensor factor, offset;  ///< f32
  double low, high;

  std::int64_t c() const { return x.size(1); }
  std::int64_t rows() const { return x.numel() / c(); }
  Channels channels() const {
    return {floats_of(factor), floats_of(offset), static_cast<float>(low), static_cast<float>(high)};
  }

  at::Tensor normalized() const {
    auto y = at::empty_like(x);
    for_rows(rows(), [&](auto row, auto some) {
      normalize_rows(bits_of(x) + row * c(), some, c(), channels(), mutable_bits_of(y) + row * c());
    });
    return y;
  }

  /// Of each channel, the sums of g and g x, g being the gradient after the activation.
  std::pair<at::Tensor, at::Tensor> gradient_sums(const at::Tensor& gradient) const {
    const auto sums = sum_of_blocks(2, rows(), c(), [&](auto row, auto some, float* both) {
      add_gradient_moments(bits_of(x) + row * c(), bits_of(gradient) + row * c(), some, c(), channels(), both,
                           both + c());
    });
    return {sums[0], sums[1]};
  }

  /// factor g + slope x + constant.
  at::Tensor input_gradient(const at::Tensor& gradient, const at::Tensor& slope,
                            const at::Tensor& constant) const {
    auto dx = at::empty_like(x);
    for_rows(rows(), [&](auto row, auto some) {
      input_gradient_rows(bits_of(x) + row * c(), bits_of(gradient) + row * c(), some, c(), channels(),
                          floats_of(slope), floats_of(constant), mutable_bits_of(dx) + row * c());
    });
    return dx;
  }

  void save(torch::autograd::AutogradContext* context) const {
    context->save_for_backward({x, mean, inv_std, factor, offset});
    context->saved_data["low"] = low;
    context->saved_data["high"] = high;
  }

  static Normalization saved(torch::autograd::AutogradContext* context) {
    const auto kept = context->get_saved_variables();
    return {kept[0],
            kept[1],
            kept[2],
            kept[3],
            kept[4],
            context->saved_data["low"].toDouble(),
            context->saved_data["high"].toDouble()};
  }
};

class FusedBatchNorm : public torch::autograd::Function<FusedBatchNorm> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& scale, const at::Tensor& shift, at::Tensor running_mean,
                            at::Tensor running_variance, double momentum, double epsilon, double low,
                            double high) {
    const auto x = input.contiguous(at::MemoryFormat::ChannelsLast);
    const std::int64_t c = x.size(1), rows = x.numel() / c;
    const auto sums = sum_of_blocks(2, rows, c, [&](auto row, auto some, float* both) {
      add_moments(bits_of(x) + row * c, some, c, both, both + c);
    });
    const auto count = static_cast<double>(rows);
    const auto mean = sums[0] / count;
    const auto variance = (sums[1] / count - mean * mean).clamp_min(0);
    const auto inv_std = (variance + epsilon).rsqrt();
    running_mean.lerp_(mean.to(at::kFloat), momentum);
    running_variance.lerp_((variance * (count / std::max(1.0, count - 1))).to(at::kFloat), momentum);

    const Normalization norm{
        x,   mean, inv_std, (scale * inv_std).to(at::kFloat), (shift - mean * scale * inv_std).to(at::kFloat),
        low, high};
    norm.save(context);
    return norm.normalized();
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto norm = Normalization::saved(context);
    const auto gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const auto [sum, products] = norm.gradient_sums(gradient);
    // With g the gradient after the activation and z the normalised x: dx = factor (g - mean(g) - z mean(g
    // z)), d scale = sum(g z), d shift = sum(g).
    const auto d_scale = (products - sum * norm.mean) * norm.inv_std;
    const auto count = static_cast<double>(norm.rows());
    const auto slope = -(norm.factor * norm.inv_std * d_scale / count);
    const auto constant = -(norm.factor * sum / count) - slope * norm.mean;
    const auto dx = norm.input_gradient(gradient, slope.to(at::kFloat), constant.to(at::kFloat));
    const at::Tensor none;
    return {dx, d_scale.to(at::kFloat), sum.to(at::kFloat), none, none, none, none, none, none};
  }
};

/// Batch norm by statistics that stay: y = clamp(scale (x - mean) / std + shift).
class FusedRunningNorm : public torch::autograd::Function<FusedRunningNorm> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& mean,
                            const at::Tensor& variance, double epsilon, double low, double high) {
    const auto inv_std = (variance + epsilon).rsqrt();
    const auto factor = (scale * inv_std).contiguous();
    const Normalization norm{input.contiguous(at::MemoryFormat::ChannelsLast),
                             mean,
                             inv_std,
                             factor,
                             (shift - mean * factor).contiguous(),
                             low,
                             high};
    norm.save(context);
    return norm.normalized();
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto norm = Normalization::saved(context);
    const auto gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const at::Tensor none;
    at::Tensor dx, d_scale, d_shift;
    if (context->needs_input_grad(0)) {
      const auto nothing = at::zeros({norm.c()}, at::kFloat);  // the statistics do not move with x
      dx = norm.input_gradient(gradient, nothing, nothing);
    }
    if (context->needs_input_grad(1)) {
      const auto [sum, products] = norm.gradient_sums(gradient);
      d_scale = ((products - sum * norm.mean) * norm.inv_std).to(at::kFloat);
      d_shift = sum.to(at::kFloat);
    }
    return {dx, d_scale, d_shift, none, none, none, none, none};
  }
};

class FusedPrelu : public torch::autograd::Function<FusedPrelu> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& slope) {
    const auto x = input.contiguous(at::MemoryFormat::ChannelsLast);
    context->save_for_backward({x, slope});
    const std::int64_t c = x.size(1);
    auto y = at::empty_like(x);
    for_rows(x.numel() / c, [&](auto row, auto some) {
      prelu_rows(bits_of(x) + row * c, some, c, floats_of(slope), mutable_bits_of(y) + row * c);
    });
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto kept = context->get_saved_variables();
    const auto &x = kept[0], &slope = kept[1];
    const auto gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const std::int64_t c = x.size(1);
    auto dx = at::empty_like(x);
    const auto sums = sum_of_blocks(1, x.numel() / c, c, [&](auto row, auto some, float* d_slope) {
      prelu_gradient_rows(bits_of(x) + row * c, bits_of(gradient) + row * c, some, c, floats_of(slope),
                          mutable_bits_of(dx) + row * c, d_slope);
    });
    return {dx, sums[0].to(at::kFloat)};
  }
};

class Pad : public torch::autograd::Function<Pad> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, std::int64_t top,
                            std::int64_t left, std::int64_t bottom, std::int64_t right) {
    const auto h = x.size(2), w = x.size(3);
    context->saved_data["inside"] = std::vector<std::int64_t>{top, left, h, w};
    auto y = at::empty({x.size(0), x.size(1), top + h + bottom, left + w + right},
                       x.options().memory_format(x.suggest_memory_format()));
    y.narrow(2, 0, top).zero_();
    y.narrow(2, top + h, bottom).zero_();
    y.narrow(3, 0, left).zero_();
    y.narrow(3, left + w, right).zero_();
    y.narrow(2, top, h).narrow(3, left, w).copy_(x);
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto inside = context->saved_data["inside"].toIntVector();
    const at::Tensor none;
    return {gradients[0].narrow(2, inside[0], inside[2]).narrow(3, inside[1], inside[3]), none, none, none,
            none};
  }
};

/// What an activation lets through, lowest and highest.
std::pair<double, double> range_of(Activation activation) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return {activation == Activation::none ? -kInfinity : 0, activation == Activation::relu6 ? 6 : kInfinity};
}

}  // namespace

at::Tensor fused_batch_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                            at::Tensor& mean, at::Tensor& variance, double momentum, float epsilon,
                            Activation activation) {
  const auto [low, high] = range_of(activation);
  return FusedBatchNorm::apply(x, scale, shift, mean, variance, momentum, static_cast<double>(epsilon), low,
                               high);
}

at::Tensor fused_running_norm(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                              const at::Tensor& mean, const at::Tensor& variance, float epsilon,
                              Activation activation) {
  const auto [low, high] = range_of(activation);
  return FusedRunningNorm::apply(x, scale, shift, mean, variance, static_cast<double>(epsilon), low, high);
}

at::Tensor fused_prelu(const at::Tensor& x, const at::Tensor& slope) {
  return FusedPrelu::apply(x, slope);
}

at::Tensor padded(const at::Tensor& x, const Padding& padding) {
  return Pad::apply(x, padding.top, padding.left, padding.bottom, padding.right);
}

}  // namespace regard
