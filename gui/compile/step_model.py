"""First step of the wizard: which model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from core.errors import C10Error
from gui.compile import words
from gui.compile.choices import Model
from gui.design import Space
from gui.sentences import translated
from gui.theme import current
from gui.widgets import (
    Banner,
    Button,
    Card,
    FlowLayout,
    IconLabel,
    Label,
    PrimaryButton,
    QuietButton,
    StackedBar,
    StatTile,
    size_text,
)
from gui.widgets.files import open_file
from gui.widgets.text import plain_tip

_LEAST_TILE = 250


class ModelStep(QWidget):
    """`picked` carries the path of an ONNX file to inspect; `stopped` asks to give up inspecting.

    `tokenizer_picked` carries the file to take the tokenizer from, where none lies beside the model.
    """

    picked = Signal(str)
    stopped = Signal()
    tokenizer_picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        self.drop = _DropCard()
        layout.addWidget(self.drop)
        self.banner = Banner()
        layout.addWidget(self.banner)
        self._busy = _BusyCard()
        layout.addWidget(self._busy)
        self.found = _FoundCard(self.browse_tokenizer)
        layout.addWidget(self.found)
        self._recent_card = Card()
        self._recent_card.body.setSpacing(Space.XS)
        layout.addWidget(self._recent_card)
        layout.addStretch(1)
        self._recent: list[QuietButton] = []
        self._model: Model | None = None
        self._failure: tuple[str, C10Error] | None = None
        self._busy_path = ""
        self.drop.button.clicked.connect(self.browse)
        self._busy.button.clicked.connect(self.stopped)
        self._show()

    def browse(self) -> None:
        """Let the user pick a file."""
        open_file(
            self, self.tr("Choose an ONNX model"), self.tr("ONNX models (*.onnx)"),
            lambda path: self.picked.emit(str(path)), self._start_folder(),
        )  # fmt: skip

    def browse_tokenizer(self) -> None:
        """Let the user pick the model's tokenizer."""
        open_file(
            self, self.tr("Choose the model's tokenizer"), self.tr("Tokenizers (tokenizer.model tokenizer.json)"),
            lambda path: self.take_tokenizer(str(path)), self._start_folder(),
        )  # fmt: skip

    def take_tokenizer(self, path: str) -> None:
        """Use the tokenizer at `path`."""
        self.found.show_tokenizer(path)
        self.tokenizer_picked.emit(path)

    def show_recent(self, paths: list[str]) -> None:
        """Offer the models that were used last."""
        for button in self._recent:
            self._recent_card.body.removeWidget(button)
            button.deleteLater()
        self._recent = []
        for path in paths:
            button = QuietButton(_short(path), "file")
            button.setToolTip(plain_tip(path))
            button.setAccessibleName(path)
            button.setStyleSheet("text-align: left;")
            button.clicked.connect(lambda _on=False, chosen=path: self.picked.emit(chosen))
            self._recent_card.body.addWidget(button)
            self._recent.append(button)
        self._recent_card.setVisible(bool(paths))

    def show_busy(self, path: str) -> None:
        """Say that a file is being looked into; its length isn't known."""
        self._busy_path, self._model, self._failure = path, None, None
        self.found.forget_tokenizer()
        self._show()

    def show_model(self, model: Model | None) -> None:
        """Show what was recognised; None: nothing was picked."""
        self._busy_path, self._model, self._failure = "", model, None
        self._show()

    def show_failure(self, path: str, error: C10Error) -> None:
        """Show why a file can't be compiled."""
        self._busy_path, self._model, self._failure = "", None, (path, error)
        self._show()

    def retranslate(self) -> None:
        """Set the texts."""
        self.drop.retranslate()
        self._recent_card.set_title(self.tr("Used before"))
        self._busy.button.setText(self.tr("Stop"))
        self._show()

    def restyle(self) -> None:
        """Take sizes of the theme."""
        self.found.restyle()

    def _show(self) -> None:
        self._busy.setVisible(bool(self._busy_path))
        self._busy.show_path(self._busy_path)
        self.found.setVisible(self._model is not None)
        self.drop.set_small(small=self._model is not None or self._failure is not None or bool(self._busy_path))
        if self._model is not None:
            self.found.show_model(self._model)
        if self._failure is None:
            self.banner.hide()
            return
        path, error = self._failure
        hint = translated(error.hint) if path in error.message else f"{translated(error.hint)}\n{path}".strip()
        self.banner.show_message(translated(error.message), "bad", hint=hint)

    def _start_folder(self) -> Path:
        chosen = self._model.path if self._model else Path(self._recent[0].toolTip()) if self._recent else Path.home()
        return chosen.parent if chosen.suffix else chosen


