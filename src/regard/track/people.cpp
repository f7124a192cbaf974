#include "regard/track/people.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "regard/core/error.h"
#include "regard/track/assignment.h"
#include "regard/track/motion.h"

namespace regard {
namespace {

// Views of a person, and how much alike two of them may be: more tell nothing new.
constexpr std::size_t kViews = 8;
constexpr double kSameView = .9;
// What all people of a clip have in common (light, camera) tells nobody apart. Their average is that of these
// and of so many people of whom nothing is known.
constexpr double kNobodies = 2;
// More than any difference.
constexpr double kNoMatch = 1e6;
constexpr double kImpossible = std::numeric_limits<double>::infinity();
// What a distance of one face adds to the difference of people whose number is known: it decides between
// those of whom nothing else is known.
constexpr double kDistanceWeight = .01;

double dot(const AppearanceVector& a, const AppearanceVector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.);
}

/// Sum of vectors, of which empty ones count nothing.
void add_to(AppearanceVector& sum, const AppearanceVector& vector, double weight) {
  if (sum.empty()) sum.resize(vector.size());
  for (std::size_t i = 0; i < vector.size(); ++i) sum[i] += static_cast<float>(weight * vector[i]);
}

AppearanceVector mean_of(const Gallery& gallery) {
  AppearanceVector mean;
  for (const auto& view : gallery.views())
    add_to(mean, view, 1. / static_cast<double>(gallery.views().size()));
  return mean;
}

Gallery relative_to(const AppearanceVector& average, const Gallery& gallery) {
  Gallery result;
  for (auto view : gallery.views()) {
    add_to(view, average, -1);
    result.add(view);
  }
  return result;
}

double alikeness_of(const Gallery& a, const Gallery& b) {
  double sum = 0;
  for (const auto& view : a.views()) sum += b.alikeness_to(view);
  return a.empty() ? 0 : sum / static_cast<double>(a.views().size());
}

}  // namespace

double alikeness(const AppearanceVector& a, const AppearanceVector& b) {
  if (a.empty() || b.empty()) return 0;
  if (a.size() != b.size())
    throw Error("appearance has the wrong length", "appearance", std::to_string(a.size()),
                std::to_string(b.size()));
  const double lengths = std::sqrt(dot(a, a) * dot(b, b));
  return lengths > 0 ? dot(a, b) / lengths : 0;
}

void Gallery::add(const AppearanceVector& view) {
  if (view.empty() || alikeness_to(view) > kSameView) return;
  if (views_.size() == kViews) views_.erase(views_.begin() + 1);  // the first one is how others know them
  views_.push_back(view);
}

double Gallery::alikeness_to(const AppearanceVector& view) const {
  double best = views_.empty() ? 0 : -1;
  for (const auto& other : views_) best = std::max(best, alikeness(view, other));
  return best;
}

AppearanceVector People::average() const {
  AppearanceVector sum;
  for (const auto& person : people_)
    add_to(sum, mean_of(person.gallery), 1 / (kNobodies + static_cast<double>(people_.size())));
  return sum;
}

double People::difference(const Newcomer& newcomer, const Person& person,
                          const AppearanceVector& average) const {
  if (person.last_seen >= newcomer.since) return kImpossible;
  const double different =
      1 - alikeness_of(relative_to(average, newcomer.gallery), relative_to(average, person.gallery));
  const Point from = centre_of(person.last_box), to = centre_of(newcomer.first_box);
  const double distance = std::hypot(to.x - from.x, to.y - from.y) / size_of(newcomer.first_box);
  if (complete()) return different + kDistanceWeight * distance;
  const bool forgotten = newcomer.since - person.last_seen > remember_;
  return forgotten || different > 1 - alike_ ? kImpossible : different;
}

bool People::anybody_is_away(double time) const {
  return std::ranges::any_of(people_, [&](const Person& person) {
    return person.last_seen < time && (complete() || time - person.last_seen <= remember_);
  });
}

void People::welcome(const Newcomer& newcomer, Person& person) {
  for (const auto& view : newcomer.gallery.views()) person.gallery.add(view);
  person.last_seen = newcomer.last_seen;
  person.last_box = newcomer.last_box;
}

std::vector<std::optional<std::size_t>> People::identify(const std::vector<Newcomer>& newcomers) {
  const auto everybody = average();
  Costs differences(newcomers.size(), people_.size());
  for (std::size_t i = 0; i < newcomers.size(); ++i)
    for (std::size_t j = 0; j < people_.size(); ++j)
      differences(i, j) = difference(newcomers[i], people_[j], everybody);
  std::vector<std::optional<std::size_t>> who(newcomers.size());
  const auto old = assign(differences, kNoMatch);
  for (std::size_t i = 0; i < newcomers.size(); ++i) {
    if (old[i] != kUnassigned)
      who[i] = old[i];
    else if (!complete())
      who[i] = people_.size(), people_.emplace_back();
    if (who[i]) welcome(newcomers[i], people_[*who[i]]);
  }
  return who;
}

int People::number_of(std::size_t index) {
  int& number = people_[index].number;
  if (number == 0) number = ++numbers_;
  return number;
}

}  // namespace regard
