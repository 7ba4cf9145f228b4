"""Prompt formats: how a conversation becomes the text that the model was trained to continue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NoReturn

from core.errors import TokenizerError, UsageError

PromptKind = Literal["chatglm2", "chat_template", "plain"]
ChatRole = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: ChatRole
    content: str


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """How a model wants to be asked: ChatGLM2's rounds, a chat template (jinja2 source), or the bare text."""

    kind: PromptKind
    template: str = ""
    special_tokens: tuple[tuple[str, str], ...] = ()
    """Names such as "bos_token" and what a template writes for them."""

    def render(self, messages: Sequence[Message]) -> str:
        """Return the prompt that asks for the next assistant turn.

        Raises UsageError where the turns can't be put into the format, TokenizerError where the template is broken.
        """
        if not messages or messages[-1].role != "user":
            raise UsageError("A conversation must end with a user's turn.", "Add a question.")
        if self.kind == "chatglm2":
            return chatglm2_prompt(messages)
        if self.kind == "chat_template":
            return _render_template(self.template, messages, dict(self.special_tokens))
        return "\n".join(message.content for message in messages)


def chatglm2_prompt(messages: Sequence[Message]) -> str:
    """Return ChatGLM2's own rounds; a system prompt, which it doesn't know, goes before the first question."""
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    parts: list[str] = []
    question = system
    rounds = 0
    for message in messages:
        if message.role == "user":
            question = f"{question}\n\n{message.content}" if question else message.content
        elif message.role == "assistant":
            rounds += 1
            parts.append(f"[Round {rounds}]\n\n问：{question}\n\n答：{message.content}\n\n")
            question = ""
    parts.append(f"[Round {rounds + 1}]\n\n问：{question}\n\n答：")
    return "".join(parts)


def _refuse(message: str) -> NoReturn:
    raise UsageError(f"The model's chat template refuses this conversation: {message}.", "Change or drop a turn.")


def _render_template(source: str, messages: Sequence[Message], names: dict[str, str]) -> str:
    """Render a chat template in jinja2's sandbox, with the functions that such templates expect."""
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # Output is a prompt for a model, not HTML: escaping would corrupt it.
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = _strftime_now
    turns: list[dict[str, Any]] = [{"role": message.role, "content": message.content} for message in messages]
    try:
        return environment.from_string(source).render(messages=turns, add_generation_prompt=True, **names)
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise TokenizerError(
            f"The model's chat template can't be rendered: {error}.", "Ask with --raw, which uses the text as it is."
        ) from error


def _strftime_now(layout: str) -> str:
    return datetime.now().astimezone().strftime(layout)
