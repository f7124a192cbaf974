#!/usr/bin/env python3
"""Recognises the images of a folder with Ray Data (https://docs.ray.io/en/latest/data/data.html).

usage: ray_data.py IMAGES OUT [--workers N] [--model MODEL]

Each worker is an actor with one recognizer of one thread; names of files go through Ray, and no pixels. OUT/faces gets Parquet files
with a row for each face, and one for each image without: `error` says why. A job that was killed goes on where it was when it is
started again: OUT/checkpoint has the images that are done.
"""

import argparse
import os
import pathlib

import numpy
import pyarrow
import pyarrow.parquet
import ray
from ray.data.checkpoint import CheckpointConfig

import regard

BATCH = 16


class Recognize:
    """Turns batches of names into batches of rows."""

    def __init__(self, model):
        self.recognizer = regard.Recognizer(model, threads=1)
        # An image without faces has all columns, which may lack a value here.
        black = self.recognizer.recognize(numpy.zeros((64, 64, 3), "uint8"))
        fields = [field.with_nullable(True) for field in pyarrow.table(regard.Table(black)).schema]
        self.schema = pyarrow.schema([*fields, pyarrow.field("error", pyarrow.string())])

    def __call__(self, batch):
        files = batch["file"].to_pylist()
        results = self.recognizer.recognize(files, errors="return")
        tables = [self.rows(file, result).cast(self.schema) for file, result in zip(files, results)]
        return pyarrow.concat_tables(tables)

    def rows(self, file, result):
        if isinstance(result, regard.Faces) and len(result) > 0:
            table = pyarrow.table(regard.Table(result))
            return table.append_column("error", pyarrow.nulls(table.num_rows, pyarrow.string()))
        row = {"file": file, "error": str(result) if isinstance(result, regard.Error) else "no face"}
        return pyarrow.Table.from_pylist([row], schema=self.schema)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--model")
    options = parser.parse_args()

    out = options.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(str(path.absolute()) for path in options.images.rglob("*.*"))
    pyarrow.parquet.write_table(pyarrow.table({"file": files}), out / "images.parquet", row_group_size=BATCH)

    # Two more: one reads and writes, one leaves out what is done.
    ray.init(num_cpus=options.workers + 2, include_dashboard=False)
    context = ray.data.DataContext.get_current()
    context.checkpoint_config = CheckpointConfig(
        id_column="file", checkpoint_path=str(out / "checkpoint"), delete_checkpoint_on_success=False
    )
    # What is written, and so what is done when a job is killed, goes by blocks.
    names = ray.data.read_parquet(str(out / "images.parquet")).repartition(target_num_rows_per_block=BATCH)
    faces = names.map_batches(Recognize, fn_constructor_args=[options.model], batch_size=BATCH, batch_format="pyarrow",
                              num_cpus=1, compute=ray.data.ActorPoolStrategy(size=options.workers))
    faces.write_parquet(str(out / "faces"))


if __name__ == "__main__":
    main()
