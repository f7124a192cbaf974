"""What the examples for the engines share on the command line; needs no package."""

import argparse
import os
import pathlib


def parser_of_example(chunks=False):
    """A parser of IMAGES OUT [--workers N] [--model MODEL], with [--chunk N] where an example works in chunks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("images", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--model")
    if chunks:
        parser.add_argument("--chunk", type=int, default=10_000)
    return parser


def images_in(folder):
    """The names of the files in a folder, sorted."""
    return sorted(str(path.absolute()) for path in pathlib.Path(folder).rglob("*.*"))