class _DropCard(Card):
    """Where a file can be dropped, or chosen."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = IconLabel("download", "accent", 44)
        self._title = Label("", "title")
        self._text = Label("", "muted", wrap=True)
        self.button = PrimaryButton("", "folder")
        row = QHBoxLayout()
        row.setSpacing(Space.XL)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        texts = QVBoxLayout()
        texts.setSpacing(Space.XS)
        texts.addWidget(self._title)
        texts.addWidget(self._text)
        row.addLayout(texts, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row)

    def set_small(self, *, small: bool) -> None:
        """Step back once a model is there."""
        self.button.set_kind("" if small else "primary")
        room = Space.L if small else 3 * Space.XXL
        self.body.setContentsMargins(Space.XL, room, Space.XL, room)

    def retranslate(self) -> None:
        """Set the texts."""
        self._title.setText(self.tr("Drop an ONNX model here"))
        self._text.setText(
            self.tr(
                "The full-sequence graph, such as model.onnx of chatglm2-6b-onnx, with its weight files beside it. "
                "Nothing outside its folder is read."
            )
        )
        self.button.setText(self.tr("Choose a file"))


class _BusyCard(Card):
    """Says that a model is being inspected."""

    def __init__(self) -> None:
        super().__init__()
        self._text = Label("", "strong")
        self._path = Label("", "mono", wrap=True)
        self.button = Button("", "stop")
        bar = StackedBar(8)
        bar.set_segments((), known=False)
        row = QHBoxLayout()
        texts = QVBoxLayout()
        texts.addWidget(self._text)
        texts.addWidget(self._path)
        row.addLayout(texts, 1)
        row.addWidget(self.button)
        self.body.addLayout(row)
        self.body.addWidget(bar)

    def show_path(self, path: str) -> None:
        """Name the file."""
        self._text.setText(self.tr("Looking into the model …"))
        self._path.setText(path)


class _FoundCard(Card):
    """The recognised model."""

    def __init__(self, browse_tokenizer: Callable[[], None]) -> None:
        super().__init__()
        self._browse_tokenizer = browse_tokenizer
        self._tokenizer = ""
        """Path of the tokenizer that was picked for the model."""
        self._tick = IconLabel("ok", "ok", 24)
        self.header.insertWidget(0, self._tick)
        self._path = Label("", "mono", wrap=True)
        self.body.addWidget(self._path)
        holder = QWidget()
        self._flow = FlowLayout(least=_LEAST_TILE, spacing=Space.M)
        holder.setLayout(self._flow)
        self.body.addWidget(holder)
        self.tiles = {name: StatTile() for name in ("parameters", "layers", "hidden", "heads", "vocab", "weights",
                                                    "length", "tokenizer")}  # fmt: skip
        for tile in self.tiles.values():
            self._flow.addWidget(tile)
        line = QFrame()
        line.setProperty("role", "line")
        self.body.addWidget(line)
        self._note = Label("", "muted", wrap=True)
        self.body.addWidget(self._note)
        self.warning = Banner()
        self.body.addWidget(self.warning)

    def restyle(self) -> None:
        """Give the tiles room for the text scale."""
        self._flow.set_least(current().size(_LEAST_TILE))

    def show_model(self, model: Model) -> None:
        """Show its figures."""
        spec, report = model.spec, model.report
        self.set_title(self.tr("Recognised: a ChatGLM2-style model"))
        self._path.setText(str(model.path))
        figures = {
            "parameters": (
                self.tr("Parameters"),
                words.parameters(int(report["parameters"])),
                self.tr("opset {0}").format(report["opset"]),
            ),
            "layers": (
                self.tr("Layers"),
                words.number(spec.num_layers),
                self.tr("RMSNorm, epsilon {0}").format(spec.norm_eps),
            ),
            "hidden": (
                self.tr("Hidden size"),
                words.number(spec.hidden_size),
                self.tr("FFN {0}").format(words.number(spec.ffn_size)),
            ),
            "heads": (
                self.tr("Attention heads"),
                words.number(spec.num_heads),
                self.tr("{0} key/value groups of {1}").format(spec.num_groups, spec.head_dim),
            ),
            "vocab": (self.tr("Vocabulary"), words.number(spec.vocab_size), self.tr("tokens")),
            "weights": (self.tr("Weights"), size_text(int(report["weight_bytes"])), str(report["weight_dtype"])),
            "length": (
                self.tr("Traced length"),
                words.number(spec.max_positions) if spec.max_positions else self.tr("any"),
                self.tr("rotary dim {0}").format(spec.rotary_dim),
            ),
            "tokenizer": (
                self.tr("Tokenizer"),
                words.tokenizer(str(report["tokenizer"])),
                self.tr("found beside the model") if report["tokenizer"] else self.tr("not found"),
            ),
        }
        for name, (caption, value, detail) in figures.items():
            self.tiles[name].set_caption(caption)
            self.tiles[name].set_value(value, detail)
        self._note.setText(
            self.tr("The structure fits. The first step of the run computes every layer and compares the numbers.")
        )
        if report["tokenizer"]:
            self.warning.hide()
        elif self._tokenizer:
            self.show_tokenizer(self._tokenizer)
        else:
            self.warning.show_message(
                self.tr("There is no tokenizer beside the model, so the engine can't be asked in words."),
                "warn",
                hint=self.tr("Choose the original model's tokenizer.model, or its tokenizer.json."),
                action=self.tr("Choose the tokenizer"),
                do=self._browse_tokenizer,
            )

    def forget_tokenizer(self) -> None:
        """Take no tokenizer over to another model."""
        self._tokenizer = ""

    def show_tokenizer(self, path: str) -> None:
        """Say which tokenizer was picked for the model that is shown."""
        self._tokenizer = path
        self.warning.show_message(
            self.tr("This tokenizer goes into the engine."),
            "ok",
            hint=path,
            action=self.tr("Choose another one"),
            do=self._browse_tokenizer,
        )


def _short(path: str) -> str:
    parts = Path(path).parts
    return path if len(parts) <= 4 else str(Path("…", *parts[-3:]))
