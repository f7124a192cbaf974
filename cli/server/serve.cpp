#include <malloc.h>
#include <sys/resource.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <mutex>

#include "cli/common.h"
#include "cli/server/commands.h"
#include "regard/http/server.h"
#include "regard/pipeline/model_files.h"
#include "regard/server/image_reader.h"
#include "regard/server/log.h"
#include "regard/server/service.h"

namespace regard {

namespace {

constexpr int kPort = 8018;

struct ServeArguments {
  std::string model, token_file;
  bool quiet = false;
  HttpAddress address{.port = kPort};
  HttpAccess access;
  ServiceOptions service;
  HttpOptions http;
  RecognizerOptions recognizer;
};

// Lines of several threads do not mix.
class Log {
 public:
  void write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::cerr << line << std::flush;
  }

 private:
  std::mutex mutex_;
};

// Descriptors for as many connections as are allowed, if the system lets us.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Large blocks go back to the system when they are freed. Else glibc, once one has been freed, takes the next
// ones from its heaps, where each reload of a model leaves holes.
void keep_large_blocks_apart() {
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

void set_signals(HttpServer& server, RecognitionService& service, Log& log) {
  for (const int signal : {SIGINT, SIGTERM})
    server.on_signal(signal, [&] {
      log.write(log_line("info", "stopping"));
      service.drain();
      server.stop();
    });
  server.on_signal(SIGHUP, [&] {
    service.reload([&](const std::string& error) {
      log.write(error.empty() ? log_line("info", "model reloaded",
                                         {{"sha256", service.model()->recognizer().model().hash()}})
                              : log_line("error", "model not reloaded", {{"error", error}}));
    });
  });
}

void serve(const ServeArguments& arguments) {
  HttpAccess access = arguments.access;
  if (!arguments.token_file.empty()) access.token = read_token(arguments.token_file);
  raise_descriptor_limit();
  keep_large_blocks_apart();
  Log log;
  HttpServer server(arguments.address, access, arguments.http);  // fails early
  RecognitionService service(arguments.model, arguments.recognizer, arguments.service);
  server.on_answer([&](const HttpRecord& record) {
    service.note(record);
    if (!arguments.quiet) log.write(log_line(record));
  });
  set_signals(server, service, log);
  const auto& model = service.model()->recognizer().model();
  print(server.url() + " answers with " + model.name + "; Ctrl-C ends.\n");
  server.run(service.routes(server));
  log.write(log_line("info", "stopped"));
}

constexpr const char* kServeExamples =
    R"(Only this machine can connect, unless there is a token. The page at / takes images from a browser. SIGTERM and
Ctrl-C answer what was accepted, then end; SIGHUP loads the model's file anew. docs/server.md has the interface.

examples:
  regard serve
  regard serve --port 9000 --model my-run/model.safetensors
  regard serve --socket /run/regard/socket
  regard serve --address 0.0.0.0 --token-file token --host faces.local
  curl --data-binary @photo.jpg -H 'Content-Type: image/jpeg' http://127.0.0.1:8018/recognize)";

void add_address_flags(CLI::App& command, ServeArguments& arguments) {
  auto* address = command.add_option("--address", arguments.address.host, "address to listen at, by number")
                      ->capture_default_str();
  auto* port = command.add_option("--port", arguments.address.port, "port to listen at; 0: any free one")
                   ->check(CLI::Range(0, 65535))
                   ->type_name("INT")
                   ->capture_default_str();
  command.add_option("--socket", arguments.address.path, "Unix socket to listen at, instead of a port")
      ->type_name("FILE")
      ->excludes(address)
      ->excludes(port);
  command
      .add_option("--token-file", arguments.token_file,
                  "file with a secret that requests must bear (Authorization: Bearer ...); needed for "
                  "addresses other "
                  "than this machine's own")
      ->type_name("FILE");
  repeatable(command.add_option("--host", arguments.access.hosts,
                                "name by which clients call this server, besides localhost; may be repeated"))
      ->type_name("NAME");
  repeatable(command.add_option("--allow-origin", arguments.access.origins,
                                "origin of pages elsewhere whose scripts may ask; may be repeated"))
      ->type_name("ORIGIN");
}

}  // namespace

void add_serve(CLI::App& app) {
  auto arguments = std::make_shared<ServeArguments>();
  auto* command = app.add_subcommand(kServe.name, kServe.description);
  command
      ->add_option("--model", arguments->model,
                   "a model file, or the name of a shipped model (see `regard models`)")
      ->type_name("MODEL")
      ->default_str(kDefaultModel);
  add_address_flags(*command, *arguments);
  command->add_flag("--quiet", arguments->quiet, "do not log every request");
  add_flags(*command, arguments->service);
  add_flags(*command, arguments->recognizer);
  add_flags(*command, arguments->http);
  command->footer(kServeExamples);
  command->callback([arguments] { serve(*arguments); });
}

void add_decode_images(CLI::App& app) {
  auto options = std::make_shared<ServiceOptions>();
  auto* command =
      app.add_subcommand(kDecoderCommand, "decodes images for `regard serve --isolate`")->group("");
  add_flags(*command, *options);
  command->callback([options] { run_decoder(*options); });
}

}  // namespace regard
