#pragma once

#include "regard/http/message.h"
#include "regard/server/image_reader.h"
#include "regard/server/metrics.h"
#include "regard/server/options.h"
#include "regard/server/served_model.h"

/// The answers to requests with images. They take long: a Workers' thread calls these functions. All throw
/// Error for a request that is wrong.
namespace regard {

/// What requests are answered with.
struct ServiceContext {
  const ServedModel& model;
  const ServiceOptions& options;
  const ImageReader& reader;
  ServerMetrics& metrics;
};

/// The faces of an image, which is counted.
ImageFaces faces_in(const std::string& name, ImageView image, const ServiceContext& context);

/// What `regard recognize` prints: with ?format=json (the default), one line for each image; csv or table. A
/// single image that cannot be read is an error (400, or 415 for its format); of several, its line of JSON
/// has the reason in "error".
HttpAnswer recognize_answer(const HttpRequest& request, const ServiceContext& context);

/// What `regard explain` prints or draws of one image: with ?format=json (the default) or png.
HttpAnswer explain_answer(const HttpRequest& request, const ServiceContext& context);

/// The image as JPEG, upright and at most 2048 pixels a side: for browsers, which cannot show all formats.
HttpAnswer preview_answer(const HttpRequest& request, const ServiceContext& context);

}  // namespace regard
