/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forks twice: the second child is no session leader and can get no
 * controlling terminal by opening one. One byte in a pipe means success; the
 * end of the pipe without it means that the child died, which has said why on
 * the stderr that both share.
 *
 * The working directory stays: relative paths of sockets and of the pid file
 * must be found again at exit.
 */
#include "qemu/osdep.h"
#include "daemon.h"

static int ready_fd = -1;       /* the child's end */

static G_NORETURN void wait_for_child(int fd)
{
    char byte;
    ssize_t n = RETRY_ON_EINTR(read(fd, &byte, 1));

    _exit(n == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

bool daemon_start(Error **errp)
{
    int fds[2];
    pid_t pid;

    if (qemu_pipe(fds) < 0) {
        error_setg_errno(errp, errno, "cannot make a pipe");
        return false;
    }
    pid = fork();
    if (pid < 0) {
        error_setg_errno(errp, errno, "cannot fork");
        close(fds[0]);
        close(fds[1]);
        return false;
    }
    if (pid > 0) {
        close(fds[1]);
        wait_for_child(fds[0]);
    }
    close(fds[0]);
    ready_fd = fds[1];
    setsid();
    pid = fork();
    if (pid < 0) {
        error_setg_errno(errp, errno, "cannot fork");
        return false;
    }
    if (pid > 0) {
        _exit(EXIT_SUCCESS);
    }
    return true;
}

void daemon_ready(void)
{
    int null;

    if (ready_fd < 0) {
        return;
    }
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd <= 2; fd++) {
        dup2(null, fd);
    }
    if (null > 2) {
        close(null);
    }
    if (write(ready_fd, "", 1) != 1) {
        /* The parent was killed: nobody is left to tell. */
    }
    close(g_steal_fd(&ready_fd));
}
