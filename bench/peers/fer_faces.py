"""PyPI `fer`, with its MTCNN; one JSON line per image on stdout."""

import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import cv2  # noqa: E402
from fer.fer import FER  # noqa: E402  (the import of its README fails)


def main():
    detector = FER(mtcnn=True)
    for argument in map(pathlib.Path, sys.argv[1:]):
        for file in sorted(argument.iterdir()) if argument.is_dir() else [argument]:
            faces = [{"box": [int(v) for v in face["box"]], "expression": max(face["emotions"], key=face["emotions"].get)}
                     for face in detector.detect_emotions(cv2.imread(str(file)))]
            print(json.dumps({"file": str(file), "faces": faces}), flush=True)


main()
