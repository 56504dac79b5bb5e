/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device_del of a device that is served with unplug=request or unplug=force:
 *
 *   device_del             no client is attached: server object and device go.
 *                          Else its client gets the REQ interrupt, QMP gets
 *                          VFU_UNPLUG_REQUEST, and no other client is taken
 *   the client leaves      server object and device go, DEVICE_DELETED
 *   unplug-timeout passes  request: DEVICE_UNPLUG_GUEST_ERROR, and all is as
 *                          before. force: as if the client had left
 *   object-del             nothing is in the way any more: the device goes too
 *
 * Locking: the main thread's, with the device's domain entered for `pending`,
 * which the domain reads, and the bottom half, which it schedules.
 */
#ifndef HW_REMOTE_UNPLUG_H
#define HW_REMOTE_UNPLUG_H

#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/qdev-core.h"
#include "qapi/error.h"

typedef struct Unplug {
    bool pending;
    QEMUTimer *timer;           /* in the main context; NULL: it waits for ever */
    QEMUBH *bh;                 /* the same: the client has left */
} Unplug;

typedef struct VfioUserServer VfioUserServer;

/* device_del of dev is a matter of asking. */
bool unplug_is_by_request(DeviceState *dev);
/* Asks; for a device of which that is true. */
void unplug_request(DeviceState *dev);

/* In the device's domain: its client has left. */
void unplug_client_left(VfioUserServer *s);
/* The server object goes. True: its device is to go, too. */
bool unplug_end(VfioUserServer *s);

#endif
