"""What an installed program leaves with the desktop: menu entry, icons, the type of .ngf files, the manual page."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from manual import manual_page
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from core import __version__
from gui import desktop

ROOT = Path(__file__).resolve().parents[2]
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def make(share: Path, program: str, moment: int) -> None:
    """Fill a `share` folder for a program that is started by the command `program`; `moment` dates the manual page."""
    write(share / "applications" / f"{desktop.APP_ID}.desktop", desktop.entry_text(program, desktop.APP_ID))
    write(share / "mime" / "packages" / f"{desktop.APP_ID}.xml", desktop.mime_text())
    icons(share / "icons" / "hicolor")
    page = manual_page(__version__, moment).encode()
    path = share / "man" / "man1" / "c10-panel.1.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(page, 9, mtime=0))


def icons(folder: Path) -> None:
    """Draw the program's and the engine file's icon in all sizes, and put the drawings beside them."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QGuiApplication.instance() or QGuiApplication([])
    for kind, name, source in (("apps", desktop.APP_ID, "c10-panel"), ("mimetypes", desktop.MIME_ICON, "engine-file")):
        drawing = (ROOT / "resources" / "icons" / f"{source}.svg").read_bytes()
        write(folder / "scalable" / kind / f"{name}.svg", drawing.decode())
        for size in SIZES:
            place = folder / f"{size}x{size}" / kind / f"{name}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            if not drawn(drawing, size).save(str(place)):
                raise OSError(f"{place} can't be written")
    del app


def drawn(svg: bytes, size: int) -> QImage:
    """Return a drawing as a picture of `size` x `size` pixels with a clear ground."""
    picture = QImage(QSize(size, size), QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg)).render(painter)
    painter.end()
    return picture


def write(path: Path, text: str) -> None:
    """Write a text file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
