import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from core.errors import C10Error, FileError, ModelError, TokenizerError
from core.export import export_model
from core.export.synthetic import RandomWeights, tiny_spec, write_sentencepiece, write_tokenizer
from core.export.weights import Array
from core.spec import ModelSpec
from tests.core.export.folders import write_chatglm, write_folder, write_transformers
from tests.reference import onnx_logits, reference_logits

FLOAT16_ARITHMETIC = 2e-2
"""Float16 folders become float16 graphs, which onnxruntime computes in float16: at most so far from float32."""
IDS = [3, 250, 17, 99, 0, 319, 42, 42, 8]
LLAMA = tiny_spec(qkv_bias=False, rotary_dim=16, rope_theta=500000.0)


def weights_of(spec: ModelSpec) -> dict[str, Array]:
    return RandomWeights(spec, 3).arrays()


@pytest.mark.parametrize(
    ("spec", "write"),
    [
        (tiny_spec(), write_chatglm),
        (tiny_spec(qkv_bias=False, rope_theta=5e6), write_chatglm),
        (tiny_spec(rope_theta=20000.0), lambda *args: write_transformers(*args, kind="glm")),
        (LLAMA, lambda *args: write_transformers(*args, kind="llama")),
        (tiny_spec(qkv_bias=False, rotary_dim=16), lambda *args: write_transformers(*args, kind="llama")),
    ],
    ids=["chatglm2", "glm4 original", "glm4 transformers", "llama3", "llama"],
)
def test_a_folder_becomes_an_onnx_with_the_same_logits(
    tmp_path: Path, spec: ModelSpec, write: Callable[..., Path]
) -> None:
    weights = weights_of(spec)
    source = write(tmp_path / "hf", spec, weights)
    path = export_model(source, tmp_path / "out")
    np.testing.assert_allclose(onnx_logits(path, IDS), reference_logits(spec, weights, IDS), atol=1e-4)


def test_rows_are_reordered_alike_in_blocks_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_transformers(tmp_path / "hf", LLAMA, weights_of(LLAMA), kind="llama")
    whole = export_model(source, tmp_path / "whole")
    monkeypatch.setattr("core.export.weights.row_blocks.__defaults__", (700,))
    blocks = export_model(source, tmp_path / "blocks")
    data = [path.with_name("model.onnx.data").read_bytes() for path in (whole, blocks)]
    assert data[0] == data[1]


def test_a_tied_head_is_not_stored_twice(tmp_path: Path) -> None:
    spec = tiny_spec()
    weights = RandomWeights(spec, 3, tied_head=True).arrays()
    path = export_model(write_chatglm(tmp_path / "hf", spec, weights, tied=True), tmp_path / "out")
    np.testing.assert_allclose(onnx_logits(path, IDS), reference_logits(spec, weights, IDS), atol=1e-4)


@pytest.mark.parametrize(("kind", "limit"), [(np.float16, FLOAT16_ARITHMETIC), (ml_dtypes.bfloat16, 1e-4)])
def test_half_precision_files_are_read_exactly(tmp_path: Path, kind: Any, limit: float) -> None:
    spec = tiny_spec()
    rounded = {name: value.astype(kind) for name, value in weights_of(spec).items()}
    path = export_model(write_chatglm(tmp_path / "hf", spec, rounded), tmp_path / "out")
    exact = {name: value.astype(np.float32) for name, value in rounded.items()}
    np.testing.assert_allclose(onnx_logits(path, IDS), reference_logits(spec, exact, IDS), atol=limit)


