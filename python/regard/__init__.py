"""Facial expression recognition for faces that are partly occluded or not frontal.

    import regard

    recognizer = regard.Recognizer()
    for face in recognizer.recognize("photo.jpg"):
        print(face.expression, face.probability, face.box)
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Union

try:
    from ._core import Face, Faces, FaceView, Recognizer, Table, models, read_image
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
    "HeadPose",
    "Image",
    "ImageFile",
    "Point",
    "Recognizer",
    "Table",
    "__version__",
    "models",
    "read_image",
    "to_pandas",
]


def to_pandas(results: Union[Faces, Iterable[Faces]]) -> "pandas.DataFrame":
    """A data frame with a row for each face, and the columns of `regard recognize --format csv`.

    results: of `Recognizer.recognize`, for one image or several. Images without a face have no row.
    """
    import pandas

    table = Table(results)
    return pandas.DataFrame({name: table[name] for name in table.columns})
