"""The main window: rail, pages, status strip, and what holds for all of them (language, theme, text scale, keys)."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from core.errors import C10Error
from core.events import CardLost
from gui.bridge import Bridge
from gui.design import Space, ThemeChoice, next_scale
from gui.devices.split import load_options
from gui.devices.watch import DeviceWatch
from gui.i18n import Languages
from gui.options import Options
from gui.pages import Context, Page, visible_pages
from gui.paths import icon_path
from gui.rail import Rail
from gui.sentences import translated
from gui.session import Session
from gui.settings import Language, Problem, Store
from gui.strip import Strip
from gui.theme import Theme
from gui.widgets import Banner, ErrorDialog
from gui.widgets.banner import Tone

NOTICE_MS = 8000
_TONES: dict[str, Tone] = {"info": "info", "ok": "ok", "warn": "warn", "bad": "bad"}


class MainWindow(QMainWindow):
    """Makes each page when it is first shown; `first_painted` fires once, when something is on the screen."""

    first_painted = Signal()

    def __init__(
        self, bridge: Bridge, session: Session, store: Store, theme: Theme, languages: Languages, options: Options
    ) -> None:
        super().__init__()
        self.setWindowIcon(QIcon(str(icon_path("c10-panel"))))
        self._session, self._store, self._theme, self._languages = session, store, theme, languages
        self._pages: dict[str, Page] = {}
        self._shown: Page | None = None
        self._painted = False
        self._leaving = False
        self.devices = DeviceWatch(bridge, options.simulate_cards, parent=self)
        session.cards = lambda: load_options(options.simulate_cards, store.value)
        self.strip = Strip(session)
        self.context = Context(
            bridge,
            session,
            store,
            theme,
            self.devices,
            options,
            go_to=self.go_to,
            show_job=self.strip.show_job,
            notify=self.notify,
            show_error=self.show_error,
        )
        self._entries = {entry.page_id: entry for entry in visible_pages()}
        self.rail = Rail(visible_pages())
        self.banner = Banner()
        self._stack = QStackedWidget()
        self._notice = QTimer(self)
        self._notice.setSingleShot(True)
        self._notice.timeout.connect(self.banner.hide)
        self._build()
        self._keys()
        self.rail.chosen.connect(self.go_to)
        self.strip.language_chosen.connect(self.set_language)
        self.strip.theme_chosen.connect(self.set_theme)
        self.strip.scale_chosen.connect(self.set_scale)
        self.strip.job_opened.connect(self.go_to)
        self.strip.full_screen_asked.connect(self.toggle_full_screen)
        theme.changed.connect(self._restyle)
        bridge.after_drain(self.strip.tick)
        session.changed.connect(self._remember_engine)
        bridge.subscribe(CardLost, lambda event: self.notify(translated(event.sentence), "warn"))
        self.strip.set_devices(0, options.simulate_cards)
        self.devices.changed.connect(self._show_devices)
        self._restyle()
        self._retranslate()
        self._restore()

    def page(self, page_id: str) -> Page:
        """Return a page, made now if it was never shown."""
        if page_id not in self._pages:
            page = self._entries[page_id].make(self.context)
            page.retranslate()
            page.restyle()
            self._pages[page_id] = page
            self._stack.addWidget(page)
        return self._pages[page_id]

    def current_page_id(self) -> str:
        """Return the id of the page in front."""
        return self._shown.page_id if self._shown else ""

    def go_to(self, page_id: str) -> None:
        """Bring a page to the front; an unknown id changes nothing."""
        if page_id not in self._entries:
            return
        page = self.page(page_id)
        if page is self._shown:
            self.rail.select(page_id)
            return
        if self._shown is not None:
            self._shown.deactivate()
        self._shown = page
        self._stack.setCurrentWidget(page)
        self.rail.select(page_id)
        if self.focusWidget() is None or self.rail.isAncestorOf(self.focusWidget()):
            self.rail.button(page_id).setFocus()
        self._store.update(page=page_id)
        page.activate()

    def look_at(self, file: str) -> None:
        """Show an engine file among the others, with what it says of itself; it isn't run."""
        self.go_to("compile")
        page = self._shown
        if page is not None and page.page_id == "compile":
            page.open_file(file)

    def notify(self, text: str, tone: str = "info") -> None:
        """Show a sentence above the page; good news and notes go away by themselves, warnings stay."""
        self.banner.show_message(text, _TONES.get(tone, "info"))
        self._notice.stop()
        if tone in ("info", "ok"):
            self._notice.start(NOTICE_MS)

    def show_error(self, error: C10Error) -> None:
        """Show an error in a dialog that doesn't block the window's work."""
        dialog = ErrorDialog.of(error, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(True)
        dialog.show()

    def set_language(self, language: Language) -> None:
        """Switch to "zh" or "en" and remember it."""
        self._languages.use(language)
        self._store.update(language=language)

    def set_theme(self, choice: ThemeChoice) -> None:
        """Switch to "system", "light" or "dark" and remember it."""
        self._theme.set_choice(choice)
        self._store.update(theme=choice)
        self._show_choices()

    def set_scale(self, percent: int) -> None:
        """Set the text scale in percent and remember it."""
        self._theme.set_percent(percent)
        self._store.update(text_percent=self._theme.percent)
        self._show_choices()

    def toggle_full_screen(self) -> None:
        """Enter or leave full screen."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def raise_to_front(self) -> None:
        """Come to the front, also out of the minimised state."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_start(self) -> None:
        """Show the window as it was left; the page follows after the first paint."""
        if self._store.value.full_screen:
            self.showFullScreen()
        else:
            self.show()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:
        """Notice the first paint, then make the page that was shown last."""
        done = super().event(event)
        if event.type() == QEvent.Type.Paint and not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._after_first_paint)
        return done

    def leave(self) -> None:
        """Close without asking."""
        self._leaving = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask if work would be lost; else remember the window's state and let the pages end what they started."""
        unfinished = next((text for page in self._pages.values() if (text := page.unfinished())), "")
        application = QGuiApplication.instance()
        logging_out = isinstance(application, QGuiApplication) and application.isSavingSession()
        if unfinished and not self._leaving and not logging_out:
            event.ignore()
            self._ask_to_leave(unfinished)
            return
        full = self.isFullScreen()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self._store.update(full_screen=full, **({} if full else {"geometry": geometry}))
        for page in self._pages.values():
            page.dispose()
        self._notice.stop()
        super().closeEvent(event)

    def _ask_to_leave(self, unfinished: str) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(self.tr("Close C10 Panel"))
        box.setText(self.tr("Close the window?"))
        box.setInformativeText(unfinished)
        leave = box.addButton(self.tr("End it and close"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(self.tr("Stay"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(stay)
        leave.clicked.connect(self.leave)
        box.open()

    def _build(self) -> None:
        centre = QWidget()
        centre.setObjectName("window")
        columns = QHBoxLayout(centre)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self.rail)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        notices = QVBoxLayout()
        notices.setContentsMargins(Space.XXL, Space.M, Space.XXL, 0)
        notices.addWidget(self.banner)
        right.addLayout(notices)
        right.addWidget(self._stack, 1)
        right.addWidget(self.strip)
        columns.addLayout(right, 1)
        self.setCentralWidget(centre)

    def _keys(self) -> None:
        for keys, action in (
            ("F11", self.toggle_full_screen),
            ("Ctrl++", lambda: self._step_scale(1)),
            ("Ctrl+=", lambda: self._step_scale(1)),
            ("Ctrl+-", lambda: self._step_scale(-1)),
            ("Ctrl+0", lambda: self.set_scale(100)),
            ("Ctrl+Q", self.close),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)
        for number, page_id in enumerate(self._entries, start=1):
            QShortcut(QKeySequence(f"Ctrl+{number}"), self).activated.connect(partial(self.go_to, page_id))

    def _step_scale(self, direction: int) -> None:
        self.set_scale(next_scale(self._theme.percent, direction))

    def _restore(self) -> None:
        self.setMinimumSize(800, 560)
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(1600, screen.width() - 80), min(960, screen.height() - 80))
        saved = self._store.value.geometry
        if saved:
            self.restoreGeometry(QByteArray.fromBase64(saved.encode("ascii", "replace")))

    def _after_first_paint(self) -> None:
        self.first_painted.emit()
        self.go_to(self._store.value.page if self._store.value.page in self._entries else "chat")
        if self._store.problem is not None:
            self._show_problem(self._store.problem)

    def _remember_engine(self) -> None:
        if self._session.loaded is not None:
            self._store.update(last_engine=self._session.loaded.engine)

    def _show_devices(self) -> None:
        found = self.devices.devices
        if found is not None:
            self.strip.set_devices(found.real, found.simulated)

    def _show_problem(self, problem: Problem) -> None:
        texts = {
            "damaged": self.tr("The settings were damaged, so the defaults are used. The old file is kept as {0}."),
            "future": self.tr("The settings in {0} are from a newer version, so nothing is saved in this session."),
            "unwritable": self.tr("The settings can't be saved to {0}, so changes last only until the window closes."),
        }
        self.banner.show_message(texts[problem.kind].format(problem.path), "warn")

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("C10 Panel"))
        self.rail.retranslate()
        self.strip.retranslate()
        for page in self._pages.values():
            page.retranslate()
        self._show_choices()

    def _restyle(self) -> None:
        self.rail.restyle()
        self.strip.restyle()
        for page in self._pages.values():
            page.restyle()
        self._show_choices()

    def _show_choices(self) -> None:
        self.strip.show_choices(self._languages.current)
