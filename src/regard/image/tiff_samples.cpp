#include "regard/image/tiff_samples.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <opencv2/core.hpp>

#include "regard/image/codec.h"

namespace regard {
namespace {

template <class T>
T load(const std::uint8_t* row, std::size_t index) {
  T value;
  std::memcpy(&value, row + index * sizeof(T), sizeof(T));
  return value;
}

/// A number of up to 16 bits that are packed from the highest on.
std::uint32_t load_bits(const std::uint8_t* row, std::size_t index, std::size_t bits) {
  std::uint32_t value = 0;
  for (std::size_t at = index * bits, left = bits; left > 0;) {
    const std::size_t take = std::min(left, 8 - at % 8);
    const std::uint32_t part = row[at / 8] >> (8 - at % 8 - take) & ((1u << take) - 1);
    value = value << take | part;
    at += take, left -= take;
  }
  return value;
}

/// Tolerates small overshoots of sharpening and resampling.
std::uint8_t of_float(double value, const std::string& where) {
  constexpr double kOvershoot = .1;
  if (!(value >= -kOvershoot && value <= 1 + kOvershoot))
    throw unsupported_image("TIFF", where, "floating-point samples from 0 to 1", std::to_string(value));
  return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0., 1.) * 255));
}

std::uint8_t of_sixteen(std::uint32_t value) {
  return static_cast<std::uint8_t>((value * 255 + 32767) / 65535);
}

template <class Sample>
void unpack(std::size_t first, std::size_t step, std::size_t count, std::uint8_t* to, std::size_t to_step,
            Sample&& sample) {
  for (std::size_t i = 0; i < count; ++i, first += step, to += to_step) *to = sample(first);
}

void unpack_floats(const TiffSamples& samples, const std::uint8_t* row, std::size_t first, std::size_t step,
                   std::size_t count, std::uint8_t* to, std::size_t to_step, const std::string& where) {
  unpack(first, step, count, to, to_step, [&](std::size_t i) {
    if (samples.bits == 16) return of_float(static_cast<float>(load<cv::float16_t>(row, i)), where);
    return of_float(samples.bits == 32 ? double{load<float>(row, i)} : load<double>(row, i), where);
  });
}

void multiply_out(const TiffSamples& samples, int alpha, std::uint8_t* rgb) {
  // Of ink and of what is white at zero, colours that are multiplied by alpha lie over white already.
  const bool is_over_white = samples.meaning == SampleMeaning::cmyk || samples.white_is_zero;
  for (int c = 0; c < 3; ++c) {
    if (!samples.multiplied)
      rgb[c] = static_cast<std::uint8_t>((rgb[c] * alpha + 255 * (255 - alpha) + 127) / 255);
    else if (!is_over_white)
      rgb[c] = static_cast<std::uint8_t>(std::min(rgb[c] + 255 - alpha, 255));
  }
}

void colour_of(const TiffSamples& samples, const std::uint8_t* from, std::uint8_t* rgb) {
  switch (samples.meaning) {
    case SampleMeaning::grey:
      rgb[0] = rgb[1] = rgb[2] = samples.white_is_zero ? 255 - from[0] : from[0];
      return;
    case SampleMeaning::rgb:
      std::copy_n(from, 3, rgb);
      return;
    case SampleMeaning::cmyk:
      for (int c = 0; c < 3; ++c)
        rgb[c] = static_cast<std::uint8_t>(((255 - from[c]) * (255 - from[3]) + 127) / 255);
      return;
    case SampleMeaning::palette:
      for (std::size_t c = 0; c < 3; ++c) rgb[c] = samples.palette[c][from[0]];
  }
}

}  // namespace

void unpack_samples(const TiffSamples& samples, const std::uint8_t* row, std::size_t first, std::size_t step,
                    std::size_t count, std::uint8_t* to, std::size_t to_step, const std::string& where) {
  const auto bits = static_cast<std::size_t>(samples.bits);
  const bool is_index = samples.meaning == SampleMeaning::palette;
  if (samples.format == SampleFormat::floating)
    unpack_floats(samples, row, first, step, count, to, to_step, where);
  else if (bits == 8)
    unpack(first, step, count, to, to_step, [&](std::size_t i) { return row[i]; });
  else if (bits == 16)
    unpack(first, step, count, to, to_step,
           [&](std::size_t i) { return of_sixteen(load<std::uint16_t>(row, i)); });
  else if (bits == 32)
    unpack(first, step, count, to, to_step,
           [&](std::size_t i) { return of_sixteen(load<std::uint32_t>(row, i) >> 16); });
  else
    unpack(first, step, count, to, to_step, [&, most = (1u << bits) - 1](std::size_t i) {
      const std::uint32_t value = load_bits(row, i, bits);
      return static_cast<std::uint8_t>(is_index ? value : (value * 255 + most / 2) / most);
    });
}

void samples_to_rgb(const TiffSamples& samples, const std::uint8_t* from, std::uint8_t* rgb,
                    std::size_t count) {
  const auto kept = static_cast<std::size_t>(samples.kept()),
             colours = static_cast<std::size_t>(samples.colours());
  for (std::size_t i = 0; i < count; ++i, from += kept, rgb += 3) {
    colour_of(samples, from, rgb);
    if (samples.alpha >= 0) multiply_out(samples, from[colours], rgb);
  }
}

}  // namespace regard
