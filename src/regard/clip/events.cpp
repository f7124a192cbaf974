#include "regard/clip/events.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <ctime>
#include <map>
#include <utility>

#include "regard/core/csv.h"
#include "regard/core/table.h"
#include "regard/core/text.h"

namespace regard {
namespace {

std::string csv_of_events(std::span<const Episode> episodes, const EventContext& context) {
  std::string text = "face_id,expression,onset,apex,offset,duration,peak\n";
  for (const auto& [person, label, onset, apex, offset, peak] : episodes)
    text += formatted("%d,%s,%.3f,%.3f,%.3f,%.3f,%.6f\n", person, csv_field(context.labels[label]).c_str(),
                      onset, apex, offset, offset - onset, peak);
  return text;
}

/// An absolute path as a URL (RFC 3986, 8089).
std::string file_url(const std::filesystem::path& path) {
  std::string url = "file://";
  for (const unsigned char c : std::filesystem::absolute(path).lexically_normal().string())
    url += std::isalnum(c) || std::string_view("/-._~").find(static_cast<char>(c)) != std::string_view::npos
               ? std::string(1, static_cast<char>(c))
               : formatted("%%%02X", c);
  return url;
}

/// The place of a file as seen from the folder of another: "./clip.mp4", "../clips/clip.mp4".
std::string relative_place(const std::filesystem::path& file, const std::filesystem::path& from) {
  const auto folder = std::filesystem::absolute(from).lexically_normal().parent_path();
  const auto place = std::filesystem::absolute(file).lexically_normal().lexically_relative(folder).string();
  return place.starts_with("..") ? place : "./" + place;
}

long long milliseconds(double seconds) {
  return std::llround(1000 * seconds);
}

/// A document of ELAN (Annotation Format 3.0, EAFv3.0.xsd of the Max Planck Institute for Psycholinguistics):
/// times in milliseconds, numbered slots of them, and tiers of annotations between two slots.
class ElanDocument {
 public:
  ElanDocument(std::span<const Episode> episodes, const EventContext& context)
      : episodes_(episodes), context_(context) {}

  std::string text() {
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ANNOTATION_DOCUMENT AUTHOR=\"regard\" DATE=\"" +
            context_.date +
            "\" FORMAT=\"3.0\" VERSION=\"3.0\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
            "xsi:noNamespaceSchemaLocation=\"http://www.mpi.nl/tools/elan/EAFv3.0.xsd\">\n";
    add_header();
    add_times();
    add_tiers();
    text_ +=
        "<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID=\"expression\" TIME_ALIGNABLE=\"true\" "
        "GRAPHIC_REFERENCES=\"false\"/>\n</ANNOTATION_DOCUMENT>\n";
    return std::move(text_);
  }

 private:
  void add_header() {
    text_ += "<HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n<MEDIA_DESCRIPTOR MEDIA_URL=\"" +
             escape_html(file_url(context_.clip)) + "\" MIME_TYPE=\"video/*\" RELATIVE_MEDIA_URL=\"" +
             escape_html(relative_place(context_.clip, context_.file)) + "\"/>\n";
    if (!context_.method.empty())
      text_ += "<PROPERTY NAME=\"method\">" + escape_html(context_.method) + "</PROPERTY>\n";
    text_ +=
        formatted("<PROPERTY NAME=\"lastUsedAnnotationId\">%zu</PROPERTY>\n</HEADER>\n", episodes_.size());
  }

  /// Two slots for every episode, in its order: the first two are 1 and 2.
  void add_times() {
    text_ += "<TIME_ORDER>\n";
    std::size_t slot = 0;
    for (const auto& episode : episodes_)
      for (const double seconds : {episode.onset, episode.offset})
        text_ += formatted("<TIME_SLOT TIME_SLOT_ID=\"ts%zu\" TIME_VALUE=\"%lld\"/>\n", ++slot,
                           milliseconds(seconds));
    text_ += "</TIME_ORDER>\n";
  }

  void add_tiers() {
    std::map<std::pair<int, std::size_t>, std::vector<std::size_t>> tiers;
    for (std::size_t i = 0; i < episodes_.size(); ++i)
      tiers[{episodes_[i].person, episodes_[i].label}].push_back(i);
    for (const auto& [of, members] : tiers) {
      const auto& [person, label] = of;
      text_ += formatted("<TIER LINGUISTIC_TYPE_REF=\"expression\" PARTICIPANT=\"person %d\" ", person) +
               formatted("TIER_ID=\"person %d: ", person) + escape_html(context_.labels[label]) + "\">\n";
      for (const auto i : members) add_annotation(i);
      text_ += "</TIER>\n";
    }
  }

  void add_annotation(std::size_t i) {
    const auto& episode = episodes_[i];
    text_ += formatted("<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a%zu\" TIME_SLOT_REF1=\"ts%zu\" ",
                       i + 1, 2 * i + 1) +
             formatted("TIME_SLOT_REF2=\"ts%zu\"><ANNOTATION_VALUE>", 2 * i + 2) +
             escape_html(context_.labels[episode.label]) +
             formatted(" %.0f %%, apex %.3f s", 100 * episode.peak, episode.apex) +
             "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n";
  }

  std::span<const Episode> episodes_;
  const EventContext& context_;
  std::string text_ = {};
};

std::string elan_of_events(std::span<const Episode> episodes, const EventContext& context) {
  return ElanDocument(episodes, context).text();
}

constexpr std::array kEventFormats{EventFormat{".csv", "a row per episode", csv_of_events},
                                   EventFormat{".eaf", "a document of ELAN", elan_of_events}};

}  // namespace

std::span<const EventFormat> event_formats() {
  return kEventFormats;
}

const EventFormat& event_format(const std::string& file) {
  return find_ending(kEventFormats, file, "kind of file of events");
}

std::string utc_date() {
  return utc_text(std::time(nullptr), "%Y-%m-%dT%H:%M:%SZ");
}

}  // namespace regard
