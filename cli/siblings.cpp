#include "cli/siblings.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "regard/core/error.h"
#include "regard/core/system_error.h"

namespace regard {

namespace {

std::string path_of(const Sibling& sibling) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / sibling.name;
}

// The program and its arguments for exec; the strings must outlive the result.
std::vector<char*> arguments_for(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  return argv;
}

// Polls instead of waiting, so that no signal is missed between checking `stop` and the wait.
void wait_for(pid_t child, int& status, const volatile std::sig_atomic_t* stop, const std::string& program) {
  constexpr useconds_t kPause = 50'000;
  bool told = false;
  for (;;) {
    const auto ended = waitpid(child, &status, stop ? WNOHANG : 0);
    if (ended == child) return;
    if (ended < 0 && errno != EINTR) throw_system_error("cannot be waited for", program);
    if (!stop) continue;
    if (*stop && !std::exchange(told, true)) kill(child, SIGTERM);
    usleep(kPause);
  }
}

}  // namespace

void require_sibling(const Sibling& sibling) {
  const std::string program = path_of(sibling);
  if (access(program.c_str(), X_OK) != 0)
    throw Error("the part of regard that " + std::string(sibling.purpose) +
                    " has not been built or installed; `make " + sibling.target + "` builds it",
                program);
}

void exec_sibling(const Sibling& sibling, const std::vector<std::string>& arguments) {
  require_sibling(sibling);
  const std::string program = path_of(sibling);
  execv(program.c_str(), arguments_for(program, arguments).data());
  throw_system_error("cannot be run", program);
}

void run_sibling(const Sibling& sibling, const std::vector<std::string>& arguments,
                 const volatile std::sig_atomic_t* stop) {
  require_sibling(sibling);
  const std::string program = path_of(sibling);
  const auto argv = arguments_for(program, arguments);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error) throw_system_error("cannot be run", program, error);
  int status = 0;
  wait_for(child, status, stop, program);
  if (status != 0) throw Error("failed", program + " " + arguments[0]);
}

}  // namespace regard
