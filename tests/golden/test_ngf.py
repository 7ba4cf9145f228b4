from __future__ import annotations

from pathlib import Path

import numpy as np

from core.ngf.reader import NgfFile
from tests.core.ngf.sample import HEADER, content, write_sample

GOLDEN = Path(__file__).parent


def test_an_engine_of_format_version_1_opens():
    with NgfFile.open(GOLDEN / "engine_v1.ngf") as file:
        file.verify()
        assert file.header.role == "multi"
        for name in ("spec", "config", "target", "tokenizer", "chat", "producer"):
            assert getattr(file.header, name) == getattr(HEADER, name)
        for name, data in content().items():
            if isinstance(data, bytes):
                assert file.bytes_of(name) == data
            else:
                assert np.array_equal(file.tensor(name), data)


def test_format_version_1_is_still_written_byte_for_byte(tmp_path):
    write_sample(tmp_path / "a.ngf", "multi")
    assert (tmp_path / "a.ngf").read_bytes() == (GOLDEN / "engine_v1.ngf").read_bytes()
