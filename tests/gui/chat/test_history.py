"""Conversations on disk: they come back as they were, damaged files survive, and what isn't kept is never written."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import C10Error, FormatError
from core.events import Metrics
from gui.chat import conversation as tree
from gui.chat import records
from gui.chat.conversation import Conversation
from gui.chat.history import History, search

FIGURES = Metrics(
    prompt_tokens=5, cached_tokens=1, new_tokens=7, ttft_s=0.25, tpot_ms=10.0, prefill_s=0.2, decode_s=0.07,
    prefill_tokens_per_s=20.0, decode_tokens_per_s=100.0, context_used=12, context_size=64,
    peak_memory_bytes=1 << 28, vendor={"base infer time": 0.2},
)  # fmt: skip


def _conversation(question: str = "What is 北京?", answer: str = "A **city** 😀.") -> Conversation:
    conversation = tree.ask(tree.new(1000.0), question, 1000.0)
    conversation = tree.begin_answer(conversation, 1, 1001.0, "demo")
    return tree.finish_answer(conversation, 2, answer, "eos", now=1002.0, metrics=FIGURES)


def test_a_saved_conversation_comes_back_the_same(tmp_path: Path) -> None:
    history = History(tmp_path / "conversations")
    kept = _conversation()
    history.save(kept)
    assert history.load().conversations == (kept,)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_survives(question: str, answer: str) -> None:
    usable = "".join(c for c in question if not "\ud800" <= c <= "\udfff") or "q"
    kept = _conversation(usable, "".join(c for c in answer if not "\ud800" <= c <= "\udfff"))
    assert records.loads(records.dumps(kept).encode()) == kept


def test_nothing_of_a_conversation_that_is_not_kept_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "conversations"
    History(folder).save(replace(_conversation(), keep=False))
    assert not folder.exists()


def test_a_damaged_file_is_set_aside_with_a_sentence(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.save(_conversation())
    broken = tmp_path / "broken.json"
    broken.write_text('{"version": 1', encoding="utf-8")
    listing = history.load()
    assert len(listing.conversations) == 1
    assert [item.path.name for item in listing.damaged] == ["broken.json.damaged"]
    assert listing.damaged[0].reason.endswith(".")
    assert (tmp_path / "broken.json.damaged").read_text(encoding="utf-8") == '{"version": 1'
    assert history.load().damaged == ()


def test_an_answer_cut_by_the_end_of_the_program_counts_as_stopped() -> None:
    conversation = tree.begin_answer(tree.ask(tree.new(1.0), "q", 1.0), 1, 1.0)
    assert records.loads(records.dumps(conversation).encode()).messages[1].reason == "stopped"


@pytest.mark.parametrize(
    ("key", "value"),
    [("id", "../x"), ("chosen", {"0": 2}), ("messages", [{}]), ("version", 2), ("rows", "none"), ("created", "now")],
)
def test_fields_that_cannot_be_are_refused(key: str, value: object) -> None:
    data = json.loads(records.dumps(_conversation()))
    data[key] = value
    with pytest.raises(FormatError):
        records.loads(json.dumps(data).encode())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_only_errors_of_the_program_escape_for_any_bytes(data: bytes) -> None:
    with contextlib.suppress(C10Error):
        records.loads(data)


def test_search_finds_words_in_any_place_and_case() -> None:
    one, two = _conversation("Tell me about Berlin", "It is big"), _conversation("Other", "nothing")
    assert search((one, two), "BIG berlin") == (one,)
    assert search((one, two), "  ") == (one, two)


def test_markdown_export_holds_what_is_shown_with_its_figures() -> None:
    text = records.to_markdown(_conversation())
    assert "## User\n\nWhat is 北京?" in text
    assert "A **city** 😀." in text
    assert "100.0 tokens/s" in text
