#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "regard/pipeline/explainer.h"
#include "regard/pipeline/recognizer.h"

namespace regard {

/// A model that answers requests. All members are thread safe.
class ServedModel {
 public:
  /// As Recognizer.
  ServedModel(const std::string& model, const RecognizerOptions& options);

  const Recognizer& recognizer() const { return recognizer_; }
  /// Made by the first call, which takes about as long as loading the model.
  const Explainer& explainer() const;

 private:
  EngineOptions engine_;
  std::shared_ptr<const Stages> stages_;
  Recognizer recognizer_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<Explainer> explainer_;
};

using ServedModelPtr = std::shared_ptr<const ServedModel>;

/// The model that is served at present. When it is replaced, requests under way keep theirs. Thread safe.
class CurrentModel {
 public:
  CurrentModel(std::string model, RecognizerOptions options);

  ServedModelPtr get() const;
  /// Reads the model's file again. Throws Error if that fails; the present model stays then.
  void reload();

 private:
  std::string model_;
  RecognizerOptions options_;
  mutable std::mutex mutex_;
  ServedModelPtr current_;
};

}  // namespace regard
