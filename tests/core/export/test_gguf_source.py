import contextlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest

from core.errors import C10Error, FileError, ModelError, ResourceError, TokenizerError
from core.export import export_model
from core.export.gguf_file import GgufFile
from core.export.gguf_source import open_gguf
from core.export.synthetic import RandomWeights, tiny_spec, write_sentencepiece
from core.export.tiktoken_vocabulary import byte_letters
from core.export.weights import Array
from core.spec import ModelSpec
from tests.core.export.folders import write_gguf
from tests.reference import onnx_logits, reference_logits

IDS = [3, 250, 17, 99, 0, 319, 42, 42, 8]
LLAMA = tiny_spec(qkv_bias=False, rotary_dim=16, rope_theta=100000.0)
Kind = gguf.GGMLQuantizationType


def weights_of(spec: ModelSpec) -> dict[str, Array]:
    return RandomWeights(spec, 3).arrays()


@pytest.mark.parametrize(
    ("arch", "spec"),
    [("llama", LLAMA), ("llama", tiny_spec()), ("chatglm", tiny_spec(rope_theta=20000.0))],
    ids=["llama", "llama with bias", "chatglm"],
)
def test_a_gguf_becomes_an_onnx_with_the_same_logits(tmp_path: Path, arch: str, spec: ModelSpec) -> None:
    weights = weights_of(spec)
    path = export_model(write_gguf(tmp_path / "m.gguf", spec, weights, arch=arch), tmp_path / "out")
    np.testing.assert_allclose(onnx_logits(path, IDS), reference_logits(spec, weights, IDS), atol=1e-4)


@pytest.mark.parametrize("kind", [Kind.F16, Kind.BF16, Kind.Q8_0, Kind.Q4_0, Kind.Q4_1, Kind.Q5_0, Kind.Q5_1])
def test_quantised_tensors_are_read_as_the_gguf_library_does(tmp_path: Path, kind: Any) -> None:
    spec = tiny_spec(ffn_size=128)
    weights = weights_of(spec)
    path = export_model(write_gguf(tmp_path / "m.gguf", spec, weights, arch="chatglm", kind=kind), tmp_path / "out")
    exact = {
        name: gguf.quants.dequantize(gguf.quants.quantize(value, kind), kind) if value.ndim == 2 else value
        for name, value in weights.items()
    }
    np.testing.assert_allclose(onnx_logits(path, IDS), reference_logits(spec, exact, IDS), atol=1e-4)


def test_a_head_that_is_absent_is_the_embedding(tmp_path: Path) -> None:
    weights = RandomWeights(LLAMA, 3, tied_head=True).arrays()
    path = export_model(write_gguf(tmp_path / "m.gguf", LLAMA, weights, tied=True), tmp_path / "out")
    np.testing.assert_allclose(onnx_logits(path, IDS), reference_logits(LLAMA, weights, IDS), atol=1e-4)


def test_a_folder_with_one_gguf_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_gguf(tmp_path / "in" / "m.gguf", LLAMA, weights_of(LLAMA))
    assert export_model(tmp_path / "in", tmp_path / "out").is_file()


def test_a_link_in_a_folder_is_not_followed_but_a_picked_one_is(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "m.gguf").symlink_to(path)
    with pytest.raises(ModelError, match="symbolic link"):
        export_model(tmp_path / "in", tmp_path / "out")
    assert export_model(tmp_path / "in" / "m.gguf", tmp_path / "out").is_file()


TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *byte_letters().values(), "Ġt", "he", "Ġthe", "12"]
TOKENIZER: dict[str, Any] = {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "smollm",
    "tokenizer.ggml.tokens": TOKENS,
    "tokenizer.ggml.token_type": [3, 3, 3] + [1] * (len(TOKENS) - 3),
    "tokenizer.ggml.merges": ["Ġ t", "h e", "Ġt he", "1 2"],
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
    "tokenizer.ggml.padding_token_id": 2,
    "tokenizer.chat_template": "{{ messages[0]['content'] }}",
}


def _export_with_tokenizer(tmp_path: Path, **changes: Any) -> Path:
    metadata = TOKENIZER | {f"tokenizer.ggml.{key}": value for key, value in changes.items()}
    return export_model(write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA), metadata=metadata), tmp_path / "out")


