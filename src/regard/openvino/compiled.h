#pragma once

#include <functional>
#include <memory>
#include <openvino/openvino.hpp>
#include <string>

#include "regard/core/file.h"

/// Only for code that runs networks: OpenVINO is kept out of the public headers.
namespace regard {

/// A network before it is compiled.
struct NetworkSource {
  /// Tells what `build` makes from all other networks, by the contents of what it is made of. Empty: the
  /// network is compiled each time.
  std::string identity;
  std::function<std::shared_ptr<ov::Model>(ov::Core& core)> build;
};

/// A compiled network. What it makes, such as requests, must not outlive it.
struct CompiledNetwork {
  MappedFile kept = {};  ///< weights that the model uses in place
  ov::CompiledModel model = {};
};

/// Compiles a network for the CPU, or reads it as it was compiled before with the same settings, on the same
/// kind of CPU, by the same versions of OpenVINO and of this library, from the user's cache
/// (core/file_cache.h). Its results are the same. Throws what `build` throws, and ov::Exception.
CompiledNetwork compile_network(const NetworkSource& source, const ov::AnyMap& settings);

}  // namespace regard
