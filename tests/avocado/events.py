# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest does reaches our process."""
# acceptance sets the path on which the others lie.
from acceptance import AcceptanceTest
from test_pvpanic import PvpanicChecks
from test_watchdog import WatchdogChecks


class Pvpanic(PvpanicChecks, AcceptanceTest):
    """See tests/functional/test_pvpanic.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:pvpanic
    """

    def test_panic(self):
        """GUEST_PANICKED comes; our process goes on and serves the next guest."""
        super().test_panic()


class Watchdog(WatchdogChecks, AcceptanceTest):
    """See tests/functional/test_watchdog.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:watchdog
    """

    def test_expiry(self):
        """Fed: silence. Not fed: the event WATCHDOG and a line in the log."""
        super().test_expiry()
