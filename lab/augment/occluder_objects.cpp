#include "lab/augment/occluder_objects.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace regard {
namespace {

constexpr float kQuarter = std::numbers::pi_v<float> / 2;
using Random = OccluderRandom;

std::uint32_t seed_of(Random& random) {
  return static_cast<std::uint32_t>(random.bits());
}

Colour shade(float value) {
  return {value, value, value};
}

Colour times(const Colour& c, float factor) {
  return {c.r * factor, c.g * factor, c.b * factor};
}

/// Any colour, from dull to bright.
Colour any_colour(Random& random) {
  const float light = random.uniform(15, 240), strength = random.uniform(0, .7f);
  const Colour vivid{random.uniform(0, 255), random.uniform(0, 255), random.uniform(0, 255)};
  const Colour mixed = mix(shade(light), vivid, strength);
  return times(
      mixed, std::min(light / std::max(mixed.luma(), 1.f), 255 / std::max({mixed.r, mixed.g, mixed.b, 1.f})));
}

Colour hair_colour(Random& random) {
  constexpr std::array<Colour, 6> kColours{
      {{22, 18, 16}, {48, 34, 26}, {86, 60, 42}, {150, 112, 70}, {196, 168, 122}, {132, 128, 126}}};
  return times(kColours[random.index(6)], random.uniform(.8f, 1.2f));
}

Texture hair(Random& random, const Colour& colour, float angle) {
  return {Pattern::strands,
          times(colour, .55f),
          times(colour, 1.35f),
          random.uniform(7, 13),
          angle,
          .25f,
          .05f,
          false,
          seed_of(random)};
}

Texture cloth(Random& random) {
  constexpr std::array kPatterns{Pattern::plain, Pattern::stripes,  Pattern::plaid,
                                 Pattern::weave, Pattern::blotches, Pattern::folds};
  const Colour first = any_colour(random);
  const bool strong = random.coin(.4f);
  const Colour second = strong ? any_colour(random) : times(first, random.uniform(.6f, .85f));
  return {kPatterns[random.index(6)], first, second, random.uniform(1, 4.5f), random.uniform(-.6f, .6f),
          random.uniform(.1f, .4f),   .08f,  false,  seed_of(random)};
}

/// Smooth things: plastic, paper, painted wood.
Texture surface(Random& random) {
  constexpr std::array kPatterns{Pattern::plain, Pattern::gradient, Pattern::gradient, Pattern::stripes,
                                 Pattern::blotches};
  const Colour first = any_colour(random);
  const Colour second = random.coin() ? any_colour(random) : times(first, random.uniform(.5f, .9f));
  return {kPatterns[random.index(5)],
          first,
          second,
          random.uniform(.4f, 1.2f),
          random.uniform(-3, 3),
          random.uniform(0, .25f),
          .03f,
          false,
          seed_of(random)};
}

Texture skin(Random& random, float light) {
  const float varied = light * random.uniform(.96f, 1.04f);
  return {Pattern::blotches, shade(245 * varied), shade(275 * varied), 1.5f, 0, .22f, .02f, true,
          seed_of(random)};
}

/// How the hand's parts are placed: the palm's middle at `at`, fingers to the direction `angle` (0: up,
/// clockwise), the thumb at the side of `thumb`.
struct HandPose {
  Point at;
  float angle, scale, thumb;
};

/// A palm with its wrist, a thumb and four fingers, each shading those below.
Layers hand(Random& random, const HandPose& pose) {
  const Placement place{pose.at, pose.angle, pose.scale};
  const float light = random.uniform(.85f, 1.2f), spread = random.uniform(.02f, .14f);
  const float bend = random.uniform(-.12f, .12f), t = pose.thumb;
  const auto part = [&](Outline shape) {
    return Layer{std::move(shape), skin(random, light), place, 1, .26f};
  };
  Layers layers;
  layers.push_back(part(Strip{{0, .35f}, {random.uniform(-.2f, .2f), 2.2f}, .36f, .42f}));
  layers.push_back(part(Ellipse{{.58f, .6f}, true}));
  layers.push_back(part(Strip{{.42f * t, .2f}, {(.78f + spread) * t, -.45f}, .2f, .13f}));
  constexpr std::array kLengths{.85f, 1.05f, 1.f, .72f};
  for (int i = 0; i < 4; ++i) {
    const float base = (.42f - .28f * static_cast<float>(i)) * t, tip = base * (1 + spread) + bend;
    const float reach = -.4f - kLengths[i] * random.uniform(.9f, 1.08f);
    layers.push_back(part(Strip{{base, -.38f}, {tip, reach}, .15f, .115f}));
  }
  return layers;
}

/// Turns and moves a whole object a little.
Layers jitter(Random& random, Layers layers, float angle = .12f, float shift = .08f) {
  const float turn = random.uniform(-angle, angle), size = random.uniform(.93f, 1.08f);
  const float x = random.uniform(-shift, shift), y = random.uniform(-shift, shift);
  const float cosine = size * std::cos(turn), sine = size * std::sin(turn);
  for (Layer& layer : layers) {
    const Point at = layer.place.origin;
    layer.place.origin = {cosine * at.x - sine * at.y + x, sine * at.x + cosine * at.y + y};
    layer.place.angle += turn;
    layer.place.scale *= size;
  }
  return layers;
}

Layers fringe(Random& random) {
  const Colour colour = hair_colour(random);
  const float level = random.uniform(-.35f, .1f), slant = random.uniform(-.35f, .35f);
  Layers layers{{Edge{random.uniform(.05f, .2f), random.uniform(.03f, .14f), seed_of(random)},
                 hair(random, colour, random.uniform(-.4f, .4f)),
                 {{0, level}, slant},
                 1,
                 .3f}};
  const int locks = 2 + random.index(5);
  for (int i = 0; i < locks; ++i) {
    const float x = random.uniform(-1.1f, 1.1f), lean = random.uniform(-.25f, .25f);
    layers.push_back({Strip{{x, level - .5f}, {x + lean, level + random.uniform(.1f, .35f)}, .16f, .02f},
                      hair(random, colour, lean),
                      {},
                      1,
                      .2f});
  }
  return layers;
}

Layers hat(Random& random) {
  const Texture fabric = cloth(random);
  Texture band = fabric;
  band.first = times(fabric.first, random.uniform(.3f, .8f)), band.second = band.first;
  const float level = random.uniform(-.35f, 0);
  const float brim = random.uniform(1.2f, 1.7f), drop = random.uniform(.1f, .32f);
  Layers layers;
  layers.push_back({Ellipse{{random.uniform(1.15f, 1.3f), 1.1f}, true}, fabric, {{0, level - 1.f}}, 1, .2f});
  layers.push_back({Strip{{-1.2f, level - .3f}, {1.2f, level - .3f}, .15f, .15f}, band, {}, 1, .2f});
  layers.push_back({Ellipse{{brim, drop}}, fabric, {{0, level - drop}}, 1, .55f});
  return jitter(random, layers);
}

/// A beanie, a headscarf or a bandage pulled low.
Layers headcloth(Random& random) {
  const float level = random.uniform(-.3f, .12f);
  const Texture fabric = cloth(random);
  Layers layers{{Edge{.08f, .02f, seed_of(random)}, fabric, {{0, level}}, 1, .35f}};
  if (random.coin()) {
    Texture fold = fabric;
    fold.first = times(fold.first, .8f), fold.second = times(fold.second, .8f);
    layers.push_back({Strip{{-1.6f, level - .2f}, {1.6f, level - .2f}, .2f, .2f}, fold, {}, 1, .3f});
  }
  return jitter(random, layers, .2f);
}

Layers hand_over_eyes(Random& random) {
  const float side = random.side();
  return jitter(random, hand(random, {{side * random.uniform(.75f, 1.1f), random.uniform(-.4f, -.1f)},
                                      -side * (kQuarter + random.uniform(-.25f, .15f)),
                                      random.uniform(.8f, 1),
                                      -side}));
}

Layers hand_over_mouth(Random& random) {
  const float side = random.side();
  const bool upright = random.coin(.3f);
  const float angle = upright ? random.uniform(-.4f, .4f) : -side * (kQuarter - random.uniform(-.2f, .5f));
  const Point at = upright ? Point{random.uniform(-.15f, .15f), random.uniform(1.35f, 1.7f)}
                           : Point{side * random.uniform(.45f, .8f), random.uniform(1.05f, 1.35f)};
  return jitter(random,
                hand(random, {at, angle, random.uniform(.75f, .95f), random.coin(.8f) ? side : -side}));
}

Layers scarf(Random& random) {
  const float level = random.uniform(.45f, .85f);
  const Texture fabric = cloth(random);
  Layers layers{{Edge{.1f, .02f, seed_of(random)}, fabric, {{0, level}, 2 * kQuarter}, 1, .35f}};
  const int wraps = 1 + random.index(2);
  for (int i = 1; i <= wraps; ++i) {
    Texture fold = fabric;
    fold.first = times(fold.first, 1 - .15f * i), fold.second = times(fold.second, 1 - .15f * i);
    layers.push_back({Edge{.14f, .02f, seed_of(random)},
                      fold,
                      {{0, level + .4f * i}, 2 * kQuarter + random.uniform(-.2f, .2f)},
                      1,
                      .4f});
  }
  return jitter(random, layers, .15f);
}

Layers cup(Random& random) {
  const float top = random.uniform(.6f, .85f), broad = random.uniform(.5f, .72f);
  const float narrow = broad * random.uniform(.75f, 1);
  Texture body = surface(random);
  body.angle = 0, body.roundness = .5f;
  Layers layers;
  layers.push_back(
      {Polygon{{{-broad, top}, {broad, top}, {narrow, 2.2f}, {-narrow, 2.2f}}, .04f}, body, {}, 1, .35f});
  Texture rim = body;
  rim.pattern = Pattern::plain, rim.first = times(body.first, random.uniform(.4f, 1.3f));
  layers.push_back({Ellipse{{broad + .04f, .12f}}, rim, {{0, top}}, 1, 0});
  const float side = random.side(), light = random.uniform(.85f, 1.2f);
  for (int i = 0; i < 4; ++i) {
    const float y = top + .38f + .27f * static_cast<float>(i);
    layers.push_back({Strip{{side * 1.3f, y + .1f}, {side * random.uniform(-.1f, .1f), y}, .15f, .12f},
                      skin(random, light),
                      {},
                      1,
                      .35f});
  }
  return jitter(random, layers);
}

/// A book, a telephone, a sheet of paper.
Layers board(Random& random) {
  const float width = random.uniform(.7f, 1.2f), top = random.uniform(.45f, .8f),
              low = random.uniform(1.7f, 2.3f);
  const auto panel = [&](float inset, float rounding) {
    const float w = width - inset;
    return Polygon{{{-w, top + inset}, {w, top + inset}, {w, low - inset}, {-w, low - inset}}, rounding};
  };
  Layers layers{{panel(0, .04f), surface(random), {}, 1, .35f}};
  if (random.coin()) layers.push_back({panel(random.uniform(.1f, .3f), 0), surface(random), {}, 1, 0});
  return jitter(random, layers, .3f);
}

/// An angle at which an Edge hides the half at the side of `side`.
float half(float side) {
  return side * kQuarter;
}

Layers side_hair(Random& random) {
  const Colour colour = hair_colour(random);
  const float side = random.side(), at = random.uniform(.05f, .45f);
  Layers layers{{Edge{random.uniform(.08f, .25f), random.uniform(.02f, .08f), seed_of(random)},
                 hair(random, colour, kQuarter + random.uniform(-.3f, .3f)),
                 {{side * at, 0}, half(side) + random.uniform(-.25f, .25f)},
                 1,
                 .3f}};
  const int locks = 1 + random.index(4);
  for (int i = 0; i < locks; ++i) {
    const float x = side * (at + random.uniform(-.1f, .25f)), y = random.uniform(-1, .6f);
    layers.push_back({Strip{{x, y - .6f}, {x - side * random.uniform(0, .3f), y + .8f}, .15f, .03f},
                      hair(random, colour, 0),
                      {},
                      1,
                      .2f});
  }
  return layers;
}

/// A door, a wall, a post: something with a straight edge.
Layers straight_edge(Random& random) {
  const float side = random.side(), at = random.uniform(.05f, .5f);
  const Texture texture = random.coin() ? surface(random) : cloth(random);
  return {{Edge{0, 0, seed_of(random)},
           texture,
           {{side * at, 0}, half(side) + random.uniform(-.28f, .28f)},
           1,
           random.uniform(0, .35f)}};
}

/// The back of somebody's head, or their shoulder.
Layers other_head(Random& random) {
  const float side = random.side(), radius = random.uniform(1.1f, 1.6f);
  const Point at{side * (radius + random.uniform(0, .4f)), random.uniform(-.2f, 1)};
  const bool shoulder = random.coin(.3f);
  const Texture texture =
      shoulder ? cloth(random) : hair(random, hair_colour(random), random.uniform(-.6f, .6f));
  return {{Ellipse{{radius, radius * random.uniform(1.1f, 1.4f)}},
           texture,
           {at, random.uniform(-.3f, .3f)},
           1,
           .3f}};
}

Layers hand_at_side(Random& random) {
  const float side = random.side();
  return jitter(random, hand(random, {{side * random.uniform(.65f, .95f), random.uniform(.6f, 1)},
                                      side * random.uniform(-.45f, .15f),
                                      random.uniform(.85f, 1.1f),
                                      random.side()}));
}

/// Lenses of one of three forms; `grow`: how much larger all round.
Outline lens(int form, Point radii, float side, float grow) {
  const float x = radii.x, y = radii.y;
  if (form < 2) return Ellipse{{x + grow, y + grow}, form == 1};
  return Polygon{{{-side * x * .7f, -y * .75f},
                  {side * x * .8f, -y * .6f},
                  {side * x * .55f, y * .6f},
                  {-side * x * .3f, y * .55f}},
                 .12f + grow};
}

Layers sunglasses(Random& random) {
  const int form = random.index(3);
  const Point radii{random.uniform(.42f, .52f), random.uniform(.34f, .44f)};
  const float dark = random.uniform(8, 55), rim = random.uniform(.02f, .08f);
  const Colour tint = mix(shade(dark), any_colour(random), .08f);
  const Texture glass{
      Pattern::gradient, tint, times(tint, random.uniform(.8f, 2)), .9f, kQuarter, 0, .03f, false,
      seed_of(random)};
  Texture frame;
  frame.first = random.coin(.7f) ? shade(random.uniform(5, 50)) : any_colour(random);
  Layers layers;
  layers.push_back({Strip{{-.3f, -.08f}, {.3f, -.08f}, .04f + rim / 2, .04f + rim / 2}, frame, {}, 1, .2f});
  for (const float side : {-1.f, 1.f}) {
    const Point at{side * random.uniform(.49f, .53f), .05f};
    layers.push_back({Strip{{side * .9f, -.06f}, {side * 1.5f, -.14f}, .05f, .06f}, frame, {}, 1, .2f});
    layers.push_back({lens(form, radii, side, rim), frame, {at}, 1, .3f});
    layers.push_back({lens(form, radii, side, 0), glass, {at}, 1, 0});
    Texture gleam;
    gleam.first = shade(230);
    layers.push_back({Ellipse{{.13f, .05f}}, gleam, {{at.x - .14f, -.1f}, -.5f}, random.uniform(0, .5f), 0});
  }
  return jitter(random, layers, .1f, .04f);
}

Layers surgical_mask(Random& random) {
  constexpr std::array<Colour, 6> kColours{
      {{232, 236, 238}, {176, 208, 226}, {168, 214, 200}, {240, 214, 222}, {40, 42, 46}, {120, 128, 140}}};
  const Colour colour = times(kColours[random.index(random.coin(.8f) ? 4 : 6)], random.uniform(.75f, 1));
  Texture fabric{Pattern::folds,
                 times(colour, random.uniform(.78f, .9f)),
                 colour,
                 random.uniform(1.6f, 2.8f),
                 0,
                 random.uniform(.15f, .35f),
                 .04f,
                 false,
                 seed_of(random)};
  const float top = random.uniform(.25f, .45f), wide = random.uniform(.72f, .85f),
              chin = random.uniform(1.5f, 1.65f);
  Texture strap;
  strap.first = times(colour, .9f);
  Layers layers;
  for (const float side : {-1.f, 1.f})
    for (const auto& [from, to] : {std::pair{top + .22f, .05f}, {1.25f, .35f}})
      layers.push_back({Strip{{side * wide, from}, {side * 1.2f, to}, .025f, .025f}, strap, {}, 1, .1f});
  layers.push_back({Polygon{{{-wide, top + .18f},
                             {-.25f, top + .04f},
                             {0, top},
                             {.25f, top + .04f},
                             {wide, top + .18f},
                             {wide * .88f, 1.2f},
                             {wide * .4f, chin},
                             {-wide * .4f, chin},
                             {-wide * .88f, 1.2f}},
                            .05f},
                    fabric,
                    {},
                    1,
                    .35f});
  return jitter(random, layers, .1f, .05f);
}

constexpr std::array<OccluderObject, 14> kObjects{{
    {OccluderKind::upper, "fringe", fringe},
    {OccluderKind::upper, "hat", hat},
    {OccluderKind::upper, "headcloth", headcloth},
    {OccluderKind::upper, "hand", hand_over_eyes},
    {OccluderKind::bottom, "hand", hand_over_mouth},
    {OccluderKind::bottom, "scarf", scarf},
    {OccluderKind::bottom, "cup", cup},
    {OccluderKind::bottom, "board", board},
    {OccluderKind::left_right, "hair", side_hair},
    {OccluderKind::left_right, "edge", straight_edge},
    {OccluderKind::left_right, "head", other_head},
    {OccluderKind::left_right, "hand", hand_at_side},
    {OccluderKind::glasses_mask, "sunglasses", sunglasses},
    {OccluderKind::glasses_mask, "mask", surgical_mask},
}};

}  // namespace

std::span<const OccluderObject> occluder_objects(OccluderKind kind) {
  const auto has_kind = [kind](const OccluderObject& object) { return object.kind == kind; };
  const auto* begin = std::find_if(kObjects.begin(), kObjects.end(), has_kind);
  return {begin, std::find_if_not(begin, kObjects.end(), has_kind)};
}

}  // namespace regard
