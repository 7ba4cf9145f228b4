"""The running job in small, for the views beside its own."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from gui.compile import words
from gui.compile.job import JobRunner
from gui.design import Space
from gui.theme import current
from gui.widgets import Badge, Button, Card, IconLabel, Label, Segment, StackedBar


class JobCard(Card):
    """The running job in small, above the other views."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._runner = runner
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        row.addWidget(IconLabel("compile", "accent", 24))
        self._title, self._step = Label("", "strong"), Label("", "muted", wrap=True)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._title)
        texts.addWidget(self._step)
        row.addLayout(texts, 1)
        self._badge = Badge("", "accent")
        row.addWidget(self._badge)
        self.show_button = Button("", "chevron-right")
        row.addWidget(self.show_button)
        self.body.addLayout(row)
        self._bar = StackedBar(8)
        self.body.addWidget(self._bar)
        self.opened = self.show_button.clicked
        self.hide()

    def refresh(self) -> None:
        """Show the job as it is now."""
        job = self._runner.job
        if job is None or self.isHidden():
            return
        self._title.setText(job.title)
        self._badge.set(words.step_of(job.number, len(job.steps)), "accent")
        step = job.current
        if step is None:
            self._step.setText("")
            self._bar.set_segments((), known=False)
            return
        amount = words.amount(step.done, step.total, step.unit) if step.unit else ""
        self._step.setText(" · ".join(part for part in (words.step_name(step.name), amount) if part))
        if step.total:
            self._bar.set_segments((Segment(min(1.0, step.done / step.total), current().colours.accent),))
        else:
            self._bar.set_segments((), known=False)

    def retranslate(self) -> None:
        """Set the texts."""
        self.show_button.setText(self.tr("Show"))
        self.refresh()
