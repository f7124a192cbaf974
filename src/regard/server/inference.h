#pragma once

#include <string>

#include "regard/core/json.h"
#include "regard/http/message.h"
#include "regard/server/recognition.h"

/// What the server offers by the Open Inference Protocol. A served model M is three models there, each with
/// version 1; see infer_models in the .cpp.
///
///     M           image BYTES [-1], image files     -> faces BYTES [-1], JSON as of `regard recognize`
///     M-pixels    pixels UINT8 [-1, -1, 3], RGB     -> faces BYTES [1]
///     M-chips     chips UINT8 [-1, size, size, 3]   -> probabilities FP32 [-1, labels], expression BYTES
///     [-1],
///                                                      pose FP32 [-1, 3]: yaw, pitch, roll in degrees
namespace regard {

/// GET /v2.
HttpAnswer server_metadata(const std::string& version);

/// Whether there is a model with this name, and, unless it is empty, this version.
bool has_infer_model(const ServedModel& model, const std::string& name, const std::string& version);
/// GET /v2/models/NAME. Throws Error if there is no such model.
HttpAnswer infer_model_metadata(const ServedModel& model, const std::string& name);

/// POST /v2/models/NAME/infer. Takes long: for a Workers' thread. Throws Error.
HttpAnswer infer(const std::string& name, const HttpRequest& request, const ServiceContext& context);

}  // namespace regard
