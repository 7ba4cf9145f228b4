"""GGUF files and Hugging Face folders -> a ChatGLM2-style full-sequence ONNX with external weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.errors import FileError, ModelError
from core.export.external import file_size, layout
from core.export.graph import MODEL_NAME, Dtype, write_onnx
from core.export.model_config import CONFIG_NAME
from core.export.source import Source
from core.fsio import file_error, publish_folder, require_space

__all__ = ["export_model"]

_OVERHEAD = 96 << 20
"""Bytes for the graph with its rotary table and for the tokenizer."""


def export_model(
    source: Path,
    output: Path,
    *,
    dtype: Dtype | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a GGUF file or a Hugging Face folder as ONNX with config.json and tokenizer; return the path of model.onnx.

    Args:
        source: a .gguf file, a folder with one, or a folder with config.json and safetensors files.
        output: the folder to make; it must not exist or be empty. It appears whole or not at all.
        dtype: "float32" or "float16", the type of the matrices in the file; None: float16 where the source's are, else
            float32.
        progress: called with the bytes of weights written and to write.

    Raises:
        ModelError: the source is of no known family, damaged, or has a feature that the graph can't express.
        TokenizerError: its tokenizer can't be converted.
        ResourceError: the disk hasn't enough room; said before anything is written.
        FileError: a file can't be read or written, or `output` is taken.
    """
    try:
        model = _open(source)
    except OSError as error:
        raise file_error(error, source, "read") from error
    try:
        dtype = dtype or ("float16" if model.half else "float32")
        size = file_size(layout(model.spec, dtype, tied_head=model.weights.tied_head))
        require_space(output.absolute().parent, size + _OVERHEAD)
        with publish_folder(output) as folder:
            model.config.write(folder)
            model.write_tokenizer(folder)
            write_onnx(folder, model.spec, model.weights, dtype=dtype, progress=progress)
    finally:
        model.close()
    return output / MODEL_NAME


def _open(source: Path) -> Source:
    from core.export.gguf_source import open_gguf
    from core.export.hf_source import open_folder

    if not source.exists():
        raise FileError(f"{source} doesn't exist.", "Check the path.")
    if not source.is_dir():
        return open_gguf(source)
    if (source / CONFIG_NAME).exists():
        return open_folder(source)
    found = sorted(source.glob("*.gguf"))
    if len(found) == 1:
        return open_gguf(found[0], picked=False)
    raise ModelError(
        f"{source} has neither one .gguf file nor config.json with safetensors files.", "Choose a model's folder."
    )
