from __future__ import annotations

from pathlib import Path

import pytest

from core.compiler.source import open_source
from core.errors import TokenizerError
from core.export.synthetic import write_sentencepiece, write_tokenizer


def test_without_a_tokenizer_beside_the_model_there_is_none(tiny_onnx: Path) -> None:
    source = open_source(tiny_onnx)
    assert (source.tokenizer_kind, source.tokenizer_files) == ("", {})


@pytest.mark.parametrize("pick", ["folder", "file"])
def test_the_original_tokenizer_may_be_picked_elsewhere(tiny_onnx: Path, tmp_path: Path, pick: str) -> None:
    model = write_sentencepiece(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "ChatGLMTokenizer"}')
    source = open_source(tiny_onnx, tmp_path if pick == "folder" else model)
    assert source.tokenizer_kind == "chatglm"
    assert source.tokenizer_files == {"tokenizer.model": model.read_bytes()}
    assert source.chat.prompt_format == "chatglm2"


def test_a_picked_tokenizer_json_brings_its_chat_template(tiny_onnx: Path, tmp_path: Path) -> None:
    source = open_source(tiny_onnx, write_tokenizer(tmp_path))
    assert source.tokenizer_kind == "bpe"
    assert set(source.tokenizer_files) == {"tokenizer.json", "tokenizer_config.json"}


def test_a_picked_file_that_is_no_tokenizer_is_refused_before_any_work(tiny_onnx: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.model").write_bytes(b"nothing")
    with pytest.raises(TokenizerError, match="sentencepiece"):
        open_source(tiny_onnx, tmp_path)
