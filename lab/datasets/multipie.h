#pragma once

#include "lab/datasets/dataset.h"

/// CMU Multi-PIE (Gross, Matthews, Cohn, Kanade & Baker, Image and Vision Computing 2010), its views from all
/// sides, as its discs are laid out:
///
///     DIR/session01/multiview/001/01/05_1/001_01_01_051_06.png
///
/// that is: session, person, recording, camera; the name repeats person, session, recording and camera and
/// ends with the number of the flash (00 to 19, of which 00 is none, the room's light alone). DIR may also
/// hold a folder `data` with the sessions. All flashes are read where nothing else is asked
/// (PackOptions::flashes); published protocols take one or a few of the twenty.
///
/// Session and recording say the expression: in all sessions 01 neutral; 02 smile (sessions 1 and 3),
/// surprise (2) or, once more, neutral (4); 03 squint (2), disgust (3) or scream (4). Smile is our happiness;
/// squint and scream stay labels of this set alone.
///
/// The camera is the head pose: 11_0, 12_0, 09_0, 08_0, 13_0, 14_0, 05_1, 05_0, 04_1, 19_0, 20_0, 01_0, 24_0
/// see yaw -90 to 90 in steps of 15 degrees, 11_0 the left profile and 24_0 the right one. Images of 08_1
/// and 19_1, which look down from above, are left out. The set has no parts of its own.
///
/// Sources: the paper; for cameras as profiles config/database/multipie_P.py of
/// https://github.com/idiap/facereclib; for paths, readers of bob.db.multipie.
namespace regard {

/// "multipie".
Dataset multipie();

}  // namespace regard
