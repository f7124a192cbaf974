#pragma once

namespace regard {

/// Augmentation of training images, sampled for every image of every step.
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
    visit("rotation", rotation, "standard deviation of the rotation, degrees");
    visit("scale", scale, "standard deviation of the logarithm of the scale");
    visit("shift", shift, "standard deviation of the shift, fraction of the chip");
    visit("flip", flip, "flip half of the images horizontally");
    visit("contrast", contrast, "maximum change of the contrast: a factor of 1 +- this");
    visit("brightness", brightness, "maximum change of the brightness, fraction of the range");
    visit("blur", blur, "probability of Gaussian blur");
    visit("noise", noise, "maximum standard deviation of added noise, in values of 0-255");
    visit("random_erasing", random_erasing, "probability of erasing a random rectangle");
    visit("occlude", occlude, "probability of pasting a synthetic occluder (a hand, a hat, a mask, ...)");
  }
};

}  // namespace regard
