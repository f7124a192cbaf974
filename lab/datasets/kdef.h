#pragma once

#include "lab/datasets/dataset.h"

/// The Karolinska Directed Emotional Faces (Lundqvist, Flykt & Öhman, 1998): 70 people, seven expressions,
/// twice each, from five angles, 4,900 photographs of 562 x 762, as the archive unpacks:
///
///     DIR/KDEF_and_AKDEF/KDEF/AF01/AF01ANS.JPG    a folder for each person and session
///
/// DIR may be any of these folders. A name is session (A or B), gender (F or M), the person's number (01 to
/// 35), expression (AF afraid, AN angry, DI disgusted, HA happy, NE neutral, SA sad, SU surprised) and angle
/// (FL full left profile, HL half left profile, S straight, HR and FR to the right). Two images of the
/// archive are misnamed and are read as what they are, AF31V as AF31SAHL and AM31H as AM31SUHR. Nine with
/// good names are black and left out, as is whatever else has another name or one colour; packing counts
/// them.
///
/// The head pose of the five angles is taken as yaw -90, -45, 0, 45 and 90 degrees: a left profile shows the
/// left side of the face, so that the head is turned towards the image's left. A person's two sessions stay
/// together when folds are made. The set has no parts of its own.
///
/// Sources: https://www.kdef.se/home/aboutKDEF.html and, for the codes,
/// https://www.kdef.se/home/about%20akdef.html; readers of other projects, e.g. KDEF/AF01/AF01AFFL.JPG;
/// which images are black or misnamed: the lists that such readers keep.
namespace regard {

/// "kdef".
Dataset kdef();

}  // namespace regard
