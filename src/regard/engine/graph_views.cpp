#include "regard/engine/graph_views.h"

#include <algorithm>
#include <utility>

namespace regard {

namespace {

/// Coordinates in the chip of the pixels of k views, in the form of GridSample: [k size, size, 2], in -1 to
/// 1.
std::vector<float> sampling_grid(const std::vector<float>& affines, int size) {
  std::vector<float> grid;
  for (std::size_t view = 0; view + 6 <= affines.size(); view += 6) {
    for (int y = 0; y < size; ++y) {
      for (int x = 0; x < size; ++x) {
        const double u = (x + .5) / size, v = (y + .5) / size;
        for (const float* row = &affines[view]; row < &affines[view] + 6; row += 3)
          grid.push_back(static_cast<float>(2 * (row[0] * u + row[1] * v + row[2]) - 1));
      }
    }
  }
  return grid;
}

std::string sample(GraphBuilder& graph, const std::string& image, const std::string& grid) {
  return graph.edge("GridSample", {image, grid}, "views",
                    {{"mode", "bilinear"}, {"padding_mode", "border"}, {"align_corners", 0}});
}

/// Stacked views, [n, c, k size, size] -> [n k, c, size, size].
std::string side_by_side(GraphBuilder& graph, const std::string& stacked, std::int64_t k,
                         std::int64_t channels, int size) {
  if (k == 1 || channels == 1) return graph.reshape(stacked, {-1, channels, size, size});
  const auto apart = graph.reshape(stacked, {-1, channels, k, size, size});
  return graph.reshape(graph.transpose(apart, {0, 2, 1, 3, 4}), {-1, channels, size, size});
}

/// Interpolation weights of the samples of a line, one column per sample: [pixels, samples]. A sample at u,
/// in fractions of the view, is at scale u + shift of the line.
std::vector<float> line_weights(float scale, float shift, std::int64_t pixels, std::int64_t samples) {
  std::vector<float> weights(static_cast<std::size_t>(pixels * samples));
  for (std::int64_t i = 0; i < samples; ++i) {
    const double u = (static_cast<double>(i) + .5) / static_cast<double>(samples);
    const auto last = static_cast<double>(pixels - 1);
    const double x = std::clamp((scale * u + shift) * static_cast<double>(pixels) - .5, 0., last);
    const auto left = std::min(static_cast<std::int64_t>(x), std::max<std::int64_t>(pixels - 2, 0));
    const double right_share = x - static_cast<double>(left);
    weights[static_cast<std::size_t>(left * samples + i)] = static_cast<float>(1 - right_share);
    if (pixels > 1)
      weights[static_cast<std::size_t>((left + 1) * samples + i)] = static_cast<float>(right_share);
  }
  return weights;
}

/// x [n, c, h, pixels] -> [n, c, h, samples]; x itself where each sample is its pixel.
std::string resampled(GraphBuilder& graph, const std::string& x, const float* scale_and_shift,
                      std::int64_t pixels, std::int64_t samples) {
  const auto [scale, shift] = std::pair(scale_and_shift[0], scale_and_shift[1]);
  if (scale == 1 && shift == 0 && pixels == samples) return x;
  const auto weights = graph.tensor("line", {pixels, samples}, line_weights(scale, shift, pixels, samples));
  return graph.edge("MatMul", {x, weights}, "views");
}

/// Whether no view is rotated or sheared and all have the same rows of the chip: the whole face, its flip, or
/// zooms at the same height.
bool have_rows_in_common(const std::vector<float>& affines) {
  for (std::size_t i = 0; i + 6 <= affines.size(); i += 6)
    if (affines[i + 1] != 0 || affines[i + 3] != 0 || affines[i + 4] != affines[4] ||
        affines[i + 5] != affines[5])
      return false;
  return true;
}

/// Cuts such views by matrix products: rows first, for all views at once, then the columns of each. This also
/// runs in runtimes without GridSample, and is not slower.
std::string resized_views(GraphBuilder& graph, const GraphValue& chip, const std::vector<float>& affines,
                          std::int64_t size) {
  const auto channels = chip.shape[1], height = chip.shape[2], width = chip.shape[3];
  auto rows = chip.name;
  if (affines[4] != 1 || affines[5] != 0 || height != size) {
    const auto lying = graph.transpose(chip.name, {0, 1, 3, 2});
    rows = graph.transpose(resampled(graph, lying, &affines[4], height, size), {0, 1, 3, 2});
  }
  GraphBuilder::Names views;
  for (std::size_t i = 0; i + 6 <= affines.size(); i += 6) {
    const float columns[] = {affines[i], affines[i + 2]};
    views.push_back(resampled(graph, rows, columns, width, size));
  }
  if (views.size() == 1) return views.front();
  return graph.reshape(graph.concat(views, 1, "views"), {-1, channels, size, size});
}

}  // namespace

std::string fixed_views(GraphBuilder& graph, const GraphValue& chip, const std::vector<float>& affines,
                        int size) {
  if (have_rows_in_common(affines)) return resized_views(graph, chip, affines, size);
  // One grid for all, with batch and channels as the channels of one image.
  const std::int64_t k = static_cast<std::int64_t>(affines.size()) / 6;
  const auto grid = graph.tensor("grid", {1, k * size, size, 2}, sampling_grid(affines, size));
  const auto stacked = sample(graph, graph.reshape(chip.name, {1, -1, chip.shape[2], chip.shape[3]}), grid);
  return side_by_side(graph, stacked, k, chip.shape[1], size);
}

std::string free_views(GraphBuilder& graph, const GraphValue& chip, const GraphValue& affines, int size) {
  const std::int64_t k = affines.shape[1], pixels = std::int64_t{size} * size;
  std::vector<float> base;
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) base.insert(base.end(), {(2 * x + 1.f) / size, (2 * y + 1.f) / size, 2.f});
  const auto places = graph.tensor("places", {1, pixels, 3}, base);
  const auto maps = graph.transpose(graph.reshape(affines.name, {-1, 2, 3}), {0, 2, 1});
  const auto doubled = graph.edge("MatMul", {places, maps}, "grid");
  const auto grid = graph.edge("Sub", {doubled, graph.scalar(1, "one")}, "grid");
  const auto stacked = sample(graph, chip.name, graph.reshape(grid, {-1, k * size, size, 2}));
  return side_by_side(graph, stacked, k, chip.shape[1], size);
}

}  // namespace regard
