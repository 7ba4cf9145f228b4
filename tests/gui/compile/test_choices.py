from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.spec import MAX_TOTAL_LEN
from gui.compile.choices import (
    PRESETS,
    Draft,
    Model,
    Precision,
    Shape,
    add_recent,
    clean_name,
    extended_to,
    fitting_pre,
    is_possible,
    preset_of,
)
from gui.compile.estimates import _key
from gui.devices.plan import CHATGLM2_6B

MODEL = Model(Path("/models/chatglm2-6b-onnx/model.onnx"), CHATGLM2_6B)
DRAFT = Draft(MODEL, name="glm2_6b2048_48M", folder=Path("/engines"))


@given(st.integers(-5, MAX_TOTAL_LEN + 5), st.integers(2, MAX_TOTAL_LEN))
def test_any_pre_length_is_brought_below_the_total_length(pre: int, total: int) -> None:
    assert is_possible(Shape(1, total, fitting_pre(pre, total)))


def test_the_presets_are_the_vendors_five_examples_with_its_names() -> None:
    names = [DRAFT.with_shape(shape).request().name for shape in PRESETS]
    assert names == [
        "glm2_6b2048_48M_bf16_q",
        "glm2_6b2048_48M_bf16_q_pre1024",
        "glm2_6b2048_48M_b8_bf16_q",
        "glm2_6b2048_48M_bf16_q_pre2048",
        "glm2_6b2048_48M_bf16_q",
    ]
    assert all(is_possible(shape) and preset_of(shape) == index for index, shape in enumerate(PRESETS))
    assert preset_of(Shape(3, 2048, 256)) is None


def test_lengths_beyond_the_traced_one_are_told() -> None:
    assert extended_to(Shape(1, 2048, 256), CHATGLM2_6B) == 0
    assert extended_to(Shape(1, 32768, 256), CHATGLM2_6B) == 32768


def test_precision_and_one_or_two_files_reach_the_job() -> None:
    four = DRAFT.with_precision(Precision("bf16", "int4"), quant_lm_head=True)
    assert [path.name for path in four.request().outputs()] == ["glm2_6b2048_48M_bf16_q4_multi.ngf"]
    assert four.config.head_format == "int8"
    two = Draft(MODEL, name="glm", folder=Path("/engines"), combine=False)
    assert [path.name for path in two.request().outputs()] == ["glm_bf16_q.ngf", "glm_bf16_q_inc.ngf"]


def test_the_kv_cache_goes_with_the_weights_until_it_is_chosen() -> None:
    plain = Precision("bf16", "none")
    assert DRAFT.request().config.kv_cache == "int8"
    assert DRAFT.with_precision(plain, quant_lm_head=False).request().config.kv_cache == "f16"
    chosen = DRAFT.with_kv_cache("int8").with_precision(plain, quant_lm_head=False)
    assert chosen.request().config.kv_cache == "int8"
    assert chosen.with_kv_cache(None).request().config.kv_cache == "f16"


def test_the_card_has_the_cache_that_the_vendors_compiler_has() -> None:
    card = replace(DRAFT, target="c10")
    assert card.request().config.kv_cache == "f16"
    assert _key(card, ())[1] == card.request().config  # so that what the plan says of it is known again
    with pytest.raises(UsageError, match=r"no int8 KV cache\. Choose f16"):
        card.with_kv_cache("int8").request()


def test_a_model_called_model_is_named_after_its_folder() -> None:
    assert MODEL.suggested_name == "chatglm2-6b-onnx"
    assert Model(Path("/x/my model (2).onnx"), CHATGLM2_6B).suggested_name == "my-model-2"


@pytest.mark.parametrize("text", ["../../etc/x", "a/b\\c", ".hidden", "a\0b", "  spaced out ", "字" * 300, "-"])
def test_whatever_is_typed_becomes_part_of_a_file_name_or_nothing(text: str) -> None:
    name = clean_name(text)
    assert "/" not in name
    assert not name.startswith(".")
    if name:
        Draft(MODEL, name=name, folder=Path("/engines")).request()


def test_a_draft_without_a_name_makes_no_job() -> None:
    with pytest.raises(UsageError, match="export name"):
        Draft(MODEL, folder=Path("/engines")).request()


def test_recent_models_come_newest_first_once_each() -> None:
    known: list[str] = []
    for path in ("/a", "/b", "/a", "/c", "/d", "/e", "/f", "/g"):
        known = add_recent(known, path)
    assert known == ["/g", "/f", "/e", "/d", "/c", "/a"]
    assert add_recent("damaged", "/a") == ["/a"]
