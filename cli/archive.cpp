#include "cli/archive.h"

#include <iostream>

#include "cli/common.h"
#include "cli/interrupt.h"
#include "regard/archive/parts.h"
#include "regard/core/error.h"

namespace regard {

namespace {

ArchiveOptions options_of(const ArchiveFlags& flags, const ArchiveSetup& setup) {
  return {.folder = flags.out,
          .format = setup.format,
          .chunk = flags.chunk,
          .shard = flags.shard.empty() ? ArchiveShard{} : parse_shard(flags.shard, "--shard"),
          .resume = flags.resume,
          .jobs = setup.jobs,
          .settings = setup.settings,
          .writer = {.labels = setup.recognizer.labels(), .views = setup.recognizer.views()}};
}

// What is wrong with a shard, for CLI11; empty: nothing.
std::string wrong_shard(const std::string& text) {
  try {
    parse_shard(text, {});
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::string counted(std::size_t count, const std::string& unit) {
  return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
}

void report(const ArchiveReport& report, bool interrupted) {
  if (report.unreadable > 0)
    std::cerr << "regard: " << counted(report.unreadable, "image")
              << " could not be read; the rows say why\n";
  const std::string done = counted(report.done_before + report.parts, "part") + " done";
  if (interrupted) throw Error("interrupted, " + done + "; --resume continues it");
  if (report.left > 0)
    throw Error(done + ", " + std::to_string(report.left) +
                " left to another run, which is writing them; --resume looks whether they are there");
}

}  // namespace

std::vector<std::string> archive_format_names() {
  std::vector<std::string> names;
  for (const auto& format : part_formats()) names.emplace_back(format.name);
  return names;
}

void add_archive_flags(CLI::App& command, ArchiveFlags& flags, const std::vector<CLI::Option*>& excluded) {
  auto* out = command
                  .add_option("--out", flags.out,
                              "write the results into this folder in parts, so that a killed run can be "
                              "continued; for many images, also in .tar files")
                  ->type_name("FOLDER");
  for (auto* option : excluded) out->excludes(option);
  command.add_flag("--resume", flags.resume, "continue what a run before has begun in the folder of --out")
      ->needs(out);
  command
      .add_option("--shard", flags.shard,
                  "do only the i-th of n shares of the parts, for i from 1 to n, as on n machines")
      ->needs(out)
      ->check(wrong_shard)
      ->type_name("I/N");
  command.add_option("--chunk", flags.chunk, "number of images in a part")
      ->needs(out)
      ->check(CLI::PositiveNumber)
      ->type_name("INT")
      ->capture_default_str();
}

InputList list_inputs(ImageList& list, const std::string& folder) {
  InputList inputs(folder);
  std::vector<std::string> failures;
  while (const auto file = list.next()) try {
      is_tar_name(*file) ? inputs.add_tar(*file) : inputs.add({*file});
    } catch (const Error& error) {
      failures.emplace_back(error.what());
    }
  for (auto& failure : list.take_failures()) failures.push_back(std::move(failure));
  for (const auto* skipped : {&list.skipped(), &inputs.skipped()})
    for (const auto& text : *skipped) std::cerr << "regard: " << text << '\n';
  for (const auto& failure : failures) std::cerr << "regard: " << failure << '\n';
  if (!failures.empty()) throw Error(std::to_string(failures.size()) + " inputs failed, nothing was begun");
  if (inputs.images() == 0) throw Error("there are no images", "standard input");
  return inputs;
}

void recognize_archive(const ArchiveFlags& flags, InputList inputs, const ArchiveSetup& setup) {
  ArchiveOptions options = options_of(flags, setup);
  std::optional<Progress> progress;
  std::stop_source stop;
  const Interrupt interrupt;
  options.stop = stop.get_token();
  options.progress = [&](std::size_t done, std::size_t total) {
    if (!progress) progress.emplace(total, "images", Progress::kAlsoInLogs);
    progress->show(done);
    if (interrupt.requested()) stop.request_stop();
  };
  const auto done = run_archive(inputs, setup.faces, options);
  progress.reset();
  report(done, interrupt.requested());
}

}  // namespace regard
