"""STIX markings: which objects say who else may see what is marked with them.

Version 1 of the Traffic Light Protocol is part of STIX 2.1 (section 7.2.1.4); version 2 is its extension ``TLP 2.0``
among the OASIS common objects.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InvalidValue
from .tags import share_level, tlp_word

_PREFIX = "marking-definition--"
_TLP: Mapping[str, str] = {
    "613f2e26-407d-48c7-9eca-b8e91df99dc9": "white",
    "34098fce-860f-48ae-8e50-ebd3cc5e41da": "green",
    "f88d31f6-486f-44da-b317-01333bde0b82": "amber",
    "5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "red",
    "94868c89-83c2-464b-929b-a1a8aa3c8487": "clear",
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "green",
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421": "amber",
    "939a9414-2ddd-4d32-a0cd-375ea402b003": "amber+strict",
    "e828b379-4e03-4974-9ac4-e53a884c97c1": "red",
}
"""Ids that are the same everywhere: those of version 1, then those of version 2."""


class Markings:
    """The markings that are known: those of the standard, and those that a file defines."""

    def __init__(self) -> None:
        self._words = {f"{_PREFIX}{name}": word for name, word in _TLP.items()}

    def define(self, marking: Mapping[str, object]) -> None:
        """Take note of a ``marking-definition``, if it is one of the Traffic Light Protocol."""
        word = _word(marking)
        if word is not None and isinstance(name := marking.get("id"), str):
            self._words.setdefault(name.lower(), word)

    def of(self, record: Mapping[str, object]) -> tuple[str | None, list[object]]:
        """The share level of an object, if it is marked with any, and its markings that are none.

        A part that is marked (``granular_markings``) counts as the whole.

        Raises:
            InvalidValue: If the markings are not as the standard has them.
        """
        refs = _array(record, "object_marking_refs")
        parts = [part.get("marking_ref") for part in _array(record, "granular_markings") if isinstance(part, dict)]
        words = [word for ref in (*refs, *parts) if (word := self._word(ref)) is not None]
        return share_level(words), [ref for ref in refs if self._word(ref) is None]

    def _word(self, ref: object) -> str | None:
        # The digits of an id are hexadecimal, and a marking must not be lost by how they are written.
        return self._words.get(ref.lower()) if isinstance(ref, str) else None


def _array(record: Mapping[str, object], key: str) -> list[object]:
    value = record.get(key) or []
    if not isinstance(value, list):
        raise InvalidValue(f"{key} is no array")
    return value


def _word(marking: Mapping[str, object]) -> str | None:
    """The word of the Traffic Light Protocol that a marking stands for."""
    definition, extensions = marking.get("definition"), marking.get("extensions")
    stated = [definition.get("tlp")] if isinstance(definition, dict) else []
    if isinstance(extensions, dict):
        stated += [extension.get("tlp_2_0") for extension in extensions.values() if isinstance(extension, dict)]
    names = [marking.get("name"), marking.get("definition_type")]
    stated += [tlp_word(name) for name in names if isinstance(name, str)]
    return next((word.removeprefix("TLP:") for word in stated if isinstance(word, str)), None)