def test_the_tokenizer_becomes_a_tokenizer_json(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    folder = _export_with_tokenizer(tmp_path).parent
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    encoded = tokenizer.encode("<|im_start|>hi the 12 你好 🦊\n<|im_end|>")
    assert encoded.ids[0] == 1
    assert encoded.ids[-1] == 2
    assert "Ġthe" in encoded.tokens
    assert "12" not in encoded.tokens, "digits stand alone before merges"
    assert tokenizer.decode(encoded.ids) == "hi the 12 你好 🦊\n"
    config = json.loads((folder / "config.json").read_text())
    assert config["eos_token_ids"] == [2, 0]
    assert config["prompt_format"] == "chat_template"
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    assert settings.items() >= {"eos_token": "<|im_end|>", "chat_template": "{{ messages[0]['content'] }}"}.items()


def test_a_start_token_is_added_where_the_model_wants_one(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    folder = _export_with_tokenizer(tmp_path, pre="gpt-2", add_bos_token=True).parent
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode("the 12").ids[0] == 1
    assert "12" in tokenizer.encode("12").tokens


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model": "bert"}, "bert"),
        ({"pre": "unheard-of"}, "unheard-of"),
        ({"tokens": TOKENS[:-1] + TOKENS[:1]}, "distinct"),
        ({"token_type": [1, 1]}, "types"),
        ({"merges": "none"}, "merges"),
        ({"merges": ["Ġ absent"]}, "damaged"),
        ({"eos_token_id": 100000}, "eos"),
    ],
)
def test_a_tokenizer_that_cannot_be_converted_is_refused(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(TokenizerError, match=sentence):
        _export_with_tokenizer(tmp_path, **changes)
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf"]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another architecture": ({"arch": "mamba"}, "mamba"),
    "experts": ({"metadata": {"llama.expert_count": 8}}, "experts"),
    "scaled rotary": ({"metadata": {"llama.rope.scaling.type": "yarn"}}, "yarn"),
    "extra tensor": ({"extra": {"rope_freqs.weight": np.ones(4, np.float32)}}, "rope_freqs"),
    "wrong shape": ({"extra": {"blk.0.attn_norm.weight": np.ones(4, np.float32)}}, "implies"),
}


@pytest.mark.parametrize(("options", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_graph_cannot_express_is_refused(tmp_path: Path, options: dict[str, Any], sentence: str) -> None:
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA), **options)
    with pytest.raises(ModelError, match=sentence) as caught:
        export_model(path, tmp_path / "out")
    assert caught.value.hint
    assert not (tmp_path / "out").exists()


def test_a_cut_file_is_refused_wherever_it_is_cut(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA), metadata=TOKENIZER)
    data = path.read_bytes()
    for size in [*range(0, 12000, 117), len(data) - 1]:
        path.write_bytes(data[:size])
        with pytest.raises(ModelError):
            GgufFile(path)


def test_damaged_headers_give_sentences_only(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA))
    data = bytearray(path.read_bytes())
    draw = random.Random(5)
    for _ in range(400):
        position, value = draw.randrange(4000), draw.randrange(256)
        old, data[position] = data[position], value
        path.write_bytes(data)
        with contextlib.suppress(C10Error):
            open_gguf(path).close()
        data[position] = old


def _string(text: bytes) -> bytes:
    return len(text).to_bytes(8, "little") + text


def _gguf(entries: int, body: bytes, *, tensors: int = 0, version: int = 3) -> bytes:
    return (
        b"GGUF" + version.to_bytes(4, "little") + tensors.to_bytes(8, "little") + entries.to_bytes(8, "little") + body
    )


U32, ARRAY = (4).to_bytes(4, "little"), (9).to_bytes(4, "little")
HOSTILE = {
    "no magic": b"ONNX" + bytes(60),
    "version 1": _gguf(0, bytes(40), version=1),
    "big endian": _gguf(0, bytes(40), version=3 << 24),
    "countless entries": _gguf(1 << 60, bytes(40)),
    "countless tensors": _gguf(0, bytes(40), tensors=1 << 60),
    "endless key": _gguf(1, (1 << 62).to_bytes(8, "little") + bytes(40)),
    "key twice": _gguf(2, (_string(b"a") + U32 + bytes(4)) * 2),
    "unknown type": _gguf(1, _string(b"a") + (77).to_bytes(4, "little") + bytes(40)),
    "array of arrays": _gguf(1, _string(b"a") + ARRAY + ARRAY + (1).to_bytes(8, "little") + bytes(40)),
    "endless array": _gguf(1, _string(b"a") + ARRAY + U32 + (1 << 62).to_bytes(8, "little") + bytes(40)),
    "rank 9": _gguf(0, _string(b"t") + (9).to_bytes(4, "little") + bytes(99), tensors=1),
    "tensor beyond the file": _gguf(
        0,
        _string(b"t") + (1).to_bytes(4, "little") + (1 << 60).to_bytes(8, "little") + bytes(4) + bytes(8),
        tensors=1,
    ),
    "tensor of an unknown type": _gguf(
        0, _string(b"t") + (1).to_bytes(4, "little") + (1).to_bytes(8, "little") + b"\xff" * 4 + bytes(48), tensors=1
    ),
    "alignment of nothing": _gguf(1, _string(b"general.alignment") + U32 + bytes(4)),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_header_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "m.gguf").write_bytes(data)
    with pytest.raises(ModelError):
        GgufFile(tmp_path / "m.gguf")


