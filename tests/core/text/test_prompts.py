"""Conversations in each prompt format, and templates that misbehave."""

from __future__ import annotations

import pytest

from core.errors import TokenizerError, UsageError
from core.text.prompts import Message, PromptFormat

TURNS = [Message("user", "你好"), Message("assistant", "Hi."), Message("user", "再见")]


def test_chatglm2_rounds_count_from_one() -> None:
    prompt = PromptFormat("chatglm2").render(TURNS)
    assert prompt == "[Round 1]\n\n问：你好\n\n答：Hi.\n\n[Round 2]\n\n问：再见\n\n答："


def test_a_later_turn_extends_the_earlier_prompt_so_the_cache_can_be_kept() -> None:
    first = PromptFormat("chatglm2").render(TURNS[:1])
    assert PromptFormat("chatglm2").render(TURNS).startswith(first + "Hi.")


def test_a_system_prompt_stands_before_the_first_question() -> None:
    prompt = PromptFormat("chatglm2").render([Message("system", "Be brief."), Message("user", "Hi")])
    assert prompt == "[Round 1]\n\n问：Be brief.\n\nHi\n\n答："


@pytest.mark.parametrize("kind", ["chatglm2", "plain"])
def test_a_conversation_must_end_with_a_question(kind: str) -> None:
    form = PromptFormat("chatglm2" if kind == "chatglm2" else "plain")
    with pytest.raises(UsageError):
        form.render(TURNS[:2])
    with pytest.raises(UsageError):
        form.render([])


@pytest.mark.parametrize(
    "template",
    [
        "{% for %}",
        "{{ messages.nothing.at.all }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{{ messages.append(1) }}",
    ],
)
def test_a_broken_or_hostile_template_gives_a_sentence(template: str) -> None:
    with pytest.raises(TokenizerError, match="template"):
        PromptFormat("chat_template", template).render(TURNS[:1])


def test_a_template_can_refuse_a_conversation() -> None:
    with pytest.raises(UsageError, match="one turn only"):
        PromptFormat("chat_template", "{{ raise_exception('one turn only') }}").render(TURNS)


def test_special_tokens_are_known_to_the_template() -> None:
    form = PromptFormat("chat_template", "{{ bos_token }}{{ messages[0].content }}", (("bos_token", "<s>"),))
    assert form.render([Message("user", "Hi")]) == "<s>Hi"
