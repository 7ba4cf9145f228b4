"""What stands beside the figure while nothing runs: an invitation, or the way to an engine."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from gui.compile import words
from gui.compile.job import Job
from gui.design import Space
from gui.theme import current
from gui.widgets import Button, IconLabel, Label, PrimaryButton

_BAR = 640


class Invitation(QWidget):
    """`make_asked`: the demo model; `load_asked`: the last engine again; `chat_asked`: a question of one's own."""

    make_asked = Signal()
    load_asked = Signal()
    chat_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._detail = "none", ""
        self.heading, self.sentence = Label("", "display", wrap=True), Label("", "lead", wrap=True)
        self.icon = IconLabel("bolt", "accent", 56)
        self.make_button = PrimaryButton("", "bolt")
        self.load_button = PrimaryButton("", "refresh")
        self.chat_button = Button("", "chat")
        buttons: tuple[Button, ...] = (self.make_button, self.load_button, self.chat_button)
        for button in (self.make_button, self.load_button):
            button.enlarge()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.step = Label("", "muted", wrap=True)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addStretch(0)
        for each in buttons:
            row.addWidget(each)
        row.addStretch(1)
        self._row = row
        layout = self._column = QVBoxLayout(self)
        layout.setContentsMargins(Space.M, 0, 0, 0)
        layout.setSpacing(Space.L)
        layout.addStretch(1)
        for part in (self.icon, self.heading, self.sentence):
            layout.addWidget(part)
        layout.addSpacing(Space.S)
        layout.addWidget(self.bar)
        layout.addWidget(self.step)
        layout.addLayout(row)
        layout.addStretch(1)
        for label in (self.heading, self.sentence):
            label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.make_button.clicked.connect(self.make_asked)
        self.load_button.clicked.connect(self.load_asked)
        self.chat_button.clicked.connect(self.chat_asked)
        self.show_state("none")

    @property
    def state(self) -> str:
        """What is shown."""
        return self._state

    @property
    def detail(self) -> str:
        """What is said of it."""
        return self._detail

    def show_state(self, state: str, detail: str = "") -> None:
        """Show "none" (no engine), "making", "loading", "mute", "broken" (`detail`: why) or "ready"."""
        self._state, self._detail = state, detail
        headings = {
            "none": self.tr("A language model, on this machine"),
            "making": self.tr("Getting the model ready"),
            "loading": self.tr("Opening the engine …"),
            "mute": self.tr("This engine has no tokenizer"),
            "broken": self.tr("The model isn't running"),
            "ready": self.tr("Ask it something"),
        }
        sentences = {
            "none": self.tr("The demo model is included. It is compiled for this processor once, in about a minute."),
            "making": self.tr("It is compiled for this processor. Only the first start takes this time."),
            "loading": detail,
            "mute": self.tr("It can't be asked in words. Use the demo model, or choose another engine."),
            "broken": detail,
            "ready": self.tr("Touch a question, or press Start. The answer is computed here, without the internet."),
        }
        self.heading.setText(headings[state])
        self.sentence.setText(sentences[state])
        self.make_button.setVisible(state in ("none", "mute"))
        self.load_button.setVisible(state == "broken")
        self.chat_button.setVisible(state == "ready")
        self.bar.setVisible(state == "making")
        self.step.setVisible(state == "making")
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        self._make_room()

    def show_job(self, job: Job, now: float) -> None:
        """Show how far the demo model is; `now` is the clock of the job's start."""
        step = job.current
        known = step is not None and bool(step.total)
        self.bar.setRange(0, 1000 if known else 0)
        if step is not None and step.total:
            self.bar.setValue(round(1000 * step.done / step.total))
        name = words.step_name(step.name) if step is not None else ""
        parts = [words.step_of(job.number, len(job.steps)), name, words.duration(job.elapsed(now))]
        self.step.setText(" · ".join(part for part in parts if part))

    def set_centred(self, centred: bool) -> None:
        """Stand in the middle where nothing stands beside it."""
        side = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
        for label in (self.heading, self.sentence, self.step):
            label.setAlignment(side)
        self._column.setAlignment(self.icon, side)
        self._column.setAlignment(self.bar, side)
        self._row.setStretch(0, int(centred))
        self.bar.setFixedWidth(current().size(_BAR))

    def retranslate(self) -> None:
        """Set the texts."""
        self.make_button.setText(self.tr("Try with the built-in demo model"))
        self.load_button.setText(self.tr("Load it again"))
        self.chat_button.setText(self.tr("Ask a question of your own"))
        self.show_state(self._state, self._detail)

    def _make_room(self) -> None:
        """Leave out the icon, then the sentence too, where large text on a small screen leaves no room for them."""
        parts = ((self.icon, True), (self.sentence, bool(self.sentence.text())))
        for part, wanted in parts:
            part.setVisible(wanted)
        for part, _ in parts:
            if self._column.heightForWidth(self.width()) <= self.height():
                return
            part.hide()
