/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of the shared enums.  Each table is tied to its enum's size.
 */
#include "qemu/osdep.h"
#include "qapi/qapi-types-common.h"
#include "qapi/qapi-types-run-state.h"

#define ENUM_LOOKUP(Enum, max, ...)                                         \
    static const char *const Enum ## _names[] = { __VA_ARGS__ };            \
    G_STATIC_ASSERT(G_N_ELEMENTS(Enum ## _names) == (max));                 \
    const QEnumLookup Enum ## _lookup = {                                   \
        .array = Enum ## _names,                                            \
        .size = (max),                                                      \
    }

ENUM_LOOKUP(OnOffAuto, ON_OFF_AUTO__MAX, "auto", "on", "off");
ENUM_LOOKUP(OnOffSplit, ON_OFF_SPLIT__MAX, "on", "off", "split");
ENUM_LOOKUP(OffAutoPCIBAR, OFF_AUTOPCIBAR__MAX,
            "off", "auto", "bar0", "bar1", "bar2", "bar3", "bar4", "bar5");
ENUM_LOOKUP(PCIELinkSpeed, PCIE_LINK_SPEED__MAX, "2_5", "5", "8", "16", "32", "64");
ENUM_LOOKUP(PCIELinkWidth, PCIE_LINK_WIDTH__MAX, "1", "2", "4", "8", "12", "16", "32");

ENUM_LOOKUP(RunState, RUN_STATE__MAX,
            "debug", "inmigrate", "internal-error", "io-error", "paused",
            "postmigrate", "prelaunch", "finish-migrate", "restore-vm", "running",
            "save-vm", "shutdown", "suspended", "watchdog", "guest-panicked", "colo");
ENUM_LOOKUP(ShutdownCause, SHUTDOWN_CAUSE__MAX,
            "none", "host-error", "host-qmp-quit", "host-qmp-system-reset",
            "host-signal", "host-ui", "guest-shutdown", "guest-reset", "guest-panic",
            "subsystem-reset", "snapshot-load");
ENUM_LOOKUP(WatchdogAction, WATCHDOG_ACTION__MAX,
            "reset", "shutdown", "poweroff", "pause", "debug", "none", "inject-nmi");
ENUM_LOOKUP(GuestPanicAction, GUEST_PANIC_ACTION__MAX, "pause", "poweroff", "run");
