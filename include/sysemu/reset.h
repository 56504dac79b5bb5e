/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reset handlers: run when the guest of an isolation domain is reset.  A
 * handler belongs to the domain that was current when it was registered.
 *
 * Locking: one mutex guards the lists; handlers run with their domain's lock
 * and without the mutex, and may register and unregister.
 * Lock order: domain lock, then this mutex.
 */
#ifndef QEMU_SYSEMU_RESET_H
#define QEMU_SYSEMU_RESET_H

#include "hw/resettable.h"
#include "qapi/qapi-types-run-state.h"

typedef struct AioContext AioContext;
typedef void QEMUResetHandler(void *opaque);

void qemu_register_reset(QEMUResetHandler *func, void *opaque);
/* Not run for a reset that loads a snapshot. */
void qemu_register_reset_nosnapshotload(QEMUResetHandler *func, void *opaque);
void qemu_unregister_reset(QEMUResetHandler *func, void *opaque);
/* The object's reset phases, as a handler. */
void qemu_register_resettable(Object *obj);
void qemu_unregister_resettable(Object *obj);
/* Those of the current domain, in the order of registration. */
void qemu_devices_reset(ShutdownCause reason);
/* Ours: the same for all domains, each entered in turn. Main context. */
void qemu_devices_reset_all(ShutdownCause reason);
/* Ours: a domain ends; what is still registered is dropped. */
void qemu_reset_forget_domain(AioContext *ctx);

#endif
