#!/usr/bin/env python3
"""Recognises the images of a folder with the program `regard` in Spark's pipe: the workers need the program, and no package of Python.

usage: spark_pipe.py IMAGES OUT [--workers N] [--chunk N] [--model MODEL] [--program regard] [--master URL]

OUT/faces gets text files with a JSON line for each image, as `regard recognize --out` writes them: with its faces, or with `error`, which
says why there are none. The images are recognised in chunks, each of which is a job with a folder of its own; when it is started again after it was
killed, it leaves out the chunks that are done. So the images and --chunk must stay the same.
"""

import shlex

from pyspark.sql import SparkSession

from arguments import images_in, parser_of_example

# A task: names on standard input to lines on standard output. It fails, and is tried again, if the program does.
SCRIPT = """out=$(mktemp -d)
trap 'rm -r "$out"' EXIT
"$0" recognize - --out "$out" --model "$1" --format json --jobs 1 --threads 1 >&2
cat "$out"/part-*"""


def main():
    parser = parser_of_example(chunks=True)
    parser.set_defaults(model="ferplus-mobilenet")
    parser.add_argument("--program", default="regard")
    parser.add_argument("--master", help="of a cluster; without it, this machine")
    options = parser.parse_args()

    spark = SparkSession.builder.master(options.master or f"local[{options.workers}]").getOrCreate()
    files = images_in(options.images)
    command = shlex.join(["sh", "-ec", SCRIPT, options.program, options.model])
    for number, start in enumerate(range(0, len(files), options.chunk)):
        chunk = options.out.absolute() / "faces" / f"{number:05}"
        if (chunk / "_SUCCESS").exists():
            continue
        some = files[start : start + options.chunk]
        names = spark.sparkContext.parallelize(some, min(options.workers, len(some)))  # no part without images
        lines = names.pipe(command, checkCode=True).map(lambda line: (line,))
        # What a killed job has left, without its _SUCCESS, is written anew.
        spark.createDataFrame(lines, "value string").write.mode("overwrite").text(str(chunk))
    spark.stop()


if __name__ == "__main__":
    main()
