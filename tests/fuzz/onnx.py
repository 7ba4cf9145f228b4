"""Structure-aware mutations of ONNX files: whatever the protobuf says, only a ModelError or FileError may come of it.

A case changes raw bytes, or any field of the message tree: operators, attributes, wiring, shapes, constants, external
data. What is still recognised must have readable weights of the shapes that it claims.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import onnx

from core.errors import FileError, ModelError
from core.export.synthetic import tiny_spec, write_model
from core.onnx_import import open_model
from tests.fuzz import cases
from tests.fuzz.cases import change_bytes

SPEC = tiny_spec(
    num_layers=1, hidden_size=32, ffn_size=32, vocab_size=32, num_heads=2, num_groups=1, head_dim=16, max_positions=64
)
INTS = (
    0, 1, -1, 2, 3, 7, 8, 11, 12, 16, 63, 64, 4096, 1 << 16, (1 << 31) - 1, 1 << 31, 1 << 40, (1 << 63) - 1, -(1 << 63),
)  # fmt: skip
FLOATS = (0.0, 1.0, -1.0, 1e-5, 1e38, -1e38, float("inf"), float("nan"), 1e-45)
TEXTS = (
    "", "x", "input_ids", "position_ids", "logits", "location", "offset", "length", "../outside", "/etc/passwd", "-1",
    "99999999999999999999", "a\0b", "中", "x" * 3000, "Add", "MatMul", "Reshape", "Expand", "Constant",
    "ConstantOfShape", "Range", "Loop", "If", "Gather", "Concat", "Where", "Tile", "Pad", "Resize", "NonZero",
    "Split", "Slice", "Einsum", "Identity", "Softmax", "com.microsoft", "ai.onnx.ml",
)  # fmt: skip
MAX_DESCENT = 12


def write(folder: Path) -> Path:
    """Write a small sound model with external data; return its path."""
    return write_model(folder, SPEC)


def run(count: int, seed: int) -> dict[str, object]:
    """Try `count` mutations; return how they ended and what the dearest took."""
    return cases.run(sys.modules[__name__], count, seed)


def check(path: Path) -> str:
    """Return what became of the file: refused, or accepted with weights that can be read."""
    try:
        model = open_model(path)
        for name, shape in model.spec.weight_shapes().items():
            rows = model.weights[name].read_rows(0, min(2, shape[0]))
            assert rows.shape[1:] == shape[1:]
    except (ModelError, FileError):
        return "refused"
    return "accepted"


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Return `data` with one to four random changes, mostly of the message tree."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = change_bytes(data, rng) if rng.random() < 0.15 else change_message(data, rng)
    return data


def change_message(data: bytes, rng: random.Random) -> bytes:
    """Return `data` with one field changed, anywhere in the tree; as it is if it can't be parsed or written."""
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
        if rng.random() < 0.01:
            _nest(model, rng)
        else:
            _change(_descend(model, rng), model, rng)
        return bytes(model.SerializeToString())
    except (ValueError, TypeError, onnx.onnx_cpp2py_export.checker.ValidationError):
        return data
    except Exception as error:
        if type(error).__name__ in ("DecodeError", "EncodeError"):  # the protobuf library's own
            return data
        raise


def _descend(message: Any, rng: random.Random) -> Any:
    """Return the message, or one somewhere inside of it."""
    for _ in range(MAX_DESCENT):
        inner = [(field, value) for field, value in message.ListFields() if field.message_type is not None]
        if not inner or rng.random() < 0.1:
            break
        # what holds most is met most often: nodes and constants
        _, value = rng.choices(inner, [1 + len(v) ** 0.5 if _is_many(v) else 1 for _, v in inner])[0]
        message = rng.choice(value) if _is_many(value) else value
    return message


def _is_many(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes)