def test_config_and_tokenizer_come_along_but_no_code(tmp_path: Path) -> None:
    source = write_transformers(tmp_path / "hf", LLAMA, weights_of(LLAMA), kind="llama")
    config = (source / "config.json").read_bytes()
    write_tokenizer(source)
    (source / "config.json").write_bytes(config)
    (source / "generation_config.json").write_text('{"eos_token_id": [3, 4]}')
    (source / "modeling.py").write_text("raise SystemExit")
    out = export_model(source, tmp_path / "out").parent
    written = json.loads((out / "config.json").read_text())
    assert written["eos_token_ids"] == [2, 3, 4]
    assert written["prompt_format"] == "chat_template"
    assert (out / "tokenizer.json").read_bytes() == (source / "tokenizer.json").read_bytes()
    assert "<|im_start|>" in json.loads((out / "tokenizer_config.json").read_text())["chat_template"]
    assert not list(out.rglob("*.py"))


def test_a_template_of_its_own_file_is_found(tmp_path: Path) -> None:
    source = write_transformers(tmp_path / "hf", LLAMA, weights_of(LLAMA), kind="llama")
    write_tokenizer(tmp_path / "tokenizer").rename(source / "tokenizer.json")
    (source / "chat_template.jinja").write_text("{{ messages }}")
    out = export_model(source, tmp_path / "out").parent
    assert json.loads((out / "tokenizer_config.json").read_text())["chat_template"] == "{{ messages }}"


def test_chatglms_sentencepiece_model_comes_along(tmp_path: Path) -> None:
    spec = tiny_spec()
    source = write_chatglm(tmp_path / "hf", spec, weights_of(spec))
    write_sentencepiece(tmp_path / "tokenizer").rename(source / "tokenizer.model")
    out = export_model(source, tmp_path / "out").parent
    assert json.loads((out / "config.json").read_text())["prompt_format"] == "chatglm2"
    assert (out / "tokenizer.model").read_bytes() == (source / "tokenizer.model").read_bytes()


TIKTOKEN = [*(bytes([byte]) for byte in range(256)), b" t", b"he", b" the", "你".encode()[:2], "你".encode()]


def _glm4_tokenizer(folder: Path, tokens: list[bytes], first_added: int) -> None:
    lines = (base64.b64encode(token) + b" %d" % rank for rank, token in enumerate(tokens))
    (folder / "tokenizer.model").write_bytes(b"\n".join(lines) + b"\n")
    added = {str(first_added + i): {"content": text} for i, text in enumerate(["<|endoftext|>", "<|user|>"])}
    settings = {"added_tokens_decoder": added, "chat_template": "[gMASK]<sop>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def test_glm4s_ranks_become_a_tokenizer_json(tmp_path: Path) -> None:
    spec = tiny_spec()
    source = write_chatglm(tmp_path / "hf", spec, weights_of(spec))
    _glm4_tokenizer(source, TIKTOKEN, len(TIKTOKEN))
    out = export_model(source, tmp_path / "out").parent
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    ids = tokenizer.encode("<|user|>see the 你 🦊").ids
    assert ids[0] == len(TIKTOKEN) + 1
    assert {TIKTOKEN.index(b" the"), TIKTOKEN.index("你".encode())} <= set(ids)
    assert tokenizer.decode(ids) == "see the 你 🦊"
    assert json.loads((out / "config.json").read_text())["prompt_format"] == "chat_template"


@pytest.mark.parametrize(
    ("tokens", "first_added"),
    [(TIKTOKEN, 300), ([*TIKTOKEN, b"xyz"], 262), ([*TIKTOKEN, b"a"], 262), ([*TIKTOKEN, b""], 262)],
    ids=["gap", "no merge", "twice", "empty"],
)
def test_damaged_ranks_are_refused(tmp_path: Path, tokens: list[bytes], first_added: int) -> None:
    spec = tiny_spec()
    source = write_chatglm(tmp_path / "hf", spec, weights_of(spec))
    _glm4_tokenizer(source, tokens, first_added)
    with pytest.raises(TokenizerError):
        export_model(source, tmp_path / "out")


def _change(**values: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | values))

    return change


