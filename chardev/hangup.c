/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An AioContext watches a descriptor for reading and writing. An epoll
 * instance that holds the socket for nothing but its end is itself readable
 * when that comes.
 */
#include "qemu/osdep.h"
#include "hangup.h"

#include <sys/epoll.h>

void hangup_watch_start(HangupWatch *w, AioContext *ctx, int fd, bool half, IOHandler *fn,
                        void *opaque)
{
    struct epoll_event ev = { .events = half ? EPOLLRDHUP : 0 };
    g_auto(OwnedFd) epfd = epoll_create1(EPOLL_CLOEXEC);

    hangup_watch_stop(w);
    if (epfd >= 0 && epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) == 0) {
        w->epfd = g_steal_fd(&epfd);
        w->ctx = ctx;
        aio_set_fd_handler(ctx, w->epfd, fn, NULL, NULL, NULL, opaque);
    }
}

void hangup_watch_stop(HangupWatch *w)
{
    if (w->epfd >= 0) {
        aio_set_fd_handler(w->ctx, w->epfd, NULL, NULL, NULL, NULL, NULL);
        close(g_steal_fd(&w->epfd));
    }
}
