"""What can be said at the start of the window."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from gui.design import THEME_CHOICES

MAX_SIMULATED = 8


@dataclass(frozen=True, slots=True)
class Options:
    """The window's command line; empty strings mean that the settings decide."""

    lang: str = ""
    theme: str = ""
    simulate_cards: int = 0
    """Cards that are only shown, not there: what they would compute runs on the CPU."""
    engine: str = ""
    """Engine file to load at the start."""
    file: str = ""
    """Engine file to look at; it isn't run."""
    demo: bool = False
    """Begin on the Demo page."""
    check_start: bool = False
    json: bool = False
    install_desktop: bool = False
    remove_desktop: bool = False
    install_service: bool = False
    remove_service: bool = False
    install_autostart: bool = False
    remove_autostart: bool = False
    end_visitor_mode: bool = False


def _cards(text: str) -> int:
    count = int(text)
    if not 0 <= count <= MAX_SIMULATED:
        raise argparse.ArgumentTypeError(f"{count} is not between 0 and {MAX_SIMULATED}")
    return count


def parser() -> argparse.ArgumentParser:
    """Return the parser of the window's command line."""
    made = argparse.ArgumentParser(prog="c10-panel", description="Open the window of C10 Panel.")
    made.add_argument("--lang", choices=("zh", "en"), default="", help="language of this start")
    made.add_argument("--theme", choices=THEME_CHOICES, default="", help="colours of this start")
    made.add_argument("--simulate-cards", type=_cards, default=0, metavar="N", help="show N simulated cards (0-8)")
    made.add_argument("--engine", default="", metavar="FILE", help="engine to load at the start")
    made.add_argument("file", nargs="?", default="", metavar="FILE.ngf", help="engine to look at; nothing of it is run")
    made.add_argument("--demo", action="store_true", help="begin on the Demo page, whatever was shown last")
    made.add_argument("--check-start", action="store_true", help="show the window, report its start-up time, close")
    made.add_argument("--json", action="store_true", help="report as one line of JSON")
    made.add_argument("--install-desktop", action="store_true", help="add the program to the desktop's menu")
    made.add_argument("--remove-desktop", action="store_true", help="take it out of the desktop's menu")
    made.add_argument("--install-service", action="store_true", help="let systemd restart the program if it fails")
    made.add_argument("--remove-service", action="store_true", help="take that service away")
    made.add_argument("--install-autostart", action="store_true", help="start the program at login")
    made.add_argument("--end-visitor-mode", action="store_true", help="end visitor mode and forget a lost PIN")
    made.add_argument("--remove-autostart", action="store_true", help="don't start it at login any more")
    return made


def parse(arguments: list[str]) -> Options:
    """Read the command line; argparse ends the process with a sentence where it is wrong."""
    return Options(**vars(parser().parse_args(arguments)))
