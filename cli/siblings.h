#pragma once

#include <csignal>
#include <string>
#include <vector>

/// The programs next to this one, to which it hands commands over.
namespace regard {

struct Sibling {
  const char* name;
  const char* purpose;  // what that part of regard does
  const char* target;   // the Makefile's, which builds it
};

/// Data sets and experiments: it brings along what only these need (archives, a database).
inline constexpr Sibling kLab{"regard-lab", "is for data sets and experiments", "build"};
/// Serving recognition over HTTP.
inline constexpr Sibling kServer{"regard-server", "answers requests over HTTP", "build"};
/// Training, and the engine that runs networks with torch.
inline constexpr Sibling kTorch{"regard-torch", "needs libtorch", "build-train"};

/// A command of another program. `regard` has its name for its help, and hands it over.
struct SiblingCommand {
  const char* name;
  const char* description;
};

/// Throws Error, saying how to build it, if the program is not next to this one.
void require_sibling(const Sibling& sibling);

/// Runs it in place of this process. Throws Error if it has not been built.
[[noreturn]] void exec_sibling(const Sibling& sibling, const std::vector<std::string>& arguments);

/// Runs it beside this process and waits for it; its output goes to standard error. Throws Error if it has
/// not been built or fails. `stop`: set by a signal handler to end it.
void run_sibling(const Sibling& sibling, const std::vector<std::string>& arguments,
                 const volatile std::sig_atomic_t* stop = nullptr);

}  // namespace regard
