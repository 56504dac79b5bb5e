#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots a stock guest with our devices and tells what happens; see demo.sh.

Every sentence it prints is the result of a check that was just made: when one
does not hold, the demonstration ends there with status 1.
"""
import os
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/functional"))
from xremote import case, guest, server, stock  # noqa: E402 pylint: disable=wrong-import-position

DEVICES = {"edu": case.EDU, "dma-engine": case.ENGINE, "i6300esb": case.I6300ESB,
           "pvpanic-pci": case.PVPANIC}


def say(text):
    """One line of the story."""
    print(text, flush=True)


def need(condition, text):
    """End the demonstration when something does not hold."""
    if not condition:
        raise RuntimeError(text)


def size(number):
    """A size in words."""
    for shift, unit in ((20, "MiB"), (10, "KiB")):
        if number >= 1 << shift:
            return f"{number >> shift} {unit}"
    return f"{number} bytes"


def resident(pid):
    """Resident memory of a process in KiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def show_devices(machine):
    """What the guest finds, as {driver: Function}."""
    found = {}
    for driver, ids in DEVICES.items():
        functions = machine.find(*ids)
        need(len(functions) == 1, f"the guest has {len(functions)} {driver}")
        found[driver] = functions[0]
        bars = ", ".join(f"BAR {n} of {size(length)} at 0x{base:x}"
                         for n, (base, length, _) in sorted(functions[0].bars.items()))
        say(f"  {functions[0].bdf}  {ids[0]:04x}:{ids[1]:04x}  {driver}: {bars}")
    return found


def show_edu(machine, bdf):
    """Registers, interrupts, DMA."""
    answer = machine.tool(f"edu-registers {bdf}")
    need(answer.get("factorial") == "ok", "edu computes wrongly")
    say("  edu      identified itself and computed factorials, in our process")
    machine.tool(f"edu-interrupt {bdf} msi-raw 20")
    say("  edu      raised 20 interrupts by MSI; the guest's kernel counted 20")
    answer = machine.tool(f"edu-dma {bdf} msi-raw 4096 2")
    need(answer["checksum"] == case.adler32(4096, 2), "edu's DMA changed the data")
    say(f"  edu      moved 4096 bytes from guest memory at {answer['address']} and back by DMA:"
        f" every byte came back (checksum {answer['checksum']})")


def show_engine(machine, bdf):
    """The DMA engine with MSI-X."""
    answer = machine.tool(f"engine-check {bdf} msix-raw")
    need(answer.get("engine") == "ok", "the DMA engine failed")
    say(f"  dma-engine moved {int(answer['bytes']) >> 10} KiB on channel 0, ran {answer['channels']}"
        " channels side by side with an MSI-X vector each,")
    say("           and was refused, as it must be, when told to write where the guest has no memory")


def show_watchdog(machine, ours):
    """The guest's own driver, not fed."""
    machine.run("load i6300esb heartbeat=2")
    machine.run("echo start > /dev/watchdog")
    begun = time.monotonic()
    need(ours.qmp.wait_event("WATCHDOG", 30), "the watchdog did not expire")
    say("  i6300esb Linux's own driver started the watchdog and stopped feeding it:"
        f" our process reported WATCHDOG {time.monotonic() - begun:.1f} s later")


def show_panic(machine, ours):
    """The guest's kernel panics."""
    machine.run("load pvpanic-pci")
    machine.send("echo c > /proc/sysrq-trigger")
    need(ours.qmp.wait_event("GUEST_PANICKED", 30), "the panic was not heard")
    say("  pvpanic  the guest's kernel was made to panic: our process reported GUEST_PANICKED")
    for _ in DEVICES:
        need(ours.qmp.wait_event("VFU_CLIENT_HANGUP", 30), "the client's end was not noticed")
    say("The guest is gone; our process saw its client leave all four sockets and still runs.")


def story(folder):
    """The demonstration from start to end."""
    client = stock.prepare()
    ours = server.Server(folder, ["isolated-rc,id=vmA"] + [
        f"{driver},id={driver},bus=vmA.0" for driver in DEVICES])
    try:
        say(f"Our process {ours.process.pid} serves {len(DEVICES)} PCI devices, each on its own"
            f" socket, with {resident(ours.process.pid)} KiB of memory.")
        say(f"Booting stock Linux {client.kernel_version} in stock QEMU {client.qemu.version}"
            " with software emulation; that takes some seconds ...")
        begun = time.monotonic()
        machine = guest.Guest(client, folder, devices=[
            guest.vfio_user(ours.path(driver)) for driver in DEVICES])
        try:
            machine.boot()
            say(f"It is up after {time.monotonic() - begun:.1f} s, and finds our devices:")
            found = show_devices(machine)
            say("It uses them:")
            show_edu(machine, found["edu"].bdf)
            show_engine(machine, found["dma-engine"].bdf)
            show_watchdog(machine, ours)
            show_panic(machine, ours)
        finally:
            machine.close()
    finally:
        wrong = ours.stop()
    need(not wrong, "; ".join(wrong))
    say("Our process was asked to end and ended cleanly. All of it worked.")


def main(argv):
    if len(argv) > 1:
        os.environ["X_REMOTE_SERVER"] = os.path.abspath(argv[1])
    folder = tempfile.mkdtemp(prefix="xr-")
    try:
        story(folder)
    except Exception as e:  # pylint: disable=broad-except
        print(f"It did not work: {e}\nLogs are kept in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
