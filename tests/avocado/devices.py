# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices are found where they belong, and come and go."""
# acceptance sets the path on which the others lie.
from acceptance import AcceptanceTest
from test_devices import DevicesChecks
from test_hotplug import HotplugChecks
from test_inspect import InspectChecks
from test_topology import TopologyChecks
from test_trace import TraceChecks


class Devices(DevicesChecks, AcceptanceTest):
    """See tests/functional/test_devices.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:devices
    """

    def test_ids_and_bars(self):
        """Both spellings of the server object are in use here in turn."""
        super().test_ids_and_bars()


class Hotplug(HotplugChecks, AcceptanceTest):
    """See tests/functional/test_hotplug.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:hotplug
    """

    def test_plug_and_pull(self):
        """device_add and device_del by the client's QMP, twice."""
        super().test_plug_and_pull()


class Inspect(InspectChecks, AcceptanceTest):
    """See tests/functional/test_inspect.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:inspect
    """

    def test_guest(self):
        """BARs where the guest has them, DMA as much as it asked for, its client by pid."""
        super().test_guest()


class Topology(TopologyChecks, AcceptanceTest):
    """See tests/functional/test_topology.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:topology
    """

    def test_client_root_ports(self):
        """Each device behind a root port of the client."""
        super().test_client_root_ports()

    def test_client_multifunction(self):
        """Two devices of ours as two functions of one slot."""
        super().test_client_multifunction()

    def test_server_topology(self):
        """A root port and a multifunction slot on our own isolated bus."""
        super().test_server_topology()


class Trace(TraceChecks, AcceptanceTest):
    """See tests/functional/test_trace.py.

    :avocado: enable
    :avocado: tags=arch:x86_64,device:trace
    """

    def test_between(self):
        """Everything works through it, and the dialogue is written down."""
        super().test_between()
