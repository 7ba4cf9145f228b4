from __future__ import annotations

import pytest

from gui.visitor import pin as pins
from gui.visitor.pin import FREE_TRIES, MOST_DELAY_S, Tries, after_failure, delay


def test_what_is_kept_tells_nothing_and_matches_only_its_pin() -> None:
    kept, again = pins.sealed("2468"), pins.sealed("2468")
    assert kept != again
    assert "2468" not in kept
    assert pins.matches("2468", kept)
    assert pins.matches("2468", again)
    assert not pins.matches("2469", kept)


@pytest.mark.parametrize("damaged", ["", "scrypt$1$1$1$00$00", "scrypt$16384$8$1$zz$00", "plain$2468", "a$b$c$d$e$f$g"])
def test_a_damaged_hash_lets_nobody_in(damaged: str) -> None:
    assert not pins.matches("2468", damaged)
    assert not pins.matches("", damaged)


def test_each_wrong_try_beyond_the_free_ones_makes_the_wait_longer_up_to_a_limit() -> None:
    waits = [delay(failures) for failures in range(40)]
    assert waits[:FREE_TRIES] == [0.0] * FREE_TRIES
    assert waits[FREE_TRIES : FREE_TRIES + 4] == [5.0, 10.0, 20.0, 40.0]
    assert waits == sorted(waits)
    assert waits[-1] == MOST_DELAY_S


def test_a_clock_set_back_never_locks_the_operator_out_for_longer_than_the_delay() -> None:
    tries = Tries()
    for _ in range(FREE_TRIES):
        tries = after_failure(tries, 5_000.0)
    assert tries.wait(5_000.0) == 5.0
    assert tries.wait(100.0) == 5.0
    assert tries.wait(5_005.0) == 0.0


@pytest.mark.parametrize(
    ("text", "usable"), [("1234", True), ("123", False), ("1" * 13, False), ("12a4", False), ("١٢٣٤", False)]
)
def test_a_pin_is_four_to_twelve_digits(text: str, usable: bool) -> None:
    assert pins.is_usable(text) is usable
