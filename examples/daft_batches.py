#!/usr/bin/env python3
"""Recognises the images of a folder with Daft (https://docs.daft.ai).

usage: daft_batches.py IMAGES OUT [--workers N] [--chunk N] [--model MODEL]

Each worker is an instance of a class with one recognizer of one thread. OUT/faces gets folders of Parquet files with a row for each face,
and one for each image without: `error` says why. Daft has no checkpoints, so the images are recognised in chunks, whose folders are
renamed once they are complete; when it is started again after it was killed, it leaves out the images that have rows.
"""

import os
import pathlib
import sys
import uuid

import daft
import pyarrow

import image_rows
from arguments import images_in, parser_of_example

BATCH = 16


def class_of_recognizers(model, workers):
    """A class for Daft, whose instances have a recognizer each."""
    type_of_rows = pyarrow.list_(pyarrow.struct(image_rows.Recognize(model).schema))

    @daft.cls(max_concurrency=workers, use_process=True)
    class Recognizers:
        def __init__(self):
            self.recognize = image_rows.Recognize(model)

        @daft.method.batch(return_dtype=daft.DataType.from_arrow_type(type_of_rows), batch_size=BATCH)
        def rows(self, files):
            """A list of rows for each image."""
            lists = [self.recognize([file]).to_pylist() for file in files.to_pylist()]
            return pyarrow.array(lists, type_of_rows)

    return Recognizers()


def main():
    parser = parser_of_example(chunks=True)
    options = parser.parse_args()

    # Workers are processes of their own, which import image_rows as well.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(pathlib.Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    faces = options.out.absolute() / "faces"
    faces.mkdir(parents=True, exist_ok=True)
    parts = str(faces / "*" / "*.parquet")
    done = set(daft.read_parquet(parts).to_pydict()["file"]) if any(faces.glob("*/*.parquet")) else set()
    left = [file for file in images_in(options.images) if file not in done]
    recognizers = class_of_recognizers(options.model, options.workers)
    for start in range(0, len(left), options.chunk):
        names = daft.from_pydict({"file": left[start : start + options.chunk]}).into_batches(BATCH)
        rows = names.select(recognizers.rows(daft.col("file")).alias("face")).explode("face").select(daft.col("face").unnest())
        part = options.out.absolute() / f"part-{uuid.uuid4()}"
        rows.write_parquet(str(part))
        part.rename(faces / part.name)


if __name__ == "__main__":
    main()
    # Daft 0.7.26 aborts now and then while the interpreter ends, with all rows written.
    sys.stdout.flush()
    os._exit(0)
