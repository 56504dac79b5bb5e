# SPDX-License-Identifier: GPL-2.0-or-later
"""Base of the acceptance tests: avocado's when it is installed, else unittest's.

The checks themselves live in tests/functional and are the same code. Each test
is named here once more, because avocado finds tests by reading the file.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../functional"))
from xremote.case import Environment  # noqa: E402 pylint: disable=wrong-import-position

try:
    from avocado import Test as _Base
except ImportError:
    from unittest import TestCase as _Base


class AcceptanceTest(Environment, _Base):
    """What every acceptance test derives from."""

    timeout = 240

    def skipTest(self, reason):
        """avocado's word for a test that cannot run here is cancel."""
        cancel = getattr(self, "cancel", None)
        if cancel:
            cancel(reason)
        else:
            super().skipTest(reason)
