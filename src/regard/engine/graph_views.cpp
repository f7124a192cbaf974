#include "regard/engine/graph_views.h"

namespace regard {

namespace {

/// Where in the chip the pixels of k views lie, as GridSample wants it: [k size, size, 2], in -1 to 1.
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

/// Views below each other, [n, c, k size, size] -> [n k, c, size, size].
std::string side_by_side(GraphBuilder& graph, const std::string& stacked, std::int64_t k,
                         std::int64_t channels, int size) {
  if (k == 1 || channels == 1) return graph.reshape(stacked, {-1, channels, size, size});
  const auto apart = graph.reshape(stacked, {-1, channels, k, size, size});
  return graph.reshape(graph.transpose(apart, {0, 2, 1, 3, 4}), {-1, channels, size, size});
}

}  // namespace

std::string fixed_views(GraphBuilder& graph, const GraphValue& chip, const std::vector<float>& affines,
                        int size) {
  // One grid for all, with batch and channels as the channels of one image.
  const std::int64_t k = static_cast<std::int64_t>(affines.size()) / 6;
  const auto grid = graph.tensor("grid", {1, k * size, size, 2}, sampling_grid(affines, size));
  const auto stacked = sample(graph, graph.reshape(chip.name, {1, -1, chip.shape[2], chip.shape[3]}), grid);
  return side_by_side(graph, stacked, k, chip.shape[1], size);
}

std::string free_views(GraphBuilder& graph, const GraphValue& chip, const GraphValue& affines, int size) {
  const std::int64_t k = affines.shape[1], pixels = std::int64_t{size} * size;
  std::vector<float> base;
  for (std::int64_t i = 0; i < pixels; ++i)
    base.insert(base.end(), {(2 * (i % size) + 1.f) / size, (2 * (i / size) + 1.f) / size, 2.f});
  const auto places = graph.tensor("places", {1, pixels, 3}, base);
  const auto maps = graph.transpose(graph.reshape(affines.name, {-1, 2, 3}), {0, 2, 1});
  const auto doubled = graph.edge("MatMul", {places, maps}, "grid");
  const auto grid = graph.edge("Sub", {doubled, graph.scalar(1, "one")}, "grid");
  const auto stacked = sample(graph, chip.name, graph.reshape(grid, {-1, k * size, size, 2}));
  return side_by_side(graph, stacked, k, chip.shape[1], size);
}

}  // namespace regard
