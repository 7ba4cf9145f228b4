import contextlib
import hashlib
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.download import download, model_urls
from core.errors import Cancelled, DownloadError, FileError, ResourceError, UsageError

DATA = random.Random(1).randbytes(3_000_000)
SHA256 = hashlib.sha256(DATA).hexdigest()


@dataclass
class Host:
    """What a test server does, and what it was asked."""

    data: bytes = DATA
    cut_after: int | None = None
    """Bytes after which each answer breaks off."""
    ranges: bool = True
    status: int = 200
    location: str = ""
    tell_length: bool = True
    asked: list[str] = field(default_factory=list)
    url: str = ""


def _handler(host: Host) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            host.asked.append(wanted)
            if host.status != 200:
                self.send_response(host.status)
                self.send_header("Location", host.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            start = int(wanted[6:-1]) if wanted and host.ranges else 0
            if start >= len(host.data):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(host.data) - 1}/{len(host.data)}")
            if host.tell_length:
                self.send_header("Content-Length", str(len(host.data) - start))
            self.end_headers()
            body = host.data[start:]
            with contextlib.suppress(ConnectionError):  # a download that was stopped
                self.wfile.write(body if host.cut_after is None else body[: host.cut_after])

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def hosts() -> Iterator[list[Host]]:
    """Two hosts on this machine."""
    found = [Host(), Host()]
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(host)) for host in found]
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,)) for server in servers]
    for host, server, thread in zip(found, servers, threads, strict=True):
        host.url = f"http://127.0.0.1:{server.server_port}/model.tar.gz"
        thread.start()
    yield found
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        server.server_close()
        thread.join()


def urls(hosts: list[Host]) -> list[str]:
    return [host.url for host in hosts]


def test_a_file_arrives_whole_and_with_progress(tmp_path: Path, hosts: list[Host]) -> None:
    seen: list[tuple[int, int | None]] = []
    target = tmp_path / "new" / "m.tar.gz"
    progress = lambda done, total: seen.append((done, total))  # noqa: E731 -- shorter than a function
    assert download(urls(hosts), target, size=len(DATA), sha256=SHA256.upper(), progress=progress) == target
    assert target.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert [path.name for path in target.parent.iterdir()] == ["m.tar.gz"]
    assert hosts[1].asked == []


@pytest.mark.parametrize("tell_length", [True, False])
def test_size_and_digest_may_be_unknown(tmp_path: Path, hosts: list[Host], tell_length: bool) -> None:
    hosts[0].tell_length = tell_length
    assert download(urls(hosts), tmp_path / "m").read_bytes() == DATA


def test_a_right_file_is_not_fetched_again(tmp_path: Path, hosts: list[Host]) -> None:
    (tmp_path / "m").write_bytes(DATA)
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert hosts[0].asked == []


def test_a_wrong_file_is_replaced(tmp_path: Path, hosts: list[Host]) -> None:
    (tmp_path / "m").write_bytes(b"old")
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert (tmp_path / "m").read_bytes() == DATA


def test_cut_connections_are_resumed(tmp_path: Path, hosts: list[Host]) -> None:
    hosts[0].cut_after = 700_000
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert (tmp_path / "m").read_bytes() == DATA
    assert hosts[0].asked == ["", *(f"bytes={n * 700_000}-" for n in range(1, 5))]


@pytest.mark.parametrize("status", [404, 500, 503])
def test_the_second_host_stands_in(tmp_path: Path, hosts: list[Host], status: int) -> None:
    hosts[0].status = status
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert (tmp_path / "m").read_bytes() == DATA


def test_the_second_host_goes_on_where_the_first_one_stopped(tmp_path: Path, hosts: list[Host]) -> None:
    (tmp_path / "m.partial").write_bytes(DATA[:1_000_000])
    hosts[0].cut_after = 0
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert hosts[1].asked == ["bytes=1000000-"]
    assert (tmp_path / "m").read_bytes() == DATA


def test_a_host_with_another_file_is_passed_over(tmp_path: Path, hosts: list[Host]) -> None:
    hosts[0].data = DATA[:-1]
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert (tmp_path / "m").read_bytes() == DATA


