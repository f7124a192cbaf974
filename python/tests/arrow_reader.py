"""Reads an ArrowArrayStream with ctypes, independently of any library: its columns as lists.

https://arrow.apache.org/docs/format/CDataInterface.html
"""

import ctypes


class Schema(ctypes.Structure):
    pass


class Array(ctypes.Structure):
    pass


class Stream(ctypes.Structure):
    pass


def callback(*types):
    return ctypes.CFUNCTYPE(*types)


Schema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_char_p), ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("children", ctypes.POINTER(ctypes.POINTER(Schema))),
    ("dictionary", ctypes.POINTER(Schema)), ("release", callback(None, ctypes.POINTER(Schema))),
    ("private_data", ctypes.c_void_p)]
Array._fields_ = [
    ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64), ("n_children", ctypes.c_int64), ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(Array))), ("dictionary", ctypes.POINTER(Array)),
    ("release", callback(None, ctypes.POINTER(Array))), ("private_data", ctypes.c_void_p)]
Stream._fields_ = [
    ("get_schema", callback(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Schema))),
    ("get_next", callback(ctypes.c_int, ctypes.POINTER(Stream), ctypes.POINTER(Array))),
    ("get_last_error", callback(ctypes.c_char_p, ctypes.POINTER(Stream))),
    ("release", callback(None, ctypes.POINTER(Stream))), ("private_data", ctypes.c_void_p)]

NUMBERS = {b"i": ctypes.c_int32, b"f": ctypes.c_float}


def values(schema, array):
    """Of a column without missing values."""
    assert array.null_count == 0 and array.offset == 0 and not array.buffers[0]
    if schema.format == b"u":
        offsets = (ctypes.c_int32 * (array.length + 1)).from_address(array.buffers[1])
        text = ctypes.string_at(array.buffers[2], offsets[array.length])
        return [text[a:b].decode() for a, b in zip(offsets, offsets[1:])]
    # A column without rows may have no memory.
    return list((NUMBERS[schema.format] * array.length).from_address(array.buffers[1])) if array.length else []


def address_of(capsule):
    get = ctypes.pythonapi.PyCapsule_GetPointer
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    return get(capsule, b"arrow_array_stream")


def read(capsule):
    """{name: values} of all columns. The schema and the batch are released, the second one child by child."""
    stream = Stream.from_address(address_of(capsule))
    schema, array, end = Schema(), Array(), Array()
    assert stream.get_schema(stream, schema) == 0
    assert stream.get_next(stream, array) == 0
    assert stream.get_next(stream, end) == 0 and not end.release
    assert schema.format == b"+s" and schema.n_children == array.n_children
    columns = {}
    for i in range(schema.n_children):
        column = array.children[i].contents
        columns[schema.children[i].contents.name.decode()] = values(schema.children[i].contents, column)
        column.release(column)
    for it in (array, schema):
        it.release(it)
        assert not it.release
    return columns
