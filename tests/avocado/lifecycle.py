# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests reboot, die and live side by side."""
# acceptance sets the path on which the others lie.
from acceptance import AcceptanceTest
from test_client_killed import ClientKilledChecks
from test_handover import HandOverChecks
from test_isolation import IsolationChecks
from test_reboot import RebootChecks
from test_unplug import UnplugChecks


class ClientKilled(ClientKilledChecks, AcceptanceTest):
    """See tests/functional/test_client_killed.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:client_killed
    """

    def test_kill_and_attach(self):
        """kill -9 twice with transfers under way, then a guest that uses all."""
        super().test_kill_and_attach()


class HandOver(HandOverChecks, AcceptanceTest):
    """See tests/functional/test_handover.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:handover
    """

    def test_second_boots_beside_the_first(self):
        """The second guest is up before the first is killed; it never notices."""
        super().test_second_boots_beside_the_first()

    def test_beside_work_and_hot_plug(self):
        """One guest is replaced, a third domain comes, works, goes; the second guest works on."""
        super().test_beside_work_and_hot_plug()

    def test_registers_before_the_turn(self):
        """What cannot wait for ever fails in time, and the client lives on."""
        super().test_registers_before_the_turn()


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


class Unplug(UnplugChecks, AcceptanceTest):
    """See tests/functional/test_unplug.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:unplug
    """

    def test_consent(self):
        """The request is passed on by hand: this client has no use for the REQ interrupt."""
        super().test_consent()

    def test_stays(self):
        """A client that keeps the device: an event, and it works on."""
        super().test_stays()
