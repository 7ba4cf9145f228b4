"""What steps, options and figures are called, in the current language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from core.errors import C10Error
from core.spec import EngineConfig
from core.system import format_bytes
from gui.compile.choices import Precision
from gui.compile.fit import Verdict
from gui.sentences import translated

translate = QCoreApplication.translate


def demo_title() -> str:
    """Return what the demo's job is called."""
    return translate("CompileWords", "Built-in demo model")


def step_name(step: str) -> str:
    """Return what a step does."""
    names = {
        "export": translate("CompileWords", "Convert the demo model to ONNX"),
        "import": translate("CompileWords", "Recognise the model and check every layer"),
        "base": translate("CompileWords", "Build the prefill part (base)"),
        "incremental": translate("CompileWords", "Build the decode part (incremental)"),
        "write": translate("CompileWords", "Quantise and write the weights"),
        "combine": translate("CompileWords", "Combine both parts in one file"),
        "self_test": translate("CompileWords", "Self-test: answer with one token"),
    }
    return names.get(step, step)


def step_of(number: int, count: int) -> str:
    """Return how far a job is, in steps."""
    return translate("CompileWords", "step {0} of {1}").format(number, count)


def under_way(number: int, count: int) -> str:
    """Return what the strip says of a running job."""
    return translate("CompileWords", "Compiling, step {0} of {1}").format(number, count)


def amount(done: int, total: int | None, unit: str, *, over: bool = False) -> str:
    """Return the progress of a step in its own unit; an unknown length is said as long as the step isn't `over`."""
    if unit == "bytes":
        return format_bytes(done) if total is None else f"{format_bytes(done)} / {format_bytes(total)}"
    if over:
        texts = {
            "passes": translate("CompileWords", "{0} passes"),
            "layers": translate("CompileWords", "{0} layers"),
        }
        return texts.get(unit, "{0}").format(number(done))
    if total is None:
        texts = {
            "passes": translate("CompileWords", "{0} passes done, how many there are isn't known beforehand"),
            "layers": translate("CompileWords", "{0} layers done, how many there are isn't known beforehand"),
        }
        return texts.get(unit, "{0}").format(number(done))
    texts = {
        "passes": translate("CompileWords", "{0} of {1} passes"),
        "layers": translate("CompileWords", "{0} of {1} layers"),
    }
    return texts.get(unit, "{0} / {1}").format(number(done), number(total))


def step_over(step: str, seconds: float, *, skipped: bool) -> str:
    """Return the log's line for a step that is over."""
    if skipped:
        return translate("CompileWords", "{0}: skipped").format(step_name(step))
    return f"{step_name(step)}: {duration(seconds)}"


def finished(seconds: float) -> str:
    """Return the log's last line."""
    return translate("CompileWords", "Finished after {0}").format(duration(seconds))


def failure(error: C10Error) -> str:
    """Return an error as one line."""
    return f"{translated(error.message)} {translated(error.hint)}".strip()


def number(count: int) -> str:
    """Return a whole number with the separators of the language."""
    return QLocale().toString(count)


