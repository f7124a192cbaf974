#pragma once

#include "lab/datasets/dataset.h"

/// SFEW 2.0 (Dhall et al., ICMI 2015; the frames: Dhall et al., ICCV Workshops 2011), as its archives unpack:
///
///     DIR/Train/Train_Aligned_Faces/Angry/*.png    143 x 181 colour; Disgust, Fear, Happy, Neutral, Sad,
///     Surprise DIR/Val/Val_Aligned_Faces_new/Val_Aligned_Faces/Angry/*.png    or
///     Val/Val_Aligned_Faces/Angry/*.png DIR/Train/Angry/*.png                        the full frames of
///     films; also DIR/Train/Train/Angry DIR/Val/Angry/*.png                          also DIR/Val/Val/Angry
///
/// The folders *_Aligned_Faces may lie in DIR itself, too. 958 training and 436 validation frames, in which
/// the authors' aligned part has 891 and 431 faces; the labels of the test part are not published, so that it
/// is not read.
///
/// Sources: the readers of other projects, which agree on these folders, e.g. Train/Train_Aligned_Faces with
/// Val/Val_Aligned_Faces_new/Val_Aligned_Faces, Train/Train_Aligned_Faces with Val/Val_Aligned_Faces, and
/// Facial Expressions Databases Classifier
/// (https://github.com/AntonioMarceddu/Facial_Expressions_Databases_Classifier: Train_Aligned_Faces.zip,
/// Val_Aligned_Faces_new.zip).
namespace regard {

/// "sfew": the faces that the set's authors cut out and aligned.
Dataset sfew();

/// "sfew-full": the frames, in which the largest face is taken.
Dataset sfew_full();

}  // namespace regard
