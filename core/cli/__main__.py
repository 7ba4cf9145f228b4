"""Entry of `python -m core.cli`."""

import sys

from core.cli.app import main

sys.exit(main())