def duration(seconds: float) -> str:
    """Return a time for people."""
    if seconds < 10:
        return translate("CompileWords", "{0} s").format(f"{seconds:.1f}")
    if seconds < 90:
        return translate("CompileWords", "{0} s").format(f"{seconds:.0f}")
    if seconds < 5400:
        return translate("CompileWords", "{0} min {1} s").format(int(seconds) // 60, int(seconds) % 60)
    return translate("CompileWords", "{0} h {1} min").format(int(seconds) // 3600, int(seconds) % 3600 // 60)


def about(seconds: float) -> str:
    """Return an expected time, rounded up to what can be promised."""
    minutes = -(-int(seconds) // 60)
    if seconds < 90:
        return translate("CompileWords", "about {0} s").format(-(-int(seconds) // 10) * 10)
    if minutes < 90:
        return translate("CompileWords", "about {0} min").format(minutes)
    return translate("CompileWords", "about {0} h").format(f"{minutes / 60:.1f}")


def elapsed(seconds: float, left: float | None) -> str:
    """Return how long a job has run, and how long it still takes where that is known."""
    if left is None:
        return clock(seconds)
    return translate("CompileWords", "{0} · {1} left").format(clock(seconds), about(left))


def parameters(count: int) -> str:
    """Return a number of parameters the way models are called: 135 M, 6.2 B."""
    if count >= 10**9:
        return f"{count / 1e9:.1f} B"
    if count >= 10**6:
        return f"{count / 1e6:.0f} M"
    return number(count)


def quantisation(config: EngineConfig) -> str:
    """Return the weights' format in short."""
    return config.dtype if config.quantisation == "none" else f"{config.quantisation} · {config.dtype}"


def precision_title(precision: Precision) -> str:
    """Return the name of a way to store the weights."""
    kinds = {
        "none": translate("CompileWords", "not quantised"),
        "int8": translate("CompileWords", "int8 weights"),
        "int4": translate("CompileWords", "int4 weights"),
    }
    return f"{precision.dtype} · {kinds[precision.quantisation]}"


def precision_meaning(precision: Precision) -> str:
    """Return when to choose a way to store the weights."""
    if precision.dtype == "fp32":
        meanings = {
            "none": translate("CompileWords", "As exact as the original. For comparisons."),
            "int8": translate("CompileWords", "int8 weights, everything else exact."),
            "int4": translate("CompileWords", "int4 weights, everything else exact."),
        }
    else:
        meanings = {
            "none": translate("CompileWords", "Practically the original's answers, half the size of fp32."),
            "int8": translate("CompileWords", "The vendor's default: hardly any loss."),
            "int4": translate("CompileWords", "Smallest and fastest, with a small loss."),
        }
    return meanings[precision.quantisation]


def prompt_format(name: str) -> str:
    """Return how a question becomes a prompt."""
    names = {
        "chatglm2": translate("CompileWords", "ChatGLM2 rounds"),
        "chat_template": translate("CompileWords", "Chat template"),
        "plain": translate("CompileWords", "Plain text"),
    }
    return names.get(name, name)


def tokenizer(kind: str) -> str:
    """Return a tokenizer's kind."""
    names = {"chatglm": "SentencePiece", "bpe": "BPE"}
    return names.get(kind) or translate("CompileWords", "none")


def role(name: str) -> str:
    """Return what an engine file holds."""
    names = {
        "multi": translate("CompileWords", "complete engine"),
        "base": translate("CompileWords", "prefill part (base)"),
        "incremental": translate("CompileWords", "decode part (incremental)"),
    }
    return names.get(name, name)


def verdict(value: Verdict) -> str:
    """Return whether something fits into the memory."""
    return {
        "fits": translate("CompileWords", "Fits in memory"),
        "tight": translate("CompileWords", "Close other programs first"),
        "too_large": translate("CompileWords", "Larger than the memory"),
    }[value]


def cards_badge(count: int, *, simulated: bool, fits: bool) -> str:
    """Return whether a model fits on the cards; simulated ones are called so."""
    if simulated:
        text = (
            translate("CompileWords", "Fits on {0} C10 (simulated)")
            if fits
            else translate("CompileWords", "Too large for {0} C10 (simulated)")
        )
    else:
        text = (
            translate("CompileWords", "Fits on {0} C10") if fits else translate("CompileWords", "Too large for {0} C10")
        )
    return text.format(count)


def memory_parts() -> tuple[str, str, str, str]:
    """Return the names of what fills the memory while answering."""
    return (
        translate("CompileWords", "Weights"),
        translate("CompileWords", "KV cache"),
        translate("CompileWords", "Workspace"),
        translate("CompileWords", "Program"),
    )


def clock(seconds: float) -> str:
    """Return a running time as minutes and seconds."""
    whole = max(0, int(seconds))
    return (
        f"{whole // 60}:{whole % 60:02d}"
        if whole < 3600
        else f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    )


def unbroken(text: str) -> str:
    """Return figures set apart by " · " so that a line ends only between them."""
    return " · ".join(part.replace(" ", "\u00a0") for part in text.split(" · "))


def wizard_steps() -> tuple[str, ...]:
    """Return the names of the wizard's steps."""
    return (
        translate("CompileWords", "Model"),
        translate("CompileWords", "Shape"),
        translate("CompileWords", "Precision"),
        translate("CompileWords", "Fit review"),
        translate("CompileWords", "Run"),
    )
