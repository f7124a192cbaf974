// Reading any tar file ends with entries that lie within it, or with a regard::Error.

#include "regard/archive/tar.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "regard/core/error.h"
#include "regard/core/output_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const regard::Descriptor memory(memfd_create("tar", 0));
  if (::write(memory.get(), data, size) != static_cast<ssize_t>(size)) std::abort();
  try {
    const regard::TarFile file("/proc/self/fd/" + std::to_string(memory.get()));
    regard::TarReader reader(file);
    while (const auto entry = reader.next())
      if (file.read(*entry).size() != entry->bytes) std::abort();
  } catch (const regard::Error&) {
  }
  return 0;
}
