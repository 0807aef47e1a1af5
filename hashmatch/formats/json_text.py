"""JSON from strangers: read without surprises, and written in one canonical form."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from ..errors import InvalidValue

MAX_DEPTH = 64
"""How deep a value that we keep may be nested: whoever reads it later may stand deep in a stack."""

T = TypeVar("T")


@dataclass(frozen=True)
class Unreadable:
    """In the place of a value within an object that cannot be read."""

    reason: str


ANYTHING = msgspec.json.Decoder(Any)
"""Any JSON."""
ARRAY = msgspec.json.Decoder(list[Any])
"""An array of anything."""
OBJECT = msgspec.json.Decoder(dict[str, Any])
"""An object of anything."""
ELEMENTS = msgspec.json.Decoder(list[msgspec.Raw])
"""An array whose elements are left for later, so that a bad one spoils no other."""
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def decode(text: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[T]) -> T:
    """What the decoder makes of JSON. Of equal keys the last one counts.

    Raises:
        InvalidValue: If it is no JSON (NaN and infinities are none), is nested too deeply, holds a
            number beyond all measure, or is of another type.
    """
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        raise InvalidValue(f"not the JSON that is meant here: {error}") from None
    except UnicodeDecodeError as error:
        raise InvalidValue(f"not UTF-8: {error.reason}") from None
    except RecursionError:
        raise InvalidValue("JSON nested too deeply") from None
    except ValueError as error:
        raise InvalidValue(f"not JSON: {str(error).removeprefix('JSON is malformed: ')}") from None


def members(text: bytes) -> dict[str, Any]:
    """An object, with ``Unreadable`` for each of its values that are JSON in form, and cannot be read.

    Raises:
        InvalidValue: If it is no object in form.
    """
    try:
        return decode(text, OBJECT)
    except InvalidValue:
        pass
    found: dict[str, Any] = {}
    for name, value in decode(text, _MEMBERS).items():
        try:
            found[name] = decode(value, ANYTHING)
        except InvalidValue as error:
            found[name] = Unreadable(str(error))
    return found


def canonical(value: object) -> str:
    """Canonical JSON: sorted keys, no blanks.

    Raises:
        InvalidValue: If the value is nested more than ``MAX_DEPTH`` deep.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for item in level for child in _children(item)]
        if not level:
            return msgspec.json.encode(value, order="deterministic").decode()
    raise InvalidValue("JSON nested too deeply")


def text_of(value: object, field: str) -> str | None:
    """A single value as text, numbers in decimal without loss; None stays None.

    Raises:
        InvalidValue: If it is an object or an array, or unreadable.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = repr(value)
        return format(Decimal(text), "f") if "e" in text else text
    if isinstance(value, Unreadable):
        raise InvalidValue(value.reason)
    what = "an object" if isinstance(value, dict) else "an array"
    raise InvalidValue(f"{what} as {field}, where one value is meant")


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
