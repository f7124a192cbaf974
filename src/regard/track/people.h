#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "regard/core/geometry.h"

namespace regard {

/// A vector that tells people apart: those of one person point in about the same direction. Empty: unknown.
using AppearanceVector = std::vector<float>;

/// The cosine of the angle between two vectors; 0 if one is empty. Throws Error for different lengths.
double alikeness(const AppearanceVector& a, const AppearanceVector& b);

/// A few views of a person, no two of them much alike.
class Gallery {
 public:
  void add(const AppearanceVector& view);
  /// Of the view that is most like `view`; 0 if there is none.
  double alikeness_to(const AppearanceVector& view) const;
  bool empty() const { return views_.empty(); }
  const std::vector<AppearanceVector>& views() const { return views_; }

 private:
  std::vector<AppearanceVector> views_;
};

/// A person of a clip.
struct Person {
  int number = 0;  ///< 0 until somebody asks for it
  Gallery gallery = {};
  double last_seen = 0;
  Box last_box = {};
};

/// Somebody who has been seen for a while and is not known yet.
struct Newcomer {
  double since = 0, last_seen = 0;  ///< seconds
  Box first_box = {}, last_box = {};
  Gallery gallery = {};
};

/// Everybody who has been seen in a clip.
class People {
 public:
  /// `known`: how many people there are, 0 if that is not known. `remember`: seconds. `alike`: least cosine.
  People(int known, double remember, double alike) : known_(known), remember_(remember), alike_(alike) {}

  /// Who the newcomers are, all of whom are different people: indices of people who were not seen since the
  /// newcomers were, where they are alike enough, otherwise of new people. None: there are no more people
  /// than the known number.
  std::vector<std::optional<std::size_t>> identify(const std::vector<Newcomer>& newcomers);

  /// Whether there is somebody who was not seen since `time` and not forgotten then.
  bool anybody_is_away(double time) const;

  Person& operator[](std::size_t index) { return people_[index]; }
  const Person& operator[](std::size_t index) const { return people_[index]; }
  std::size_t size() const { return people_.size(); }

  /// The number of a person: 1 for the first one whose number is asked for, and so on.
  int number_of(std::size_t index);

 private:
  bool complete() const { return known_ > 0 && people_.size() >= static_cast<std::size_t>(known_); }
  AppearanceVector average() const;
  double difference(const Newcomer& newcomer, const Person& person, const AppearanceVector& average) const;
  void welcome(const Newcomer& newcomer, Person& person);

  int known_;
  double remember_, alike_;
  int numbers_ = 0;
  std::vector<Person> people_ = {};
};

}  // namespace regard
