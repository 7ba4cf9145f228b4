import json
from pathlib import Path

import sentencepiece
from tokenizers import Tokenizer

from core.export.synthetic import tiny_spec, write_sentencepiece, write_tokenizer

TEXT = "What is 你好 the 🦊?"


def test_the_bpe_tokenizer_fits_the_tiny_model_and_returns_any_text(tmp_path: Path) -> None:
    tokenizer = Tokenizer.from_file(str(write_tokenizer(tmp_path)))
    ids = tokenizer.encode(TEXT).ids
    assert max(ids) < tiny_spec().vocab_size
    assert tokenizer.decode(ids) == TEXT
    assert tokenizer.encode("<|im_start|>user").ids[0] == 1
    assert "<|im_start|>" in json.loads((tmp_path / "tokenizer_config.json").read_text())["chat_template"]


def test_the_sentencepiece_tokenizer_fits_the_tiny_model_and_returns_any_text(tmp_path: Path) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(write_sentencepiece(tmp_path)))
    assert processor.vocab_size() + 5 <= tiny_spec().vocab_size
    assert processor.decode(processor.encode(TEXT)) == TEXT
