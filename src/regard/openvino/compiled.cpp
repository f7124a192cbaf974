#include "regard/openvino/compiled.h"

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

#include "regard/core/file_cache.h"

namespace regard {
namespace {

/// What OpenVINO's choices depend on: the lines of /proc/cpuinfo that say what the first CPU is able to do.
std::string describe_cpu() {
  static const std::set<std::string> kLines{"vendor_id",       "cpu family", "model",
                                            "model name",      "stepping",   "flags",
                                            "CPU implementer", "CPU part",   "Features"};
  std::string text = std::to_string(std::thread::hardware_concurrency());
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line) && !line.empty();) {
    const auto name = line.substr(0, line.find_first_of("\t:"));
    if (kLines.contains(name)) text += "\n" + line;
  }
  return text;
}

/// The file of this library, or of the program that it is linked into: after a new build, networks may be
/// built in another way.
std::string describe_library() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<const void*>(&compile_network), &info) || !info.dli_fname) return {};
  std::error_code error;
  const auto written = std::filesystem::last_write_time(info.dli_fname, error);
  const auto size = std::filesystem::file_size(info.dli_fname, error);
  return std::to_string(written.time_since_epoch().count()) + " " + std::to_string(size);
}

/// All that a compiled network depends on.
std::string key_of(const std::string& identity, const ov::AnyMap& settings) {
  static const std::string kHere = std::string(REGARD_VERSION) + "\n" + describe_library() + "\n" +
                                   ov::get_openvino_version().buildNumber + "\n" + describe_cpu();
  std::string key = kHere + "\n" + identity;
  for (const auto& [name, value] : settings) key += "\n" + name + "=" + value.as<std::string>();
  return key;
}

std::optional<CompiledNetwork> read_compiled(ov::Core& core, const FileCache& cache, const std::string& key,
                                             const ov::AnyMap& settings) {
  auto kept = cache.find(key);
  if (!kept) return {};
  const ov::Tensor blob(ov::element::u8, {kept->bytes.size()}, const_cast<std::byte*>(kept->bytes.data()));
  try {
    auto model = core.import_model(blob, "CPU", settings);
    return CompiledNetwork{std::move(*kept), std::move(model)};
  } catch (const ov::Exception&) {
    return {};  // it is compiled anew
  }
}

}  // namespace

CompiledNetwork compile_network(const NetworkSource& source, const ov::AnyMap& settings) {
  ov::Core core;
  const FileCache cache(source.identity.empty() ? std::filesystem::path() : cache_folder());
  const auto key = cache.keeps() ? key_of(source.identity, settings) : "";
  if (auto network = read_compiled(core, cache, key, settings)) return std::move(*network);
  CompiledNetwork network{.model = core.compile_model(source.build(core), "CPU", settings)};
  if (cache.keeps()) {
    std::ostringstream blob;
    network.model.export_model(blob);
    cache.keep(key, blob.view());
  }
  return network;
}

}  // namespace regard
