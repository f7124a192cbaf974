#include "regard/server/image_reader.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "regard/core/file.h"
#include "regard/core/output_file.h"
#include "regard/core/system_error.h"
#include "regard/core/text.h"

namespace regard {
namespace {

constexpr const char* kDecoder = "decoder";  // names the process in messages
constexpr rlim_t kSecondsPerImage = 10;
// HEIC and AVIF take the most: see kMaxDecodeBytes. The rest is for the bytes of the file and what libraries
// keep.
constexpr std::uint64_t kBytesPerPixel = 30, kOtherBytes = std::uint64_t{512} << 20;

/// What goes through the pipes before names, bytes and pixels.
struct DecoderRequest {
  std::uint64_t name = 0, bytes = 0;  ///< lengths
};
struct DecoderAnswer {
  std::uint32_t done = 0, width = 0, height = 0, channels = 0;
  std::uint64_t bytes = 0;  ///< of the pixels, or of the message
};

/// False if the input ends.
bool read_fully(int descriptor, void* to, std::size_t count) {
  for (auto* at = static_cast<char*>(to); count > 0;) {
    const auto got = ::read(descriptor, at, count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got, count -= static_cast<std::size_t>(got);
  }
  return true;
}

/// False if nobody reads.
bool write_fully(int descriptor, const void* from, std::size_t count) {
  for (const auto* at = static_cast<const char*>(from); count > 0;) {
    const auto put = ::write(descriptor, at, count);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += put, count -= static_cast<std::size_t>(put);
  }
  return true;
}

struct Pipe {
  Descriptor read, write;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw_system_error("pipe cannot be made", kDecoder);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

pid_t spawn_decoder(const ServiceOptions& options, int input, int output) {
  std::vector<std::string> arguments{"regard-server", kDecoderCommand,
                                     "--max-pixels=" + std::to_string(options.max_pixels),
                                     "--formats=" + join(options.formats, ",")};
  std::vector<char*> words;
  for (auto& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  std::array<char*, 1> no_environment{nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);  // clients' sockets among them
  pid_t process = 0;
  const int error =
      posix_spawn(&process, "/proc/self/exe", &actions, nullptr, words.data(), no_environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error) throw_system_error("cannot be started", kDecoder, error);
  return process;
}

/// The address space in use, in bytes.
std::uint64_t used_address_space() {
  const std::string text = read_text("/proc/self/statm");
  const auto pages = whole_number<std::uint64_t>(words_of(text).at(0));
  return pages.value_or(0) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void set_soft_limit(decltype(RLIMIT_AS) resource, rlim_t value) {
  const rlimit limit{value, RLIM_INFINITY};
  if (setrlimit(resource, &limit) != 0) throw_system_error("limit cannot be set", kDecoder);
}

/// Processor time counts from the process' start.
void allow_seconds_for_an_image() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec);
  set_soft_limit(RLIMIT_CPU, seconds + 1 + kSecondsPerImage);
}

bool send_answer(DecoderAnswer answer, const void* bytes, std::size_t count) {
  answer.bytes = count;
  return write_fully(STDOUT_FILENO, &answer, sizeof answer) && write_fully(STDOUT_FILENO, bytes, count);
}

bool answer_one(const RequestImage& image, const ServiceOptions& options) {
  try {
    const Image pixels = decode_here(image, options);
    const auto number = [](int value) { return static_cast<std::uint32_t>(value); };
    return send_answer({1, number(pixels.width), number(pixels.height), number(pixels.channels)},
                       pixels.pixels.data(), pixels.pixels.size());
  } catch (const std::bad_alloc&) {
    const std::string text = image.name + ": image takes too much memory to decode";
    return send_answer({}, text.data(), text.size());
  } catch (const std::exception& error) {
    return send_answer({}, error.what(), std::strlen(error.what()));
  }
}

}  // namespace

class DecoderProcess {
 public:
  explicit DecoderProcess(const ServiceOptions& options) {
    Pipe to = make_pipe(), from = make_pipe();
    process_ = spawn_decoder(options, to.read.get(), from.write.get());
    input_ = std::move(to.write);
    output_ = std::move(from.read);
  }
  ~DecoderProcess() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }
  DecoderProcess(const DecoderProcess&) = delete;
  DecoderProcess& operator=(const DecoderProcess&) = delete;

  /// False if the process has ended. `message`: the error, if there is one.
  bool decode(const RequestImage& image, Image& decoded, std::string& message) {
    const DecoderRequest request{image.name.size(), image.bytes.size()};
    DecoderAnswer answer;
    if (!write_fully(input_.get(), &request, sizeof request) ||
        !write_fully(input_.get(), image.name.data(), image.name.size()) ||
        !write_fully(input_.get(), image.bytes.data(), image.bytes.size()) ||
        !read_fully(output_.get(), &answer, sizeof answer))
      return false;
    if (!answer.done) {
      message.resize(answer.bytes);
      return read_fully(output_.get(), message.data(), message.size());
    }
    decoded = Image(static_cast<int>(answer.width), static_cast<int>(answer.height),
                    static_cast<int>(answer.channels));
    return decoded.pixels.size() == answer.bytes &&
           read_fully(output_.get(), decoded.pixels.data(), decoded.pixels.size());
  }

 private:
  pid_t process_ = 0;
  Descriptor input_, output_;
};

ImageReader::ImageReader(const ServiceOptions& options)
    : options_(options), processes_(static_cast<std::size_t>(std::max(1, options.jobs))) {
  if (options_.isolate) std::signal(SIGPIPE, SIG_IGN);  // that a decoder has ended is seen by its pipes
}
ImageReader::~ImageReader() = default;

Image ImageReader::read(const RequestImage& image) const {
  if (!options_.isolate) return decode_here(image, options_);
  Image decoded;
  std::string message;
  {
    auto lease = processes_.take([&] { return std::make_unique<DecoderProcess>(options_); });
    // Thrown while it is leased, so that it is not used again.
    if (!(*lease)->decode(image, decoded, message))
      throw Error("image takes too much time or memory to decode", image.name);
  }
  if (!message.empty()) throw Error(message);
  return decoded;
}

void run_decoder(const ServiceOptions& options) {
  std::signal(SIGINT, SIG_IGN);  // the server gets it as well, and ends this process
  set_soft_limit(RLIMIT_AS, used_address_space() + kOtherBytes +
                                kBytesPerPixel * static_cast<std::uint64_t>(options.max_pixels));
  DecoderRequest request;
  while (read_fully(STDIN_FILENO, &request, sizeof request)) {
    allow_seconds_for_an_image();
    std::string name(request.name, '\0'), bytes(request.bytes, '\0');
    if (!read_fully(STDIN_FILENO, name.data(), name.size()) ||
        !read_fully(STDIN_FILENO, bytes.data(), bytes.size()) || !answer_one({name, bytes}, options))
      return;
  }
}

}  // namespace regard
