#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "regard/core/error.h"

namespace regard {

/// Throws the Error for a call to the operating system that failed, with the system's reason.
[[noreturn]] inline void throw_system_error(const char* what, const std::filesystem::path& path,
                                            int number = errno) {
  throw Error(what, path.string(), {}, std::strerror(number));
}

}  // namespace regard
