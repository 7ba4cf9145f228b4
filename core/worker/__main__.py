"""Entry of `python -m core.worker`."""

from core.worker.main import main

main()
