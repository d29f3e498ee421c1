"""`python -m jupyter_sm.cli`, where the command is not on PATH."""

import sys

from . import main

sys.exit(main())
