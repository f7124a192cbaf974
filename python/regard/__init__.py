"""Facial expression recognition for faces that are partly occluded or not frontal.

    import regard

    recognizer = regard.Recognizer()
    for face in recognizer.recognize("photo.jpg"):
        print(face.expression, face.probability, face.box)
"""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Union

try:
    from ._core import Face, Faces, FaceView, Frame, PersonFace, Recognizer, Table, Video, models, read_image
    from ._core import version as __version__
except ImportError as error:
    if "libopenvino" not in str(error):
        raise
    raise ImportError(
        f"{error}. regard needs exactly the version of the package openvino that it was built with, installed in the same "
        "place: pip install --force-reinstall regard"
    ) from error
from ._types import Array, Box, Error, HeadPose, Image, ImageFile, Point

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped,unused-ignore]

__all__ = [
    "Array",
    "Box",
    "Error",
    "Face",
    "FaceView",
    "Faces",
    "Frame",
    "HeadPose",
    "Image",
    "ImageFile",
    "PersonFace",
    "Point",
    "Recognizer",
    "Table",
    "Video",
    "__version__",
    "models",
    "read_image",
    "to_pandas",
]


def to_pandas(results: Union[Faces, Iterable[Faces], Video]) -> "pandas.DataFrame":
    """A data frame with a row for each face, and the columns of `regard recognize --format csv`, or of `regard video` for a
    video.

    results: of `Recognizer.recognize`, for one image or several: images without a face have no row. Or a `Video`, the rest of
        which is gone through: frames without a face have a row.
    """
    import pandas

    if isinstance(results, Video):
        return pandas.read_csv(io.StringIO(results.to_csv()))
    table = Table(results)
    return pandas.DataFrame({name: table[name] for name in table.columns})
