#include "regard/clip/method.h"

#include "regard/core/text.h"

namespace regard {

std::string method_sentence(const std::string& version, const ModelInfo& model,
                            const std::vector<std::string>& options) {
  return "Facial expressions were recognised with regard " + version + " and its model " + model.name +
         " (SHA-256 " + model.hash() + "), with " +
         (options.empty() ? "the default options." : "the options " + join(options, " ") + ".");
}

}  // namespace regard