def test_a_host_without_ranges_starts_over(tmp_path: Path, hosts: list[Host]) -> None:
    (tmp_path / "m.partial").write_bytes(b"x" * 1000)
    hosts[0].ranges = False
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert (tmp_path / "m").read_bytes() == DATA


@pytest.mark.parametrize("size", [1000, len(DATA) - 1, len(DATA), len(DATA) + 5])
def test_foreign_bytes_of_an_earlier_try_are_thrown_away(tmp_path: Path, hosts: list[Host], size: int) -> None:
    (tmp_path / "m.partial").write_bytes(b"x" * size)
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert (tmp_path / "m").read_bytes() == DATA


def test_a_wrong_digest_is_refused_and_removed(tmp_path: Path, hosts: list[Host]) -> None:
    with pytest.raises(DownloadError, match="SHA-256") as caught:
        download(urls(hosts), tmp_path / "m", size=len(DATA), sha256="0" * 64)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_giving_up_keeps_what_arrived(tmp_path: Path, hosts: list[Host]) -> None:
    hosts[0].data = hosts[1].data = DATA[:0]
    (tmp_path / "m.partial").write_bytes(DATA[:5000])
    for host in hosts:
        host.status = 404
    with pytest.raises(DownloadError, match="5000 bytes arrived"):
        download(urls(hosts), tmp_path / "m", size=len(DATA))
    assert (tmp_path / "m.partial").read_bytes() == DATA[:5000]


def test_hosts_that_are_not_there_give_a_sentence(tmp_path: Path, hosts: list[Host]) -> None:
    with pytest.raises(DownloadError, match="None of 2 hosts"):
        download(["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"], tmp_path / "m")


def test_stopping_keeps_what_arrived_for_the_next_time(tmp_path: Path, hosts: list[Host]) -> None:
    with pytest.raises(Cancelled):
        download(urls(hosts), tmp_path / "m", size=len(DATA), cancelled=lambda: True)
    kept = (tmp_path / "m.partial").stat().st_size
    assert 0 < kept < len(DATA)
    download(urls(hosts), tmp_path / "m", size=len(DATA), sha256=SHA256)
    assert hosts[0].asked == ["", f"bytes={kept}-"]


def test_a_redirect_is_followed_but_not_to_a_file(tmp_path: Path, hosts: list[Host]) -> None:
    hosts[0].status, hosts[0].location = 302, hosts[1].url
    assert download([hosts[0].url], tmp_path / "m").read_bytes() == DATA
    hosts[0].location = (tmp_path / "m").as_uri()
    with pytest.raises(DownloadError, match=r"(?i)redirect"):
        download([hosts[0].url], tmp_path / "n")


def test_too_little_room_is_said_first(tmp_path: Path, hosts: list[Host], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.fsio.free_bytes", lambda folder: 1000)
    with pytest.raises(ResourceError, match="3000000 bytes"):
        download(urls(hosts), tmp_path / "m", size=len(DATA))
    assert (tmp_path / "m.partial").stat().st_size == 0


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/file", "host/file", "http://", "https://a b/c"])
def test_other_addresses_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError):
        download([url], tmp_path / "m")


def test_no_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        download([], tmp_path / "m")


def test_two_processes_do_not_write_into_the_same_file(tmp_path: Path, hosts: list[Host]) -> None:
    def again(done: int, total: int | None) -> None:
        if done:
            download(urls(hosts), tmp_path / "m", size=len(DATA))

    with pytest.raises(DownloadError, match="another process"):
        download(urls(hosts), tmp_path / "m", size=len(DATA), progress=again)


def test_a_folder_in_the_way_gives_a_sentence(tmp_path: Path, hosts: list[Host]) -> None:
    (tmp_path / "m").mkdir()
    with pytest.raises(FileError):
        download(urls(hosts), tmp_path / "m", size=len(DATA))


def test_every_host_gets_the_archives_address() -> None:
    assert model_urls(["https://a.example/x/", "https://b.example"]) == (
        "https://a.example/x/chatglm2_6b_20230624_onnx.tar.gz",
        "https://b.example/chatglm2_6b_20230624_onnx.tar.gz",
    )
