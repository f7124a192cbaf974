"""The parts of the package that are plain Python: geometry, errors, what counts as an image."""

import os
from typing import Any, NamedTuple, Protocol, Union


class Point(NamedTuple):
    """A point of an image, in pixels: x to the right, y down; the centre of the upper left pixel is (0.5, 0.5)."""

    x: float
    y: float


class Box(NamedTuple):
    """An upright rectangle in pixels: the upper left corner, and the size."""

    x: float
    y: float
    width: float
    height: float


class HeadPose(NamedTuple):
    """A head pose in degrees, all 0 if the head faces the camera: yaw is positive towards the right of the image, pitch
    upwards, roll clockwise."""

    yaw: float
    pitch: float
    roll: float


class Error(Exception):
    """The only exception that the engine raises: what went wrong, where (a file, key or argument), what was expected, and
    what was found. Parts that say nothing are empty."""

    def __init__(self, what: str, where: str = "", expected: str = "", got: str = "") -> None:
        super().__init__(what, where, expected, got)
        self.what = what
        self.where = where
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.expected:
            text += f"; expected {self.expected}"
        if self.got:
            text += f"{',' if self.expected else ';'} got {self.got}"
        return text


class Array(Protocol):
    """An array in the memory of the CPU, by DLPack: of NumPy, torch, JAX and others."""

    def __dlpack__(self, *args: Any, **kwargs: Any) -> Any: ...


# A file: its path or its bytes.
ImageFile = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview]
# What `Recognizer.recognize` takes for an image.
Image = Union[ImageFile, Array]

for _type in (Point, Box, HeadPose, Error, Array):
    _type.__module__ = "regard"
