"""Streaming never shows half a character and ends with the whole text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.text.stream import REPLACEMENT, Piece, StreamDecoder, clean_prefix, clean_up, decode_all, take_characters


def _byte_decoder(*, each_byte: bool = False) -> StreamDecoder:
    return StreamDecoder(lambda token: Piece(data=bytes([token])), each_byte=each_byte, strip_space=False)


@given(st.text())
def test_a_text_that_arrives_byte_by_byte_comes_out_in_whole_characters(text: str) -> None:
    decoder = _byte_decoder()
    shown = [decoder.push(byte) for byte in text.encode("utf-8")]
    assert "".join(shown) == text
    assert all(REPLACEMENT not in part or REPLACEMENT in text for part in shown)
    assert decoder.finish() == ""


@given(st.binary())
def test_broken_bytes_become_what_python_makes_of_them(data: bytes) -> None:
    assert decode_all(_byte_decoder(), data) == data.decode("utf-8", errors="replace")


@given(st.binary())
def test_each_byte_mode_replaces_every_broken_byte_once(data: bytes) -> None:
    whole, rest = take_characters(data, final=True, each_byte=True)
    assert rest == b""
    assert decode_all(_byte_decoder(each_byte=True), data) == whole


def test_an_unfinished_character_is_held_back_and_replaced_only_at_the_end() -> None:
    decoder = _byte_decoder()
    assert [decoder.push(byte) for byte in "好".encode()[:2]] == ["", ""]
    assert decoder.finish() == REPLACEMENT


def test_only_the_first_words_space_is_dropped() -> None:
    decoder = StreamDecoder(lambda token: Piece(text=[" a", " b", ""][token]), each_byte=True, strip_space=True)
    assert decode_all(decoder, [2, 0, 1, 0]) == "a b a"


@given(st.text(alphabet=" .,!?'ntmsverx\n"), st.text(alphabet=" .,!?'ntmsverx\n"))
def test_cleaning_up_in_parts_equals_cleaning_up_the_whole(head: str, tail: str) -> None:
    cut = clean_prefix(head)
    assert clean_up(head[:cut]) + clean_up(head[cut:] + tail) == clean_up(head + tail)
