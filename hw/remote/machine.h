/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The x-remote machine: no CPU, no memory, root complexes and servers.
 *
 * Locking: the counters are atomic; the rest is the main thread's.
 */
#ifndef HW_REMOTE_MACHINE_H
#define HW_REMOTE_MACHINE_H

#include "qemu/osdep.h"
#include "qapi/error.h"

/* False, with what to do about it: this process serves no vfio-user. */
bool machine_serves_vfio_user(Error **errp);

/* What auto-shutdown=on counts; from any domain. */
void machine_server_added(void);
void machine_server_removed(void);
void machine_client_attached(void);
void machine_client_detached(void);

#endif