def test_too_little_room_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA))
    monkeypatch.setattr("core.fsio.free_bytes", lambda folder: 1000)
    with pytest.raises(ResourceError, match="1000 bytes"):
        export_model(path, tmp_path / "out")
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.gguf"]


def _full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("failure", "error"), [(_full_disk, ResourceError), (_interrupted, KeyboardInterrupt)])
def test_a_failure_leaves_nothing_behind(
    tmp_path: Path, failure: Callable[..., None], error: type[BaseException]
) -> None:
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA))
    with pytest.raises(error):
        export_model(path, tmp_path / "out", progress=failure)
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.gguf"]


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("keep")
    with pytest.raises(FileError, match="exists already"):
        export_model(path, tmp_path / "out")
    assert (tmp_path / "out" / "mine").read_text() == "keep"


def _sentencepiece_metadata(folder: Path) -> tuple[dict[str, Any], Any]:
    """Return what llama.cpp's converter writes for a sentencepiece model, and the model's own tokenizer."""
    import sentencepiece

    own = sentencepiece.SentencePieceProcessor(model_file=str(write_sentencepiece(folder)))
    count = own.get_piece_size()
    kinds = [2, 3, 3, *(6 if own.is_byte(i) else 1 for i in range(3, count))]
    metadata = {
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": [own.id_to_piece(i) for i in range(count)],
        "tokenizer.ggml.scores": [float(own.get_score(i)) for i in range(count)],
        "tokenizer.ggml.token_type": kinds,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.unknown_token_id": 0,
    }
    return metadata, own


TEXTS = ["The capital of France is Paris.", " two  spaces ", "naïve 你好 🦊\n\tend", "a", ""]


def test_chatglms_sentencepiece_model_is_put_together_again(tmp_path: Path) -> None:
    import sentencepiece

    metadata, own = _sentencepiece_metadata(tmp_path / "spm")
    count = own.get_piece_size()
    metadata["tokenizer.ggml.tokens"] += ["[MASK]", "[gMASK]", "[PAD302]"]
    metadata["tokenizer.ggml.scores"] += [-10000.0] * 3
    metadata["tokenizer.ggml.token_type"] += [3, 3, 5]
    path = write_gguf(tmp_path / "m.gguf", tiny_spec(), weights_of(tiny_spec()), arch="chatglm", metadata=metadata)
    folder = export_model(path, tmp_path / "out").parent
    again = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    assert again.get_piece_size() == count
    assert again.eos_id() == 2
    for text in TEXTS:
        assert again.encode(text) == own.encode(text)
        assert again.decode(own.encode(text)) == own.decode(own.encode(text))
    assert json.loads((folder / "config.json").read_text())["prompt_format"] == "chatglm2"


def test_llamas_sentencepiece_model_becomes_a_tokenizer_json(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    metadata, own = _sentencepiece_metadata(tmp_path / "spm")
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA), metadata=metadata)
    folder = export_model(path, tmp_path / "out").parent
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for text in TEXTS[:-1]:
        ids = tokenizer.encode(text).ids
        assert ids == [1, *own.encode(text)]
        assert tokenizer.decode(ids) == text
    assert json.loads((folder / "config.json").read_text())["eos_token_ids"] == [2]
    assert not (folder / "tokenizer.model").exists()


def test_scores_that_are_missing_are_noticed(tmp_path: Path) -> None:
    metadata, _ = _sentencepiece_metadata(tmp_path / "spm")
    metadata["tokenizer.ggml.scores"].pop()
    path = write_gguf(tmp_path / "m.gguf", LLAMA, weights_of(LLAMA), metadata=metadata)
    with pytest.raises(TokenizerError, match="score"):
        export_model(path, tmp_path / "out")
