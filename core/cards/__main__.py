"""Entry of `python -m core.cards`."""

from core.cards.main import main

main()
