#include "cli/commands.h"
#include "cli/lab/commands.h"
#include "cli/program.h"
#include "cli/server/commands.h"
#include "cli/siblings.h"

// `regard`: finds faces and recognises expressions. What is done with data sets is handed over to
// `regard-lab`, serving to `regard-server`.

namespace {

// A command of another program: as soon as it is named, that program takes this process over, with all
// arguments.
regard::AddCommand of_sibling(const regard::Sibling& sibling, const regard::SiblingCommand& command, int argc,
                              char** argv) {
  return [=](CLI::App& app) {
    auto* named = app.add_subcommand(command.name, command.description);
    named->preparse_callback([=](std::size_t) { regard::exec_sibling(sibling, {argv + 1, argv + argc}); });
  };
}

}  // namespace

int main(int argc, char** argv) {
  using namespace regard;
  const auto lab = [=](const SiblingCommand& command) { return of_sibling(kLab, command, argc, argv); };
  return run_program(
      argc, argv,
      {add_recognize, add_join, add_video, add_people, add_explain, add_models, lab(kEvaluate), lab(kTrain),
       lab(kReproduce), lab(kPack), lab(kQuantize), lab(kRender), lab(kAnnotate), lab(kImport), add_export,
       add_ensemble, of_sibling(kServer, kServe, argc, argv), lab(kBench), lab(kCompletion)});
}
