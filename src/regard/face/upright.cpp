#include "regard/face/upright.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "regard/face/yunet.h"
#include "regard/image/opencv.h"

namespace regard {
namespace {

// The thresholds were chosen on the even portraits of bench/turned_faces.py (--half choose) at eight angles,
// and on 200 upright ones (--half both --count 100 --angles 0), of which the detector finds 191.

// Faces that score less, in the image and in the close-up, are examined in other directions, and faces of
// which the pose network is less sure: 7 of the 191 upright faces, and all but 9 of 93 that the detector saw
// more than 25 degrees off. It was as sure of all the 282 turned faces that were then found the right way up.
constexpr float kSureScore = .83f;
constexpr float kSureCloseup = .87f;
constexpr float kSurePresence = .99f;
// So are faces whose landmarks and mesh differ more in roll, in degrees: 1 more of the 191, and 6 of the 9.
constexpr float kSameRoll = 12;
// So are, but only upside down at first, those that score less, or less in a close-up: 25 of the 191, and all
// that were seen more than 60 degrees off.
constexpr float kPlainScore = .86f;
constexpr float kPlainCloseup = .85f;
// At most so many faces of an image, those first for which least speaks.
constexpr std::size_t kMostDoubts = 8;
// A face that is seen so well in a look needs none between the quarters.
constexpr float kGoodLook = .7f;
// Less than this apart in roll, in degrees, a face is seen the same way up.
constexpr float kAside = 45;
// Rounds of looking, each from the direction that the one before found.
constexpr int kRounds = 2;
// An image with a face of this much presence, or that is plainly upright, is not turned as a whole.
constexpr float kConvincingPresence = .9f;
// In other directions, and in a turned image, faces count from this score on: the look that follows, with
// the face upright, is the judge. Of a turned image so many faces are looked at, the best ones.
constexpr float kWeak = .3f;
constexpr std::size_t kMostCandidates = 3;
// The longer side of an image that is turned as a whole, in pixels: one tile of the detector.
constexpr int kTurnedSide = 576;
// Where the mesh's network is less sure that there is a head, there is none: it is so of none of the 189, of
// two of three false faces in the photographs of scikit-image (a galaxy, a motorcycle).
constexpr float kNoHead = .02f;

/// A face, and how its head is turned.
struct PosedFace {
  Detection face;
  HeadEstimate head;
};

float difference(float a, float b) {
  return std::abs(std::remainder(a - b, 360.f));
}

float roll_of(const Landmarks& landmarks) {
  return pose_of_landmarks(landmarks).roll;
}

bool rolls_agree(const PosedFace& face) {
  return difference(roll_of(face.face.landmarks), face.head.pose.roll) <= kSameRoll;
}

float score_of(const std::optional<Detection>& face) {
  return face ? face->score : 0;
}

/// How much speaks for a face as it is seen.
float evidence(const PosedFace& face) {
  return face.face.score * face.head.presence;
}

bool is_sure(const PosedFace& face) {
  return (face.face.score >= kSureScore || face.face.closeup >= kSureCloseup) &&
         face.head.presence >= kSurePresence;
}

bool fits(const PosedFace& face) {
  return is_sure(face) && rolls_agree(face);
}

bool is_plain(const PosedFace& face) {
  return face.face.score >= kPlainScore && face.face.closeup >= kPlainCloseup;
}

bool convinces(const PosedFace& face) {
  return face.head.presence >= kConvincingPresence || is_plain(face);
}

bool less_evident(const PosedFace& a, const PosedFace& b) {
  return evidence(a) < evidence(b);
}

/// An image turned clockwise by a number of quarters, and the way back to the image's pixels.
struct Turned {
  Image image;
  Affine back;
};

Turned turned(ImageView image, int quarters) {
  const double factor = std::min(1., static_cast<double>(kTurnedSide) / std::max(image.width, image.height));
  const cv::Size size(std::max(1, cvRound(image.width * factor)),
                      std::max(1, cvRound(image.height * factor)));
  cv::Mat pixels;
  cv::resize(mat_of(image), pixels, size, 0, 0, cv::INTER_AREA);
  const float x = static_cast<float>(image.width) / static_cast<float>(pixels.cols);
  const float y = static_cast<float>(image.height) / static_cast<float>(pixels.rows);
  const float w = static_cast<float>(image.width), h = static_cast<float>(image.height);
  constexpr std::array kCodes{cv::ROTATE_90_CLOCKWISE, cv::ROTATE_180, cv::ROTATE_90_COUNTERCLOCKWISE};
  const std::array<Affine, 3> back{{{{0, x, 0, -y, 0, h}}, {{-x, 0, w, 0, -y, h}}, {{0, -x, w, y, 0, 0}}}};
  const bool aside = quarters != 2;
  Turned result{{aside ? pixels.rows : pixels.cols, aside ? pixels.cols : pixels.rows, pixels.channels()},
                back[static_cast<std::size_t>(quarters - 1)]};
  cv::Mat out = mat_of(result.image);
  cv::rotate(pixels, out, kCodes[static_cast<std::size_t>(quarters - 1)]);
  return result;
}

/// The search in one image.
struct Search {
  const Detector& detector;
  const HeadPoseEstimator& heads;
  ImageView image;
  std::vector<PosedFace> found = {};
  int doubts = 0, turns = 0;

  std::vector<PosedFace> posed(const std::vector<Detection>& faces) const {
    std::vector<HeadView> views;
    for (const auto& face : faces) views.push_back({image, face.landmarks});
    const auto estimates = heads.estimate(views);
    std::vector<PosedFace> result;
    for (std::size_t i = 0; i < faces.size(); ++i) result.push_back({faces[i], estimates[i]});
    return result;
  }

