/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stages of isolation.
 *
 * before-config: descriptors 0 to 2 exist, so no socket can end up as stdout;
 * no program started from here gains privileges (no_new_privs costs nothing:
 * this process starts none that needs them); the limit of open files goes up
 * to what the host allows, because each mapping, interrupt and connection of a
 * client is one (65,535 mappings for each function are possible).
 *
 * Not there yet: a stage before the first client is accepted, with a seccomp
 * filter for all threads (SECCOMP_FILTER_FLAG_TSYNC). -sandbox on says so.
 *
 * Deliberately not done: PR_SET_DUMPABLE 0. The process holds its clients'
 * memory, and a core dump would contain it; but mappings of client files are
 * shared file mappings, which the default coredump_filter leaves out, and
 * without the flag an operator can still debug and look at /proc/PID/fd.
 */
#include "qemu/osdep.h"
#include "isolation.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static void open_standard_files(void)
{
    int fd;

    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0) {
        close(fd);
    }
}

/* Only epoll is used to wait: descriptors above FD_SETSIZE do no harm. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void isolation_before_config(void)
{
    open_standard_files();
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    raise_file_limit();
}
