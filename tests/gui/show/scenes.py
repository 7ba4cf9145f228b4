"""The show pieces for the pictures: figures as the demo model gives them, no child."""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

from core.bench.limits import Limits
from core.bench.vendor import VENDOR
from core.events import Event, Generated, Loaded, Metrics
from core.runtime.figures import vendor_figures
from core.spec import EngineConfig, ModelSpec
from gui.bridge import RUNTIME

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


def answered(panel: Any) -> None:
    """Let the demo engine finish the published run."""
    say(panel, loaded(), Generated("run", [[5]], ["text"], ["length"], metrics()))


def vendor(panel: Any) -> None:
    """The vendor's table beside a run."""
    answered(panel)
    panel.window.page("show").open("vendor")


LIMITS = Limits(17.4, 118.0, 232.0, "Intel(R) Xeon(R) Processor", 2, "2026-11-26T12:40")


def roofline(panel: Any) -> None:
    """The dot under the roof, after a while of decoding."""
    page = panel.window.page("show")
    page.open("roofline")
    piece = page.piece("roofline")
    piece._take_limits(LIMITS)
    answered(panel)
    for step in range(20):
        piece._place(80.0 + step * 1.3)


PREPARE: tuple[tuple[str, Callable[[Any], None] | None, int], ...] = (
    ("show", None, 0),
    ("show-vendor", vendor, 0),
    ("show-roofline", roofline, 0),
)
"""(name of the picture, what is done to the window before it is taken, simulated cards)."""
