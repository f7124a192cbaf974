#pragma once

#include "lab/datasets/dataset.h"

/// RAF-DB, its part of basic expressions (Li, Deng & Du, CVPR 2017), as its archives unpack:
///
///     DIR/basic/EmoLabel/list_patition_label.txt       train_00001.jpg 5
///     DIR/basic/Image/aligned/train_00001_aligned.jpg  100 x 100, test_0001_aligned.jpg and so on
///     DIR/basic/Image/original/train_00001.jpg         the photographs
///     DIR/basic/Annotation/boundingbox/train_00001_boundingbox.txt   x0 y0 x1 y1
///     DIR/basic/Annotation/manual/train_00001_manu_attri.txt         five lines x y: eyes, nose, mouth
///     corners;
///                                                                    then gender, race, age
///
/// DIR may be the folder `basic` itself. The aligned images also go round without the list, in folders
/// named by their labels, which are read where the list is missing; and aligned anew by MTCNN, as most recent
/// papers take them:
///
///     DIR/train/1/train_00001_aligned.jpg    to train/7, test/1 to test/7; or in DIR/DATASET
///     DIR/basic/Image/aligned_224/train_00001_aligned.jpg     224 x 224
///
/// Labels: 1 surprise, 2 fear, 3 disgust, 4 happiness, 5 sadness, 6 anger, 7 neutral; ours are one less.
/// "train_" and "test_" say the split: 12,271 and 3,068 images. Only the aligned set reads Image/aligned,
/// only the original one the rest (but for the labels, of course).
///
/// Sources: the set's own readme, "Real-world Affective Faces (RAF) Database", version 1.1 (also for the
/// spelling of "patition"), http://whdeng.cn/RAF/model1.html; what stands in a boundingbox file: readers of
/// it, as in the sources of public projects.
namespace regard {

/// "rafdb": the aligned images.
Dataset rafdb();

/// "rafdb-224": the images that were aligned anew.
Dataset rafdb_224();

/// "rafdb-original": the photographs, with the boxes and the five landmarks that came with them.
Dataset rafdb_original();

}  // namespace regard
