"""What the examples for the engines share: names of images to rows with their faces."""

import numpy
import pyarrow

import regard


class Recognize:
    """Turns names of images into a pyarrow.Table with a row for each face, and one for each image without: `error` says why. It
    has one recognizer of one thread, for one worker of an engine."""

    def __init__(self, model=None):
        self.recognizer = regard.Recognizer(model, threads=1)
        # An image without faces has all columns, which may lack a value here.
        black = self.recognizer.recognize(numpy.zeros((64, 64, 3), "uint8"))
        fields = [field.with_nullable(True) for field in pyarrow.table(regard.Table(black)).schema]
        self.schema = pyarrow.schema([*fields, pyarrow.field("error", pyarrow.string())])

    def __call__(self, files):
        results = self.recognizer.recognize(files, errors="return")
        return pyarrow.concat_tables(self.rows(file, result).cast(self.schema) for file, result in zip(files, results))

    def rows(self, file, result):
        """The rows of one image."""
        if isinstance(result, regard.Faces) and len(result) > 0:
            table = pyarrow.table(regard.Table(result))
            return table.append_column("error", pyarrow.nulls(table.num_rows, pyarrow.string()))
        row = {"file": file, "error": str(result) if isinstance(result, regard.Error) else "no face"}
        return pyarrow.Table.from_pylist([row], schema=self.schema)
