"""What `inspect` says about an ONNX file, and which tokenizer belongs to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import VerificationError
from core.export.synthetic import tiny_spec, write_model, write_tokenizer
from core.onnx_import import find_tokenizer_files, inspect_report
from tests.core.onnx_import.test_verify import attention_scale


def test_the_report_is_json_and_tells_the_whole_story(tiny: Path) -> None:
    report = inspect_report(tiny)
    assert json.loads(json.dumps(report)) == report
    assert report["spec"] == tiny_spec().to_json()
    sizes = [a * (b[0] if b else 1) for a, *b in tiny_spec().weight_shapes().values()]
    assert report["parameters"] == sum(sizes)
    assert report["weight_bytes"] == 4 * sum(sizes)
    data = tiny.parent / "model.onnx.data"
    assert report["external_files"] == [{"name": data.name, "bytes": data.stat().st_size}]
    assert (report["opset"], report["producer"], report["weight_dtype"]) == (14, "c10-panel", "float32")
    assert (report["tokenizer"], report["checks"]) == ("", None)


def test_with_verification_the_report_has_each_layers_error(tiny: Path) -> None:
    checks = inspect_report(tiny, verify=True)["checks"]
    assert [check["name"] for check in checks] == ["embedding", "layer 0", "layer 1", "output"]
    assert all(check["error"] < 1e-5 and check["limit"] == 1e-3 for check in checks)


def test_a_changed_graph_passes_without_verification_only(tiny: Path) -> None:
    import onnx

    model = onnx.load(tiny)
    attention_scale(model, 0)
    onnx.save(model, tiny)
    assert inspect_report(tiny)["spec"] == tiny_spec().to_json()
    with pytest.raises(VerificationError):
        inspect_report(tiny, verify=True)


def test_shared_weights_count_once(tmp_path: Path) -> None:
    spec = tiny_spec()
    apart = inspect_report(write_model(tmp_path / "a", spec))
    tied = inspect_report(write_model(tmp_path / "b", spec, tied_head=True))
    assert apart["parameters"] - tied["parameters"] == spec.vocab_size * spec.hidden_size
    assert apart["weight_bytes"] - tied["weight_bytes"] == 4 * spec.vocab_size * spec.hidden_size


def test_tokenizers_are_found_but_never_through_links(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    assert find_tokenizer_files(folder) is None
    write_tokenizer(tmp_path / "elsewhere")
    (folder / "tokenizer.json").symlink_to(tmp_path / "elsewhere" / "tokenizer.json")
    (folder / "tokenizer.model").mkdir()
    assert find_tokenizer_files(folder) is None
    (folder / "tokenizer.json").unlink()
    write_tokenizer(folder)
    found = find_tokenizer_files(folder)
    assert found is not None
    assert (found.kind, found.main.name) == ("bpe", "tokenizer.json")
    assert found.config == folder / "tokenizer_config.json"
    (folder / "tokenizer.model").rmdir()
    (folder / "tokenizer.model").write_bytes(b"sentencepiece")
    found = find_tokenizer_files(folder)
    assert found is not None
    assert (found.kind, found.main.name) == ("chatglm", "tokenizer.model")
