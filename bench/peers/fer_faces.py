"""PyPI `fer`, with its MTCNN; one JSON line per image, or frame of a video, on stdout."""

import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import cv2  # noqa: E402
from fer.fer import FER  # noqa: E402  (the import of its README fails)


def images(file):
    if file.suffix != ".mp4":
        yield cv2.imread(str(file))
        return
    video = cv2.VideoCapture(str(file))
    while (frame := video.read())[0]:
        yield frame[1]


def main():
    detector = FER(mtcnn=True)
    for argument in map(pathlib.Path, sys.argv[1:]):
        for file in sorted(argument.iterdir()) if argument.is_dir() else [argument]:
            for image in images(file):
                faces = [{"box": [int(v) for v in face["box"]], "expression": max(face["emotions"], key=face["emotions"].get)}
                         for face in detector.detect_emotions(image)]
                print(json.dumps({"file": str(file), "faces": faces}), flush=True)


main()
