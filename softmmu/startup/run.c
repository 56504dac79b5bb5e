/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end may be asked for in any thread (a domain's, with auto-shutdown);
 * the first cause is kept and the main loop woken.
 */
#include "qemu/osdep.h"
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

static void emit_shutdown(ShutdownCause cause)
{
    JsonObject *data = json_object_new();

    json_object_set_boolean_member(data, "guest", shutdown_caused_by_guest(cause));
    json_object_set_string_member(data, "reason", ShutdownCause_str(cause));
    qmp_event_emit("SHUTDOWN", data);
}

void run_until_shutdown(void)
{
    while (qatomic_read(&shutdown_cause) == SHUTDOWN_CAUSE_NONE) {
        main_loop_wait(false);
    }
    emit_shutdown(qatomic_read(&shutdown_cause));
    qmp_event_dispatch();
}