def _replace(name: str, content: bytes) -> Callable[[Path], None]:
    def replace(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return replace


def _link_shard(folder: Path) -> None:
    shard = next(folder.glob("*.safetensors"))
    shard.rename(folder.parent / "elsewhere.safetensors")
    shard.symlink_to(folder.parent / "elsewhere.safetensors")


def _hard_link_shard(folder: Path) -> None:
    os.link(next(folder.glob("*.safetensors")), folder.parent / "elsewhere.safetensors")


def _fifo_shard(folder: Path) -> None:
    shard = next(folder.glob("*.safetensors"))
    shard.unlink()
    os.mkfifo(shard)


def _cut_shard(folder: Path) -> None:
    shard = next(folder.glob("*.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-4])


def _pickled(folder: Path) -> None:
    for file in folder.glob("model*"):
        file.unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80")


def _extra_tensor(folder: Path) -> None:
    save_file({"lm_head.bias": np.zeros(4, np.float32)}, folder / "model-00001-of-00002.safetensors")


def _index(name: str) -> Callable[[Path], None]:
    return _replace("model.safetensors.index.json", json.dumps({"weight_map": {"a": name}}).encode())


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "another family": (_change(model_type="mamba"), "mamba"),
    "scaled rotary": (_change(rope_scaling={"rope_type": "llama3", "factor": 8.0}), "rope_scaling"),
    "scaled rotary, new style": (_change(rope_parameters={"rope_type": "yarn"}), "yarn"),
    "another activation": (_change(hidden_act="gelu"), "gelu"),
    "attention bias": (_change(attention_bias=True), "attention_bias"),
    "mlp bias": (_change(mlp_bias=True), "mlp_bias"),
    "partial rotary": (_change(partial_rotary_factor=0.5), "rotates 8 of 16"),
    "quantised": (_change(quantization_config={"bits": 4}), "quantization_config"),
    "text for a number": (_change(hidden_size="64"), "hidden_size"),
    "bool for a number": (_change(num_hidden_layers=True), "num_hidden_layers"),
    "impossible heads": (_change(num_attention_heads=0), "num_heads"),
    "other layers": (_change(num_hidden_layers=3), "lacks the tensor model.layers.2"),
    "fewer layers": (_change(num_hidden_layers=1), "no place"),
    "other width": (_change(intermediate_size=100), "implies"),
    "config is a list": (_replace("config.json", b"[]"), "not a JSON object"),
    "config is cut": (_replace("config.json", b'{"model_type": "lla'), "valid JSON"),
    "config is huge": (_replace("config.json", b" " * (2 << 20)), "2097152 bytes"),
    "pickled weights": (_pickled, "pickled"),
    "symbolic link": (_link_shard, "symbolic link"),
    "hard link": (_hard_link_shard, "hard links"),
    "fifo": (_fifo_shard, "not a regular file"),
    "cut shard": (_cut_shard, "tensors end"),
    "missing tensors": (_extra_tensor, "lacks the tensor"),
    "index leads up": (_index("../elsewhere.safetensors"), "own folder"),
    "index leads away": (_index("/etc/passwd"), "own folder"),
    "index names nothing": (_index(""), "own folder"),
    "index names an absent file": (_index("absent.safetensors"), "can't be opened"),
    "index without a map": (_replace("model.safetensors.index.json", b"{}"), "weight_map"),
}


@pytest.mark.parametrize(("spoil", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_exported_is_refused_with_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    source = write_transformers(tmp_path / "hf", LLAMA, weights_of(LLAMA), kind="llama")
    spoil(source)
    with pytest.raises((ModelError, FileError)) as caught:
        export_model(source, tmp_path / "out")
    assert sentence in caught.value.message
    assert caught.value.hint
    assert {path.name for path in tmp_path.iterdir()} <= {"hf", "elsewhere.safetensors"}


def _header(text: str, size: int | None = None) -> bytes:
    return (len(text) if size is None else size).to_bytes(8, "little") + text.encode()


BAD_SAFETENSORS = {
    "empty": b"",
    "header beyond the file": _header("{}", 1 << 40),
    "header is no json": _header("{]"),
    "duplicate tensor": _header('{"a":{},"a":{}}'),
    "no dtype": _header('{"a":{"shape":[1],"data_offsets":[0,4]}}'),
    "negative offset": _header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}'),
    "size of another shape": _header('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}') + bytes(4),
    "hole": _header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}') + bytes(8),
    "overlap": _header(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    )
    + bytes(4),
    "bytes after the tensors": _header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}') + bytes(8),
    "huge shape": _header('{"a":{"dtype":"F32","shape":[99999999999,99999999999],"data_offsets":[0,4]}}') + bytes(4),
    "bool for a length": _header('{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}') + bytes(4),
}


@pytest.mark.parametrize("data", BAD_SAFETENSORS.values(), ids=BAD_SAFETENSORS.keys())
def test_a_bad_safetensors_file_is_refused(tmp_path: Path, data: bytes) -> None:
    source = write_transformers(tmp_path / "hf", LLAMA, weights_of(LLAMA), kind="llama")
    next(source.glob("*.safetensors")).write_bytes(data)
    with pytest.raises(ModelError):
        export_model(source, tmp_path / "out")


def test_integer_weights_are_refused(tmp_path: Path) -> None:
    spec = tiny_spec()
    rounded: dict[str, Any] = {name: value.astype(np.int8) for name, value in weights_of(spec).items()}
    with pytest.raises(ModelError, match="type I8"):
        export_model(write_chatglm(tmp_path / "hf", spec, rounded), tmp_path / "out")


def test_a_tokenizer_of_another_kind_is_refused(tmp_path: Path) -> None:
    source = write_transformers(tmp_path / "hf", LLAMA, weights_of(LLAMA), kind="llama")
    write_sentencepiece(tmp_path / "tokenizer").rename(source / "tokenizer.model")
    with pytest.raises(TokenizerError, match=r"tokenizer\.json"):
        export_model(source, tmp_path / "out")


@pytest.mark.parametrize("key", ["add_bias_linear", "apply_residual_connection_post_layernorm", "quantization_bit"])
def test_options_of_chatglm_that_the_graph_lacks_are_refused(tmp_path: Path, key: str) -> None:
    spec = tiny_spec()
    source = write_chatglm(tmp_path / "hf", spec, weights_of(spec))
    _change(**{key: 4 if key == "quantization_bit" else True})(source)
    with pytest.raises(ModelError, match=key):
        export_model(source, tmp_path / "out")


def test_one_file_without_an_index_is_enough(tmp_path: Path) -> None:
    spec = tiny_spec()
    source = write_chatglm(tmp_path / "hf", spec, weights_of(spec))
    config = json.loads((source / "config.json").read_text())
    tensors: dict[str, Any] = {}
    for shard in source.glob("*.safetensors"):
        tensors |= load_file(shard)
    single = write_folder(tmp_path / "single", config, tensors, shards=1)
    assert export_model(single, tmp_path / "out").is_file()


def test_the_folder_must_hold_a_model(tmp_path: Path) -> None:
    with pytest.raises(C10Error, match="neither"):
        export_model(tmp_path, tmp_path / "out")
    with pytest.raises(FileError, match="doesn't exist"):
        export_model(tmp_path / "absent", tmp_path / "out")


@pytest.mark.parametrize(("name", "limit"), [("tiny", 5e-5), ("odd", FLOAT16_ARITHMETIC)])
def test_weights_of_the_original_code_give_its_logits(tmp_path: Path, name: str, limit: float) -> None:
    fixture = Path(__file__).parents[4] / "shared" / "fixtures" / name
    if not fixture.is_dir():
        pytest.skip("The fixtures made with the original model code are not here.")
    source = tmp_path / "hf"
    source.mkdir()
    for file in ("config.json", "model.safetensors"):
        (source / file).write_bytes((fixture / file).read_bytes())
    path = export_model(source, tmp_path / "out")
    expected = np.load(fixture / "ref.npz")
    ids = expected["ids1"].ravel().tolist()
    assert np.abs(onnx_logits(path, ids) - expected["logits1"].reshape(len(ids), -1)).max() < limit
