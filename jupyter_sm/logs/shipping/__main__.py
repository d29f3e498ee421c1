"""``python -m jupyter_sm.logs.shipping``."""

import sys

from .program import main

if __name__ == "__main__":
    sys.exit(main())
