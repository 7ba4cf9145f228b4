"""The quality card of an engine: a value, kept in a file beside the engine, read strictly."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core import fsio, strictjson
from core.errors import C10Error, FormatError

VERSION = 1
_MAX_BYTES = 1 << 20
_WHAT = "quality card"
_MAX_LAYERS = 2048
_MAX_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class LayerError:
    """How far one layer's stored weights are from the original's: ||stored - original|| / ||original||, and cosine."""

    name: str
    """"0", "1", ... or "output"."""
    relative_error: float
    cosine: float


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """A greedy answer: its tokens, and the first that the original would have chosen otherwise (None: none)."""

    tokens: int
    first_difference: int | None


@dataclass(frozen=True, slots=True)
class QualityCard:
    """What was measured; `original` is always the model's arithmetic in float32."""

    weights_digest: str
    engine_bytes: int
    precision: str
    perplexity: float
    original_perplexity: float
    text_tokens: int
    layers: tuple[LayerError, ...]
    answers: tuple[AnswerCheck, ...]
    seconds: float
    date: str
    """ISO date and time, local."""

    @property
    def perplexity_change(self) -> float:
        """How much larger the perplexity is than the original's, 0.01 is 1 %."""
        return self.perplexity / self.original_perplexity - 1

    @property
    def worst(self) -> LayerError:
        """The layer with the largest error."""
        return max(self.layers, key=lambda layer: layer.relative_error)

    @property
    def tokens_alike(self) -> int:
        """Fewest tokens that an answer shares with the original's from its start."""
        return min(check.tokens if check.first_difference is None else check.first_difference for check in self.answers)

    def to_json(self) -> dict[str, Any]:
        """Return the card as JSON values."""
        lists = {"layers": [asdict(layer) for layer in self.layers], "answers": [asdict(one) for one in self.answers]}
        return {"version": VERSION, **asdict(self), **lists}


def path_for(engine: Path) -> Path:
    """Return where an engine's card is kept: NAME.quality.json beside it."""
    return engine.with_name(f"{engine.stem}.quality.json")


def save(card: QualityCard, engine: Path) -> None:
    """Keep the card with its engine; raises FileError and ResourceError."""
    fsio.write_text(path_for(engine), json.dumps(card.to_json(), indent=1) + "\n")


def load(engine: Path, weights_digest: str) -> QualityCard | None:
    """Return an engine's card; None where there is none, it is damaged, or it was made for other weights."""
    try:
        data = path_for(engine).read_bytes()[: _MAX_BYTES + 1]
        card = parse(strictjson.loads(data, max_bytes=_MAX_BYTES, what=_WHAT))
    except (OSError, C10Error):
        return None
    return card if card.weights_digest == weights_digest else None


def parse(value: object) -> QualityCard:
    """Build a card from parsed JSON; raises FormatError."""
    keys = ("version", *QualityCard.__dataclass_fields__)
    found = strictjson.as_object(value, keys, _WHAT)
    strictjson.as_int(found["version"], _WHAT, low=VERSION, high=VERSION)
    layers = strictjson.as_list(found["layers"], _WHAT, max_items=_MAX_LAYERS)
    answers = strictjson.as_list(found["answers"], _WHAT, max_items=_MAX_ANSWERS)
    if not layers or not answers:
        raise FormatError(f"The {_WHAT} lists no layers or no answers.")
    return QualityCard(
        weights_digest=strictjson.as_str(found["weights_digest"], _WHAT, max_chars=64),
        engine_bytes=strictjson.as_int(found["engine_bytes"], _WHAT),
        precision=strictjson.as_str(found["precision"], _WHAT, max_chars=64),
        perplexity=_at_least(found["perplexity"], 1.0),
        original_perplexity=_at_least(found["original_perplexity"], 1.0),
        text_tokens=strictjson.as_int(found["text_tokens"], _WHAT),
        layers=tuple(_layer(item) for item in layers),
        answers=tuple(_answer(item) for item in answers),
        seconds=_at_least(found["seconds"], 0.0),
        date=strictjson.as_str(found["date"], _WHAT, max_chars=64),
    )


def _layer(value: object) -> LayerError:
    found = strictjson.as_object(value, tuple(LayerError.__dataclass_fields__), _WHAT)
    return LayerError(
        strictjson.as_str(found["name"], _WHAT, max_chars=64), _at_least(found["relative_error"], 0.0),
        _at_least(found["cosine"], -1.001),
    )  # fmt: skip


def _answer(value: object) -> AnswerCheck:
    found = strictjson.as_object(value, tuple(AnswerCheck.__dataclass_fields__), _WHAT)
    differs = found["first_difference"]
    return AnswerCheck(
        strictjson.as_int(found["tokens"], _WHAT),
        None if differs is None else strictjson.as_int(differs, _WHAT),
    )


def _at_least(value: object, least: float) -> float:
    number = strictjson.as_float(value, _WHAT)
    if number < least:
        raise FormatError(f"The {_WHAT} has the number {number}, which can't be.")
    return number
