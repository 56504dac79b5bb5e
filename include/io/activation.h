/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets that the service manager has opened for us (systemd's socket units),
 * by the names that their units give them (FileDescriptorName=).
 *
 * A socket stays open as long as the process lives, so that clients can connect
 * and wait while nobody serves it; who uses it gets a duplicate. One user at a
 * time. Main thread only.
 */
#ifndef IO_ACTIVATION_H
#define IO_ACTIVATION_H

#include "qapi/error.h"

typedef struct IOActivatedSocket IOActivatedSocket;

/* At the very start, after monitor_fd_param_note_inherited() and before the process
 * forks: the environment says for which process the sockets are. Takes it out of the
 * environment. */
void io_activation_note(void);

/* There is one of this name, in use or not. */
bool io_activation_has(const char *name);

/*
 * The socket of this name, which nobody else gets until it is put back; NULL for
 * `name` is the only one that there is. *fd is a duplicate, the caller's. NULL with
 * errp set.
 */
IOActivatedSocket *io_activation_take(const char *name, int *fd, Error **errp);
void io_activation_put(IOActivatedSocket *socket);

#endif
