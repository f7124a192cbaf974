#include "cli/commands.h"
#include "cli/lab/commands.h"
#include "cli/program.h"
#include "cli/siblings.h"

// `regard`: finds faces and recognises expressions. What is done with data sets is handed over to
// `regard-lab`.

namespace {

// A command of `regard-lab`: as soon as it is named, that program takes this process over, with all
// arguments.
regard::AddCommand of_lab(const regard::LabCommand& command, int argc, char** argv) {
  return [=](CLI::App& app) {
    auto* named = app.add_subcommand(command.name, command.description);
    named->preparse_callback([=](std::size_t) {
      regard::exec_sibling(regard::kLab, {argv + 1, argv + argc});
    });
  };
}

}  // namespace

int main(int argc, char** argv) {
  using namespace regard;
  const auto lab = [=](const LabCommand& command) { return of_lab(command, argc, argv); };
  return run_program(argc, argv,
                     {add_recognize, add_join, add_video, add_people, add_explain, add_models, lab(kEvaluate),
                      lab(kTrain), lab(kReproduce), lab(kPack), lab(kRender), lab(kAnnotate), lab(kImport),
                      add_export, add_ensemble, lab(kBench), lab(kCompletion)});
}
