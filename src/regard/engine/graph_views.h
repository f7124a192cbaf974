#pragma once

#include <string>
#include <vector>

#include "regard/engine/graph.h"
#include "regard/engine/graph_builder.h"

namespace regard {

/// The same views of every chip, SpecOps::views of a constant: affines [k, 2, 3].
std::string fixed_views(GraphBuilder& graph, const GraphValue& chip, const std::vector<float>& affines,
                        int size);

/// Views that differ from chip to chip, SpecOps::views of other affines: [n, k, 2, 3].
std::string free_views(GraphBuilder& graph, const GraphValue& chip, const GraphValue& affines, int size);

}  // namespace regard
