from __future__ import annotations

from dataclasses import replace

from gui.visitor.presence import COUNTDOWN_S, Facts, begin, passed, touched, wiped

QUIET = Facts(idle_s=60.0, answering=False, unfinished=False, can_attract=True)


def test_after_the_idle_time_the_attract_loop_begins_and_any_touch_ends_it() -> None:
    there = begin(0.0)
    assert passed(there, 59.9, QUIET).phase == "home"
    attract = passed(there, 60.0, QUIET)
    assert attract.phase == "attract"
    assert passed(attract, 500.0, QUIET).phase == "attract"
    assert touched(attract, 500.0).phase == "home"


def test_an_unfinished_visit_gets_ten_seconds_of_warning_before_it_is_wiped() -> None:
    unfinished = replace(QUIET, unfinished=True)
    visit = touched(begin(0.0), 5.0)
    assert visit.phase == "visit"
    warned = passed(visit, 65.0, unfinished)
    assert (warned.phase, warned.left(65.0)) == ("countdown", COUNTDOWN_S)
    still = passed(warned, 74.9, unfinished)
    assert still.phase == "countdown"
    assert not wiped(warned, still)
    over = passed(still, 75.0, unfinished)
    assert over.phase == "attract"
    assert wiped(still, over)


def test_a_touch_during_the_countdown_keeps_everything() -> None:
    warned = passed(begin(0.0), 60.0, replace(QUIET, unfinished=True))
    kept = touched(warned, 69.0)
    assert kept.phase == "visit"
    assert not wiped(warned, kept)
    assert passed(kept, 128.0, replace(QUIET, unfinished=True)).phase == "visit"


def test_nothing_is_counted_during_an_answer_not_even_a_countdown_that_has_begun() -> None:
    unfinished = replace(QUIET, unfinished=True)
    answering = replace(unfinished, answering=True)
    there = passed(begin(0.0), 1000.0, answering)
    assert there.phase == "visit"
    assert passed(there, 1059.0, unfinished).phase == "visit"
    warned = passed(there, 1060.0, unfinished)
    assert warned.phase == "countdown"
    assert passed(warned, 1069.0, answering).phase == "visit"


def test_without_an_engine_a_visit_is_wiped_but_nothing_runs_by_itself() -> None:
    silent = replace(QUIET, unfinished=True, can_attract=False)
    warned = passed(begin(0.0), 60.0, silent)
    over = passed(warned, 70.0, silent)
    assert over.phase == "home"
    assert wiped(warned, over)
    assert passed(over, 9000.0, replace(silent, unfinished=False)).phase == "home"


def test_an_engine_that_goes_ends_the_attract_loop() -> None:
    attract = passed(begin(0.0), 60.0, QUIET)
    assert passed(attract, 61.0, replace(QUIET, can_attract=False)).phase == "home"


def test_no_idle_time_means_never() -> None:
    assert passed(begin(0.0), 1e9, replace(QUIET, idle_s=0.0)).phase == "home"
