"""The one style sheet, made from the design tokens. Widgets choose their look by object name or dynamic property."""

from __future__ import annotations

from gui.design import TOUCH, Mode, Palette, Radius, Type, palette
from gui.paths import icon_path

_TEMPLATE = """
* {{ font-size: {body}px; }}
QWidget {{ color: {p.text}; }}
QWidget#window, QDialog, QMainWindow {{ background: {p.window}; }}
QToolTip {{ background: {p.text}; color: {p.window}; border: none; padding: 6px 10px; }}
QScrollArea, QScrollArea > QWidget > QWidget#page, QStackedWidget {{ background: transparent; border: none; }}

QLabel {{ background: transparent; }}
QLabel[role="display"] {{ font-size: {display}px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {heading}px; font-weight: 600; }}
QLabel[role="title"] {{ font-size: {title}px; font-weight: 600; }}
QLabel[role="strong"] {{ font-size: {strong}px; font-weight: 600; }}
QLabel[role="value"] {{ font-size: {heading}px; font-weight: 600; }}
QLabel[role="lead"] {{ font-size: {title}px; color: {p.muted}; }}
QLabel[role="count"] {{ font-size: {hero}px; font-weight: 700; }}
QLabel[role="muted"] {{ color: {p.muted}; }}
QLabel[role="caption"] {{ color: {p.muted}; font-size: {caption}px; }}
QLabel[role="mono"] {{ font-family: "Noto Sans Mono", "DejaVu Sans Mono", monospace; font-size: {caption}px; }}
QLabel[tone="ok"] {{ color: {p.ok}; }}
QLabel[tone="warn"] {{ color: {p.warn}; }}
QLabel[tone="bad"] {{ color: {p.bad}; }}

QFrame[role="card"] {{ background: {p.surface}; border: 1px solid {p.border}; border-radius: {r.L}px; }}
QFrame[role="card"][active="true"] {{ border: 2px solid {p.accent}; }}
QFrame[role="inset"] {{ background: {p.raised}; border: none; border-radius: {r.M}px; }}
QFrame[role="line"] {{ background: {p.border}; border: none; max-height: 1px; min-height: 1px; }}

QFrame#rail {{ background: {p.rail}; border: none; }}
QFrame#rail QLabel {{ color: {p.rail_text}; }}
QFrame#rail QLabel[role="caption"] {{ color: {p.rail_muted}; }}
QFrame#rail QScrollArea, QFrame#rail QWidget#railBody {{ background: transparent; }}
QFrame#rail QToolButton {{ background: transparent; color: {p.rail_muted}; border: 2px solid transparent;
    border-radius: {r.M}px; padding: 8px 14px; min-height: {rail}px; text-align: left; font-size: {strong}px;
    font-weight: 500; }}
QFrame#rail QToolButton:hover {{ background: {p.rail_hover}; color: {p.rail_text}; }}
QFrame#rail QToolButton:checked {{ background: {p.rail_checked}; color: {p.rail_text}; font-weight: 600; }}
QFrame#rail QToolButton:focus {{ border-color: {dark.focus}; }}

QFrame#strip {{ background: {p.surface}; border: none; border-top: 1px solid {p.border}; }}
QFrame#strip QToolButton, QFrame#strip QPushButton {{ min-height: {touch}px; }}

QPushButton, QToolButton {{ background: {p.surface}; color: {p.text}; border: 1px solid {p.border_strong};
    border-radius: {r.M}px; padding: 0 16px; min-height: {touch}px; font-weight: 500; }}
QToolButton {{ padding: 0 12px; }}
QToolButton[iconOnly="true"] {{ padding: 0; min-width: {touch}px; }}
QPushButton:hover, QToolButton:hover {{ background: {p.raised}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {p.sunken}; }}
QPushButton:checked, QToolButton:checked {{ background: {p.accent_soft}; border-color: {p.accent};
    color: {p.accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {p.muted}; background: {p.raised}; border-color: {p.border}; }}
QPushButton:focus, QToolButton:focus {{ border: 2px solid {p.focus}; padding: 0 15px; }}
QToolButton:focus {{ padding: 0 11px; }}
QToolButton[iconOnly="true"]:focus {{ padding: 0; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton[kind="primary"] {{ background: {p.accent}; color: {p.on_accent}; border: 1px solid {p.accent};
    font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {p.accent_hover}; border-color: {p.accent_hover}; }}
QPushButton[kind="primary"]:pressed {{ background: {p.accent_pressed}; }}
QPushButton[kind="primary"]:focus {{ border: 3px solid {focus_on_fill}; padding: 0 14px; }}
QPushButton[kind="primary"]:disabled {{ background: {p.sunken}; color: {p.muted}; border-color: {p.sunken}; }}
QPushButton[kind="danger"] {{ background: {p.bad}; color: {p.on_bad}; border: 1px solid {p.bad}; font-weight: 600; }}
QPushButton[kind="danger"]:hover {{ background: {p.bad_hover}; border-color: {p.bad_hover}; }}
QPushButton[kind="danger"]:focus {{ border: 3px solid {focus_on_fill}; padding: 0 14px; }}
QPushButton[kind="danger"]:disabled {{ background: {p.sunken}; color: {p.muted}; border-color: {p.sunken}; }}
QPushButton[kind="quiet"], QToolButton[kind="quiet"] {{ background: transparent; border: 1px solid transparent; }}
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover {{ background: {p.raised}; }}
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus {{ border: 2px solid {p.focus}; }}
QPushButton[kind="quiet"]:disabled, QToolButton[kind="quiet"]:disabled {{ background: transparent;
    border-color: transparent; }}

QPushButton[grade="hero"] {{ font-size: {heading}px; border-radius: {r.L}px; padding: 0 28px; min-height: {big}px; }}
QPushButton[grade="hero"]:focus {{ padding: 0 26px; }}
QPushButton[grade="key"] {{ font-size: {heading}px; min-width: {big}px; min-height: {big}px; }}
QLabel#demoHint {{ color: {p.muted}; font-size: {strong}px; border-radius: {r.L}px; padding: 6px 18px; }}
QLabel#demoHint[attract="true"] {{ color: {p.on_accent}; background: {p.accent}; font-size: {title}px;
    font-weight: 600; }}
QFrame#curtain {{ background: {curtain}; border: none; }}

QLabel[badge="neutral"], QLabel[badge="ok"], QLabel[badge="warn"], QLabel[badge="bad"], QLabel[badge="accent"] {{
    border-radius: {pill}px; padding: 3px 12px; font-size: {caption}px; font-weight: 600;
    background: {p.raised}; color: {p.muted}; }}
QLabel[badge="ok"] {{ background: {p.ok_soft}; color: {p.ok}; }}
QLabel[badge="warn"] {{ background: {p.warn_soft}; color: {p.warn}; }}
QLabel[badge="bad"] {{ background: {p.bad_soft}; color: {p.bad}; }}
QLabel[badge="accent"] {{ background: {p.accent_soft}; color: {p.accent}; }}

QFrame[banner="info"] {{ background: {p.accent_soft}; border: 1px solid {p.accent}; border-radius: {r.M}px; }}
QFrame[banner="ok"] {{ background: {p.ok_soft}; border: 1px solid {p.ok}; border-radius: {r.M}px; }}
QFrame[banner="warn"] {{ background: {p.warn_soft}; border: 1px solid {p.warn}; border-radius: {r.M}px; }}
QFrame[banner="bad"] {{ background: {p.bad_soft}; border: 1px solid {p.bad}; border-radius: {r.M}px; }}

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit, QTextBrowser, QListView, QTreeView,
QTableView {{ background: {p.surface}; border: 1px solid {p.border_strong}; border-radius: {r.M}px; padding: 0 12px;
    selection-background-color: {p.accent}; selection-color: {p.on_accent}; }}
QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox {{ min-height: {touch}px; }}
QPlainTextEdit, QTextEdit, QTextBrowser {{ padding: 8px 12px; }}
QListView, QTreeView, QTableView {{ padding: 4px; outline: none; alternate-background-color: {p.raised}; }}
QListView::item, QTreeView::item {{ min-height: {touch}px; border-radius: {r.S}px; padding: 0 8px; }}
QListView::item:hover, QTreeView::item:hover {{ background: {p.raised}; }}
QListView::item:selected, QTreeView::item:selected {{ background: {p.accent_soft}; color: {p.text}; }}
QHeaderView::section {{ background: {p.raised}; color: {p.muted}; border: none; padding: 8px 12px;
    font-size: {caption}px; font-weight: 600; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus,
QTextBrowser:focus, QListView:focus, QTreeView:focus, QTableView:focus {{ border: 2px solid {p.focus};
    padding: 0 11px; }}
QPlainTextEdit:focus, QTextEdit:focus, QTextBrowser:focus {{ padding: 7px 11px; }}
QListView:focus, QTreeView:focus, QTableView:focus {{ padding: 3px; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ background: {p.raised};
    color: {p.muted}; border-color: {p.border}; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; background: transparent; padding: 0 0 0 12px;
    min-height: 0; }}
QSpinBox, QDoubleSpinBox {{ padding: 0 {spin_room}px 0 0; }}
QSpinBox:focus, QDoubleSpinBox:focus {{ padding: 0 {spin_room}px 0 0; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{ subcontrol-origin: border; subcontrol-position: center right;
    width: {spin}px; height: {touch}px; border: none; border-left: 1px solid {p.border}; }}
QSpinBox::down-button, QDoubleSpinBox::down-button {{ subcontrol-origin: border; subcontrol-position: center right;
    right: {spin}px; width: {spin}px; height: {touch}px; border: none; border-left: 1px solid {p.border}; }}
QSpinBox::up-button:hover, QDoubleSpinBox::up-button:hover, QSpinBox::down-button:hover,
QDoubleSpinBox::down-button:hover {{ background: {p.raised}; }}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url("{icons}/plus-{mode}.svg"); width: {glyph}px;
    height: {glyph}px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{ image: url("{icons}/minus-{mode}.svg"); width: {glyph}px;
    height: {glyph}px; }}
QComboBox::drop-down {{ border: none; width: {spin}px; }}
QComboBox::down-arrow {{ image: url("{icons}/chevron-down-{mode}.svg"); width: {glyph}px; height: {glyph}px; }}
QComboBox QAbstractItemView {{ background: {p.surface}; border: 1px solid {p.border_strong}; padding: 4px;
    border-radius: 0; outline: none; selection-background-color: {p.accent_soft}; selection-color: {p.text}; }}
QComboBox QAbstractItemView::item {{ min-height: {touch}px; padding: 0 8px; }}

QCheckBox, QRadioButton {{ spacing: 10px; min-height: {touch}px; border: 2px solid transparent;
    border-radius: {r.S}px; padding: 0 6px; background: transparent; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {p.focus}; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: {box}px; height: {box}px; border: 2px solid {p.border_strong};
    background: {p.surface}; }}
QCheckBox::indicator {{ border-radius: {r.S}px; }}
QRadioButton::indicator {{ border-radius: {box_radius}px; }}
QCheckBox::indicator:checked {{ background: {p.accent}; border-color: {p.accent};
    image: url("{icons}/check-on-{mode}.svg"); }}
QRadioButton::indicator:checked {{ border-color: {p.accent}; image: url("{icons}/dot-accent-{mode}.svg"); }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {p.muted}; }}

QSlider::groove:horizontal {{ height: 6px; background: {p.sunken}; border-radius: 3px; }}
QSlider::sub-page:horizontal {{ background: {p.accent}; border-radius: 3px; }}
QSlider::handle:horizontal {{ width: 24px; height: 24px; margin: -10px 0; border-radius: 13px;
    background: {p.surface}; border: 2px solid {p.accent}; }}
QSlider {{ min-height: {touch}px; border: 2px solid transparent; border-radius: {r.S}px; }}
QSlider:focus {{ border-color: {p.focus}; }}
QProgressBar {{ background: {p.sunken}; border: none; border-radius: 5px; min-height: 10px; max-height: 10px;
    text-align: center; color: transparent; }}
QProgressBar::chunk {{ background: {p.accent}; border-radius: 5px; }}

QTabBar::tab {{ background: transparent; color: {p.muted}; padding: 0 18px; min-height: {touch}px; border: none;
    border-bottom: 3px solid transparent; font-weight: 500; }}
QTabBar::tab:selected {{ color: {p.text}; border-bottom-color: {p.accent}; font-weight: 600; }}
QTabBar::tab:hover {{ color: {p.text}; }}
QTabBar::tab:focus {{ background: {p.raised}; border-bottom-color: {p.focus}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {p.border}; }}

QMenu {{ background: {p.surface}; border: 1px solid {p.border_strong}; padding: 6px; }}
QMenu::item {{ min-height: {menu}px; padding: 6px 28px 6px 16px; border-radius: {r.S}px; }}
QMenu::item:selected {{ background: {p.accent_soft}; color: {p.text}; }}
QMenu::item:disabled {{ color: {p.muted}; }}
QMenu::icon {{ padding-left: 10px; }}
QMenu::separator {{ height: 1px; background: {p.border}; margin: 6px 8px; }}
QMenu::indicator {{ width: {glyph}px; height: {glyph}px; padding-left: 10px; }}
QMenu::indicator:checked {{ image: url("{icons}/check-{mode}.svg"); }}

QScrollBar:vertical {{ background: transparent; width: 14px; margin: 2px; }}
QScrollBar:horizontal {{ background: transparent; height: 14px; margin: 2px; }}
QScrollBar::handle {{ background: {p.border_strong}; border-radius: 5px; min-height: 44px; min-width: 44px; }}
QScrollBar::handle:hover {{ background: {p.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {p.border}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
"""


def _curtain(mode: Mode) -> str:
    """Return the colour of the curtain before the window: what lies behind stays visible."""
    return "rgba(6, 12, 22, 200)" if mode == "dark" else "rgba(18, 26, 40, 170)"


def build(mode: Mode, percent: int) -> str:
    """Return the application's style sheet for a mode and a text scale in percent."""
    colours: Palette = palette(mode)
    size = Type.at(percent)
    touch = max(TOUCH, round(TOUCH * (0.5 + percent / 200))) - 2  # the borders add two
    return _TEMPLATE.format(
        p=colours, dark=palette("dark"), r=Radius, mode=mode, icons=(icon_path("") / "control").as_posix(),
        body=size.body, caption=size.caption, strong=size.strong, title=size.title, heading=size.heading,
        display=size.display, hero=size.hero, big=touch + 22, curtain=_curtain(mode), touch=touch, rail=touch - 4,
        menu=touch - 12, spin=touch, spin_room=2 * touch + 8,
        glyph=round(18 * percent / 100), box=round(22 * (0.5 + percent / 200)),
        box_radius=round(22 * (0.5 + percent / 200)) // 2 + 2, pill=int(size.caption * 0.68 + 3) - 1,
        focus_on_fill=colours.text,
    )  # fmt: skip
