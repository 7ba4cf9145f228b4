"""The Relax module of an engine: `base` and `score` for prefill, `incremental` and `verify` for decode.

Each function is a straight list of kernel calls on buffers that the caller owns (destination passing); weights and KV
cache are arguments, so the code does not depend on the weights and building takes seconds whatever the model's size.
Beside each entry stand its stages (embedding, any one layer, output) as functions that call the very same kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.compiler.arguments import (
    SCORE_ROWS,
    VERIFY_ROWS,
    Argument,
    Entry,
    Stage,
    activation,
    entry_arguments,
    prefill_rows,
    stage_arguments,
    stage_function,
)
from core.kernels import activations, attention_tiles, linear, rows, tiles
from core.kernels.attention_decode import attend_decode, join_splits
from core.kernels.attention_prefill import attend_prefill
from core.kernels.isa import CpuTarget
from core.kernels.kv_cache import CacheShape, rotate_and_store
from core.kernels.layout import padded_in
from core.kernels.product import Schedule
from core.spec import GROUP, EngineConfig, ModelSpec, WeightFormat


def emit(
    entries: tuple[Entry, ...],
    spec: ModelSpec,
    config: EngineConfig,
    target: CpuTarget,
    schedule: Schedule | None = None,
) -> Any:
    """Return the IRModule with Relax functions for each of `entries` and their stages, to be built for `target`."""
    from tvm import relax

    builder = relax.BlockBuilder()
    kernels: dict[str, Any] = {}
    for entry in entries:
        _Emitter(builder, kernels, entry, spec, config, target, schedule).emit()
    return builder.get()


class _Emitter:
    """Emits one entry point and its stages; kernels of the same name are shared between layers and entries."""

    def __init__(
        self,
        builder: Any,
        kernels: dict[str, Any],
        entry: Entry,
        spec: ModelSpec,
        config: EngineConfig,
        target: CpuTarget,
        schedule: Schedule | None,
    ) -> None:
        self.schedule = schedule
        self.builder, self.kernels, self.entry = builder, kernels, entry
        self.spec, self.config, self.target = spec, config, target
        self.cache = CacheShape.of(spec, config)
        base = prefill_rows(config)
        self.rows = {"base": base, "score": SCORE_ROWS, "incremental": config.batch, "verify": VERIFY_ROWS}[entry]
        self.dynamic = entry in ("base", "score")
        self.tiled = entry == "base" and tiles.usable(target, config.linear_format, self.rows, spec)
        self.vars: dict[str, Any] = {}

    def emit(self) -> None:
        """Add the entry point and its stages to the module."""
        self._function(self.entry, entry_arguments(self.entry, self.spec, self.config), self._whole)
        for stage, body in self._stages():
            arguments = stage_arguments(self.entry, stage, self.spec, self.config)
            self._function(stage_function(self.entry, stage), arguments, body)

    def _stages(self) -> list[tuple[Stage, Callable[[], None]]]:
        if self.entry == "score":  # it works on hidden states as it is
            return []
        return [("embed", self._embed), ("layer", lambda: self._layer(0)), ("head", self._output)]

    def _function(self, name: str, arguments: list[Argument], body: Callable[[], None]) -> None:
        from tvm import relax

        self.vars = {a.name: relax.Var(_identifier(a), relax.TensorType(a.shape, a.dtype)) for a in arguments}
        with self.builder.function(name, list(self.vars.values())):
            body()
            self.builder.emit_func_output(relax.Tuple([]))

    def _whole(self) -> None:
        if self.entry != "score":
            self._embed()
            for i in range(self.spec.num_layers):
                self._layer(i)
        self._output()

    def _embed(self) -> None:
        spec, config = self.spec, self.config
        self._call(
            f"embed_{self.rows}",
            lambda name: rows.embed(
                name, self.rows, spec.vocab_size, spec.hidden_size, config.dtype, dynamic=self.dynamic
            ),
            ["rows", "ids", "embed", "x"],
        )

    def _layer(self, i: int) -> None:
        self._attention(i)
        self._feed_forward(i)

    def _output(self) -> None:
        if self.dynamic:
            self._gathered_head("one" if self.entry == "base" else "count")
        else:
            self._head("rows", "x", self.rows, dynamic=False)

    def _attention(self, i: int) -> None:
        spec, cache = self.spec, self.cache
        normed = self._norm(
            "rows", "x", f"{i}.input_norm", "normed", self.config.linear_format, self.rows, self.dynamic, self.tiled
        )
        bias = [f"{i}.qkv_bias"] if spec.qkv_bias else []
        self._linear("qkv", normed, f"{i}.qkv", bias, "qkv", spec.qkv_size, spec.hidden_size, "store")
        where = ["rows", "slot", "position"]
        self._call(
            f"rotate_{self.rows}",
            lambda name: rotate_and_store(name, self.rows, spec, cache, dynamic=self.dynamic),
            [*where, "qkv", "rope", "query", f"{i}.keys", f"{i}.values"],
        )
        if self.entry == "base":
            self._call(
                f"attend_prefill_{self.rows}",
                self._prefill_attention,
                [*where, "query", f"{i}.keys", f"{i}.values", self._made("context")],
            )
        else:
            partial = ["partial", "partial_top", "partial_sum"]
            self._call(
                f"attend_decode_{self.rows}",
                lambda name: attend_decode(name, self.rows, spec, cache, self.target),
                [*where, "query", f"{i}.keys", f"{i}.values", *partial],
            )
            self._call(
                f"join_{self.rows}",
                lambda name: join_splits(name, self.rows, spec, cache),
                [*partial, "context"],
            )
        context = self._quantised("context", spec.query_size)
        self._linear("attn_out", context, f"{i}.attn_out", [], "x", spec.hidden_size, spec.query_size, "add")

    def _prefill_attention(self, name: str) -> Any:
        spec, cache, fmt = self.spec, self.cache, self.config.linear_format
        if self.tiled and attention_tiles.usable(cache, spec):
            return attention_tiles.attend_tiles(name, self.rows, spec, cache, fmt)
        return attend_prefill(name, self.rows, spec, cache, self.target, fmt if self.tiled else None)

    def _feed_forward(self, i: int) -> None:
        spec = self.spec
        normed = self._norm(
            "rows", "x", f"{i}.post_norm", "normed", self.config.linear_format, self.rows, self.dynamic, self.tiled
        )
        self._linear(
            "gate_up", normed, f"{i}.gate_up", [], self._made("ffn"), spec.ffn_size, spec.hidden_size, "swiglu"
        )
        ffn = self._quantised("ffn", spec.ffn_size)
        self._linear("down", ffn, f"{i}.down", [], "x", spec.hidden_size, spec.ffn_size, "add")

    def _gathered_head(self, count: str) -> None:
        picked = 1 if self.entry == "base" else SCORE_ROWS
        width = padded_in(self.spec.hidden_size)
        self._call(
            f"gather_{picked}",
            lambda name: rows.gather(name, prefill_rows(self.config), picked, width),
            [count, "pick", "x", "picked"],
        )
        self._head(count, "picked", picked, dynamic=self.entry == "score")

    def _head(self, count: str, source: str, height: int, *, dynamic: bool) -> None:
        spec, fmt = self.spec, self.config.head_format
        final = self._norm(count, source, "final_norm", "final", fmt, height, dynamic)
        self._call(
            f"head_{height}",
            lambda name: linear.linear(
                name, fmt, height, spec.vocab_size, spec.hidden_size,
                dynamic=dynamic, epilogue="store", bias=False, target=self.target, schedule=self.schedule,
            ),
            [count, *final, "head", "logits"],
        )  # fmt: skip

    def _norm(
        self,
        count: str,
        source: str,
        gamma: str,
        out: str,
        fmt: WeightFormat,
        height: int,
        dynamic: bool,
        tiled: bool = False,
    ) -> list[str]:
        width = padded_in(self.spec.hidden_size)
        outputs = [self._made(out)] if tiled else [a.name for a in activation(out, height, width, fmt)]
        form = "tiled" if tiled else "float" if fmt in ("fp32", "bf16") else fmt
        self._call(
            f"norm_{form}_{height}_{'dynamic' if dynamic else 'fixed'}",
            lambda name: activations.rms_norm(
                name, fmt, height, self.spec.hidden_size, eps=self.spec.norm_eps, target=self.target, dynamic=dynamic,
                tiled=tiled,
            ),
            [count, source, gamma, *outputs],
        )  # fmt: skip
        return outputs

    def _made(self, name: str) -> str:
        """Return the buffer that a kernel writes activations to which a product takes next."""
        return activation(name, 1, GROUP, self.config.linear_format)[0].name if self.tiled else name

    def _quantised(self, name: str, features: int) -> list[str]:
        if self.tiled or self.config.linear_format in ("fp32", "bf16"):
            return [self._made(name)]
        outputs = [a.name for a in activation(name, self.rows, padded_in(features), self.config.linear_format)]
        self._call(
            f"quantise_{features}_{self.rows}",
            lambda kernel: activations.quantise_rows(
                kernel, self.config.linear_format, self.rows, features, target=self.target, dynamic=self.dynamic
            ),
            ["rows", name, *outputs],
        )
        return outputs

    def _linear(
        self, kind: str, inputs: list[str], weight: str, bias: list[str], out: str, n: int, k: int, epilogue: Any
    ) -> None:
        self._call(
            f"{kind}_{self.rows}",
            lambda name: linear.linear(
                name, self.config.linear_format, self.rows, n, k,
                dynamic=self.dynamic, epilogue=epilogue, bias=bool(bias), target=self.target, tiled=self.tiled,
                schedule=self.schedule,
            ),
            ["rows", *inputs, weight, *bias, out],
        )  # fmt: skip

    def _call(self, kernel: str, make: Callable[[str], Any], names: list[str]) -> None:
        from tvm import relax

        if kernel not in self.kernels:
            function = make(kernel).without_attr("global_symbol")
            self.kernels[kernel] = self.builder.add_func(function, kernel)
        arguments = [self.vars[name] for name in names]
        self.builder.emit(relax.Call(self.kernels[kernel], arguments, ty_args=[relax.TupleType([])]))


def _identifier(argument: Argument) -> str:
    return f"{argument.kind}_{argument.name.replace('.', '_')}"
