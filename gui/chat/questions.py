"""Question banks: files of questions, as JSON {"question": [...]} or with one question a line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core import fsio, strictjson
from core.errors import FormatError
from gui.paths import RESOURCES

MAX_BYTES = 8 << 20
MAX_QUESTIONS = 10_000
MAX_CHARS = 100_000


@dataclass(frozen=True, slots=True)
class Bank:
    """The questions of one file; `built_in` if it came with the program."""

    path: Path
    questions: tuple[str, ...]
    built_in: bool = False


def built_in_files() -> tuple[Path, ...]:
    """Return the question files that came with the program, by name."""
    folder = RESOURCES / "questions"
    return tuple(sorted(p for p in folder.glob("*") if p.suffix in (".json", ".txt"))) if fsio.is_folder(folder) else ()


def read(path: Path, *, built_in: bool = False) -> Bank:
    """Read a question file; raises FormatError (with what is wrong) or FileError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FormatError(f"{path} is larger than {MAX_BYTES >> 20} MiB.", "Choose a file of questions.")
        data = path.read_bytes()
    except OSError as error:
        raise fsio.file_error(error, path, "read") from error
    return Bank(path, parse(data, str(path)), built_in)


def parse(data: bytes, name: str) -> tuple[str, ...]:
    """Return the questions in `data`; raises FormatError naming the file `name`."""
    stripped = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    questions = _from_json(stripped, name) if stripped.startswith(b"{") else _from_lines(data, name)
    if not questions:
        raise FormatError(f"{name} holds no question.", "Put one question on each line.")
    return questions[:MAX_QUESTIONS]


def _from_json(data: bytes, name: str) -> tuple[str, ...]:
    parsed = strictjson.loads(data, max_bytes=MAX_BYTES, what=f"question file {name}")
    listed = parsed.get("question") if isinstance(parsed, dict) else None
    if isinstance(listed, str):
        listed = [listed]
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise FormatError(f'{name} has no list of texts under "question".', 'It must look like {"question": ["..."]}.')
    return tuple(item.strip()[:MAX_CHARS] for item in listed if item.strip())


def _from_lines(data: bytes, name: str) -> tuple[str, ...]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"{name} is not UTF-8 text at byte {error.start}.", "Save it as UTF-8.") from error
    return tuple(line.strip()[:MAX_CHARS] for line in text.splitlines() if line.strip())
