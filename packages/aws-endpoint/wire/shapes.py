"""Holds a decoded value against a shape of a service model (botocore's), strictly: botocore itself passes over members
that it does not know, enumerations, patterns and most lengths."""

import base64
import binascii
import re
from datetime import datetime
from functools import lru_cache

import regex

from codes import MAY_BE_EMPTY, PATTERNS_NOT_KEPT

INTEGERS = {"integer": 32, "long": 64, "short": 16, "byte": 8}


def faults_of(value, shape, path):
    """All that is wrong with the value, each as `path: what is wrong`. Timestamps and blobs may still be text."""
    check = CHECKS.get(shape.type_name)
    if check is None:
        return [f"{path}: shapes of type {shape.type_name} are not known here"]
    return list(check(value, shape, path))


def structure(value, shape, path):
    if not isinstance(value, dict):
        yield f"{path}: {kind(value)} where {shape.name} should be"
        return
    for name in value:
        if name not in shape.members:
            yield f"{path}.{name}: {shape.name} has no such member"
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name}: missing, though {shape.name} requires it"
    if shape.is_tagged_union and len(value) != 1:
        yield f"{path}: {shape.name} is a union, of which {len(value)} members are set"
    for name, member in value.items():
        if name in shape.members:
            yield from faults_of(member, shape.members[name], f"{path}.{name}")


def listing(value, shape, path):
    if not isinstance(value, list):
        yield f"{path}: {kind(value)} where a list should be"
        return
    if value or path not in MAY_BE_EMPTY:
        yield from limits(len(value), shape, path, "members")
    for index, member in enumerate(value):
        yield from faults_of(member, shape.member, f"{path}[{index}]")


def mapping(value, shape, path):
    if not isinstance(value, dict):
        yield f"{path}: {kind(value)} where a map should be"
        return
    yield from limits(len(value), shape, path, "keys")
    for key, member in value.items():
        yield from faults_of(key, shape.key, f"{path} key")
        yield from faults_of(member, shape.value, f"{path}[{key}]")


def string(value, shape, path):
    if not isinstance(value, str):
        yield f"{path}: {kind(value)} where a string should be"
        return
    yield from limits(len(value), shape, path, "characters")
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
    pattern = shape.metadata.get("pattern")
    if pattern and shape.name not in PATTERNS_NOT_KEPT and not compiled(pattern).search(value):
        yield f"{path}: {value[:60]!r} does not match {pattern}"


def integer(value, shape, path):
    if isinstance(value, bool) or not isinstance(value, int):
        yield f"{path}: {kind(value)} where an integer should be"
        return
    bits = INTEGERS[shape.type_name]
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        yield f"{path}: {value} is no {shape.type_name}"
    yield from limits(value, shape, path, "")


def number(value, shape, path):
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield f"{path}: {kind(value)} where a number should be"
        return
    yield from limits(value, shape, path, "")


def boolean(value, _shape, path):
    if not isinstance(value, bool):
        yield f"{path}: {kind(value)} where a boolean should be"


def timestamp(value, _shape, path):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return
    if not isinstance(value, str) or not (is_iso(value) or is_http_date(value)):
        yield f"{path}: {value!r} is no timestamp"


def blob(value, _shape, path):
    if isinstance(value, bytes):
        return
    try:
        base64.b64decode(value, validate=True)
    except (TypeError, binascii.Error):
        yield f"{path}: no base64"


def limits(size, shape, path, unit):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield f"{path}: {size} {unit}, at least {low}".replace("  ", " ")
    if high is not None and size > high:
        yield f"{path}: {size} {unit}, at most {high}".replace("  ", " ")


def kind(value):
    return "null" if value is None else type(value).__name__


def is_iso(text):
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", text) is not None


def is_http_date(text):
    try:
        datetime.strptime(text, "%a, %d %b %Y %H:%M:%S GMT")
        return True
    except ValueError:
        return False


@lru_cache(maxsize=None)
def compiled(pattern):
    return regex.compile(pattern)


CHECKS = {
    "structure": structure,
    "list": listing,
    "map": mapping,
    "string": string,
    "character": string,
    **dict.fromkeys(INTEGERS, integer),
    "float": number,
    "double": number,
    "boolean": boolean,
    "timestamp": timestamp,
    "blob": blob,
}
