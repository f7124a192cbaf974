#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "regard/clip/episodes.h"

/// Files of episodes.
namespace regard {

/// What such a file needs besides the episodes.
struct EventContext {
  std::vector<std::string> labels = {};
  std::string method = {};          ///< how they were made, in a sentence; empty: unknown
  std::filesystem::path clip = {};  ///< the video
  std::filesystem::path file = {};  ///< the file that is written
  std::string date = {};            ///< now, as utc_date() gives it
};

/// A kind of file.
struct EventFormat {
  const char* ending;
  const char* help;
  std::string (*text)(std::span<const Episode> episodes, const EventContext& context);
};

/// The table of kinds: .csv (a row per episode) and .eaf (a document of ELAN, with a tier per person and
/// expression).
std::span<const EventFormat> event_formats();

/// The kind of a file by its ending. Throws Error naming the known ones.
const EventFormat& event_format(const std::string& file);

/// The present moment: "2026-03-01T09:30:00Z".
std::string utc_date();

}  // namespace regard
