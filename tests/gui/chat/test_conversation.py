"""The tree of messages: versions stay beside each other, and what the model is asked follows what is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.chat import conversation as tree
from gui.chat.conversation import Conversation


def _answered(conversation: Conversation, question: str, answer: str) -> Conversation:
    conversation = tree.ask(conversation, question, 1.0)
    asked = tree.path(conversation)[-1].id
    conversation = tree.begin_answer(conversation, asked, 2.0, "engine")
    return tree.finish_answer(conversation, tree.path(conversation)[-1].id, answer, "eos", now=3.0)


def _texts(conversation: Conversation) -> list[str]:
    return [message.text for message in tree.path(conversation)]


def test_a_regenerated_answer_stays_beside_the_first() -> None:
    conversation = _answered(tree.new(0.0), "q", "first")
    answer = tree.path(conversation)[-1]
    conversation = tree.begin_answer(conversation, answer.parent, 4.0)
    second = tree.path(conversation)[-1].id
    conversation = tree.finish_answer(conversation, second, "second", "stopped", now=5.0)
    assert _texts(conversation) == ["q", "second"]
    assert tree.siblings(conversation, second) == (answer.id, second)
    assert _texts(tree.step(conversation, second, -1)) == ["q", "first"]
    assert _texts(tree.step(conversation, second, 1)) == ["q", "second"]


def test_an_edited_question_keeps_what_followed_the_old_one() -> None:
    conversation = _answered(_answered(tree.new(0.0), "one", "A"), "two", "B")
    first = tree.path(conversation)[0].id
    edited = tree.edit(conversation, first, "uno", 6.0)
    assert _texts(edited) == ["uno"]
    assert _texts(tree.choose(edited, first)) == ["one", "A", "two", "B"]


def test_the_model_is_asked_what_is_shown() -> None:
    conversation = _answered(_answered(tree.new(0.0, system="Be brief."), "one", "A"), "two", "B")
    last = tree.path(conversation)[2].id
    assert tree.turns(conversation, last) == (
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "A"},
        {"role": "user", "content": "two"},
    )


def test_a_question_without_an_answer_is_not_repeated_to_the_model() -> None:
    conversation = _answered(_answered(tree.new(0.0), "one", ""), "two", "B")
    roles = [turn["role"] for turn in tree.turns(conversation, tree.path(conversation)[2].id)]
    assert roles == ["user"]


def test_the_title_is_the_first_question_cut() -> None:
    long = tree.ask(tree.new(0.0), "word " * 50, 1.0)
    assert len(tree.title(long)) <= tree.TITLE_CHARS
    assert tree.title(tree.new(0.0)) == ""


def test_unknown_messages_are_key_errors() -> None:
    with pytest.raises(KeyError):
        tree.message(tree.new(0.0), 1)


def test_rows_of_a_batch_get_their_answers() -> None:
    conversation = tree.begin_batch(tree.new(0.0), ("a", "b"), 1.0, "engine")
    conversation = tree.finish_row(conversation, 1, "B", "length")
    assert [(row.question, row.text, row.reason) for row in conversation.rows] == [("a", "", ""), ("b", "B", "length")]


@given(st.lists(st.tuples(st.sampled_from("aers"), st.integers(0, 1000)), max_size=40))
def test_whatever_is_done_roles_alternate_and_nothing_is_lost(steps: list[tuple[str, int]]) -> None:
    conversation = _answered(tree.new(0.0), "q", "a")
    for kind, pick in steps:
        before = conversation.messages
        shown = tree.path(conversation)
        questions = [m for m in shown if m.role == "user"]
        if kind == "a":
            conversation = _answered(conversation, f"q{pick}", f"a{pick}")
        elif kind == "e":
            conversation = tree.edit(conversation, questions[pick % len(questions)].id, "edited", 1.0)
            conversation = tree.begin_answer(conversation, tree.path(conversation)[-1].id, 1.0)
        elif kind == "r":
            conversation = tree.begin_answer(conversation, questions[pick % len(questions)].id, 1.0)
        else:
            conversation = tree.step(conversation, shown[pick % len(shown)].id, 1 if pick % 2 else -1)
        assert conversation.messages[: len(before)] == before
        roles = [m.role for m in tree.path(conversation)]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
