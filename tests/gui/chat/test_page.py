"""What a user does on the chat page, with the worker's part played by the test."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.events import Exited, Failed, Hung, Prompted
from gui.chat.dialogs import BankDialog, BatchDialog
from gui.chat.history import History
from gui.chat.markdown import to_html
from gui.chat.messages import AnswerView, QuestionView
from gui.chat.page import ChatPage
from gui.chat.text_block import TextBlock
from tests.gui.chat.conftest import Chat, loaded
from tests.gui.conftest import MakePanel


def _answer_view(chat: Chat) -> AnswerView:
    view = chat.page.thread_view.views()[-1]
    assert isinstance(view, AnswerView)
    return view


def test_without_an_engine_the_page_invites_to_get_one(make_panel: MakePanel) -> None:
    panel = make_panel()
    panel.window.go_to("chat")
    page = panel.window.page("chat")
    assert isinstance(page, ChatPage)
    assert page.welcome.demo_button.isVisible()
    assert page.welcome.engine_button.isVisible()
    assert not page.composer.send_button.isEnabled()
    page.welcome.engine_button.click()
    assert panel.window.current_page_id() == "compile"


def test_enter_sends_and_shift_enter_breaks_the_line(chat: Chat) -> None:
    edit = chat.page.composer.edit
    QTest.keyClicks(edit, "one")
    QTest.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(edit, "two")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert chat.command().conversations == [[{"role": "user", "content": "one\ntwo"}]]
    assert edit.toPlainText() == ""


def test_the_answer_grows_while_it_comes_and_is_rendered_at_its_end(chat: Chat) -> None:
    job = chat.ask("Hi")
    chat.say(Prompted(job, ["Hi"], [3]))
    chat.tokens(job, "Some ", "**bold** text")
    assert _answer_view(chat).body.text() == "Some **bold** text"
    chat.finish(job, "Some **bold** text\n\n```python\nx = 1\n```")
    view = _answer_view(chat)
    QApplication.processEvents()
    texts = [block.toPlainText() for block in view.body.findChildren(TextBlock) if block.isVisible()]
    assert "Some bold text" in texts
    assert [block.text() for block in view.body.code_blocks()] == ["x = 1"]
    assert "100.0 tok/s" in view.figures.text()


def test_lines_stay_where_they_are_when_they_are_rendered(chat: Chat) -> None:
    block = TextBlock(chat.page)
    block.resize(600, 400)
    block.show()
    QApplication.processEvents()
    words = "word and word and " * 100
    block.set_plain("")
    block.append_plain(words[:900])
    block.append_plain(words[900:])
    arriving = block.document().size().height()
    block.set_html(to_html(words))
    assert abs(block.document().size().height() - arriving) < block.fontMetrics().lineSpacing()
    assert arriving > 10 * block.fontMetrics().lineSpacing() * 1.3


def test_stop_is_where_send_was_and_asks_the_worker_to_stop(chat: Chat) -> None:
    composer = chat.page.composer
    place = composer.send_button.mapTo(composer, composer.send_button.rect().topLeft())
    job = chat.ask("Hi")
    assert composer.stop_button.isVisible()
    assert not composer.send_button.isVisible()
    assert composer.stop_button.mapTo(composer, composer.stop_button.rect().topLeft()) == place
    assert composer.stop_button.text() == "Stop"
    composer.stop_button.click()
    assert ("stop", None) in chat.runtime.asked
    chat.tokens(job, "abc")
    chat.finish(job, "abc", reason="stopped")
    assert _answer_view(chat).reason.text() == "Stopped"
    assert composer.send_button.isVisible()


def test_escape_stops(chat: Chat) -> None:
    chat.ask("Hi")
    QTest.keyClick(chat.page.composer.edit, Qt.Key.Key_Escape)
    assert ("stop", None) in chat.runtime.asked


@pytest.mark.parametrize(
    ("reason", "words"),
    [("length", "The limit of new tokens was reached"), ("context_full", "The context is full"), ("eos", "")],
)
def test_the_reason_of_the_end_is_said_in_words(chat: Chat, reason: str, words: str) -> None:
    chat.answer("Hi", "text", reason)  # type: ignore[arg-type]  # one of the reasons
    assert _answer_view(chat).reason.text() == words


def test_regenerated_answers_are_siblings_to_switch_between(chat: Chat) -> None:
    chat.answer("Hi", "first")
    _answer_view(chat).regenerate_button.click()
    job = chat.job()
    chat.finish(job, "second")
    view = _answer_view(chat)
    assert chat.shown() == ["Hi", "second"]
    assert view.versions.text() == "2 / 2"
    view.versions.previous.click()
    assert chat.shown() == ["Hi", "first"]
    assert _answer_view(chat).versions.text() == "1 / 2"


def test_an_edited_question_is_asked_anew_beside_the_old_one(chat: Chat) -> None:
    chat.answer("Hi", "first")
    question = chat.page.thread_view.views()[0]
    assert isinstance(question, QuestionView)
    question.edit_button.click()
    assert question.editor is not None
    assert question.editor.isVisible()
    question.editor.edit.setPlainText("Hello")
    question.editor.send_button.click()
    chat.finish(chat.job(), "other")
    assert chat.shown() == ["Hello", "other"]
    assert chat.page.thread_view.views()[0].versions.text() == "2 / 2"
    chat.page.thread_view.views()[0].versions.previous.click()
    assert chat.shown() == ["Hi", "first"]


def test_a_second_turn_carries_the_first(chat: Chat) -> None:
    chat.answer("Hi", "there")
    chat.ask("More")
    assert [turn["content"] for turn in chat.command().conversations[0]] == ["Hi", "there", "More"]


def test_copying_gives_the_answer_as_it_was_written_and_the_code_alone(chat: Chat) -> None:
    chat.answer("Hi", "**a**\n\n```c\nint x;\n```\n")
    view = _answer_view(chat)
    view.copy_button.click()
    assert QGuiApplication.clipboard().text() == "**a**\n\n```c\nint x;\n```\n"
    view.body.code_blocks()[0].copy_button.click()
    assert QGuiApplication.clipboard().text() == "int x;"


def test_the_thread_lets_go_when_the_user_scrolls_up(chat: Chat, qtbot: QtBot) -> None:
    chat.answer("Hi", "line\n\n" * 200)
    thread = chat.page.thread_view
    bar = thread.area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100 and bar.value() >= bar.maximum() - 24)
    job = chat.ask("More")
    bar.triggerAction(bar.SliderAction.SliderPageStepSub)
    at = bar.value()
    chat.tokens(job, *("more\n\n",) * 50)
    QApplication.processEvents()
    assert bar.value() == at
    assert thread.end_button.isVisible()
    thread.end_button.click()
    chat.tokens(job, *("more\n\n",) * 50)
    qtbot.waitUntil(lambda: bar.value() >= bar.maximum() - 24)
    assert not thread.end_button.isVisible()
    chat.finish(job, "more\n\n" * 100)


def test_expert_settings_reach_the_worker_and_are_remembered(chat: Chat) -> None:
    expert = chat.page.composer.expert
    expert.do_sample.setChecked(True)
    expert.temperature.setValue(1.25)
    expert.top_k.setValue(40)
    expert.seed.setValue(7)
    expert.max_new_tokens.setValue(33)
    expert.system.setPlainText("Be brief.")
    chat.ask("Hi")
    command = chat.command()
    assert (command.do_sample, command.temperature, command.top_k, command.seed, command.max_new_tokens) == (
        True, 1.25, 40, 7, 33,
    )  # fmt: skip
    assert command.conversations[0][0] == {"role": "system", "content": "Be brief."}
    assert chat.panel.window.context.store.page("chat")["options"]["top_k"] == 40


def test_a_preset_sets_system_prompt_and_sampling(chat: Chat) -> None:
    chat.page.composer.expert.temperature.setValue(0.3)
    chat.page.composer.expert.system.setPlainText("You are a poet.")
    chat.page.presets.saving.emit("Poet")
    chat.page.composer.expert.temperature.setValue(0.9)
    chat.page.conduct.new()
    chat.page.composer.expert.system.setPlainText("")
    box = chat.page.composer.presets
    box.activated.emit(box.findText("Poet"))
    assert chat.page.conduct.options.temperature == 0.3
    assert chat.page.conduct.conversation.system == "You are a poet."


def test_rows_of_a_batch_stand_side_by_side(chat: Chat) -> None:
    chat.say(loaded(batch=2))
    chat.page.conduct.batch(("one", "two", "three"))
    job = chat.job()
    assert len(chat.command().conversations) == 3
    chat.tokens(job, "A", row=0)
    chat.tokens(job, "B", row=2)
    cards = chat.page.batch_view.cards
    assert [card.text.text() for card in cards] == ["A", "", "B"]
    chat.finish(job, "A", "C", "B!")
    assert [card.text.text() for card in cards] == ["A", "C", "B!"]
    assert [row.text for row in chat.page.conduct.conversation.rows] == ["A", "C", "B!"]


def test_the_dialogs_ask_what_is_typed_or_picked(chat: Chat, tmp_path: Path, qtbot: QtBot) -> None:
    chat.page.ask_batch()
    batch = chat.page.findChild(BatchDialog)
    assert batch is not None
    batch.edit.setPlainText("one\n\n two \n")
    batch.ask_button.click()
    assert len(chat.command().conversations) == 2
    chat.finish(chat.job(), "A", "B")
    file = tmp_path / "mine.txt"
    file.write_text("first question\nsecond question\n", encoding="utf-8")
    chat.page.load_bank()
    bank = chat.page.findChild(BankDialog)
    assert bank is not None
    bank.load(file)
    bank.search.setText("second")
    assert bank.questions() == ["second question"]
    bank.use_button.click()
    assert chat.page.composer.edit.toPlainText() == "second question"
    assert chat.panel.window.context.store.page("chat")["question_file"] == str(file)


def test_a_killed_worker_leaves_the_text_and_one_button_to_go_on(chat: Chat) -> None:
    job = chat.ask("Hi")
    chat.tokens(job, "half an ans")
    chat.say(Exited(-9, "The worker was ended by the system."))
    assert chat.shown() == ["Hi", "half an ans"]
    assert "half an ans" in _answer_view(chat).body.text()
    banner = chat.page.banner
    assert banner.isVisible()
    assert "ended by the system" in banner.text()
    banner.button.click()
    chat.say(loaded())
    chat.finish(chat.job(), "whole answer")
    assert chat.job() != job
    assert chat.shown() == ["Hi", "whole answer"]
    assert _answer_view(chat).versions.text() == "2 / 2"


def test_where_the_cards_left_cannot_go_on_one_click_goes_on_with_the_cpu(chat: Chat) -> None:
    session = chat.panel.session
    session.cards = lambda: {"devices": [0, 1]}
    session.load("/engines/demo.ngf")
    assert chat.runtime.asked[-1] == ("load", ("/engines/demo.ngf", {"devices": [0, 1]}))
    chat.say(loaded())
    job = chat.ask("Hi")
    chat.say(Prompted(job, ["Hi"], [3]))
    chat.tokens(job, "So far")
    chat.say(
        Failed("cards_lost", "Card 1 is gone: its process has ended. The cards that are left can't go on.", "", job)
    )
    assert _answer_view(chat).body.text() == "So far"
    banner = chat.page.banner
    assert banner.button.text() == "Go on with the CPU"
    banner.button.click()
    assert chat.runtime.asked[-1] == ("load", ("/engines/demo.ngf", "", 0))
    chat.say(loaded())
    assert chat.command().conversations == [[{"role": "user", "content": "Hi"}]]
    assert chat.job() != job


def test_cards_that_go_while_loading_leave_the_cpu_to_be_chosen(chat: Chat) -> None:
    session = chat.panel.session
    session.cards = lambda: {"devices": [0, 1]}
    session.load("/engines/other.ngf", "/tokenizer")
    chat.say(Failed("cards_lost", "None of the engine's cards is left.", ""))
    assert chat.page.banner.button.text() == "Go on with the CPU"
    chat.page.banner.button.click()
    assert chat.runtime.asked[-1] == ("load", ("/engines/other.ngf", "/tokenizer", 0))


def test_a_worker_that_comes_back_by_itself_is_not_loaded_twice(chat: Chat) -> None:
    chat.panel.session.load("/engines/demo.ngf")
    chat.say(loaded())
    job = chat.ask("Hi")
    chat.tokens(job, "half")
    chat.say(Exited(-9, "The worker process was killed.", again=True))
    assert "Loading demo.ngf" in chat.panel.window.strip.engine.text()
    chat.page.banner.button.click()
    assert len([kind for kind, _ in chat.runtime.asked if kind == "load"]) == 1
    chat.say(loaded())
    assert chat.job() != job
    chat.finish(chat.job(), "whole")
    assert chat.shown() == ["Hi", "whole"]


def test_a_hung_worker_can_be_started_again(chat: Chat) -> None:
    job = chat.ask("Hi")
    chat.tokens(job, "half")
    chat.say(Hung(job, "decode", 12.0))
    assert "12 s" in chat.page.banner.text()
    chat.page.banner.button.click()
    assert ("kill", None) in chat.runtime.asked


def test_a_worker_that_goes_on_by_itself_takes_its_warning_back(chat: Chat) -> None:
    job = chat.ask("Hi")
    chat.say(Hung(job, "decode", 12.0))
    assert chat.page.banner.isVisible()
    chat.tokens(job, "late")
    assert not chat.page.banner.isVisible()


def test_a_refused_question_says_why_and_can_be_asked_in_a_new_conversation(chat: Chat) -> None:
    job = chat.ask("Hi")
    chat.say(Failed("usage", "The prompt has 900 tokens.", "Shorten the prompt.", job))
    assert "900 tokens" in chat.page.banner.text()
    assert chat.page.composer.send_button.isVisible()
    chat.page.banner.button.click()
    assert chat.page.conduct.conversation.empty
    assert chat.page.composer.edit.toPlainText() == "Hi"
    assert not chat.page.banner.isVisible()


def test_a_full_context_offers_a_new_conversation(chat: Chat) -> None:
    chat.answer("Hi", "text", "context_full")
    assert "context is full" in chat.page.banner.text()
    chat.page.banner.button.click()
    assert chat.page.conduct.conversation.empty


def test_the_composer_says_that_an_engine_is_lacking(make_panel: MakePanel) -> None:
    page = make_panel().window.page("chat")
    assert isinstance(page, ChatPage)
    assert "once an engine is loaded" in page.composer.edit.placeholderText()


def test_without_an_engine_questions_can_be_picked_but_not_asked_at_once(chat: Chat) -> None:
    chat.say(loaded(tokenizer=""))
    chat.page.load_bank()
    bank = chat.page.findChild(BankDialog)
    assert bank is not None
    bank.list.selectAll()
    assert len(bank.questions()) > 1
    assert not bank.batch_button.isEnabled()
    bank.close_button.click()


def test_an_engine_without_a_tokenizer_is_not_asked(chat: Chat) -> None:
    chat.say(loaded(tokenizer=""))
    chat.page.composer.edit.setPlainText("Hi")
    chat.page.composer.submit()
    assert not [kind for kind, _ in chat.runtime.asked if kind == "generate"]
    assert "no tokenizer" in chat.page.welcome.heading.text()


def test_conversations_are_kept_searched_and_opened_again(chat: Chat, qtbot: QtBot, panel_home: Path) -> None:
    chat.answer("About Berlin", "It is big")
    first = chat.page.conduct.conversation.id
    file = panel_home / "data" / "conversations" / f"{first}.json"
    qtbot.waitUntil(lambda: file.exists() and "It is big" in file.read_text(encoding="utf-8"))
    chat.page.history.new_button.click()
    chat.answer("About Paris", "It is old")
    chat.page.history.search.setText("berlin")
    assert chat.page.history.model.rowCount() == 1
    chat.page.history.list.clicked.emit(chat.page.history.model.index(0))
    assert chat.shown() == ["About Berlin", "It is big"]
    chat.page.history.delete_button.click()
    qtbot.waitUntil(lambda: not file.exists())
    assert len(chat.page.conduct.earlier) == 1


def test_what_is_not_kept_never_reaches_the_disk(chat: Chat, qtbot: QtBot, panel_home: Path) -> None:
    chat.page.header.keep_this.trigger()
    assert chat.page.header.badge.isVisible()
    chat.answer("my secret", "a secret answer")
    chat.page.header.keep_all.trigger()
    chat.page.conduct.new()
    chat.answer("my secret", "another")
    qtbot.waitUntil(lambda: (panel_home / "data" / "runs.json").exists())
    chat.panel.window.close()
    written = [p for p in panel_home.rglob("*") if p.is_file() and b"secret" in p.read_bytes()]
    assert written == []


def test_turning_keep_off_removes_the_file(chat: Chat, qtbot: QtBot) -> None:
    chat.answer("Hi", "there")
    file = History().path(chat.page.conduct.conversation.id)
    qtbot.waitUntil(file.exists)
    chat.page.header.keep_this.trigger()
    qtbot.waitUntil(lambda: not file.exists())


def test_export_writes_markdown_and_json(chat: Chat, tmp_path: Path, qtbot: QtBot) -> None:
    chat.answer("Hi", "there")
    for name in ("out.md", "out.json"):
        chat.page.export_to(tmp_path / name)
    qtbot.waitUntil(lambda: (tmp_path / "out.md").exists() and (tmp_path / "out.json").exists())
    assert "## Assistant\n\nthere" in (tmp_path / "out.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["messages"][1]["text"] == "there"


def test_a_new_conversation_during_an_answer_ends_it_with_what_it_has(chat: Chat) -> None:
    job = chat.ask("Hi")
    chat.tokens(job, "half")
    chat.page.conduct.new()
    assert chat.page.conduct.conversation.empty
    assert chat.page.conduct.earlier[0].messages[1].text == "half"
    chat.tokens(job, "late")
    chat.finish(job, "halflate")
    assert chat.page.conduct.earlier[0].messages[1].text == "half"


def test_nothing_is_loaded_by_what_an_answer_refers_to(chat: Chat) -> None:
    chat.answer("Hi", "![x](http://host/y.png) <img src='file:///etc/passwd'> [a](https://host/)")
    block = _answer_view(chat).body.findChildren(TextBlock)[0]
    assert block.loadResource(2, "file:///etc/passwd").size() == QSize(1, 1)
    assert "<img" in block.toPlainText()
    chat.page.thread_view.link_clicked.emit("https://host/")
    assert QGuiApplication.clipboard().text() == "https://host/"


def test_every_button_and_field_has_a_name(chat: Chat) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit

    chat.answer("Hi", "there\n\n```python\nx\n```")
    chat.page.composer.expert_button.setChecked(True)
    nameless = [
        part
        for kind in (QAbstractButton, QAbstractSpinBox, QComboBox, QPlainTextEdit)
        for part in chat.page.findChildren(kind)
        if part.isVisible() and not (part.accessibleName() or getattr(part, "text", str)())
    ]
    assert [f"{type(part).__name__} {part.objectName()}" for part in nameless] == []
    assert chat.page.history.search.accessibleName()
    del QLineEdit


def test_the_page_speaks_chinese_at_once(chat: Chat) -> None:
    chat.answer("Hi", "there", "length")
    chat.panel.window.set_language("zh")
    QApplication.processEvents()
    assert chat.page.composer.stop_button.text() == "停止"
    assert _answer_view(chat).reason.text() != "The limit of new tokens was reached"
    assert chat.page.graphs.figures.ttft.accessibleName().startswith("首")


def test_a_long_conversation_opens_at_its_end_and_fills_up(chat: Chat, qtbot: QtBot) -> None:
    for number in range(40):
        chat.answer(f"question {number}", f"answer {number}")
    long = chat.page.conduct.conversation.id
    chat.page.conduct.new()
    chat.page.conduct.open(long)
    thread = chat.page.thread_view
    assert thread.views()[-1].message_id == 80
    assert len(thread.views()) < 10
    qtbot.waitUntil(thread.earlier_button.isVisible, timeout=20_000)
    assert len(thread.views()) == 30
    thread.earlier_button.click()
    qtbot.waitUntil(thread.earlier_button.isVisible, timeout=20_000)
    assert len(thread.views()) == 60
    ids = [view.message_id for view in thread.views()]
    assert ids == list(range(21, 81))
    chat.answer("one more", "yes")
    assert [view.message_id for view in thread.views()][-2:] == [81, 82]
    assert len(thread.views()) == 62


def test_a_worker_that_dies_while_idle_can_be_loaded_again(chat: Chat) -> None:
    chat.say(Exited(-9, "The worker was ended by the system."))
    assert "ended by the system" in chat.page.banner.text()
    chat.page.banner.button.click()
    assert ("load", ("/engines/demo.ngf", "", 0)) in chat.runtime.asked
    chat.say(loaded())
    assert not chat.page.banner.isVisible()
