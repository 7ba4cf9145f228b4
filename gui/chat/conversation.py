"""A conversation as a value: a tree of messages in which every regenerated or edited one stays as a sibling.

Pure functions that return a new conversation; nothing here knows of windows, files or engines.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Literal

from core.events import Metrics, StopReason

Role = Literal["user", "assistant"]
ROOT = 0
"""Parent of the first messages; messages count from 1."""

TITLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class Message:
    """One question or answer. `reason` is empty for questions and for an answer that is still being made."""

    id: int
    parent: int
    role: Role
    text: str
    created: float
    """Seconds since 1970."""
    reason: StopReason | Literal[""] = ""
    note: str = ""
    """What went wrong, a sentence, if `reason` is "error"."""
    metrics: Metrics | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One question of a batch run and its answer."""

    question: str
    text: str = ""
    reason: StopReason | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """The tree of messages and which sibling is shown at each fork; or, with `rows`, one batch run."""

    id: str
    created: float
    changed: float
    """Seconds since 1970."""
    title: str = ""
    """Empty: made from the first question."""
    system: str = ""
    """System prompt."""
    engine: str = ""
    """Name of the engine that answered last."""
    keep: bool = True
    """False: never written to disk."""
    messages: tuple[Message, ...] = ()
    chosen: dict[int, int] = field(default_factory=dict)
    """Parent id -> id of the child that is shown; the newest where nothing is chosen."""
    rows: tuple[Row, ...] = ()
    metrics: Metrics | None = None
    """Figures of the batch run."""

    @property
    def empty(self) -> bool:
        """Whether nothing was asked yet."""
        return not self.messages and not self.rows


def new(now: float, *, system: str = "", keep: bool = True) -> Conversation:
    """Return an empty conversation; `now` in seconds since 1970."""
    return Conversation(id=secrets.token_hex(8), created=now, changed=now, system=system, keep=keep)


def title(conversation: Conversation) -> str:
    """Return the title, or the first question cut to TITLE_CHARS; empty for an empty conversation."""
    if conversation.title:
        return conversation.title
    questions = [row.question for row in conversation.rows] or [m.text for m in conversation.messages[:1]]
    first = " ".join(questions[0].split()) if questions else ""
    return first if len(first) <= TITLE_CHARS else first[: TITLE_CHARS - 1] + "…"


def message(conversation: Conversation, message_id: int) -> Message:
    """Return a message by its id; raises KeyError for an unknown one."""
    if not 1 <= message_id <= len(conversation.messages):
        raise KeyError(message_id)
    return conversation.messages[message_id - 1]


def children(conversation: Conversation, parent: int) -> tuple[Message, ...]:
    """Return the messages that follow `parent` (ROOT: the first questions), oldest first."""
    return tuple(m for m in conversation.messages if m.parent == parent)


def siblings(conversation: Conversation, message_id: int) -> tuple[int, ...]:
    """Return the ids of all versions of a message, itself included, oldest first."""
    return tuple(m.id for m in children(conversation, message(conversation, message_id).parent))


def path(conversation: Conversation) -> tuple[Message, ...]:
    """Return the messages that are shown, from the first question on."""
    newest: dict[int, int] = {m.parent: m.id for m in conversation.messages}
    shown: list[Message] = []
    at = ROOT
    while at in newest:
        at = conversation.chosen.get(at, newest[at])
        shown.append(message(conversation, at))
    return tuple(shown)


def choose(conversation: Conversation, message_id: int) -> Conversation:
    """Show this version of a message, and below it what was shown there before."""
    parent = message(conversation, message_id).parent
    return replace(conversation, chosen={**conversation.chosen, parent: message_id})


def step(conversation: Conversation, message_id: int, direction: int) -> Conversation:
    """Show the next (`direction` 1) or previous (-1) version of a message; the same at the end."""
    versions = siblings(conversation, message_id)
    index = max(0, min(len(versions) - 1, versions.index(message_id) + direction))
    return choose(conversation, versions[index])


def ask(conversation: Conversation, text: str, now: float) -> Conversation:
    """Add a question at the end of what is shown."""
    shown = path(conversation)
    return _add(conversation, shown[-1].id if shown else ROOT, "user", text, now)


def edit(conversation: Conversation, question_id: int, text: str, now: float) -> Conversation:
    """Add a changed version of a question beside it; the old one stays with all that followed."""
    return _add(conversation, message(conversation, question_id).parent, "user", text, now)


def begin_answer(conversation: Conversation, question_id: int, now: float, engine: str = "") -> Conversation:
    """Add an empty answer to a question, beside any that it has."""
    return replace(_add(conversation, question_id, "assistant", "", now), engine=engine)


def finish_answer(
    conversation: Conversation,
    answer_id: int,
    text: str,
    reason: StopReason,
    *,
    now: float,
    metrics: Metrics | None = None,
    note: str = "",
) -> Conversation:
    """Put text, reason and figures into an answer."""
    done = replace(message(conversation, answer_id), text=text, reason=reason, metrics=metrics, note=note)
    messages = list(conversation.messages)
    messages[answer_id - 1] = done
    return replace(conversation, messages=tuple(messages), changed=now)


def turns(conversation: Conversation, question_id: int) -> tuple[dict[str, str], ...]:
    """Return what the model is asked: role and content of each turn up to a question, the system prompt first.

    Questions whose answer is empty are left out together with it, so that roles alternate.
    """
    back: list[dict[str, str]] = []
    current = message(conversation, question_id)
    back.append({"role": "user", "content": current.text})
    while current.parent != ROOT:
        answer = message(conversation, current.parent)
        current = message(conversation, answer.parent)
        if answer.text:
            back += [{"role": "assistant", "content": answer.text}, {"role": "user", "content": current.text}]
    if conversation.system.strip():
        back.append({"role": "system", "content": conversation.system})
    return tuple(reversed(back))


def begin_batch(conversation: Conversation, questions: tuple[str, ...], now: float, engine: str = "") -> Conversation:
    """Make the conversation a batch run of these questions, without answers yet."""
    return replace(
        conversation, rows=tuple(Row(question) for question in questions), engine=engine, changed=now, metrics=None
    )


def finish_row(conversation: Conversation, index: int, text: str, reason: StopReason) -> Conversation:
    """Put a row's answer in."""
    rows = list(conversation.rows)
    rows[index] = replace(rows[index], text=text, reason=reason)
    return replace(conversation, rows=tuple(rows))


def finish_batch(conversation: Conversation, metrics: Metrics | None, now: float) -> Conversation:
    """Put the figures of the batch run in."""
    return replace(conversation, metrics=metrics, changed=now)


def all_text(conversation: Conversation) -> str:
    """Return everything that a search looks through."""
    parts = [conversation.title, conversation.system, *(m.text for m in conversation.messages)]
    for row in conversation.rows:
        parts += [row.question, row.text]
    return "\n".join(parts)


def _add(conversation: Conversation, parent: int, role: Role, text: str, now: float) -> Conversation:
    added = Message(id=len(conversation.messages) + 1, parent=parent, role=role, text=text, created=now)
    return replace(
        conversation,
        messages=(*conversation.messages, added),
        chosen={**conversation.chosen, parent: added.id},
        changed=now,
    )
