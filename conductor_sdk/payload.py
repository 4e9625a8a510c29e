"""Python values as JSON, with an error that names the place of what has no JSON form."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import pathlib
import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json as encoded

from conductor_sdk.errors import PayloadError

_MAX_DEPTH = 200
_AS_TEXT = (uuid.UUID, decimal.Decimal, pathlib.PurePath)
#: Types whose values are JSON as they are.
_PLAIN = frozenset({str, int, bool, type(None)})
_DATES = (dt.datetime, dt.date, dt.time)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def to_json(value: Any, where: str = "value") -> Any:
    """`value` built of dict, list, str, int, float, bool and None only.

    Dataclasses and pydantic models become objects, enums their values, dates ISO texts, UUIDs, decimals and paths
    texts, tuples and sets lists; an object with `__json_form__()` becomes what that returns. Raises PayloadError,
    which names the place as `where.key[0]`.
    """
    return _convert(value, where, 0)


def dumps(value: Any, where: str = "value") -> bytes:
    """`value` as JSON in UTF-8."""
    form = getattr(type(value), "__json_form__", None)
    if form is None:
        try:
            # The fast way for what is JSON already: no copy is made.
            return _ENCODER.encode(value).encode()
        except (TypeError, ValueError, RecursionError):
            pass  # the slow way converts it, or says what is wrong with it
    converted = _convert(value if form is None else form(value), where, 0)
    try:
        return encoded(converted)
    except ValueError:  # a lone surrogate, or deeper than it goes
        return json.dumps(converted, allow_nan=False, separators=(",", ":")).encode()


def _convert(value: Any, where: str, depth: int) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if depth > _MAX_DEPTH:
        raise PayloadError(f"{where} is nested more than {_MAX_DEPTH} levels deep; does it contain itself?")
    if kind is dict:
        return {
            k if type(k) is str else _key(k, where): v if type(v) in _PLAIN else _convert(v, f"{where}.{k}", depth + 1)
            for k, v in value.items()
        }
    if kind is list or kind is tuple:
        return [
            item if type(item) in _PLAIN else _convert(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)
        ]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise PayloadError(f"{where} is {value!r}, which JSON cannot hold.")
        return float(value)
    return _convert_object(value, where, depth)


def _convert_object(value: Any, where: str, depth: int) -> Any:
    form = getattr(type(value), "__json_form__", None)
    if form is not None:
        return _convert(form(value), where, depth + 1)
    if isinstance(value, enum.Enum):
        return _convert(value.value, where, depth + 1)
    if isinstance(value, BaseModel):
        return _convert(value.model_dump(mode="python", by_alias=True), where, depth + 1)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _convert(getattr(value, field.name), f"{where}.{field.name}", depth + 1)
            for field in dataclasses.fields(value)
        }
    if isinstance(value, _DATES):
        return value.isoformat()
    if isinstance(value, _AS_TEXT):
        return str(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {_key(k, where): _convert(v, f"{where}.{k}", depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_convert(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
    raise PayloadError(f"{where} is of type {type(value).__qualname__}, which has no JSON form.")


def _key(key: Any, where: str) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if isinstance(key, str):
        return str(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    raise PayloadError(f"{where} has the key {key!r} of type {type(key).__qualname__}; keys of JSON objects are texts.")
