#include "regard/network/network.h"

namespace regard {

SpecOps describe_network(const NetworkConfig& config) {
  SpecOps ops;
  build_network(ops, config);
  return ops;
}

}  // namespace regard
