"""What the stubs must type: `mypy --strict` reads this (regard_test.py), and it runs."""

import os
import sys
from pathlib import Path

import numpy

import regard


def most_probable(faces: regard.Faces) -> dict[str, float]:
    best: dict[str, float] = {}
    for face in faces:
        best[face.expression] = max(face.probability, best.get(face.expression, 0.0))
    return best


def describe(face: regard.Face) -> str:
    yaw: float = face.pose.yaw
    left_eye: regard.Point = face.landmarks[0]
    weights = {view.name: view.weight for view in face.views}
    return f"{face.expression} at {face.box.x:.0f}, {face.box.y:.0f}; yaw {yaw:.0f}; eye {left_eye.x:.0f}; {len(weights)} views"


def seconds_of_smiling(clip: Path) -> dict[int, float]:
    seconds: dict[int, float] = {}
    video: regard.Video = regard.Video(clip, fps=5, start="0:00", every=2, people=1)
    for frame in video:
        for face in frame.faces:
            if face.smoothed["happiness"] > 0.5:
                seconds[face.face_id] = seconds.get(face.face_id, 0.0) + 1 / 5
        print(frame.frame, frame.timestamp, frame.damaged, frame.cut, [describe(face) for face in frame.faces])
    return seconds


def main(file: "str | os.PathLike[str]") -> None:
    recognizer = regard.Recognizer(threads=1)
    one: regard.Faces = recognizer.recognize(file)
    print(most_probable(one), [describe(face) for face in one])

    grey = numpy.zeros((64, 64), dtype=numpy.uint8)
    print(len(recognizer.recognize(grey, channels="bgr")), len(recognizer.recognize(Path(file).read_bytes())))

    several: list[regard.Faces] = recognizer.recognize([file, grey])
    table = regard.Table(several)
    print(len(table), table.columns, table["x"])
    for result in recognizer.recognize([file, "missing.png"], errors="return"):
        if isinstance(result, regard.Error):
            print(result.what, result.where, result.expected, result.got)
        else:
            print(result.file, result.width, result.height, result.to_dict())


if __name__ == "__main__":
    main(sys.argv[1])
    for argument in sys.argv[2:]:
        print(seconds_of_smiling(Path(argument)))
