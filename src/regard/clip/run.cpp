#include "regard/clip/run.h"

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "regard/core/ordered_map.h"
#include "regard/core/range_check.h"
#include "regard/engine/appearance.h"
#include "regard/pipeline/model_files.h"

namespace regard {
namespace {

void check(const ClipOptions& options) {
  check_range(options.search_every >= 0 && options.search_every <= 10, "search_every", "0 to 10",
              options.search_every);
  check_range(options.every >= 1, "every", "1 or more", options.every);
  check_range(options.max_faces >= 0, "max_faces", "0 or more", options.max_faces);
  check_range(options.smoothing >= 0 && options.smoothing <= 60, "smoothing", "0 to 60", options.smoothing);
}

/// The numbers of the last frame that a journal has; none if it is empty.
std::optional<std::int64_t> replay(const Journal& journal, Identities& identities) {
  std::optional<std::int64_t> last;
  journal.replay([&](std::vector<RecognizedFrame>& group) {
    for (auto& frame : group) identities.take(frame, {}), last = frame.stamp.number;
  });
  return last;
}

}  // namespace

Identities::Describe describer(const Stages& stages) {
  const auto appearance =
      std::make_shared<Appearance>(stages.model().chip(), appearance_file(), EngineOptions{.threads = 1});
  return [appearance](ImageView chip) { return appearance->describe({&chip, 1}).front(); };
}

void run_clip(VideoReader& reader, const Stages& stages, const ClipOptions& options, const ClipSinks& sinks,
              Journal* journal, std::stop_token stop) {
  check(options);
  Identities identities(options.tracker, options.smoothing, sinks.frame);
  FrameGroups groups(reader, {.selection = options.selection, .seconds = options.search_every});
  if (journal)
    if (const auto last = replay(*journal, identities)) groups.skip_through(*last);

  const auto recognize = [&](const FrameGroup& group) {
    return recognize_group(stages, group, {.every = options.every, .max_faces = options.max_faces});
  };
  const auto take = [&](std::future<std::vector<RecognizedFrame>> result) {
    auto group = result.get();
    for (auto& frame : group) identities.take(frame, options.describe);
    if (journal) journal->append(group);
    if (sinks.progress) sinks.progress(group.back().stamp.seconds);
  };
  const auto workers = static_cast<std::size_t>(std::max(1, options.jobs));
  map_in_order([&] { return groups.next(); }, recognize, take,
               {.workers = workers, .window = workers + 2, .stop = stop});
  if (!journal || !stop.stop_requested()) identities.finish();
}

void replay_clip(const Journal& journal, const ClipOptions& options, const Identities::Sink& sink) {
  Identities identities(options.tracker, options.smoothing, sink);
  replay(journal, identities);
  identities.finish();
}

}  // namespace regard
