/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A blocked signal is queued even if it is to be ignored, so one that our
 * parent told us to ignore (nohup; an interactive shell's background job) is
 * left out of the set. Not SIGHUP: with a log file it never ends the process,
 * which is all that nohup is for, and log rotation still works.
 */
#include "qemu/osdep.h"
#include "notify.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "run.h"
#include "signals.h"
#include "status.h"
#include "sysemu/runstate.h"

#include <sys/signalfd.h>

/* Several signals within this time are one wish: a wrapper forwards what the terminal sent too. */
#define BURST_NS NANOSECONDS_PER_SECOND

static int signal_fd = -1;
static bool is_service;
static bool hangup_ignored;
static int64_t may_kill_from;

static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void watched_signals(sigset_t *set)
{
    static const int ending[] = { SIGTERM, SIGINT };

    sigemptyset(set);
    sigaddset(set, SIGHUP);
    for (size_t i = 0; i < ARRAY_SIZE(ending); i++) {
        if (!is_ignored(ending[i])) {
            sigaddset(set, ending[i]);
        }
    }
}

void signals_block(void)
{
    sigset_t set;

    hangup_ignored = is_ignored(SIGHUP);
    watched_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void report(const struct signalfd_siginfo *info)
{
    g_autofree char *name = info->ssi_pid ? qemu_get_pid_name(info->ssi_pid) : NULL;

    if (info->ssi_pid) {
        error_report("terminating on signal %u from pid %u (%s)", info->ssi_signo,
                    info->ssi_pid, name ?: "<unknown process>");
    } else {
        error_report("terminating on signal %u", info->ssi_signo);
    }
}

static void end(const struct signalfd_siginfo *info)
{
    if (run_end_requested()) {
        run_hurry();
    } else {
        report(info);
        qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_SIGNAL);
    }
}

static void reopen_log(void)
{
    g_autofree char *status = status_text();
    Error *err = NULL;

    notify_reloading();
    if (!qemu_log_reopen(&err)) {
        error_prepend(&err, "SIGHUP: the log goes on in the old file: ");
        error_report_err(err);
    }
    notify_ready(status);
}

static void hang_up(const struct signalfd_siginfo *info)
{
    if (qemu_log_separate() || is_service) {
        reopen_log();
        if (!qemu_log_separate()) {
            info_report("SIGHUP: there is no log file to open anew, see -D");
        }
    } else if (!hangup_ignored) {
        end(info);
    }
}

static void signal_ready(void *opaque)
{
    struct signalfd_siginfo info;

    if (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo == SIGHUP) {
            hang_up(&info);
        } else {
            end(&info);
        }
    }
}

bool signals_watch(AioContext *ctx, bool service, Error **errp)
{
    sigset_t set;

    is_service = service;
    watched_signals(&set);
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0) {
        error_setg_errno(errp, errno, "cannot make a signal descriptor");
        return false;
    }
    aio_set_fd_handler(ctx, signal_fd, signal_ready, NULL, NULL, NULL, NULL);
    return true;
}

/* Async-signal-safe. */
static void kill_unless_burst(int number)
{
    if (get_clock() >= may_kill_from) {
        signal(number, SIG_DFL);
        raise(number);          /* pending until this handler returns */
    }
}

void signals_let_kill(void)
{
    struct sigaction action = { .sa_handler = kill_unless_burst, .sa_flags = SA_RESTART };
    sigset_t set;

    may_kill_from = get_clock() + BURST_NS;
    sigemptyset(&set);
    for (size_t i = 0; i < 2; i++) {
        int number = i ? SIGTERM : SIGINT;

        if (!is_ignored(number)) {
            sigaction(number, &action, NULL);
            sigaddset(&set, number);
        }
    }
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

void signals_unwatch(AioContext *ctx)
{
    if (signal_fd >= 0) {
        aio_set_fd_handler(ctx, signal_fd, NULL, NULL, NULL, NULL, NULL);
        close(g_steal_fd(&signal_fd));
    }
}
