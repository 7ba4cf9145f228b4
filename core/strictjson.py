"""JSON without its traps: no duplicate keys, no NaN or Infinity, no deep nesting, no bool that passes for an int.

Also the other way round: one canonical form (ASCII, sorted keys, no spaces), so that equal values have equal bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from typing import NoReturn, TypeVar

from core.errors import FormatError

_Choice = TypeVar("_Choice")

MAX_INT = (1 << 63) - 1
"""Largest magnitude of an integer that is accepted."""

DEFAULT_DEPTH = 32
DEFAULT_VALUES = 1 << 20

_INT_DIGITS = 20  # sign included: nothing longer fits 63 bits, and int() of a long string is quadratic


def loads(
    data: bytes, *, max_bytes: int, max_depth: int = DEFAULT_DEPTH, max_values: int = DEFAULT_VALUES, what: str = "JSON"
) -> object:
    """Parse `data` strictly; `what` names it in the messages ("engine header").

    `max_bytes` caps the text, `max_depth` the nesting, `max_values` the number of values (and so the memory: about
    150 bytes for each). Raises FormatError for anything that isn't plain JSON within these bounds.
    """
    if len(data) > max_bytes:
        raise FormatError(f"The {what} has {len(data)} bytes, more than the {max_bytes} that are allowed.")
    if sum(data.count(mark) for mark in b",[{") > max_values:
        raise FormatError(f"The {what} has more than the {max_values} values that are allowed.")
    try:
        value: object = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=lambda pairs: _object(pairs, what),
            parse_int=lambda text: _integer(text, what),
            parse_float=lambda text: _number(text, what),
            parse_constant=lambda text: _refuse_constant(text, what),
        )
    except UnicodeDecodeError as error:
        raise FormatError(f"The {what} is not valid UTF-8 at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise FormatError(f"The {what} is not valid JSON at character {error.pos}: {error.msg}.") from error
    except RecursionError:
        raise FormatError(f"The {what} is nested more than {max_depth} levels deep.") from None
    _check_tree(value, max_depth, what)
    return value


def dumps(value: object) -> bytes:
    """Return `value` in the canonical form (ASCII, sorted keys, no spaces); raises FormatError if it has none."""
    try:
        text = json.dumps(value, ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise FormatError(f"A value can't be written as JSON: {error}.") from error
    return text.encode("ascii")


def _object(pairs: list[tuple[str, object]], what: str) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise FormatError(f"The {what} has the key {twice[:80]!r} twice.")
    return found


def _integer(text: str, what: str) -> int:
    if len(text) > _INT_DIGITS or not -MAX_INT <= int(text) <= MAX_INT:
        raise FormatError(f"The {what} has the integer {text[:24]}..., beyond 63 bits.")
    return int(text)


def _number(text: str, what: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise FormatError(f"The {what} has the number {text[:24]}, which is too large.")
    return value


def _refuse_constant(text: str, what: str) -> NoReturn:
    raise FormatError(f"The {what} has {text}, which is not JSON.")


def _check_tree(root: object, max_depth: int, what: str) -> None:
    """Raise FormatError for nesting beyond `max_depth` and for strings that aren't text (half surrogate pairs)."""
    level: list[object] = [root]
    for _ in range(max_depth + 1):
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value)
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, str) and not _is_text(value):
                raise FormatError(f"The {what} has a string with half a surrogate pair.")
        level = inner
        if not level:
            return
    raise FormatError(f"The {what} is nested more than {max_depth} levels deep.")


def _is_text(value: str) -> bool:
    if value.isascii():
        return True
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def as_object(value: object, keys: Collection[str], what: str) -> dict[str, object]:
    """Return `value` as an object that has exactly `keys`; raises FormatError naming the odd one."""
    if not isinstance(value, dict):
        raise FormatError(f"The {what} is not a JSON object.")
    for key in keys:
        if key not in value:
            raise FormatError(f"The {what} lacks the field {key!r}.")
    for key in value:
        if key not in keys:
            raise FormatError(f"The {what} has the unknown field {str(key)[:80]!r}.")
    return value


def as_list(value: object, what: str, *, max_items: int) -> list[object]:
    """Return `value` as a list of at most `max_items`; raises FormatError otherwise."""
    if not isinstance(value, list):
        raise FormatError(f"The {what} is not a JSON list.")
    if len(value) > max_items:
        raise FormatError(f"The {what} has {len(value)} entries, more than the {max_items} that are allowed.")
    return value


def as_int(value: object, what: str, *, low: int = 0, high: int = MAX_INT) -> int:
    """Return `value` as an int between `low` and `high`; a bool is none. Raises FormatError otherwise."""
    if type(value) is not int:
        raise FormatError(f"The {what} is {_shown(value)}, which is not an integer.")
    if not low <= value <= high:
        raise FormatError(f"The {what} is {value}, outside {low} to {high}.")
    return value


def as_float(value: object, what: str) -> float:
    """Return `value` as a finite float (an int is accepted); raises FormatError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FormatError(f"The {what} is {_shown(value)}, which is not a number.")
    return float(value)


def as_bool(value: object, what: str) -> bool:
    """Return `value` as a bool; raises FormatError otherwise."""
    if not isinstance(value, bool):
        raise FormatError(f"The {what} is {_shown(value)}, which is neither true nor false.")
    return value


def as_str(value: object, what: str, *, max_chars: int = 4096) -> str:
    """Return `value` as a string of at most `max_chars` characters; raises FormatError otherwise."""
    if not isinstance(value, str):
        raise FormatError(f"The {what} is {_shown(value)}, which is not a string.")
    if len(value) > max_chars:
        raise FormatError(f"The {what} has {len(value)} characters, more than the {max_chars} that are allowed.")
    return value


def as_choice(value: object, choices: Sequence[_Choice], what: str) -> _Choice:
    """Return the one of `choices` that `value` is; raises FormatError naming them all."""
    for choice in choices:
        if type(value) is type(choice) and value == choice:
            return choice
    listed = ", ".join(repr(choice) for choice in choices)
    raise FormatError(f"The {what} is {_shown(value)}, not one of {listed}.")


def _shown(value: object) -> str:
    """Return `value` for a message: containers by their kind, anything else cut to a readable length."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)[:80]
