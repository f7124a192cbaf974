#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "regard/core/options.h"

namespace regard {

/// A run's folder on disk, which belongs to one process at a time.
class RunFolder {
 public:
  /// Makes the folder where there is none, takes it, and removes what killed runs have half written. Throws
  /// Error where another run has it.
  explicit RunFolder(std::filesystem::path folder);

  std::filesystem::path checkpoint() const { return folder_ / "checkpoint.safetensors"; }
  std::filesystem::path model() const { return folder_ / "model.safetensors"; }
  bool has_checkpoint() const { return std::filesystem::exists(checkpoint()); }

  /// Begins a log anew with one line, or with none: then there is no file.
  void begin_log(const char* name, const Json& line = {}) const;

  /// Adds a line to a log.
  void append(const char* name, const Json& line) const;

  /// Drops a log's lines that are newer than a step: they will be written again.
  void trim_log(const char* name, std::int64_t step) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void lock();

  std::filesystem::path folder_;
  std::unique_ptr<std::FILE, Close> lock_;
};

}  // namespace regard
