#include "train/checkpoint.h"

#include <cstring>

#include "regard/core/error.h"
#include "regard/core/json.h"

namespace regard {

namespace {

/// The first key at which two identities differ, as a path; empty if they are equal.
std::string first_difference(const Json& a, const Json& b, const std::string& path = {}) {
  if (!a.is_object() || !b.is_object()) return a == b ? "" : path;
  for (const auto& [key, value] : a.items()) {
    const std::string place = path.empty() ? key : path + "." + key;
    if (!b.contains(key)) return place;
    if (auto difference = first_difference(value, b.at(key), place); !difference.empty()) return difference;
  }
  for (const auto& [key, value] : b.items())
    if (!a.contains(key)) return path.empty() ? key : path + "." + key;
  return {};
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const Json& identity, const CheckpointParts& parts,
                     const CheckpointState& state) {
  std::vector<at::Tensor> held;
  std::map<std::string, TensorView> views;
  for (const auto& [part, tensors] : parts)
    for (const auto& [name, tensor] : *tensors) {
      const auto& host = held.emplace_back(tensor.detach().to(at::kCPU).contiguous());
      const auto* begin = static_cast<const std::byte*>(host.const_data_ptr());
      views[part + "/" + name] = {DType::f32, host.sizes().vec(), {begin, host.nbytes()}};
    }
  write_tensor_file(path,
                    {{"identity", json_text(identity, path.string())},
                     {"state", Json{state.step, state.loss_sum, state.valid_accuracy}.dump()}},
                    views);
}

CheckpointState load_checkpoint(const std::filesystem::path& path, const Json& identity,
                                const CheckpointParts& parts) {
  const auto file = TensorFile::open(path);
  const auto& metadata = file.metadata();
  if (!metadata.contains("identity") || !metadata.contains("state"))
    throw Error("file is no checkpoint", path.string());
  const auto saved = parse_json(metadata.at("identity"), path.string() + ": identity");
  if (const auto key = first_difference(saved, identity); !key.empty())
    throw Error("checkpoint belongs to another run; choose another folder or delete it", path.string(),
                "the same " + key);
  for (const auto& [part, tensors] : parts)
    for (auto& [name, tensor] : *tensors) {
      const auto& view = file.at(part + "/" + name);
      if (view.shape != tensor.sizes().vec())
        throw Error("tensor has the wrong shape", path.string() + ": " + part + "/" + name,
                    to_string(tensor.sizes().vec()), to_string(view.shape));
      auto host = at::empty(view.shape, at::kFloat);
      std::memcpy(host.data_ptr(), view.as<float>().data(), view.bytes.size());
      const at::NoGradGuard no_gradients;
      tensor.copy_(host);
    }
  const std::string place = path.string() + ": state";
  const auto state = parse_json(metadata.at("state"), place);
  try {
    return {state.at(0).get<std::int64_t>(), state.at(1).get<double>(), state.at(2).get<double>()};
  } catch (const Json::exception&) {
    throw Error("checkpoint's state cannot be read", place, "three numbers", json_shown(state));
  }
}

}  // namespace regard
