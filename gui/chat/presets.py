"""How to answer: sampling and length, and presets that give a name to them together with a system prompt."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

MAX_PRESETS = 100


@dataclass(frozen=True, slots=True)
class Options:
    """What the Expert panel sets; the names are those of the command line's flags."""

    do_sample: bool = False
    temperature: float = 0.85
    """Divides the logits; 0: always the most likely token."""
    top_p: float = 1.0
    top_k: int = 0
    """0 keeps all tokens."""
    repetition_penalty: float = 1.0
    max_new_tokens: int = 2048
    constant_output: bool = False
    """Go on after the model's end token, until `max_new_tokens`."""
    seed: int = -1
    """-1: different each time."""

    def clamped(self) -> Options:
        """Return the options with each value moved into its range (a settings file may hold anything)."""
        return Options(
            do_sample=self.do_sample,
            temperature=min(max(self.temperature, 0.0), 5.0),
            top_p=min(max(self.top_p, 0.01), 1.0),
            top_k=min(max(self.top_k, 0), 1000),
            repetition_penalty=min(max(self.repetition_penalty, 0.1), 5.0),
            max_new_tokens=min(max(self.max_new_tokens, 1), 1 << 20),
            constant_output=self.constant_output,
            seed=min(max(self.seed, -1), (1 << 31) - 1),
        )


@dataclass(frozen=True, slots=True)
class Preset:
    """A named system prompt with the options that go with it."""

    name: str
    system: str = ""
    options: Options = field(default_factory=Options)


def options_to_json(options: Options) -> dict[str, Any]:
    """Return the options as JSON values."""
    return asdict(options)


def options_from_json(data: object) -> Options:
    """Read options; what is missing, mistyped or out of range becomes the default or the nearest allowed value."""
    if not isinstance(data, dict):
        return Options()
    defaults = Options()
    known: dict[str, Any] = {}
    for item in fields(Options):
        value, kind = data.get(item.name), type(getattr(defaults, item.name))
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is kind:
            known[item.name] = value
    return Options(**known).clamped()


def presets_to_json(presets: tuple[Preset, ...]) -> list[dict[str, Any]]:
    """Return presets as JSON values for the settings."""
    return [asdict(preset) for preset in presets]


def presets_from_json(data: object) -> tuple[Preset, ...]:
    """Read presets; entries without a name are passed over, of two with one name the later wins."""
    found: dict[str, Preset] = {}
    for item in data if isinstance(data, list) else ():
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str) and name.strip():
            system = item.get("system")
            found[name] = Preset(
                name, system if isinstance(system, str) else "", options_from_json(item.get("options"))
            )
    return tuple(found.values())[:MAX_PRESETS]


def with_preset(presets: tuple[Preset, ...], added: Preset) -> tuple[Preset, ...]:
    """Return the presets with one added, or replaced where the name exists."""
    kept = {preset.name: preset for preset in presets}
    kept[added.name] = added
    return tuple(kept.values())


def without_preset(presets: tuple[Preset, ...], name: str) -> tuple[Preset, ...]:
    """Return the presets without the one of that name."""
    return tuple(preset for preset in presets if preset.name != name)
