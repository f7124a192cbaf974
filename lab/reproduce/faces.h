#pragma once

#include "lab/reproduce/table_run.h"

namespace regard {

/// Chooses faces at equal distances from the occluded, the turned and all images of the first row's set,
/// whatever they look like, and adds how each row's network attends to them.
void show_attention(TableRun& run);

/// The same of the faces whose heads are turned nearest to -45, -25, 0, 25 and 45 degrees.
void show_turned_faces(TableRun& run);

}  // namespace regard
