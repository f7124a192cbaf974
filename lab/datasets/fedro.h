#pragma once

#include "lab/datasets/dataset.h"

/// FED-RO, 400 images of naturally occluded faces (Li, Zeng, Shan & Chen, IEEE TIP 2019), as its archive
/// unpacks: a folder for each expression.
///
///     DIR/neural/*.jpg      sic; "neutral" will do
///     DIR/disgust/*.jpg     and fear, anger, happy, surprise, sad
///
/// The seven may lie in one more folder. All images are for testing.
///
/// Sources: the authors' readme, which links the archive (https://github.com/mysee1989/PG-CNN); the folders'
/// names: dataset/fedro_dataset.py of https://github.com/1980x/SCAN-CCI-FER.
namespace regard {

/// "fedro".
Dataset fedro();

}  // namespace regard
