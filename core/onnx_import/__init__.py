"""ONNX -> ModelSpec + where each weight lies; numeric check of every layer; row-block reader."""

from core.onnx_import.model import ImportedModel, open_model
from core.onnx_import.report import TokenizerFiles, find_tokenizer_files, inspect_report
from core.onnx_import.verify import LayerCheck, verify
from core.onnx_import.weights import WeightRef

__all__ = [
    "ImportedModel",
    "LayerCheck",
    "TokenizerFiles",
    "WeightRef",
    "find_tokenizer_files",
    "inspect_report",
    "open_model",
    "verify",
]
