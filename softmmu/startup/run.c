/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end may be asked for in any thread (a domain's, with auto-shutdown);
 * the first cause is kept and the main loop woken.
 */
#include "qemu/osdep.h"
#include "qapi/qapi-events-run-state.h"
#include "qapi/qmp-event.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "run.h"
#include "sysemu/runstate.h"

static int shutdown_cause;      /* ShutdownCause; atomic */

static void shutdown_requested(ShutdownCause cause)
{
    qatomic_cmpxchg(&shutdown_cause, SHUTDOWN_CAUSE_NONE, cause);
    qemu_notify_event();
}

void run_init(void)
{
    qemu_system_set_shutdown_handler(shutdown_requested);
}

void run_until_shutdown(void)
{
    ShutdownCause cause;

    while (qatomic_read(&shutdown_cause) == SHUTDOWN_CAUSE_NONE) {
        main_loop_wait(false);
    }
    cause = qatomic_read(&shutdown_cause);
    qapi_event_send_shutdown(shutdown_caused_by_guest(cause), cause, NULL);
    qmp_event_dispatch();
}
