# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests reboot, die and live side by side."""
# acceptance sets the path on which the others lie.
from acceptance import AcceptanceTest
from test_client_killed import ClientKilledChecks
from test_isolation import IsolationChecks
from test_reboot import RebootChecks


class ClientKilled(ClientKilledChecks, AcceptanceTest):
    """See tests/functional/test_client_killed.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:client_killed
    """

    def test_kill_and_attach(self):
        """kill -9 twice with transfers under way, then a guest that uses all."""
        super().test_kill_and_attach()


class Isolation(IsolationChecks, AcceptanceTest):
    """See tests/functional/test_isolation.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:isolation
    """

    def test_two_guests(self):
        """Each guest has two devices of its own root complex."""
        super().test_two_guests()

    def test_one_leaves(self):
        """The end of one guest is nothing to the other."""
        super().test_one_leaves()


class Reboot(RebootChecks, AcceptanceTest):
    """See tests/functional/test_reboot.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:reboot
    """

    def test_reboot(self):
        """edu works before and after; a register of dma-engine is cleared."""
        super().test_reboot()
