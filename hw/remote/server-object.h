/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the vfio-user-server object share; see vfio-user-server.c.
 *
 * Locking: the object is the main thread's; what it points to belongs to the
 * domain of ctx, which the main thread enters. Lock order: main context, then
 * the domain's.
 */
#ifndef HW_REMOTE_SERVER_OBJECT_H
#define HW_REMOTE_SERVER_OBJECT_H

#include "qemu/osdep.h"
#include "qapi/qmp-event-limit.h"
#include "qemu/notify.h"
#include "qom/object.h"
#include "function.h"
#include "server-options.h"
#include "server-socket.h"
#include "unplug.h"

#define TYPE_VFIO_USER_SERVER "vfio-user-server"
#define TYPE_X_VFIO_USER_SERVER "x-vfio-user-server"
OBJECT_DECLARE_SIMPLE_TYPE(VfioUserServer, VFIO_USER_SERVER)

struct VfioUserServer {
    Object parent_obj;

    ServerOptions options;
    ServerSocket socket;
    char *id;
    PCIDevice *dev;             /* counted by fn */
    AioContext *ctx;            /* counted */
    RemoteFunction *fn;
    VfuServer *server;
    VfuDeviceOps ops;           /* the function's, with ours for the coming and going */
    Error *blocker;             /* registered with the device; NULL with unplug=request */
    Unplug unplug;
    QmpEventLimit map_limit, fault_limit;       /* lock of ctx */
    Notifier drain;
    QEMUBH *drain_bh;           /* in the domain: one that is stuck holds nobody up */
};

/* The one that serves dev, or NULL. */
VfioUserServer *server_object_of(PCIDevice *dev);

#endif
