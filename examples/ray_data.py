#!/usr/bin/env python3
"""Recognises the images of a folder with Ray Data (https://docs.ray.io/en/latest/data/data.html).

usage: ray_data.py IMAGES OUT [--workers N] [--model MODEL]

Each worker is an actor with one recognizer of one thread; names of files go through Ray, and no pixels. OUT/faces gets Parquet files
with a row for each face, and one for each image without: `error` says why. A job that was killed goes on where it was when it is
started again: OUT/checkpoint has the images that are done.
"""

import pyarrow
import pyarrow.parquet
import ray
from ray.data.checkpoint import CheckpointConfig

from arguments import images_in, parser_of_example
from image_rows import Recognize

BATCH = 16


class RecognizeBatch(Recognize):
    """For batches of Ray Data."""

    def __call__(self, batch):
        return super().__call__(batch["file"].to_pylist())


def main():
    parser = parser_of_example()
    options = parser.parse_args()

    out = options.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    files = images_in(options.images)
    pyarrow.parquet.write_table(pyarrow.table({"file": files}), out / "images.parquet", row_group_size=BATCH)

    # Two more: one reads and writes, one leaves out what is done.
    ray.init(num_cpus=options.workers + 2, include_dashboard=False)
    context = ray.data.DataContext.get_current()
    context.checkpoint_config = CheckpointConfig(
        id_column="file", checkpoint_path=str(out / "checkpoint"), delete_checkpoint_on_success=False
    )
    # What is written, and so what is done when a job is killed, goes by blocks.
    names = ray.data.read_parquet(str(out / "images.parquet")).repartition(target_num_rows_per_block=BATCH)
    faces = names.map_batches(RecognizeBatch, fn_constructor_args=[options.model], batch_size=BATCH, batch_format="pyarrow",
                              num_cpus=1, compute=ray.data.ActorPoolStrategy(size=options.workers))
    faces.write_parquet(str(out / "faces"))


if __name__ == "__main__":
    main()
