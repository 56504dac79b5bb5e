/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The isolation domain: one root complex, one thread, one event loop, one lock.
 *
 * The devices of one VM sit on the bus of one isolated-rc. It owns the AioContext
 * in which they live; nothing of a domain is reached from another one. A device
 * that is made without bus= gets a root complex of its own, which goes with it.
 *
 * Locking: made, taken apart and looked up by the main thread, in the main context.
 */
#ifndef HW_REMOTE_ISOLATED_RC_H
#define HW_REMOTE_ISOLATED_RC_H

#include "qemu/osdep.h"
#include "block/aio.h"
#include "hw/pci/pci.h"
#include "hw/qdev-core.h"
#include "qapi/error.h"

#define TYPE_ISOLATED_RC "isolated-rc"

/* Registers the hooks that give a bus to devices without bus=. */
void isolated_rc_serve_default_bus(void);

/*
 * The root bus of a domain: @domain is the id of an isolated-rc, or that of the
 * device whose automatic root complex it is; NULL means the first one. Of several
 * without an id, all called "anonymous", the first is found. NULL and @errp, which
 * lists the domains, when there is none.
 * Bus and @ctx are borrowed, until the caller lets the main thread delete devices.
 */
PCIBus *isolated_rc_find_bus(const char *domain, AioContext **ctx, Error **errp);

/* Each domain in the order in which they were made; @fn deletes none. */
typedef void IsolatedRCFn(const char *domain, PCIBus *bus, AioContext *ctx, void *opaque);
void isolated_rc_foreach(IsolatedRCFn *fn, void *opaque);

/*
 * made() runs for each domain from now on before anything is on its bus, going()
 * before its bus goes; both in the main thread with the domain entered.
 */
typedef void IsolatedRCHook(PCIBus *bus, AioContext *ctx);
void isolated_rc_set_hooks(IsolatedRCHook *made, IsolatedRCHook *going);

/* False: devices are left on its bus. */
bool isolated_rc_may_go(DeviceState *rc, Error **errp);

#endif
