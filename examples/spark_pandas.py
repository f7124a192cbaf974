#!/usr/bin/env python3
"""Recognises the images of a folder with Spark's mapInPandas (https://spark.apache.org/docs/latest/api/python).

usage: spark_pandas.py IMAGES OUT [--workers N] [--chunk N] [--model MODEL] [--master URL]

Names of files go through Spark, and no pixels; each task has one recognizer of one thread. OUT/faces gets Parquet files with a row for
each face, and one for each image without: `error` says why. Spark knows no checkpoints of files, so the images are recognised in chunks,
each of which is a job that appends its rows; when it is started again after it was killed, it leaves out the images that have rows.
"""

import os
import sys

import pandas
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

import image_rows
from arguments import images_in, parser_of_example


def recognizing(model):
    """A function for mapInPandas; its recognizer serves all batches of a task."""

    def recognize(batches):
        recognizer = image_rows.Recognize(model)
        for batch in batches:
            # As objects, so that whole numbers stay what they are where some are missing.
            yield pandas.DataFrame(recognizer(list(batch["file"])).to_pydict(), dtype=object)

    return recognize


def files_done(spark, faces):
    """The images that have rows already. A file of rows is there as a whole or not at all."""
    if not any(faces.glob("*.parquet")):
        return set()
    return {row["file"] for row in spark.read.parquet(str(faces)).select("file").distinct().collect()}


def main():
    parser = parser_of_example(chunks=True)
    parser.add_argument("--master", help="of a cluster; without it, this machine")
    options = parser.parse_args()

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # of the workers
    spark = SparkSession.builder.master(options.master or f"local[{options.workers}]").getOrCreate()
    spark.sparkContext.addPyFile(image_rows.__file__)
    schema = from_arrow_schema(image_rows.Recognize(options.model).schema)
    faces = options.out.absolute() / "faces"
    done = files_done(spark, faces)
    left = [file for file in images_in(options.images) if file not in done]
    for start in range(0, len(left), options.chunk):
        names = spark.createDataFrame([(file,) for file in left[start : start + options.chunk]], "file string")
        rows = names.repartition(options.workers).mapInPandas(recognizing(options.model), schema)
        rows.write.mode("append").parquet(str(faces))
    spark.stop()


if __name__ == "__main__":
    main()
