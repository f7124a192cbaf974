#include "cli/commands.h"
#include "cli/lab/commands.h"
#include "cli/program.h"
#include "cli/server/commands.h"

// `regard-lab`: all of `regard`'s commands, also those that work on data sets; `regard` starts it for these.
// It has the server's as well, since it completes all of them.

int main(int argc, char** argv) {
  using namespace regard;
  return run_program(argc, argv,
                     {add_recognize, add_join, add_video, add_people, add_explain, add_models, add_evaluate,
                      add_train, add_reproduce, add_pack, add_quantize, add_render, add_annotate, add_import,
                      add_export, add_ensemble, add_serve, add_bench, add_completion});
}
