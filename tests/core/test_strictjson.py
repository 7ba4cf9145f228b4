from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FormatError
from core.strictjson import MAX_INT, as_bool, as_choice, as_float, as_int, as_list, as_object, as_str, dumps, loads

CAP = 1 << 20


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a":[1,-2.5,true,false,null,"\\u4e2d"]}', {"a": [1, -2.5, True, False, None, "中"]}),
        (b"9223372036854775807", MAX_INT),
        ('"中文"'.encode(), "中文"),
        (b" [ 1 , 2 ] ", [1, 2]),
    ],
)
def test_plain_json_is_read(text, value):
    assert loads(text, max_bytes=CAP) == value


HOSTILE = {
    "empty": (b"", "not valid JSON"),
    "cut": (b'{"a":', "not valid JSON"),
    "trailing comma": (b"[1,]", "not valid JSON"),
    "single quotes": (b"{'a':1}", "not valid JSON"),
    "comment": (b"[1]//", "not valid JSON"),
    "two values": (b"1 2", "not valid JSON"),
    "raw newline in a string": (b'"a\nb"', "not valid JSON"),
    "byte order mark": (b"\xef\xbb\xbf1", "not valid JSON"),
    "utf-16": ('{"a":1}'.encode("utf-16"), "not valid UTF-8"),
    "latin-1": (b'"\xe4"', "not valid UTF-8"),
    "overlong utf-8": (b'"\xc0\xaf"', "not valid UTF-8"),
    "encoded surrogate": (b'"\xed\xa0\x80"', "not valid UTF-8"),
    "half a surrogate pair": (b'["\\udc00"]', "surrogate"),
    "half a surrogate pair in a key": (b'{"\\udc00":1}', "surrogate"),
    "duplicate key": (b'{"a":1,"b":2,"a":3}', "the key 'a' twice"),
    "duplicate key written otherwise": (b'{"a":1,"\\u0061":3}', "the key 'a' twice"),
    "duplicate key further in": (b'[{"x":{"a":1,"a":1}}]', "the key 'a' twice"),
    "NaN": (b"[NaN]", "NaN"),
    "Infinity": (b"[Infinity]", "Infinity"),
    "minus Infinity": (b"[-Infinity]", "-Infinity"),
    "number too large": (b"[1e400]", "too large"),
    "integer beyond 63 bits": (b"[9223372036854775808]", "beyond 63 bits"),
    "integer of 5000 digits": (b"[" + b"7" * 5000 + b"]", "beyond 63 bits"),
    "33 levels": (b"[" * 33 + b"0" + b"]" * 33, "nested more than 32"),
    "levels beyond any stack": (b'{"a":' * 150_000 + b"0" + b"}" * 150_000, "nested more than 32"),
    "too many bytes": (b" " * CAP + b"1", "more than the 1048576 that are allowed"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_not_strict_is_refused(case):
    text, word = HOSTILE[case]
    with pytest.raises(FormatError, match=word):
        loads(text, max_bytes=CAP)


def test_the_number_of_values_is_capped():
    assert loads(b"[1,2,3]", max_bytes=CAP, max_values=3) == [1, 2, 3]
    with pytest.raises(FormatError, match="more than the 3 values"):
        loads(b"[1,2,3,4]", max_bytes=CAP, max_values=3)


def test_32_levels_are_read():
    assert loads(b"[" * 32 + b"]" * 32, max_bytes=CAP)


def test_the_message_says_what_was_read():
    with pytest.raises(FormatError, match="settings file"):
        loads(b"x", max_bytes=CAP, what="settings file")


@given(
    st.binary(max_size=200) | st.text(alphabet='{}[]",:0123456789.eE+-truefalsn\\u \n', max_size=200).map(str.encode)
)
def test_no_input_raises_anything_but_a_format_error(data):
    try:
        value = loads(data, max_bytes=CAP)
    except FormatError:
        return
    assert loads(dumps(value), max_bytes=CAP) == value


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INT, MAX_INT)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_the_canonical_form_is_stable_and_ascii(value):
    data = dumps(value)
    assert data.isascii()
    assert dumps(loads(data, max_bytes=CAP)) == data
    assert json.loads(data) == value


def test_the_order_of_keys_does_not_change_the_bytes():
    assert dumps({"b": 1, "a": 2}) == dumps({"a": 2, "b": 1}) == b'{"a":2,"b":1}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes", object()])
def test_what_json_can_not_hold_is_refused(value):
    with pytest.raises(FormatError, match="can't be written as JSON"):
        dumps([value])


def test_a_value_that_holds_itself_is_refused():
    value: list[object] = []
    value.append(value)
    with pytest.raises(FormatError, match="can't be written as JSON"):
        dumps(value)


def test_fields_are_handed_out_when_they_fit():
    assert as_int(3, "count") == 3
    assert as_float(3, "rate") == 3.0
    assert as_bool(False, "flag") is False
    assert as_str("x", "name") == "x"
    assert as_choice("b", ("a", "b"), "choice") == "b"
    assert as_list([1], "list", max_items=1) == [1]
    assert as_object({"a": 1}, ("a",), "thing") == {"a": 1}


@pytest.mark.parametrize(
    ("read", "word"),
    [
        (lambda: as_int(True, "count"), "count is True, which is not an integer"),
        (lambda: as_int(1.0, "count"), "count is 1.0, which is not an integer"),
        (lambda: as_int(-1, "count"), "count is -1, outside 0 to"),
        (lambda: as_int(9, "count", low=1, high=8), "count is 9, outside 1 to 8"),
        (lambda: as_float(True, "rate"), "rate is True, which is not a number"),
        (lambda: as_float("1", "rate"), "rate is '1', which is not a number"),
        (lambda: as_bool(1, "flag"), "flag is 1, which is neither true nor false"),
        (lambda: as_str(None, "name"), "name is None, which is not a string"),
        (lambda: as_str("abc", "name", max_chars=2), "name has 3 characters, more than the 2"),
        (lambda: as_choice("c", ("a", "b"), "choice"), "choice is 'c', not one of 'a', 'b'"),
        (lambda: as_choice(True, (1, 2), "choice"), "choice is True, not one of 1, 2"),
        (lambda: as_list({}, "list", max_items=1), "list is not a JSON list"),
        (lambda: as_list([1, 2], "list", max_items=1), "list has 2 entries, more than the 1"),
        (lambda: as_object([], ("a",), "thing"), "thing is not a JSON object"),
        (lambda: as_object({}, ("a",), "thing"), "thing lacks the field 'a'"),
        (lambda: as_object({"a": 1, "b": 1}, ("a",), "thing"), "thing has the unknown field 'b'"),
    ],
)
def test_fields_that_do_not_fit_are_refused_with_their_name_and_value(read, word):
    with pytest.raises(FormatError, match=word):
        read()


def test_deep_nesting_is_refused_whatever_the_recursion_limit():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        with pytest.raises(FormatError, match="nested"):
            loads(b"[" * 10_000 + b"]" * 10_000, max_bytes=CAP)
    finally:
        sys.setrecursionlimit(limit)


def test_the_key_that_comes_twice_is_the_one_that_is_named() -> None:
    with pytest.raises(FormatError, match="'b' twice"):
        loads(b'{"a":1,"b":2,"b":3}', max_bytes=100)


@pytest.mark.parametrize("number", [MAX_INT, -MAX_INT, 0])
def test_the_outermost_integers_are_taken(number: int) -> None:
    assert loads(str(number).encode(), max_bytes=100) == number
    assert as_int(number, "x", low=number, high=number) == number


@pytest.mark.parametrize("number", [MAX_INT + 1, -MAX_INT - 1])
def test_integers_beyond_are_not(number: int) -> None:
    with pytest.raises(FormatError, match="beyond 63 bits"):
        loads(str(number).encode(), max_bytes=100)


def test_containers_are_shown_by_their_kind_and_long_values_cut() -> None:
    for value, shown in (({}, "is an object,"), ([], "is a list,"), ("x" * 200, "is '" + "x" * 79 + ",")):
        with pytest.raises(FormatError, match=shown):
            as_int(value, "x")


def test_a_string_may_have_4096_characters_if_nothing_else_is_said() -> None:
    assert as_str("x" * 4096, "x") == "x" * 4096
    with pytest.raises(FormatError, match="4097 characters"):
        as_str("x" * 4097, "x")
