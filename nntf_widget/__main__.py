"""``python -m nntf_widget`` is the command ``nntf-widget``."""

import sys

from nntf_widget.cli import main

sys.exit(main())
