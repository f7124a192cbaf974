#pragma once

#include "lab/reproduce/table_run.h"

namespace regard {

/// Selects equally spaced faces from the occluded, the non-frontal and all images of the first row's set, and
/// adds the attention of each row's network.
void show_attention(TableRun& run);

/// The same for the faces with a yaw closest to -45, -25, 0, 25 and 45 degrees.
void show_turned_faces(TableRun& run);

}  // namespace regard
