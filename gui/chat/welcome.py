"""What the thread's place shows before the first question: how to get an engine, or questions to begin with."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.design import Space
from gui.theme import current
from gui.widgets import Button, FlowLayout, IconLabel, Label, PrimaryButton
from gui.widgets.text import plain_tip

_WIDTH = 760


class Welcome(QScrollArea):
    """`demo_asked`, `engine_asked`: the two ways to an engine; `picked` carries a question to begin with."""

    demo_asked = Signal()
    engine_asked = Signal()
    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setObjectName("page")
        centring = QHBoxLayout(page)
        centring.addStretch(1)
        self._column = QWidget()
        self._column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        centring.addWidget(self._column, 1000)
        centring.addStretch(1)
        layout = QVBoxLayout(self._column)
        layout.setSpacing(Space.M)
        layout.addStretch(2)
        self._icon = IconLabel("chat", "accent", 56)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        self.heading = Label("", "heading", wrap=True)
        self.sentence = Label("", "muted", wrap=True)
        for part in (self.heading, self.sentence):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(part)
        layout.addSpacing(Space.M)
        self._ways = QWidget()
        ways = QHBoxLayout(self._ways)
        ways.setSpacing(Space.M)
        self.demo_button = PrimaryButton("", "bolt")
        self.engine_button = Button("", "engine")
        ways.addStretch(1)
        ways.addWidget(self.demo_button)
        ways.addWidget(self.engine_button)
        ways.addStretch(1)
        layout.addWidget(self._ways)
        self._questions = QWidget()
        self._flow = FlowLayout(least=300, spacing=Space.M)
        self._questions.setLayout(self._flow)
        layout.addWidget(self._questions)
        layout.addStretch(3)
        self.setWidget(page)
        self.demo_button.clicked.connect(self.demo_asked)
        self.engine_button.clicked.connect(self.engine_asked)
        self._buttons: list[Button] = []
        self._state = "none"
        self._detail = ""

    def show_state(self, state: str, detail: str = "") -> None:
        """Show that there is no engine ("none"), one is opened ("loading"), is mute ("mute") or "ready"."""
        self._state, self._detail = state, detail
        headings = {
            "none": self.tr("What would you like to ask?"),
            "loading": self.tr("Opening the engine …"),
            "mute": self.tr("This engine has no tokenizer"),
            "ready": self.tr("What would you like to ask?"),
        }
        sentences = {
            "none": self.tr("An engine is needed first. The demo model is included and is ready in a few minutes."),
            "loading": detail,
            "mute": self.tr(
                "It can't be asked in words. Compile it again from a folder that has the tokenizer's files."
            ),
            "ready": self.tr("{0} is loaded. Type below, or begin with one of these.").format(detail),
        }
        self.heading.setText(headings[state])
        self.sentence.setText(sentences[state])
        self._ways.setVisible(state in ("none", "mute"))
        self._questions.setVisible(state == "ready" and bool(self._buttons))

    def show_questions(self, questions: tuple[str, ...]) -> None:
        """Offer these questions to begin with."""
        while self._flow.count():
            self._flow.takeAt(0)
        for button in self._buttons:
            button.deleteLater()
        self._buttons = []
        for question in questions:
            button = Button(question if len(question) <= 44 else question[:43] + "…")
            button.setToolTip(plain_tip(question))
            button.clicked.connect(lambda _on=False, text=question: self.picked.emit(text))
            self._flow.addWidget(button)
            self._buttons.append(button)
        self.show_state(self._state, self._detail)

    def retranslate(self) -> None:
        """Set the texts."""
        self.demo_button.setText(self.tr("Try with the built-in demo model"))
        self.engine_button.setText(self.tr("Choose an engine"))
        self.show_state(self._state, self._detail)

    def restyle(self) -> None:
        """Take sizes of the theme."""
        self._column.setMaximumWidth(current().size(_WIDTH))
        self._flow.set_least(current().size(300))
