#pragma once

#include "lab/datasets/dataset.h"

/// BU-3DFE (Yin, Wei, Sun, Wang & Rosato, FG 2006): scans of 100 people, neutral and six expressions in four
/// intensities, of which every project renders images by itself. They are expected in the set's own
/// folders, under the scan's name with the view behind it:
///
///     DIR/F0001/F0001_AN01WH_y+30_p-15.png    of F0001/F0001_AN01WH_F3D.wrl; also ..._F3D_y+30_p-15.png
///
/// A name is the person (F or M and a number), expression (AN angry, DI disgust, FE fear, HA happy, NE
/// neutral, SA sad, SU surprise) with its intensity (00 neutral, 01 to 04) and ancestry (WH, AE, LA, BL, AM,
/// IN); then yaw and pitch in whole degrees with their sign, as HeadPose has them: yaw towards the image's
/// right, pitch upwards. Roll is 0. All intensities are read. The set has no parts of its own; published
/// protocols render yaw 0 to 90 (five views) or -45 to 45 with pitch -30 to 30 (35 views) and test on people
/// that were not seen.
///
/// Sources: the paper; the scans' names: readers of other projects, e.g. F0001/F0001_AN01WH_F3D.wrl. The part
/// behind the name is ours.
namespace regard {

/// "bu3dfe".
Dataset bu3dfe();

}  // namespace regard