def _change(message: Any, model: Any, rng: random.Random) -> None:
    """Change one field of `message` in place, one that is set or, now and then, any other."""
    present = [field for field, _ in message.ListFields()]
    fields = present if present and rng.random() < 0.85 else list(message.DESCRIPTOR.fields)
    field = rng.choice(fields)
    value = getattr(message, field.name)
    if _is_many(value):
        _change_many(value, field, model, rng)
    elif field.message_type is not None:
        if rng.random() < 0.5:
            message.ClearField(field.name)
        else:
            value.SetInParent()
    elif rng.random() < 0.15:
        message.ClearField(field.name)
    else:
        setattr(message, field.name, _scalar(field, value, model, rng))


def _change_many(values: Any, field: Any, model: Any, rng: random.Random) -> None:
    change = rng.randrange(5)
    if not values or change == 0:
        _append(values, field, model, rng)
    elif change == 1:
        del values[rng.randrange(len(values))]
    elif change == 2:
        one, other = rng.randrange(len(values)), rng.randrange(len(values))
        if field.message_type is not None:
            values[one].CopyFrom(values[other])
        else:
            values[one], values[other] = values[other], values[one]
    elif change == 3 and rng.random() < 0.1:
        del values[rng.randrange(len(values)) :]
    elif field.message_type is not None:
        _change(rng.choice(values), model, rng)
    else:
        at = rng.randrange(len(values))
        values[at] = _scalar(field, values[at], model, rng)


def _append(values: Any, field: Any, model: Any, rng: random.Random) -> None:
    if field.message_type is None:
        values.append(_scalar(field, _zero(field), model, rng))
        return
    new = values.add()
    if len(values) > 1:
        new.CopyFrom(rng.choice(values))
    _change(new, model, rng)


def _zero(field: Any) -> Any:
    return {field.CPPTYPE_STRING: b"" if field.type == field.TYPE_BYTES else ""}.get(field.cpp_type, 0)


def _scalar(field: Any, value: Any, model: Any, rng: random.Random) -> Any:
    """Return another value for a field that holds `value`."""
    if field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
        return rng.choice(FLOATS)
    if field.cpp_type == field.CPPTYPE_STRING:
        return _bytes(value, rng) if isinstance(value, bytes) else _text(value, model, rng)
    if field.cpp_type == field.CPPTYPE_ENUM:
        return rng.choice([one.number for one in field.enum_type.values])
    new = rng.choice((*INTS, value + 1, value - 1, value * 2, value * 1000))
    bits = 31 if field.cpp_type in (field.CPPTYPE_INT32, field.CPPTYPE_UINT32) else 63
    return max(-(1 << bits), min((1 << bits) - 1, new))


def _bytes(value: bytes, rng: random.Random) -> bytes:
    """Return other bytes; those of integer constants become extreme numbers as often as noise."""
    if len(value) >= 8 and rng.random() < 0.5:
        at = rng.randrange(len(value) // 8) * 8
        number = max(-(1 << 63), min((1 << 63) - 1, rng.choice(INTS)))
        return value[:at] + number.to_bytes(8, "little", signed=True) + value[at + 8 :]
    return change_bytes(value, rng)


def _text(value: str, model: Any, rng: random.Random) -> str:
    """Return another text, often the name of another tensor or operator of the model."""
    nodes = model.graph.node
    if nodes and rng.random() < 0.6:
        node = rng.choice(nodes)
        names = [node.op_type, *node.input, *node.output]
        return str(rng.choice(names))
    return rng.choice((*TEXTS, value + "x", value[:-1]))


def _nest(model: Any, rng: random.Random) -> None:
    """Put graphs into attributes of nodes, many levels deep."""
    graph = model.graph
    for level in range(rng.choice((2, 10, 40, 90))):
        node = graph.node.add()
        node.op_type, node.input[:], node.output[:] = "If", ["input_ids"], [f"deep{level}"]
        attribute = node.attribute.add()
        attribute.name, attribute.type = "then_branch", onnx.AttributeProto.GRAPH
        graph = attribute.g
