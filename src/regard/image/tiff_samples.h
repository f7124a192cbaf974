#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace regard {

/// How a TIFF's numbers are stored.
enum class SampleFormat { integer, floating };

/// What the samples of a pixel mean.
enum class SampleMeaning { grey, rgb, cmyk, palette };

/// How an image's samples are to be read.
struct TiffSamples {
  SampleFormat format = SampleFormat::integer;
  int bits = 8;  ///< a sample's: 1 to 16 or 32 (integer); 16, 32 or 64 (floating)
  SampleMeaning meaning = SampleMeaning::grey;
  bool white_is_zero = false;  ///< grey only
  int alpha = -1;              ///< which sample is alpha; -1: none
  bool multiplied = false;     ///< whether colours are multiplied by alpha
  std::array<std::vector<std::uint8_t>, 3> palette;

  int colours() const { return meaning == SampleMeaning::rgb ? 3 : meaning == SampleMeaning::cmyk ? 4 : 1; }
  /// Samples that are kept of a pixel: colours, then alpha.
  int kept() const { return colours() + (alpha >= 0); }
};

/// Samples `first`, `first` + `step`, ... of a row as 8 bits (palette: as they are), `to_step` apart. The row
/// is as libtiff gives it: samples of 8, 16, 32 and 64 bits in the machine's order, others packed from the
/// highest bit on. Throws Error if a floating-point number is not from 0 to 1.
void unpack_samples(const TiffSamples& samples, const std::uint8_t* row, std::size_t first, std::size_t step,
                    std::size_t count, std::uint8_t* to, std::size_t to_step, const std::string& where);

/// A row of kept samples as RGB, alpha laid over white.
void samples_to_rgb(const TiffSamples& samples, const std::uint8_t* from, std::uint8_t* rgb,
                    std::size_t count);

}  // namespace regard
