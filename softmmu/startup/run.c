/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end may be asked for in any thread (a domain's, with auto-shutdown);
 * the first cause is kept and the main loop woken.
 */
#include "qemu/osdep.h"
#include "hw/boards.h"
#include "qapi/qapi-events-run-state.h"
#include "qapi/qmp-event.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "run.h"
#include "sysemu/population.h"
#include "sysemu/runstate.h"
#include "sysemu/sysemu.h"

static int shutdown_cause;      /* ShutdownCause; atomic */
static bool hurry;

static void shutdown_requested(ShutdownCause cause)
{
    qatomic_cmpxchg(&shutdown_cause, SHUTDOWN_CAUSE_NONE, cause);
    qemu_notify_event();
}

void run_init(void)
{
    qemu_system_set_shutdown_handler(shutdown_requested);
}

bool run_end_requested(void)
{
    return qatomic_read(&shutdown_cause) != SHUTDOWN_CAUSE_NONE;
}

void run_until_shutdown(void)
{
    ShutdownCause cause;

    while (!run_end_requested()) {
        main_loop_wait(false);
    }
    cause = qatomic_read(&shutdown_cause);
    qapi_event_send_shutdown(shutdown_caused_by_guest(cause), cause, NULL);
    qmp_event_dispatch();
}

void run_hurry(void)
{
    hurry = true;
}

static void drain_is_over(void *opaque)
{
    run_hurry();
}

/* A client that leaves changes the population, which wakes this loop: status.c. */
void run_drain(void)
{
    uint64_t ms = object_property_get_uint(OBJECT(current_machine), "drain-timeout", NULL);
    g_autoptr(QEMUTimer) timer = timer_new_ms(QEMU_CLOCK_REALTIME, drain_is_over, NULL);

    timer_mod(timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + ms);
    qemu_run_drain_notifiers();
    while (population_get(POPULATION_CLIENTS) > 0 && !hurry) {
        main_loop_wait(false);
    }
    timer_del(timer);
}
