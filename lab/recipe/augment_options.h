#pragma once

namespace regard {

/// How training images are varied. Each is drawn anew for every image of every step.
struct AugmentOptions {
  float rotation = 10;
  float scale = 0.12f;
  float shift = 0.06f;
  bool flip = true;
  float contrast = 0.3f;
  float brightness = 0.15f;
  float blur = 0.25f;
  float noise = 3;
  float random_erasing = 0.3f;
  float occlude = 0;

  template <class Visitor>
  void visit(Visitor&& visit) {
    visit("rotation", rotation, "deviation of the angle, degrees");
    visit("scale", scale, "deviation of the size, natural logarithm of the factor");
    visit("shift", shift, "deviation of the place, fraction of the chip");
    visit("flip", flip, "mirror half of the images");
    visit("contrast", contrast, "largest change of the contrast, as a factor 1 +- this");
    visit("brightness", brightness, "largest change of the brightness, fraction of the range");
    visit("blur", blur, "share of the images that lose detail");
    visit("noise", noise, "largest deviation of added noise, in values of 0-255");
    visit("random_erasing", random_erasing, "share of the images of which a rectangle is occluded");
    visit("occlude", occlude, "share of the images over which a hand, a hat, a mask or the like is pasted");
  }
};

}  // namespace regard
