"""download through the command line, from a host on this machine."""

from __future__ import annotations

import functools
import hashlib
import http.server
import io
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.download import ARCHIVE_NAME
from tests.core.cli.conftest import Run


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "served"
    folder.mkdir()
    with tarfile.open(folder / ARCHIVE_NAME, "w:gz") as archive:
        entry = tarfile.TarInfo("chatglm2-6b-onnx/model.onnx")
        entry.size = 5
        archive.addfile(entry, io.BytesIO(b"model"))
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_model_lies_where_the_vendors_script_puts_it(run: Run, tmp_path: Path, host: str) -> None:
    target = tmp_path / "models"
    digest = hashlib.sha256((tmp_path / "served" / ARCHIVE_NAME).read_bytes()).hexdigest()
    result = run("download", "--host", host, "--output", target, "--sha256", digest, "--json")
    assert result.code == 0, result.err
    model = target / "chatglm2-6b-onnx" / "model.onnx"
    assert result.last["path"] == str(model)
    assert model.read_bytes() == b"model"
    assert [path.name for path in target.iterdir()] == ["chatglm2-6b-onnx"]
    again = run("download", "--host", host, "--output", target)
    assert again.code == 2
    assert "there already" in again.err


def test_a_wrong_digest_is_refused(run: Run, tmp_path: Path, host: str) -> None:
    result = run("download", "--host", host, "--output", tmp_path / "models", "--sha256", "0" * 64)
    assert result.code == 2
    assert "SHA-256" in result.err
    assert not (tmp_path / "models" / "chatglm2-6b-onnx").exists()
