#include <iostream>
#include <memory>

#include "cli/common.h"
#include "cli/lab/commands.h"
#include "lab/render/scans.h"

namespace regard {

namespace {

struct RenderArguments {
  std::string source, out, kind = "F3D";
  std::vector<int> yaws{-45, -30, -15, 0, 15, 30, 45}, pitches{-30, -15, 0, 15, 30};
  RenderOptions options;
};

void render(const RenderArguments& arguments) {
  RenderJob job{.scans = find_scans(arguments.source, arguments.kind),
                .out = arguments.out,
                .yaws = arguments.yaws,
                .pitches = arguments.pitches,
                .options = arguments.options,
                .done = {},
                .on_bad = {}};
  Progress progress(job.scans.size(), "scans");
  job.done = [&](std::size_t done) { progress.show(done); };
  job.on_bad = [&](const std::string& why) {
    progress.clear();
    std::cerr << "regard: left out: " << why << '\n';
  };
  const auto report = render_scans(job);
  progress.clear();
  std::string text = arguments.out + ": " + std::to_string(report.written) + " images of " +
                     std::to_string(job.scans.size() - report.bad) + " scans";
  if (report.kept > 0) text += ", " + std::to_string(report.kept) + " there already";
  if (report.bad > 0) text += ", " + std::to_string(report.bad) + " scans left out";
  print(text + "\n");
}

constexpr const char* kRenderExamples =
    "A folder is BU-3DFE as it is distributed, a folder for each person. Every scan is drawn in every yaw at "
    "every\n"
    "pitch, from far away, without lights, and called as `regard pack --dataset bu3dfe` expects it. Images "
    "that are\n"
    "there already are kept, so an interrupted command continues.\n\n"
    "examples:\n"
    "  regard render BU-3DFE --out views                                   # 35 views\n"
    "  regard render BU-3DFE --out views --yaw 0,30,45,60,90 --pitch 0     # five views\n"
    "  regard render head.obj --out views --yaw -30,0,30 --pitch 0\n"
    "  regard pack --dataset bu3dfe --data views --folds 10 --fold 0 --out bu3dfe-0.pack";

}  // namespace

void add_render(CLI::App& app) {
  auto arguments = std::make_shared<RenderArguments>();
  auto* command = app.add_subcommand(kRender.name, kRender.description);
  command
      ->add_option("SCANS", arguments->source, "a folder of scans, or a mesh (.wrl, .obj) with its texture")
      ->required()
      ->check(CLI::ExistingPath)
      ->type_name("PATH");
  command->add_option("--out", arguments->out, "folder for the images")->required()->type_name("DIR");
  command
      ->add_option("--yaw", arguments->yaws,
                   "yaws in degrees, towards the image's right, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("DEGREES")
      ->capture_default_str();
  command->add_option("--pitch", arguments->pitches, "pitches in degrees, upwards, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("DEGREES")
      ->capture_default_str();
  command
      ->add_option("--scan", arguments->kind,
                   "which files of a folder: F3D (the face alone) or RAW (the whole scan)")
      ->check(CLI::IsMember({"F3D", "RAW"}))
      ->capture_default_str();
  add_flags(*command, arguments->options);
  command->footer(kRenderExamples);
  command->callback([arguments] { render(*arguments); });
}

}  // namespace regard
