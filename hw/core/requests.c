/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests about the guest: reset, shutdown, panic, watchdog.
 *
 * The guest runs in the client.  What a device model asks for is passed on to
 * who manages it: one event with the domain's name and one line of the log.
 * Nothing here touches the process, except a shutdown that the host asked for.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/nmi.h"
#include "qapi/error.h"
#include "qapi/qapi-events-run-state.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "sysemu/runstate.h"
#include "sysemu/watchdog.h"
#include "qdev-internal.h"
#include "trace.h"

static void (*shutdown_handler)(ShutdownCause cause);
static char *(*domain_namer)(AioContext *ctx);

void qemu_system_set_shutdown_handler(void (*fn)(ShutdownCause cause))
{
    qatomic_set(&shutdown_handler, fn);
}

void qemu_system_set_domain_namer(char *(*fn)(AioContext *ctx))
{
    qatomic_set(&domain_namer, fn);
}

/* --- one event and one line ------------------------------------------- */

static char *domain_name(void)
{
    char *(*namer)(AioContext *) = qatomic_read(&domain_namer);
    AioContext *ctx = current_domain();

    return namer && ctx && ctx != aio_context_main() ? namer(ctx) : NULL;
}

/*
 * The line, when this guest may be heard. True: the caller sends the event, with
 * *@domain, which it frees.
 */
static bool report(const char *event, const char *what, char **domain)
{
    uint32_t dropped;

    if (!guest_request_allowed(event, current_domain(), &dropped)) {
        return false;
    }
    *domain = domain_name();
    trace_guest_request(event, *domain ?: "");
    info_report("%s%s%s", *domain ?: "", *domain ? ": " : "", what);
    if (dropped) {
        info_report("(%" PRIu32 " more of these were not reported)", dropped);
    }
    return true;
}

/* --- panic ------------------------------------------------------------ */

void qemu_system_guest_panicked(GuestPanicInformation *info)
{
    g_autofree char *domain = NULL;

    if (report("GUEST_PANICKED", "the guest panicked", &domain)) {
        qapi_event_send_guest_panicked(GUEST_PANIC_ACTION_RUN, domain);
    }
}

void qemu_system_guest_crashloaded(GuestPanicInformation *info)
{
    g_autofree char *domain = NULL;

    if (report("GUEST_CRASHLOADED", "the guest panicked and loads its crash kernel",
               &domain)) {
        qapi_event_send_guest_crashloaded(GUEST_PANIC_ACTION_RUN, domain);
    }
}

void qemu_system_guest_pvshutdown(void)
{
    g_autofree char *domain = NULL;

    if (report("GUEST_PVSHUTDOWN", "the guest asks to be shut down", &domain)) {
        qapi_event_send_guest_pvshutdown(domain);
    }
}

/* --- reset, shutdown, sleep ------------------------------------------- */

void qemu_system_reset_request(ShutdownCause reason)
{
    g_autofree char *domain = NULL;

    if (report("RESET", "a reset of the guest is asked for", &domain)) {
        qapi_event_send_reset(shutdown_caused_by_guest(reason), reason, domain);
    }
}

static void report_guest_shutdown(ShutdownCause reason)
{
    g_autofree char *domain = NULL;

    if (report("SHUTDOWN", "a shutdown of the guest is asked for", &domain)) {
        qapi_event_send_shutdown(true, reason, domain);
    }
}

void qemu_system_shutdown_request(ShutdownCause reason)
{
    void (*handler)(ShutdownCause) = qatomic_read(&shutdown_handler);

    if (shutdown_caused_by_guest(reason)) {
        report_guest_shutdown(reason);
    } else if (handler) {
        handler(reason);
    } else {
        warn_report("shutdown (%s) before the process can be shut down",
                    ShutdownCause_str(reason));
    }
}

static NotifierList powerdown_notifiers =
    NOTIFIER_LIST_INITIALIZER(powerdown_notifiers);
static NotifierList shutdown_notifiers = NOTIFIER_LIST_INITIALIZER(shutdown_notifiers);
static NotifierList wakeup_notifiers = NOTIFIER_LIST_INITIALIZER(wakeup_notifiers);
static NotifierList suspend_notifiers = NOTIFIER_LIST_INITIALIZER(suspend_notifiers);

void qemu_register_powerdown_notifier(Notifier *notifier)
{
    notifier_list_add(&powerdown_notifiers, notifier);
}

void qemu_register_shutdown_notifier(Notifier *notifier)
{
    notifier_list_add(&shutdown_notifiers, notifier);
}

void qemu_register_wakeup_notifier(Notifier *notifier)
{
    notifier_list_add(&wakeup_notifiers, notifier);
}

void qemu_register_suspend_notifier(Notifier *notifier)
{
    notifier_list_add(&suspend_notifiers, notifier);
}

void qemu_system_powerdown_request(void)
{
    g_autofree char *domain = NULL;

    if (report("POWERDOWN", "a power-down of the guest is asked for", &domain)) {
        qapi_event_send_powerdown(domain);
    }
    notifier_list_notify(&powerdown_notifiers, NULL);
}

void qemu_system_suspend_request(void)
{
    g_autofree char *domain = NULL;

    if (report("SUSPEND", "the guest asks to be suspended", &domain)) {
        qapi_event_send_suspend(domain);
    }
    notifier_list_notify(&suspend_notifiers, NULL);
}

void qemu_system_wakeup_request(WakeupReason reason, Error **errp)
{
    g_autofree char *domain = NULL;

    if (report("WAKEUP", "the guest is to be woken", &domain)) {
        qapi_event_send_wakeup(domain);
    }
    notifier_list_notify(&wakeup_notifiers, &reason);
}

void qemu_system_wakeup_enable(WakeupReason reason, bool enabled)
{
    /* which reasons wake the guest is decided by its own machine, the client */
    qemu_log_mask(LOG_UNIMP, "wake-up reason %d cannot be switched %s here\n",
                  reason, enabled ? "on" : "off");
}

void qemu_system_debug_request(void)
{
    g_autofree char *domain = NULL;

    if (report("STOP", "a stop of the guest for a debugger is asked for", &domain)) {
        qapi_event_send_stop(domain);
    }
}

/* --- watchdog --------------------------------------------------------- */

static int watchdog_action = WATCHDOG_ACTION_RESET;     /* atomic */

WatchdogAction get_watchdog_action(void)
{
    return qatomic_read(&watchdog_action);
}

void qmp_watchdog_set_action(WatchdogAction action, Error **errp)
{
    qatomic_set(&watchdog_action, action);
}

int select_watchdog_action(const char *action)
{
    int value = qapi_enum_parse(&WatchdogAction_lookup, action, -1, NULL);

    if (value < 0) {
        return -1;
    }
    qmp_watchdog_set_action(value, NULL);
    return 0;
}

/* The NMI goes to the machine when it can deliver one; the event says so in any case. */
static void inject_nmi(void)
{
    Error *err = NULL;

    nmi_monitor_handle(0, &err);
    if (err) {
        warn_reportf_err(err, "watchdog: ");
    }
}

void watchdog_perform_action(void)
{
    WatchdogAction action = get_watchdog_action();
    g_autofree char *domain = NULL;

    if (report("WATCHDOG", "the guest's watchdog expired", &domain)) {
        qapi_event_send_watchdog(action, domain);
    }
    if (action == WATCHDOG_ACTION_INJECT_NMI) {
        inject_nmi();
    }
}
