/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things that unit tests of several folders need; each is used where it is included. */
#ifndef TESTS_UNIT_HELPERS_H
#define TESTS_UNIT_HELPERS_H

#include "qemu/osdep.h"
#include <sys/socket.h>
#include "qapi/error.h"

/* Open file descriptors of this process, and one for counting them. */
static inline unsigned count_fds(void)
{
    GDir *dir = g_dir_open("/proc/self/fd", 0, NULL);
    unsigned n = 0;

    g_assert_nonnull(dir);
    while (g_dir_read_name(dir)) {
        n++;
    }
    g_dir_close(dir);
    return n;
}

/* One sendmsg() call with at most 253 descriptors, the kernel's limit; its result. */
static inline ssize_t send_with_fds(int socket, const void *bytes, size_t len, const int *fds,
                                    unsigned nr_fds)
{
    char control[CMSG_SPACE(253 * sizeof(int))] __attribute__((aligned(8))) = { 0 };
    struct iovec iov = { (void *)bytes, len };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

    if (nr_fds) {
        struct cmsghdr *c = (struct cmsghdr *)control;

        msg.msg_control = control;
        msg.msg_controllen = CMSG_SPACE(nr_fds * sizeof(int));
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nr_fds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, nr_fds * sizeof(int));
    }
    return sendmsg(socket, &msg, MSG_NOSIGNAL);
}

#endif
