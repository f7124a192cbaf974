#include "regard/server/served_model.h"

#include "regard/pipeline/stages.h"

namespace regard {

ServedModel::ServedModel(const std::string& model, const RecognizerOptions& options)
    : engine_(options.engine),
      stages_(std::make_shared<Stages>(find_model(model), options)),
      recognizer_(stages_) {
  recognizer_.model().hash();  // while the file is what was read: later it may be written anew in place
}

const Explainer& ServedModel::explainer() const {
  std::call_once(once_, [this] { explainer_ = std::make_unique<Explainer>(stages_, engine_); });
  return *explainer_;
}

CurrentModel::CurrentModel(std::string model, RecognizerOptions options)
    : model_(std::move(model)),
      options_(std::move(options)),
      current_(std::make_shared<ServedModel>(model_, options_)) {}

ServedModelPtr CurrentModel::get() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void CurrentModel::reload() {
  auto fresh = std::make_shared<const ServedModel>(model_, options_);
  const std::lock_guard lock(mutex_);
  current_.swap(fresh);
}

}  // namespace regard
