#pragma once

#include "lab/datasets/dataset.h"

/// AffectNet (Mollahosseini, Hasani & Mahoor, IEEE TAC 2019), as either of its releases unpacks. The original
/// one, its manually annotated part:
///
///     DIR/Manually_Annotated_file_lists/training.csv     with a header; or in DIR itself
///     DIR/Manually_Annotated_file_lists/validation.csv   mostly without one
///         689/737db2.jpg,134,134,899,899,181.64;530.91;...,1,0.785,-0.055
///     DIR/Manually_Annotated_Images/689/737db2.jpg       or in
///     DIR/Manually_Annotated/Manually_Annotated_Images
///
/// A row holds the image's folder and name (a hash; shortened here), the face's box x, y, width, height, 68
/// landmarks x;y;x;y;... in the iBUG order, expression, valence and arousal; "NULL" where there is no face.
/// The newer, numbered one, whose images are faces of 224 x 224:
///
///     DIR/train_set/annotations/0_exp.npy   the expression, as text or number; 0_lnd.npy: 68 landmarks,
///     [136] DIR/train_set/images/0.jpg DIR/val_set/...                       the same
///
/// And folders named by the expressions, whose images are faces, too:
///
///     DIR/train/0/*.jpg     to train/7; val/0 to val/7
///
/// Expressions: 0 neutral, 1 happy, 2 sad, 3 surprise, 4 fear, 5 disgust, 6 anger, 7 contempt; 8 none,
/// 9 uncertain and 10 no face are left out. 287,651 and 4,000 images (8 labels).
///
/// Sources: columns and folders as readers of other projects have them, e.g. the AffectNet reader of
/// https://github.com/siqueira-hc/Efficient-Facial-Feature-Learning-with-Wide-Ensemble-based-Convolutional-Neural-Networks,
/// and many of `*_exp.npy`, `*_lnd.npy` and of the files without a header; labels: AffectNet's own page,
/// http://mohammadmahoor.com/affectnet/.
namespace regard {

/// "affectnet": eight labels.
Dataset affectnet();

/// "affectnet7": without contempt.
Dataset affectnet7();

}  // namespace regard
