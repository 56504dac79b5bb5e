/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end that connects. */
#include "qemu/osdep.h"
#include "io/listener.h"
#include "socket-int.h"

#include <sys/socket.h>

int io_connect_begin(const IOAddress *addr, bool *pending, Error **errp)
{
    struct sockaddr_storage ss;
    socklen_t len = io_address_to_sockaddr(addr, &ss);
    g_auto(OwnedFd) fd = io_socket_open(addr);

    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot make a socket");
        return -1;
    }
    *pending = false;
    if (connect(fd, (struct sockaddr *)&ss, len) < 0) {
        *pending = errno == EINPROGRESS;
        if (!*pending) {
            g_autofree char *name = io_address_format(addr);

            error_setg_errno(errp, errno, "cannot connect to %s", name);
            return -1;
        }
    }
    return g_steal_fd(&fd);
}

int io_connect_result(int fd)
{
    int err = 0;
    socklen_t len = sizeof(err);

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0 ? errno : err;
}

IOChannel *io_channel_connect(const IOAddress *addr, Error **errp)
{
    /* Loopback TCP may be on its way and is writable soon after. */
    bool pending;
    int fd = io_connect_begin(addr, &pending, errp);

    return fd < 0 ? NULL : io_channel_socket_new(fd);
}
