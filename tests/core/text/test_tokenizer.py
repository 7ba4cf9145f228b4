"""ChatGLM2's tokenizer against the original's ids, and a byte-level BPE against the library's own decoding."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from core.errors import TokenizerError
from core.text.prompts import Message
from core.text.stream import clean_up
from core.text.tokenizer import BPETokenizer, ChatGLMTokenizer, from_files, load, pad_left
from tests.core.text.samples import TEMPLATE, bpe_files

SHARED = Path(__file__).resolve().parents[4] / "shared"
MODEL = SHARED / "seed" / "tokenizer.model"
GOLDEN = SHARED / "fixtures" / "golden_tokenizer.json"

needs_golden = pytest.mark.skipif(
    not (MODEL.exists() and GOLDEN.exists()), reason="the original tokenizer and its golden ids are not on this machine"
)


@pytest.fixture(scope="module")
def chatglm() -> ChatGLMTokenizer:
    return ChatGLMTokenizer(MODEL.read_bytes())


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return data


@needs_golden
def test_special_ids_and_prefix_are_the_originals(chatglm: ChatGLMTokenizer, golden: dict[str, Any]) -> None:
    specials = dict(golden["specials"])
    assert chatglm.vocab_size == golden["vocab_size"]
    assert chatglm.prefix == golden["prefix"]
    assert chatglm.eos_ids == {specials["eos"]}
    for name, token in chatglm.special_ids.items():
        assert specials[name] == token


@needs_golden
def test_single_texts(chatglm: ChatGLMTokenizer, golden: dict[str, Any]) -> None:
    assert len(golden["single"]) == 43
    for case in golden["single"]:
        ids = chatglm.encode(case["text"])
        padded = pad_left([ids])
        assert ids == case["input_ids"], case["text"]
        assert padded.position_ids[0] == case["position_ids"]
        assert padded.attention_mask[0] == case["attention_mask"]
        assert chatglm.decode(ids) == case["decoded"]
        assert chatglm.decode(ids[2:]) == case["decoded_no_prefix"]


@needs_golden
def test_left_padding(chatglm: ChatGLMTokenizer, golden: dict[str, Any]) -> None:
    for case in golden["padded_max_length"]:
        padded = pad_left([chatglm.encode(case["text"])], case["max_length"])
        assert padded.input_ids[0] == case["input_ids"]
        assert padded.position_ids[0] == case["position_ids"]
        assert padded.attention_mask[0] == case["attention_mask"]
    batch = golden["padded_longest"]
    padded = pad_left([chatglm.encode(text) for text in batch["texts"]])
    assert padded.input_ids == batch["input_ids"]
    assert padded.position_ids == batch["position_ids"]
    assert padded.attention_mask == batch["attention_mask"]


@needs_golden
def test_prompt_building(chatglm: ChatGLMTokenizer, golden: dict[str, Any]) -> None:
    case = golden["build_prompt"]
    turns: list[Message] = []
    for question, answer in case["history"]:
        turns += [Message("user", question), Message("assistant", answer)]
    assert chatglm.prompt_format.render([*turns, Message("user", case["query"])]) == case["prompt"]


@needs_golden
def test_decoding(chatglm: ChatGLMTokenizer, golden: dict[str, Any]) -> None:
    for case in golden["decode"]:
        assert chatglm.decode(case["ids"]) == case["text"]


@needs_golden
def test_any_ids_decode_as_sentencepiece_decodes_them(chatglm: ChatGLMTokenizer) -> None:
    import sentencepiece

    reference = sentencepiece.SentencePieceProcessor(model_file=str(MODEL))
    generator = random.Random(7)
    for _ in range(400):
        bytes_first = generator.random() < 0.5
        ids = [generator.randrange(3, 259 if bytes_first and generator.random() < 0.7 else 64789) for _ in range(12)]
        if generator.random() < 0.5:
            ids = [30910, *ids]
        text = clean_up(reference.decode(ids))
        assert chatglm.decode(ids) == text
        stream = chatglm.stream()
        assert "".join([*(stream.push(token) for token in ids), stream.finish()]) == text


@needs_golden
def test_ids_of_the_padded_vocabulary_add_nothing(chatglm: ChatGLMTokenizer) -> None:
    assert chatglm.decode([64794, 65023, 36474, 70000]) == chatglm.decode([36474])


TEXTS = ["Hello, world!", "  two  spaces\n\ttab", "你好，世界 👋🏽", "naïve café", "", "<|im_end|>", "a<|tool|>b"]


@pytest.mark.parametrize("kind", ["byte_level", "metaspace"])
def test_bpe_round_trip_equals_the_library(kind: str) -> None:
    import tokenizers

    files = bpe_files(kind)
    ours = from_files(files)
    library = tokenizers.Tokenizer.from_buffer(files["tokenizer.json"])
    assert ours.kind == "bpe"
    for text in TEXTS:
        ids = ours.encode(text)
        assert ids == library.encode(text).ids
        assert ours.decode(ids) == library.decode(ids)


def test_broken_byte_sequences_decode_as_the_library_decodes_them() -> None:
    import tokenizers

    files = bpe_files("byte_level")
    ours, library = from_files(files), tokenizers.Tokenizer.from_buffer(files["tokenizer.json"])
    generator = random.Random(3)
    for _ in range(300):
        ids = [generator.randrange(ours.vocab_size) for _ in range(10)]
        assert ours.decode(ids) == library.decode(ids)


def test_a_chat_template_is_used_and_writes_its_own_special_tokens() -> None:
    tokenizer = from_files(bpe_files("byte_level"))
    prompt = tokenizer.prompt_format.render([Message("system", "Be brief."), Message("user", "Hi")])
    assert prompt == "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    ids = tokenizer.encode_prompt(prompt)
    assert ids.count(1) == 3  # <|im_start|> is one token
    assert tokenizer.eos_ids == {2}
    assert TEMPLATE in tokenizer.prompt_format.template


def test_without_a_template_the_text_is_the_prompt() -> None:
    files = bpe_files("byte_level")
    tokenizer = BPETokenizer(files["tokenizer.json"])
    assert tokenizer.prompt_format.kind == "plain"
    assert tokenizer.prompt_format.render([Message("user", "Once upon")]) == "Once upon"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tokenizer.json", b"{}"),
        ("tokenizer.json", b"\xff\x00"),
        ("tokenizer.model", b"not a model"),
        ("tokenizer.model", b""),
    ],
)
def test_broken_files_are_refused(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(TokenizerError):
        load(tmp_path)
    with pytest.raises(TokenizerError):
        load(tmp_path / name)


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenizerError, match="neither"):
        load(tmp_path)
    with pytest.raises(TokenizerError, match=r"missing\.model"):
        load(tmp_path / "missing.model")


def test_loading_from_a_folder_reads_the_template_beside_it(tmp_path: Path) -> None:
    for name, data in bpe_files("byte_level").items():
        (tmp_path / name).write_bytes(data)
    assert load(tmp_path).prompt_format.kind == "chat_template"
    assert load(tmp_path / "tokenizer.json").prompt_format.kind == "chat_template"
