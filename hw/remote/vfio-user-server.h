/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vfio-user-server objects, for those who look at them.
 *
 * Locking: main context, where these objects come and go. What a view points to
 * belongs to the domain of ctx: enter it first.
 */
#ifndef HW_REMOTE_VFIO_USER_SERVER_H
#define HW_REMOTE_VFIO_USER_SERVER_H

#include "qemu/osdep.h"
#include "function.h"
#include "vfio-user/server.h"

/* Borrowed, until the caller lets the main thread delete objects. */
typedef struct VfioUserServerView {
    const char *id;
    const char *device;         /* id, as the user gave it */
    PCIDevice *dev;
    AioContext *ctx;
    RemoteFunction *fn;
    VfuServer *server;
} VfioUserServerView;

/* Those that serve, in the order in which they were made. */
typedef void VfioUserServerFn(const VfioUserServerView *view, void *opaque);
void vfio_user_server_foreach(VfioUserServerFn *fn, void *opaque);
bool vfio_user_server_find(const char *id, VfioUserServerView *view, Error **errp);

#endif
