#include "cli/program.h"
#include "cli/server/commands.h"

// `regard-server`: the command of `regard` that serves; `regard` starts it.

int main(int argc, char** argv) {
  return regard::run_program(argc, argv, {regard::add_serve, regard::add_decode_images});
}
