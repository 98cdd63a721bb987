"""`python -m helpline.cli` is the same as `helpline`."""

import sys

from helpline.cli import main

sys.exit(main())
