"""A conversation as JSON and as Markdown: what is saved, and what is exported."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Any, get_args

from core import strictjson
from core.errors import FormatError
from core.events import Metrics, StopReason
from gui.chat import conversation as tree
from gui.chat.conversation import ROOT, Conversation, Message, Row

VERSION = 1
MAX_BYTES = 64 << 20
_MAX_CHARS = 16 << 20
_REASONS = ("", *get_args(StopReason))
_KEYS = ("version", "id", "created", "changed", "title", "system", "engine", "messages", "chosen", "rows", "metrics")
_MESSAGE_KEYS = ("id", "parent", "role", "text", "created", "reason", "note", "metrics")


def dumps(conversation: Conversation) -> str:
    """Return the conversation as JSON text, the same for saving and for export."""
    data = {
        "version": VERSION,
        "id": conversation.id,
        "created": conversation.created,
        "changed": conversation.changed,
        "title": conversation.title,
        "system": conversation.system,
        "engine": conversation.engine,
        "messages": [asdict(message) for message in conversation.messages],
        "chosen": {str(parent): child for parent, child in conversation.chosen.items()},
        "rows": [asdict(row) for row in conversation.rows],
        "metrics": asdict(conversation.metrics) if conversation.metrics else None,
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def loads(data: bytes) -> Conversation:
    """Rebuild a conversation from `dumps`'s JSON in UTF-8; raises FormatError for anything else."""
    parsed = strictjson.loads(data, max_bytes=MAX_BYTES, what="conversation")
    values = strictjson.as_object(parsed, _KEYS, "conversation")
    version = strictjson.as_int(values["version"], "conversation's version", low=1)
    if version > VERSION:
        raise FormatError(f"The conversation has version {version}, newer than this program's {VERSION}.")
    items = strictjson.as_list(values["messages"], "list of messages", max_items=100_000)
    messages = tuple(_message(item, number) for number, item in enumerate(items, start=1))
    rows = strictjson.as_list(values["rows"], "list of rows", max_items=10_000)
    made = Conversation(
        id=_identifier(values["id"]),
        created=strictjson.as_float(values["created"], "conversation's date"),
        changed=strictjson.as_float(values["changed"], "conversation's date"),
        title=_text(values["title"], "title"),
        system=_text(values["system"], "system prompt"),
        engine=_text(values["engine"], "engine"),
        messages=messages,
        chosen=_chosen(values["chosen"], messages),
        rows=tuple(_row(item) for item in rows),
        metrics=_metrics(values["metrics"]),
    )
    _check_tree(made)
    return made


def to_markdown(conversation: Conversation) -> str:
    """Return what is shown of a conversation (or all rows of a batch run) as Markdown."""
    heading = tree.title(conversation) or "Conversation"
    lines = [f"# {heading}", "", f"- {datetime.fromtimestamp(conversation.created, UTC):%Y-%m-%d %H:%M} UTC"]
    if conversation.engine:
        lines.append(f"- Engine: `{conversation.engine}`")
    if conversation.system.strip():
        lines += ["", "## System", "", conversation.system.strip()]
    for message in tree.path(conversation):
        lines += ["", "## User" if message.role == "user" else "## Assistant", "", message.text.strip()]
        lines += _ending(message.reason, message.note, message.metrics)
    for number, row in enumerate(conversation.rows, start=1):
        lines += ["", f"## {number}. {' '.join(row.question.split())}", "", row.text.strip()]
        lines += _ending(row.reason, "", None)
    lines += _ending("", "", conversation.metrics)
    return "\n".join(lines) + "\n"


def _ending(reason: str, note: str, metrics: Metrics | None) -> list[str]:
    parts = [f"{reason}{': ' + note if note else ''}"] if reason and reason != "eos" else []
    if metrics:
        parts += [
            f"{metrics.new_tokens} tokens", f"TTFT {metrics.ttft_s * 1000:.0f} ms",
            f"prefill {metrics.prefill_s:.2f} s", f"decode {metrics.decode_s:.2f} s",
            f"{metrics.decode_tokens_per_s:.1f} tokens/s",
        ]  # fmt: skip
    return ["", f"*{' · '.join(parts)}*"] if parts else []


def _identifier(value: object) -> str:
    text = strictjson.as_str(value, "conversation's id", max_chars=64)
    if not (text.isascii() and text.isalnum()):
        raise FormatError(f"The conversation's id {text!r} is not made of letters and digits.")
    return text


def _text(value: object, what: str) -> str:
    return strictjson.as_str(value, f"conversation's {what}", max_chars=_MAX_CHARS)


def _message(item: object, number: int) -> Message:
    values = strictjson.as_object(item, _MESSAGE_KEYS, f"message {number}")
    made = Message(
        id=strictjson.as_int(values["id"], "message's id", low=number, high=number),
        parent=strictjson.as_int(values["parent"], "message's parent", high=number - 1),
        role=strictjson.as_choice(values["role"], ("user", "assistant"), "message's role"),
        text=_text(values["text"], "message"),
        created=strictjson.as_float(values["created"], "message's date"),
        reason=strictjson.as_choice(values["reason"], _REASONS, "stop reason"),
        note=_text(values["note"], "note"),
        metrics=_metrics(values["metrics"]),
    )
    if made.role == "assistant" and not made.reason:  # the program ended while it was being made
        return replace(made, reason="stopped")
    return made


def _row(item: object) -> Row:
    values = strictjson.as_object(item, ("question", "text", "reason"), "row")
    reason = strictjson.as_choice(values["reason"], _REASONS, "stop reason")
    return Row(_text(values["question"], "question"), _text(values["text"], "answer"), reason or "stopped")


def _chosen(value: object, messages: tuple[Message, ...]) -> dict[int, int]:
    if not isinstance(value, dict):
        raise FormatError("The conversation's choice of versions is not a JSON object.")
    found: dict[int, int] = {}
    for key, child in value.items():
        parent = int(key) if str(key).isdecimal() and len(str(key)) < 9 else -1
        child_id = strictjson.as_int(child, "chosen version", low=1, high=len(messages))
        if messages[child_id - 1].parent != parent:
            raise FormatError(f"The conversation chooses message {child_id}, which doesn't follow message {key}.")
        found[parent] = child_id
    return found


def _check_tree(conversation: Conversation) -> None:
    for message in conversation.messages:
        above = "assistant" if message.parent == ROOT else tree.message(conversation, message.parent).role
        if above == message.role:
            raise FormatError(f"Message {message.id} of the conversation follows one of its own kind.")


def _metrics(value: object) -> Metrics | None:
    if value is None:
        return None
    values = dict(strictjson.as_object(value, [item.name for item in fields(Metrics)], "figures"))
    vendor = values.pop("vendor")
    if not isinstance(vendor, dict):
        raise FormatError("The vendor's figures are not a JSON object.")
    numbers: dict[str, Any] = {key: strictjson.as_float(number, f"figure {key}") for key, number in values.items()}
    whole = {item.name: int(numbers[item.name]) for item in fields(Metrics) if str(item.type) == "int"}
    figures = {str(key): strictjson.as_float(number, f"figure {key}") for key, number in vendor.items()}
    return Metrics(**{**numbers, **whole}, vendor=figures)
