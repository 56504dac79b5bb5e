/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A blocked signal is queued even if it is to be ignored, so one that our
 * parent told us to ignore (nohup; an interactive shell's background job) is
 * left out of the set.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "signals.h"
#include "sysemu/runstate.h"

#include <sys/signalfd.h>

static int signal_fd = -1;

static void ending_signals(sigset_t *set)
{
    static const int ending[] = { SIGTERM, SIGINT, SIGHUP };
    struct sigaction action;

    sigemptyset(set);
    for (size_t i = 0; i < ARRAY_SIZE(ending); i++) {
        if (sigaction(ending[i], NULL, &action) < 0 || action.sa_handler != SIG_IGN) {
            sigaddset(set, ending[i]);
        }
    }
}

void signals_block(void)
{
    sigset_t set;

    ending_signals(&set);
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

static void signal_ready(void *opaque)
{
    struct signalfd_siginfo info;

    if (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
        report(&info);
        qemu_system_shutdown_request(SHUTDOWN_CAUSE_HOST_SIGNAL);
    }
}

bool signals_watch(AioContext *ctx, Error **errp)
{
    sigset_t set;

    ending_signals(&set);
    signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signal_fd < 0) {
        error_setg_errno(errp, errno, "cannot make a signal descriptor");
        return false;
    }
    aio_set_fd_handler(ctx, signal_fd, signal_ready, NULL, NULL, NULL, NULL);
    return true;
}

void signals_unwatch(AioContext *ctx)
{
    if (signal_fd >= 0) {
        aio_set_fd_handler(ctx, signal_fd, NULL, NULL, NULL, NULL, NULL);
        close(g_steal_fd(&signal_fd));
    }
}
