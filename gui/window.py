"""The main window: rail, pages, status strip, and what holds for all of them (language, theme, text scale, keys)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QByteArray, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from gui.bridge import Bridge
from gui.clock import Clock, SystemClock
from gui.crash import End
from gui.design import Space, ThemeChoice, next_scale
from gui.devices.sdk import card_options, is_configured, sdk_of
from gui.devices.split import load_options
from gui.devices.watch import DeviceWatch
from gui.health.greeting import is_first_start
from gui.i18n import Languages
from gui.notices import Notices
from gui.options import Options
from gui.pages import Context, Page, visible_pages
from gui.paths import icon_path
from gui.rail import Rail
from gui.session import Session
from gui.settings import Language, Store
from gui.strip import Strip
from gui.theme import Theme
from gui.visitor.booth import HOME
from gui.visitor.desk import Desk

CHECKS_AFTER_MS = 1500
"""Milliseconds from the first paint to the health checks of each start."""


class MainWindow(QMainWindow):
    """Makes each page when it is first shown; `first_painted` fires once, when something is on the screen."""

    first_painted = Signal()

    def __init__(
        self,
        bridge: Bridge,
        session: Session,
        store: Store,
        theme: Theme,
        languages: Languages,
        options: Options,
        clock: Clock | None = None,
    ) -> None:
        super().__init__()
        self.setWindowIcon(QIcon(str(icon_path("c10-panel"))))
        self._session, self._store, self._theme, self._languages = session, store, theme, languages
        self._options = options
        self._pages: dict[str, Page] = {}
        self._shown: Page | None = None
        self._painted = False
        self._leaving = False
        self._over = False
        """Closed for good: the pages have ended what they had."""
        self.last_end: End = ""
        """How the run before ended; told once, at the first paint."""
        self.devices = DeviceWatch(bridge, options.simulate_cards, parent=self)
        self.devices.sdk = lambda: sdk_of(store.value) if is_configured(store.value) else None
        self.devices.busy = lambda: session.answering
        session.cards = lambda: load_options(options.simulate_cards, store.value)
        session.vendors = lambda engine: card_options(engine, self.devices.devices, store.value)
        self.strip = Strip(session)
        self.notices = Notices(bridge, session, self)
        self.banner = self.notices.banner
        clock = clock or SystemClock()
        self.desk = Desk(self, bridge, session, store, clock)
        self.booth = self.desk.booth
        self.context = Context(
            bridge,
            session,
            store,
            theme,
            self.devices,
            options,
            clock,
            self.booth,
            go_to=self.go_to,
            page=self.page,
            show_job=self.strip.show_job,
            notify=self.notices.say,
            mark=self.mark,
            show_error=self.notices.show_error,
            ask_for_trust=self.notices.ask_for_trust,
        )
        self._entries = {entry.page_id: entry for entry in visible_pages()}
        self.rail = Rail(visible_pages())
        self._stack = QStackedWidget()
        self._checks = QTimer(self)
        self._checks.setSingleShot(True)
        self._checks.timeout.connect(self._look_at_health)
        self._build()
        self._keys()
        self.rail.chosen.connect(self.go_to)
        self.rail.guide_asked.connect(self.show_guide)
        self.strip.language_chosen.connect(self.set_language)
        self.strip.theme_chosen.connect(self.set_theme)
        self.strip.scale_chosen.connect(self.set_scale)
        self.strip.job_opened.connect(self.go_to)
        self.strip.full_screen_asked.connect(self.toggle_full_screen)
        self.strip.new_visitor_asked.connect(self.desk.ask_new_visitor)
        self.strip.operator_asked.connect(self.desk.show_operator)
        self.booth.lock.changed.connect(self._on_lock)
        self.booth.wiped.connect(self.banner.dismiss)  # a notice may name what was copied
        theme.changed.connect(self._restyle)
        bridge.after_drain(self.strip.tick)
        session.changed.connect(self._remember_engine)
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
            page.set_locked(self.booth.lock.locked)
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
        if self._entries[page_id].guarded and self.booth.lock.locked:
            self.rail.select(self.current_page_id())
            self.desk.ask_pin(partial(self.go_to, page_id))
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
        self._show_rail()
        page.activate()

    def wipe(self) -> None:
        """Forget everything of the visitor who leaves."""
        self.booth.new_visitor()

    def look_at(self, file: str) -> None:
        """Show an engine file, if one is named, with what it says of itself; it isn't run. Behind the PIN."""
        if file:
            self.booth.as_operator(partial(self._look_at, file))

    def mark(self, page_id: str, text: str) -> None:
        """Put a dot on a page's entry in the rail, for the reason that `text` says; empty: no dot."""
        self.rail.mark(page_id, text)

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
        """Enter or leave full screen; visitors can't leave it."""
        self.booth.as_operator(self._toggle_full_screen)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def made_pages(self) -> Iterable[Page]:
        """Return the pages that exist."""
        return tuple(self._pages.values())

    def made(self, page_id: str) -> Page | None:
        """Return a page if it was ever shown."""
        return self._pages.get(page_id)

    def show_guide(self) -> None:
        """Open the operator's guide beside what is shown; once is enough."""
        from gui.guide import GuideDialog

        dialog = self.findChild(GuideDialog) or GuideDialog(self._languages.current, self)
        dialog.show()
        dialog.activateWindow()

    def raise_to_front(self) -> None:
        """Come to the front, also out of the minimised state."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_start(self) -> None:
        """Show the window as it was left; the page follows after the first paint."""
        if self._store.value.full_screen or self.booth.lock.visitor_mode:
            self.showFullScreen()
        else:
            self.show()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        if event.type() == QEvent.Type.LanguageChange and not self._over:
            self._retranslate()
        elif event.type() == QEvent.Type.WindowStateChange and self.booth.lock.locked and not self.isFullScreen():
            QTimer.singleShot(0, self, self.showFullScreen)  # a key of the desktop took the window out of it
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
        application = QGuiApplication.instance()
        logging_out = isinstance(application, QGuiApplication) and application.isSavingSession()
        if self.booth.lock.locked and not self._leaving and not logging_out:
            event.ignore()
            self.desk.ask_pin(self.close)
            return
        unfinished = next((text for page in self._pages.values() if (text := page.unfinished())), "")
        if unfinished and not self._leaving and not logging_out:
            event.ignore()
            self._ask_to_leave(unfinished)
            return
        full = self.isFullScreen()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self._store.update(full_screen=full, **({} if full else {"geometry": geometry}))
        self._over = True
        self.booth.dispose()
        for page in self._pages.values():
            page.dispose()
        self.notices.stop()
        self._checks.stop()
        super().closeEvent(event)

    def _look_at(self, file: str) -> None:
        self.go_to("compile")
        page = self._shown
        if page is not None and page.page_id == "compile":
            page.open_file(file)

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
        notices.setContentsMargins(Space.XXL, 0, Space.XXL, 0)
        self.banner.setStyleSheet(f"Banner {{ margin-top: {Space.M}px; }}")  # no gap where there is no notice
        notices.addWidget(self.banner)
        right.addLayout(notices)
        right.addWidget(self._stack, 1)
        right.addWidget(self.strip)
        columns.addLayout(right, 1)
        self.setCentralWidget(centre)

    def _keys(self) -> None:
        for keys, action in (
            ("F1", self.show_guide),
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
        self.booth.touches.watch(self.windowHandle())
        self.go_to(self._first_page())
        self.notices.say_last_end(self.last_end)
        self._checks.start(CHECKS_AFTER_MS)
        if self._store.problem is not None:
            self.notices.say_problem(self._store.problem)

    def _first_page(self) -> str:
        remembered = self._store.value.page
        if is_first_start(self._store):
            return "health"
        at_home = self.booth.lock.visitor_mode or self._options.demo or remembered not in self._entries
        return HOME if at_home else remembered

    def _on_lock(self) -> None:
        lock = self.booth.lock
        if lock.locked and not self.isFullScreen():
            self.showFullScreen()
        if lock.locked and self._shown is not None and self._shown.guarded:
            self.go_to(HOME)
        self._show_rail()

    def _show_rail(self) -> None:
        lock = self.booth.lock
        self.strip.show_operator("locked" if lock.locked else "in" if lock.operator else "off")
        self.rail.set_locked(lock.locked)
        self.rail.setVisible(not (lock.locked and self.current_page_id() == HOME))

    def _look_at_health(self) -> None:
        if self.current_page_id() != "health":
            self.page("health").look()

    def _remember_engine(self) -> None:
        if self._session.loaded is not None:
            self._store.update(last_engine=self._session.loaded.engine)

    def _show_devices(self) -> None:
        found = self.devices.devices
        if found is not None:
            self.strip.set_devices(found.real, found.simulated)

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("C10 Panel"))
        self.rail.retranslate()
        self.strip.retranslate()
        self.desk.curtain.retranslate()
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
