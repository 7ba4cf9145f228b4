"""Library, wizard and combining with real children on a tiny model."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from core.errors import FileError
from core.spec import EngineConfig
from core.system import data_dir
from gui.app import Panel
from gui.compile.choices import PRESETS, Precision, Shape
from gui.compile.details import DetailsDialog
from gui.compile.page import CompilePage
from gui.compile.wizard import MODEL, PRECISION, REVIEW, SHAPE
from tests.core.ngf.sample import HEADER, write_sample
from tests.gui.compile.conftest import Wait
from tests.gui.compile.scenes import PREPARE
from tests.gui.conftest import FakeRuntime
from tests.gui.test_shell import _is_english, _texts


def click(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]  # every button of these tests


def listed(page: CompilePage) -> list[str]:
    return [card.engine.name for card in page.library.cards]


def pick(page: CompilePage, path: Path, wait: Wait) -> None:
    page.show_wizard(str(path))
    wait(lambda: page.wizard._errand is None)


def test_from_a_model_to_an_engine_in_the_chat(
    panel: Panel, page: CompilePage, tiny_onnx: Path, runtime: FakeRuntime, qtbot: QtBot, wait: Wait
) -> None:
    wizard = page.wizard
    click(qtbot, page.library.empty.new_button)
    assert not wizard.next.isEnabled()
    wizard.model.picked.emit(str(tiny_onnx))
    assert wizard.model._busy.isVisible()
    wait(lambda: wizard.next.isEnabled())
    assert wizard.model.found.tiles["layers"].value() == "1"
    assert wizard.model.found.tiles["tokenizer"].value() == "BPE"
    click(qtbot, wizard.next)
    assert wizard.index == SHAPE
    wizard.shape.total.setValue(64)
    assert wizard.shape.pre.maximum() == 63
    wizard.shape.pre.setValue(16)
    click(qtbot, wizard.next)
    assert wizard.index == PRECISION
    click(qtbot, wizard.precision.cards[Precision("fp32", "none")].radio)
    wait(lambda: wizard._cost() is not None)
    card = wizard.precision.cards[Precision("fp32", "none")]
    qtbot.waitUntil(lambda: card.badge.text() == "Fits in memory")
    assert "MiB" in card._file.text()
    click(qtbot, wizard.next)
    assert wizard.index == REVIEW
    assert wizard.review.name.text() == "tiny-glm"
    wait(lambda: wizard.next.isEnabled())
    assert wizard.review.files.text() == "tiny-glm_fp32_pre16_multi.ngf"
    click(qtbot, wizard.next)
    assert page.panel.isVisible()
    click(qtbot, page.back_button)
    assert page.job_card.isVisible()
    wait(lambda: not page.runner.busy)
    assert page.runner.job.failure is None
    qtbot.waitUntil(lambda: listed(page) == ["tiny-glm_fp32_pre16_multi"])
    page.show_job()
    assert page.panel.outcome.tiles["test"].value() == "passed"
    click(qtbot, page.back_button)
    qtbot.waitUntil(lambda: page.library.cards[0].fit_badge.text() == "Fits in memory")
    assert page.library.cards[0].stranger_badge.isHidden()
    click(qtbot, page.library.cards[0].try_button)
    path = data_dir() / "engines" / "tiny-glm_fp32_pre16" / "tiny-glm_fp32_pre16_multi.ngf"
    assert runtime.asked == [("load", (str(path), "", 0))]
    assert panel.window.current_page_id() == "chat"
    assert panel.window.context.store.page("compile")["recent"] == [str(tiny_onnx)]


def test_cancel_ends_a_real_job_soon_and_leaves_nothing(
    panel: Panel, page: CompilePage, tiny_onnx: Path, qtbot: QtBot, wait: Wait
) -> None:
    pick(page, tiny_onnx, wait)
    wizard = page.wizard
    wizard.shape.changed.emit(Shape(1, 64, 16))
    wizard.show_step(REVIEW)
    wait(lambda: wizard.next.isEnabled())
    click(qtbot, wizard.next)
    page.show_library()
    panel.window.go_to("health")
    wait(lambda: page.runner.job.current is not None)
    panel.window.go_to("compile")
    click(qtbot, page.job_card.show_button)
    begun = time.monotonic()
    click(qtbot, page.panel.cancel_button)
    wait(lambda: not page.runner.busy)
    assert time.monotonic() - begun < 4.0
    assert page.runner.job.state == "cancelled"
    assert list((data_dir() / "engines").rglob("*")) == []


def test_sizes_that_nobody_can_compute_are_not_waited_for(page: CompilePage) -> None:
    review = page.wizard.review
    review.show_fit(None, None, None, None)
    assert {tile.value() for tile in review.tiles.values()} == {"being computed …"}
    review.show_fit(None, None, None, FileError("There is no file model.onnx.", "Check the path."))
    assert {tile.value() for tile in review.tiles.values()} == {"N/A"}
    assert "There is no file" in review.banner.text()


def test_a_file_that_is_no_model_is_refused_with_its_reason(
    page: CompilePage, tmp_path: Path, wait: Wait, qtbot: QtBot
) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"not a model")
    pick(page, bad, wait)
    assert "is not an ONNX model" in page.wizard.model.banner.text()
    assert not page.wizard.next.isEnabled()
    click(qtbot, page.wizard.next)
    assert page.wizard.index == MODEL


def test_inspecting_can_be_given_up(page: CompilePage, tiny_onnx: Path, qtbot: QtBot) -> None:
    page.show_wizard(str(tiny_onnx))
    click(qtbot, page.wizard.model._busy.button)
    assert not page.wizard.model._busy.isVisible()
    assert page.wizard.draft.model is None


def test_impossible_shapes_can_not_be_entered(page: CompilePage, tiny_onnx: Path, wait: Wait, qtbot: QtBot) -> None:
    pick(page, tiny_onnx, wait)
    click(qtbot, page.wizard.next)
    step = page.wizard.shape
    step.total.setValue(8192)
    step.pre.setValue(8192)
    assert step.pre.value() == 8191
    step.total.setValue(128)
    assert step.shape() == Shape(1, 128, 127)
    assert not any(card.radio.isChecked() for card in step.presets)
    click(qtbot, step.presets[4].radio)
    assert page.wizard.draft.shape == PRESETS[4]
    assert step.banner.text() == "The rotary table is extended to 32,768 tokens."
    qtbot.keyClick(step.presets[4].radio, Qt.Key.Key_Up)
    assert page.wizard.draft.shape in PRESETS[:4]
    step.batch.setValue(0)
    assert step.batch.value() == 1


def test_a_full_disk_or_memory_stops_before_anything_is_compiled(
    page: CompilePage, tiny_onnx: Path, wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.fsio.free_bytes", lambda _folder: 1000)
    pick(page, tiny_onnx, wait)
    page.wizard.show_step(REVIEW)
    wait(lambda: page.wizard._cost() is not None and page.wizard._disk is not None)
    assert "1000 B are free" in page.wizard.review.banner.text()
    assert not page.wizard.next.isEnabled()
    page.wizard.review.name.setText("")
    page.wizard.review.named.emit("")
    assert page.wizard.review.banner.text() == "The engine has no name."


def test_the_memory_follows_the_kv_cache_that_is_chosen(
    page: CompilePage, tiny_onnx: Path, qtbot: QtBot, wait: Wait
) -> None:
    pick(page, tiny_onnx, wait)
    wizard = page.wizard
    wizard.show_step(PRECISION)
    box = wizard.precision.cache.box
    assert box.currentText().startswith("int8 as usual with these weights · ")
    sizes = []
    box.setFocus()
    for _ in ("as usual", "f16", "int8"):
        wait(lambda: wizard._cost() is not None)
        sizes.append(wizard._cost().kv_bytes)  # type: ignore[union-attr]  # it is there now
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert sizes[0] == sizes[2] < sizes[1]
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert wizard.draft.kv_cache == "f16"
    click(qtbot, wizard.precision.cards[Precision("fp32", "none")].radio)
    assert box.itemText(0).startswith("float32 as usual")
    assert box.currentText().startswith("float32 · ")
    wizard.show_step(REVIEW)
    assert wizard.draft.request().config.kv_cache == "f16"


def test_escape_goes_back_to_the_library(page: CompilePage, qtbot: QtBot) -> None:
    page.show_wizard()
    page.wizard.model.drop.button.setFocus()
    qtbot.keyClick(page.wizard.model.drop.button, Qt.Key.Key_Escape)
    assert page.library.isVisible()


def test_dropped_files_begin_an_engine_or_are_listed(
    page: CompilePage, tmp_path: Path, tiny_onnx: Path, wait: Wait, qtbot: QtBot
) -> None:
    write_sample(tmp_path / "other_multi.ngf", "multi")
    _drop(page, tmp_path / "other_multi.ngf")
    qtbot.waitUntil(lambda: listed(page) == ["other_multi"])
    assert page.context.store.value.engine_folders == [str(tmp_path)]
    _drop(page, tiny_onnx)
    wait(lambda: page.wizard.draft.model is not None)
    assert page.wizard.isVisible()


def _drop(page: CompilePage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
    page.dragEnterEvent(enter)
    assert enter.isAccepted()
    page.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys))


def test_foreign_and_damaged_files_are_shown_as_such(page: CompilePage, engines: Path, qtbot: QtBot) -> None:
    (engines / "vendor.ngf").write_bytes(b"HXENGINE" + bytes(4000))
    write_sample(engines / "part.ngf", "base")
    page.rescan()
    qtbot.waitUntil(lambda: len(page.library.cards) == 2)
    part, vendor = page.library.cards
    qtbot.waitUntil(part.stranger_badge.isVisible)
    assert vendor.kind_badge.text() == "Another program's format"
    assert not vendor.try_button.isVisible()
    assert part.try_button.text() == "Combine"


def test_an_engine_that_can_not_be_run_says_so_before_it_is_tried(
    page: CompilePage, engines: Path, qtbot: QtBot
) -> None:
    old = replace(HEADER, config=EngineConfig(pre_len=2048, total_len=4096))
    write_sample(engines / "old_multi.ngf", "multi", old)
    page.rescan()
    qtbot.waitUntil(lambda: listed(page) == ["old_multi"])
    card = page.library.cards[0]
    qtbot.waitUntil(card.kind_badge.isVisible)
    assert card.kind_badge.text() == "Can't be run"
    assert "old_multi.ngf holds code of calling convention 1" in card.more_figures.text()
    assert card.more_figures.text().endswith("Compile the model again with this program.")
    assert not card.try_button.isVisible()
    assert not card.fit_badge.isVisible()
    assert card.details_button.isVisible()


def test_verifying_tells_whether_every_digest_is_right(
    page: CompilePage, engines: Path, qtbot: QtBot, wait: Wait
) -> None:
    path = engines / "glm_multi.ngf"
    write_sample(path, "multi")
    page.rescan()
    qtbot.waitUntil(lambda: listed(page) == ["glm_multi"])
    page.library.cards[0]._actions["verify"].trigger()
    dialog = page.engine_actions.dialog
    assert isinstance(dialog, DetailsDialog)
    wait(lambda: dialog._errand is None)
    assert "Every digest is right" in dialog.banner.text()
    assert dialog.sections.rowCount() == 5
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    click(qtbot, dialog.verify_button)
    wait(lambda: dialog._errand is None)
    assert "0.qkv.scale" in dialog.banner.text()
    click(qtbot, dialog.close_button)
    assert page.engine_actions.dialog is None


def test_removing_asks_first_and_unloads_what_is_loaded(
    panel: Panel, page: CompilePage, engines: Path, qtbot: QtBot
) -> None:
    path = engines / "glm" / "glm_multi.ngf"
    path.parent.mkdir()
    write_sample(path, "multi")
    page.rescan()
    qtbot.waitUntil(lambda: listed(page) == ["glm_multi"])
    for text in ("Keep it", "Remove"):
        page.library.cards[0]._actions["remove"].trigger()
        box = page.findChildren(QMessageBox)[-1]
        assert box.text() == "Remove glm_multi?"
        click(qtbot, next(button for button in box.buttons() if button.text() == text))
        assert path.exists() or text == "Remove"
    qtbot.waitUntil(lambda: listed(page) == [])
    assert not path.parent.exists()
    assert panel.session.loaded is None


def test_two_parts_are_combined_and_what_differs_is_refused(
    page: CompilePage, engines: Path, qtbot: QtBot, wait: Wait
) -> None:
    write_sample(engines / "glm.ngf", "base")
    write_sample(engines / "glm_inc.ngf", "incremental")
    write_sample(engines / "b8_inc.ngf", "incremental",
                 replace(HEADER, config=EngineConfig(batch=8, pre_len=16, total_len=64)))  # fmt: skip
    view = page.combine
    click(qtbot, page.combine_button)
    assert not view.start_button.isEnabled()
    view.set_parts(engines / "glm.ngf", engines / "b8_inc.ngf")
    qtbot.waitUntil(lambda: "config.batch: 1 and 8" in view.banner.text())
    assert not view.start_button.isEnabled()
    view.begin(engines / "glm_inc.ngf")
    qtbot.waitUntil(lambda: view.start_button.isEnabled())
    assert view.output == engines / "glm_multi.ngf"
    click(qtbot, view.start_button)
    wait(lambda: not page.runner.busy)
    assert page.runner.job.failure is None
    assert (engines / "glm_multi.ngf").exists()
    assert page.panel.outcome.try_button.isVisible()


@pytest.mark.parametrize("name", [name for name, _prepare, _cards in PREPARE])
def test_no_state_of_the_page_stays_english_in_chinese(
    panel: Panel, page: CompilePage, qtbot: QtBot, name: str
) -> None:
    panel.window.set_language("zh")
    qtbot.waitUntil(lambda: page.new_button.text() == "新建引擎")
    next(prepare for known, prepare, _cards in PREPARE if known == name)(panel)
    english = [
        text
        for widget in page.findChildren(QWidget)
        if widget.isVisible()
        for text in _texts(widget)
        if _is_english(text)
    ]
    assert english == []


def test_a_file_that_the_desktop_opens_is_listed_and_shown_but_not_run(
    panel: Panel, page: CompilePage, runtime: FakeRuntime, tmp_path: Path, qtbot: QtBot, wait: Wait
) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    path = other / "stranger_multi.ngf"
    write_sample(path, "multi")
    panel.window.go_to("health")
    panel.window.look_at(str(path))
    assert panel.window.current_page_id() == "compile"
    wait(
        lambda: (
            isinstance(page.engine_actions.dialog, DetailsDialog) and page.engine_actions.dialog.sections.rowCount() > 0
        )
    )
    qtbot.waitUntil(lambda: listed(page) == ["stranger_multi"])
    assert page.engine_actions.dialog is not None
    page.engine_actions.dialog.accept()
    assert runtime.asked == []
    panel.window.look_at(str(other / "gone.ngf"))
    qtbot.waitUntil(lambda: page.banner.isVisible())
    assert "gone.ngf" in page.banner.text()


def test_a_model_without_a_tokenizer_asks_for_one(
    page: CompilePage, tiny_onnx: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, wait: Wait
) -> None:
    bare, tokenizer = tmp_path / "bare", tiny_onnx.parent / "tokenizer.json"
    bare.mkdir()
    for name in ("model.onnx", "model.onnx.data"):
        shutil.copy(tiny_onnx.parent / name, bare / name)
    monkeypatch.setattr("gui.compile.step_model.open_file", lambda _p, _t, _f, read, _folder: read(tokenizer))
    pick(page, bare / "model.onnx", wait)
    wizard = page.wizard
    assert "no tokenizer" in wizard.model.found.warning.text()
    click(qtbot, wizard.model.found.warning.button)
    assert wizard.model.found.warning.text() == "This tokenizer goes into the engine."
    assert wizard.draft.request().tokenizer == tokenizer
    wizard.review.named.emit("other")
    assert wizard.draft.request().tokenizer == tokenizer
    pick(page, bare / "model.onnx", wait)
    assert wizard.draft.request().tokenizer is None
    assert "no tokenizer" in wizard.model.found.warning.text()
