"""The show pieces for the pictures: figures as the demo model gives them, no child."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest

from core.bench.limits import Limits
from core.bench.vendor import VENDOR
from core.events import Event, Generated, Loaded, Metrics, Prompted, Token
from core.planner import Plan
from core.quality.card import AnswerCheck, LayerError, QualityCard
from core.race.lanes import ORDER, Runner, fields
from core.race.track import Track
from core.runtime.figures import vendor_figures
from core.spec import EngineConfig, ModelSpec
from gui.bridge import RUNTIME
from gui.compile.library import EngineInfo
from gui.session import Turn

SMOLLM2 = ModelSpec(
    num_layers=30, hidden_size=576, ffn_size=1536, num_heads=9, num_groups=3, head_dim=64, rotary_dim=64,
    rope_theta=100000.0, vocab_size=49152, norm_eps=1e-5, qkv_bias=False, max_positions=8192, source_dtype="float16",
)  # fmt: skip
CONFIG = EngineConfig(quantisation="int4", quant_lm_head=True)
ENGINE = "/engines/smollm2-135m-instruct_bf16_q4_multi.ngf"


def metrics(rate: float = 104.3) -> Metrics:
    """Return the figures of the published run at `rate` decode tokens/s."""
    prefill, decode = 0.878, 241 / rate
    return Metrics(
        VENDOR.prompt_tokens, 0, 242, 0.9, 1000 / rate, prefill, decode, 608.0, rate, 775, 2048, 292 << 20,
        vendor_figures(1, 3, 241, prefill, decode),
    )  # fmt: skip


def say(panel: Any, *events: Event) -> None:
    """Let the worker report events."""
    source: queue.Queue[Event] = queue.Queue()
    for event in events:
        source.put(event)
    end = panel.bridge.attach(RUNTIME, source)
    while not source.empty():
        panel.bridge.drain()
    end()


def loaded(config: EngineConfig = CONFIG) -> Loaded:
    """Return the event of a loaded demo engine."""
    return Loaded(ENGINE, SMOLLM2.to_json(), config.to_json(), "bpe", 0.1, 1 << 27, 1 << 24)


def opened(panel: Any, piece_id: str) -> Any:
    """Bring a piece to the front and return it."""
    panel.window.go_to("show")
    page = panel.window.page("show")
    page.open(piece_id)
    return page.piece(piece_id)


def answered(panel: Any) -> None:
    """Let the demo engine finish the published run."""
    say(panel, loaded(), Generated("run", [[5]], ["text"], ["length"], metrics()))


def vendor(panel: Any) -> None:
    """The vendor's table beside a run."""
    answered(panel)
    opened(panel, "vendor")


LIMITS = Limits(17.4, 118.0, 232.0, "Intel(R) Xeon(R) Processor", 2, "2026-11-26T12:40")


def roofline(panel: Any) -> None:
    """The dot under the roof, after a while of decoding."""
    piece = opened(panel, "roofline")
    piece._take_limits(LIMITS)
    answered(panel)
    for step in range(20):
        piece._place(80.0 + step * 1.3)


def raced(piece: Any, *, parallel: bool = False) -> None:
    """Let a race of the demo model be over: int8 says the same, int4 other words at the end."""
    text = (
        "The sky appears blue because of a phenomenon called Rayleigh scattering. When sunlight enters the Earth's "
        "atmosphere, it meets tiny molecules of gases such as nitrogen and oxygen. These molecules scatter the short "
        "blue waves far more than the long red ones, so blue light reaches our eyes from every direction."
    )
    other = text.replace("the short blue waves far more", "blue light in all directions, much more")
    tracks = []
    for name, answer, rate in (("bf16", text, 41.0), ("int8", text, 71.5), ("int4", other, 108.4)):
        track = Track(name)
        words = [word + " " for word in answer.split()] * 2
        figures = replace(metrics(rate), new_tokens=len(words))
        track.take(Prompted(name, [""], [12]), 0.0)
        for index, word in enumerate(words):
            jitter = 0.012 * ((index * 7919) % 5 - 2)
            track.take(Token(name, 0, hash_of(word), word), 0.3 + index / rate + jitter)
        track.take(Generated(name, [[1]], ["".join(words).strip()], ["length"], figures), 0.3 + len(words) / rate)
        tracks.append(track)
    piece.racing.tracks, piece.racing.state, piece.racing.parallel = tuple(tracks), "over", parallel
    piece.racing.changed.emit()


