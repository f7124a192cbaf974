#pragma once

#include <functional>
#include <memory>
#include <string>

#include "lab/annotate/marks.h"
#include "regard/core/image.h"

namespace regard {

/// A page on the local machine (127.0.0.1) for marking images with the keyboard:
///
///     GET  /              the page
///     GET  /state         {"dataset", "split", "count", "done", "counts": {mark: n}, "image": {"place",
///                         "name", "label", "suspicion"} or null, "upcoming": [place], "recent": [{"place",
///                         "name", "mark"}]}
///     GET  /image/PLACE   the image as PNG
///     POST /mark          {"place", "mark"} -> the new state, once the mark is on the disk
///     POST /undo          {} -> the new state
///     GET  /list          the list of occluded images
///
/// Errors are {"error": text} with a status of 400 or above. Requests from other pages are refused: posts
/// have to be application/json, and the host asked for has to be this machine by number or as localhost.
class MarkServer {
 public:
  /// Binds the port, before any long computation; 0: any free one. Throws Error if it is in use.
  explicit MarkServer(int port);
  ~MarkServer();
  MarkServer(const MarkServer&) = delete;
  MarkServer& operator=(const MarkServer&) = delete;

  int port() const;
  /// Serves until `stop`. `image`: the image of that name, RGB or grey; called in this thread.
  void run(MarkStore& store, std::function<ImageView(const std::string& name)> image);
  /// From any thread.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace regard
