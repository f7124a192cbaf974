#include "regard/core/module.h"

#include <dlfcn.h>

#include <filesystem>
#include <string>

#include "regard/core/error.h"

namespace regard {
namespace {

namespace fs = std::filesystem;

/// The folder of this library.
fs::path folder_of_library() {
  Dl_info info;
  if (!dladdr(reinterpret_cast<const void*>(&load_module), &info) || !info.dli_fname) return {};
  std::error_code error;
  return fs::canonical(info.dli_fname, error).parent_path();
}

fs::path file_of(const Module& module) {
  const fs::path installed = folder_of_library() / "regard" / module.file;
  return fs::exists(installed) ? installed : folder_of_library() / module.file;
}

std::string reason_of_loader() {
  const char* text = dlerror();
  return text ? text : "";
}

}  // namespace

void* load_module(const Module& module) {
  const auto file = file_of(module);
  const std::string part = std::string("the part of regard that ") + module.purpose;
  // Never unloaded: libraries under it keep threads and handlers of their own.
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw Error(part + " cannot be loaded", file.string(), module.needs, reason_of_loader());
  void* function = dlsym(library, module.function);
  if (!function)
    throw Error(part + " is of another version", file.string(), module.function, reason_of_loader());
  return function;
}

}  // namespace regard