def hash_of(word: str) -> int:
    """Return a token id that is the same in every run."""
    return sum(ord(letter) * 31**index for index, letter in enumerate(word)) % 49152


def race(panel: Any) -> None:
    """A race that is over, replayed."""
    piece = opened(panel, "race")
    runners = tuple(
        Runner(Path(f"/engines/demo{EngineConfig(quantisation=one).suffix()}_multi.ngf"), SMOLLM2,
               EngineConfig(quantisation=one))
        for one in ORDER
    )  # fmt: skip
    say(panel, loaded())
    _until(panel, lambda: piece._scanned)
    piece.fields, piece._scanned = fields(runners), True
    piece.choice.addItems([field.name for field in piece.fields])
    raced(piece)


def takehome(panel: Any) -> None:
    """A conversation of several codes, and its card."""
    answer = "Blue light is scattered more than red light by the air's molecules. " * 12
    panel.session.heard([Turn("user", "Why is the sky blue?"), Turn("assistant", answer)])
    opened(panel, "takehome")
    answered(panel)


def _card() -> QualityCard:
    layers = tuple(
        LayerError(str(i), 0.061 + 0.012 * ((i * 7919) % 11) / 10 - 0.0004 * i, 0.9981 - 0.00003 * i) for i in range(30)
    )
    answers = (AnswerCheck(48, None), AnswerCheck(48, 31), AnswerCheck(48, None))
    return QualityCard(
        "0" * 64, 158_660_000, "bf16 + int4", 17.02, 16.44, 320, (*layers, LayerError("output", 0.0046, 0.99999)),
        answers, 41.0, "2026-11-26T13:20",
    )  # fmt: skip


def quality(panel: Any) -> None:
    """The quality card of the demo's engine."""
    say(panel, loaded())
    piece = opened(panel, "quality")
    _until(panel, lambda: piece._scanned)
    info = EngineInfo(Path(ENGINE), 158_660_000, 0.0, "engine", "multi", SMOLLM2, CONFIG, "bpe", quality=_card())
    piece.engines = (info,)
    piece.choice.addItems([info.name])
    piece.choice.setCurrentIndex(0)
    piece.refresh()


def fit(panel: Any) -> None:
    """ChatGLM2-6B over four cards."""
    piece = opened(panel, "fit")
    piece.sliders["cards"].setValue(4)
    piece.sliders["limit"].setValue(4)
    piece.sliders["total"].setValue(4)
    piece.strategies["equal"].setChecked(True)
    _until(panel, lambda: isinstance(piece.plan, Plan) and piece.plan.strategy == "equal")


def _until(panel: Any, condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        panel.bridge.drain()
        if condition():
            return
        QTest.qWait(10)


def no_fit(panel: Any) -> None:
    """The same with cards that are too small."""
    fit(panel)
    piece = panel.window.page("show").piece("fit")
    piece.sliders["limit"].setValue(1)
    _until(panel, piece.banner.isVisible)


PREPARE: tuple[tuple[str, Callable[[Any], None] | None, int], ...] = (
    ("show", None, 0),
    ("show-vendor", vendor, 0),
    ("show-roofline", roofline, 0),
    ("show-race", race, 0),
    ("show-takehome", takehome, 0),
    ("show-quality", quality, 0),
    ("show-fit", fit, 0),
    ("show-fit-none", no_fit, 0),
)
"""(name of the picture, what is done to the window before it is taken, simulated cards)."""
