/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The receive call with its control messages: file descriptors come out of
 * here close-on-exec and counted.
 */
#ifndef VFIO_USER_TRANSPORT_CONTROL_H
#define VFIO_USER_TRANSPORT_CONTROL_H

#include "qemu/osdep.h"
#include "vfio-user/transport.h"

/* Most that the kernel passes with one send (SCM_MAX_FD). */
#define VFU_SCM_FDS_MAX 253

/*
 * Bytes received, 0 at the end, -errno. *got holds the file descriptors that
 * came; those beyond VFU_MSG_FDS_MAX are closed here and still counted.
 * -EPROTO: some were lost on the way (out of fds); *got has the others.
 */
ssize_t vfu_socket_receive(VfuSocket *socket, struct iovec *iov, VfuRxFds *got);
/* Closes what is in *fds and empties it. */
void vfu_fds_close(VfuRxFds *fds);

/* Bytes sent or -errno; fds (borrowed) go with the first byte. */
ssize_t vfu_socket_send(VfuSocket *socket, const struct iovec *iov, unsigned iovcnt,
                        const int *fds, unsigned nr_fds);

#endif
