/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of sd_notify(3). MAINPID goes with READY: after -daemonize the
 * process that the manager started has gone.
 */
#include "qemu/osdep.h"
#include "notify.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"

#include <systemd/sd-daemon.h>

static bool wanted;
static uint64_t watchdog_usec;

void notify_init(void)
{
    wanted = g_getenv("NOTIFY_SOCKET") != NULL;
    if (sd_watchdog_enabled(0, &watchdog_usec) <= 0) {
        watchdog_usec = 0;
    }
}

bool notify_wanted(void)
{
    return wanted;
}

uint64_t notify_watchdog_usec(void)
{
    return wanted ? watchdog_usec : 0;
}

void notify_ready(const char *status)
{
    int ret = wanted ? sd_notifyf(0, "READY=1\nMAINPID=%d\nSTATUS=%s", (int)getpid(), status) : 0;

    if (ret < 0) {
        warn_report("cannot tell the service manager that we are ready: NOTIFY_SOCKET: %s",
                    g_strerror(-ret));
    }
}

void notify_status(const char *status)
{
    if (wanted) {
        sd_notifyf(0, "STATUS=%s", status);
    }
}

/* The time is what systemd 253 and later want with Type=notify-reload. */
void notify_reloading(void)
{
    if (wanted) {
        sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, get_clock() / SCALE_US);
    }
}

void notify_stopping(void)
{
    if (wanted) {
        sd_notify(0, "STOPPING=1\nSTATUS=letting clients go");
    }
}

void notify_watchdog(void)
{
    if (wanted) {
        sd_notify(0, "WATCHDOG=1");
    }
}
