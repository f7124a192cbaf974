#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "regard/core/options.h"

namespace regard {

/// The folder of a run, which one process uses at a time.
class RunFolder {
 public:
  /// Creates the folder if necessary, locks it, and removes partial files of killed runs. Throws Error if
  /// another run has it. Of several processes of a run only one `writes`; for the others nothing here does
  /// anything.
  explicit RunFolder(std::filesystem::path folder, bool writes = true);

  std::filesystem::path checkpoint() const { return folder_ / "checkpoint.safetensors"; }
  std::filesystem::path model() const { return folder_ / "model.safetensors"; }
  bool has_checkpoint() const { return writes() && std::filesystem::exists(checkpoint()); }
  bool writes() const { return lock_ != nullptr; }

  /// Restarts a log with one line, or removes it.
  void begin_log(const char* name, const Json& line = {}) const;

  /// Adds a line to a log.
  void append(const char* name, const Json& line) const;

  /// Removes log lines that are newer than a step; they will be written again.
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
