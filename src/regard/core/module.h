#pragma once

namespace regard {

/// A part of regard in a library of its own, which is loaded when it is first needed, because it needs
/// libraries that nothing else here needs.
struct Module {
  const char* file;      ///< of the library: "libregard_parquet.so"
  const char* function;  ///< that it exports; its name changes when its interface does
  const char* purpose;   ///< what it does: "writes Parquet"
  const char* needs;     ///< how to get it, for the message if it cannot be loaded
};

/// Loads the library and gives its function. It lies next to this library, as in a build folder, or in the
/// folder of its parts, as installed. It is never unloaded. Throws Error if it is missing or of another
/// version.
void* load_module(const Module& module);

}  // namespace regard