  /// The better of `best` and the face as it is seen in one of the directions.
  void better(const Box& place, std::initializer_list<float> rolls, std::optional<Detection>& best) const {
    for (const float roll : rolls)
      if (const auto face = detector.look(image, place, roll, kWeak);
          face && (!best || face->score > best->score))
        best = face;
  }

  /// One look at what the detector is apt to take for an upright face.
  bool is_better_upside_down(const PosedFace& face) const {
    if (is_plain(face)) return false;
    const auto other = detector.look(image, face.face.box, roll_of(face.face.landmarks) + 180, kWeak);
    return score_of(other) > face.face.closeup;
  }

  /// The best that is seen of a doubtful face in other directions, `known` in the one in which it was found:
  /// where its mesh is upright; unless that alone is in doubt, quarters from there; and what lies between,
  /// unless the face is well seen one way. None if it is best as it is.
  std::optional<Detection> look_around(const PosedFace& face, std::optional<Detection>& known) const {
    const float roll = roll_of(face.face.landmarks);
    const Box& place = face.face.box;
    std::optional<Detection> other;
    if (!rolls_agree(face)) better(place, {face.head.pose.roll}, other);
    if (is_sure(face) && !is_better_upside_down(face))
      return other && difference(roll_of(other->landmarks), face.head.pose.roll) <= kSameRoll ? other
                                                                                              : std::nullopt;
    better(place, {roll}, known);
    better(place, {roll + 180, roll + 90, roll - 90}, other);
    const float best = std::max(score_of(known), score_of(other));
    if (best < kSureScore && (best < kGoodLook || face.head.presence < kSurePresence))
      better(place, {roll + 45, roll - 45, roll + 135, roll - 135}, other);
    return rolls_agree(face) && score_of(other) <= score_of(known) * face.head.presence ? std::nullopt
                                                                                        : other;
  }

  /// Turns a doubtful face the way it fits better; false if there is none.
  bool turn(PosedFace& face) const {
    std::optional<Detection> known;
    auto other = look_around(face, known);
    if (!other || !detector.refine(image, *other)) return false;
    PosedFace turned = posed({*other})[0];
    const float before =
        known ? std::min(face.face.score, known->score) * face.head.presence : evidence(face);
    const bool fits_better = evidence(turned) > before || (rolls_agree(turned) && !rolls_agree(face));
    if (turned.head.presence < kSurePresence || !fits_better) return false;
    if (difference(turned.head.pose.roll, roll_of(face.face.landmarks)) < kAside)
      turned.face.score = std::max(turned.face.score, face.face.score);
    face = turned;
    return true;
  }

  void settle(PosedFace& face) {
    ++doubts;
    for (int round = 0; round < kRounds; ++round)
      if (!turn(face) || fits(face)) return;
  }

  std::vector<PosedFace> settled(const std::vector<Detection>& detections) {
    auto faces = posed(detections);
    std::vector<PosedFace*> doubtful;
    for (auto& face : faces)
      if (!fits(face) || is_better_upside_down(face)) doubtful.push_back(&face);
    std::stable_sort(doubtful.begin(), doubtful.end(),
                     [](const auto* a, const auto* b) { return less_evident(*a, *b); });
    doubtful.resize(std::min(doubtful.size(), kMostDoubts));
    for (auto* face : doubtful) settle(*face);
    return faces;
  }

  bool any(bool (*holds)(const PosedFace&)) const { return std::any_of(found.begin(), found.end(), holds); }

  void turn_image() {
    if (any(convinces)) return;
    for (const int quarters : {1, 3, 2}) {
      ++turns;
      const auto [small, back] = turned(image, quarters);
      auto faces = detector.candidates(small, kWeak);
      faces.resize(std::min(faces.size(), kMostCandidates));
      for (auto& face : faces) face = transform(face, back);
      std::erase_if(faces, [&](Detection& face) { return !detector.refine(image, face); });
      for (const auto& face : settled(faces))
        if (face.head.presence >= kSurePresence) found.push_back(face);
      if (any(fits)) return;
    }
  }

  /// One of each face, highest score first, without those that no head fits.
  FoundFaces result() {
    const float least = detector.options().min_score;
    for (auto& [face, head] : found) face.score = doubted_score(face.score, head.presence, least);
    const float min_face = min_face_in(image, detector.options());
    std::erase_if(found, [&](const PosedFace& face) {
      return face.face.score < least || longer_side(face.face.box) < min_face;
    });
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return less_evident(b, a); });
    std::vector<PosedFace> kept;
    for (const auto& face : found)
      if (std::none_of(kept.begin(), kept.end(), [&](const PosedFace& better) {
            return is_same_face(face.face.box, better.face.box, detector.options().overlap);
          }))
        kept.push_back(face);
    std::stable_sort(kept.begin(), kept.end(),
                     [](const auto& a, const auto& b) { return a.face.score > b.face.score; });
    FoundFaces faces{.faces = {}, .poses = {}, .doubts = doubts, .turns = turns};
    for (const auto& [face, head] : kept) faces.faces.push_back(face), faces.poses.push_back(head);
    return faces;
  }
};

}  // namespace

float doubted_score(float score, float presence, float min_score) {
  if (presence < kNoHead) return 0;
  if (presence >= kSurePresence || score <= min_score) return score;
  return min_score + (score - min_score) * presence;
}

FoundFaces FaceFinder::find(ImageView image) const {
  Search search{.detector = *detector_, .heads = *heads_, .image = image};
  search.found = search.settled(detector_->detect(image));
  search.turn_image();
  return search.result();
}

}  // namespace regard
