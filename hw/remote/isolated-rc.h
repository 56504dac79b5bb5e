/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The isolation domain: one root complex, one thread, one event loop, one lock.
 *
 * The devices of one VM sit on the bus of one isolated-rc. It owns the AioContext
 * in which they live; nothing of a domain is reached from another one. A device
 * that is made without bus= gets a root complex of its own, which goes with it.
 *
 * Locking: made and taken apart by the main thread.
 */
#ifndef HW_REMOTE_ISOLATED_RC_H
#define HW_REMOTE_ISOLATED_RC_H

#include "qemu/osdep.h"
#include "hw/qdev-core.h"
#include "qapi/error.h"

#define TYPE_ISOLATED_RC "isolated-rc"

/* Registers the hooks that give a bus to devices without bus=. */
void isolated_rc_serve_default_bus(void);

/* False: devices are left on its bus. */
bool isolated_rc_may_go(DeviceState *rc, Error **errp);

#endif
