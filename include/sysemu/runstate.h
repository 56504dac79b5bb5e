/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run state and requests about the guest.
 *
 * A request concerns the guest of the domain that is current for the calling
 * thread, never this process: it becomes an event for the management client
 * and one line in the log.  Only a shutdown with a host cause (QMP quit, a
 * signal) ends the process, through the handler that startup registers.
 * A guest that asks for the same thing over and over is heard ten times, then
 * twice a second.
 *
 * Locking: the state and the handler list have one mutex; handlers run without
 * it, those of a domain with that domain entered.
 * Lock order: domain lock, then this mutex.
 */
#ifndef SYSEMU_RUNSTATE_H
#define SYSEMU_RUNSTATE_H

#include "qapi/qapi-types-run-state.h"
#include "qemu/notify.h"

/*
 * What a panicked guest told about itself. The two kinds that QEMU knows come
 * from CPU state; a PCI device has none of it, so this is only ever NULL here.
 */
typedef struct GuestPanicInformation GuestPanicInformation;
typedef struct AioContext AioContext;
typedef struct DeviceState DeviceState;
typedef struct Error Error;

/* As the current domain sees it: vm_domain_state(). runstate_set() is of the process. */
bool runstate_check(RunState state);
void runstate_set(RunState new_state);
RunState runstate_get(void);
bool runstate_is_running(void);
bool runstate_needs_reset(void);

typedef struct VMChangeStateEntry VMChangeStateEntry;
typedef void VMChangeStateHandler(void *opaque, bool running, RunState state);

/* Handlers run in the domain that was current when they were added. */
VMChangeStateEntry *qemu_add_vm_change_state_handler(VMChangeStateHandler *cb,
                                                     void *opaque);
/* Low priorities first when starting, last when stopping. */
VMChangeStateEntry *qemu_add_vm_change_state_handler_prio(VMChangeStateHandler *cb,
                                                          void *opaque, int priority);
/* The depth of the device in the tree of buses is its priority. */
VMChangeStateEntry *qdev_add_vm_change_state_handler(DeviceState *dev,
                                                     VMChangeStateHandler *cb,
                                                     void *opaque);
void qemu_del_vm_change_state_handler(VMChangeStateEntry *e);
void vm_state_notify(bool running, RunState state);

/* Main context: all domains are stopped or started; the virtual clock follows. */
void vm_start(void);
int vm_stop(RunState state);

/*
 * Ours: one domain is stopped, because of an error that is its own; the others and
 * the virtual clock go on. Its handlers are told so, and that it runs again by
 * vm_resume_domains(), which vm_start() does too. While the process is stopped
 * nothing happens: then all start again together. Main context.
 */
void vm_hold_domain(AioContext *ctx, RunState state);
/* false: none was held. */
bool vm_resume_domains(void);
/* Any thread. That of the process, or why this domain is held while that one is running. */
RunState vm_domain_state(AioContext *ctx);

typedef enum WakeupReason {
    QEMU_WAKEUP_REASON_NONE = 0,
    QEMU_WAKEUP_REASON_RTC,
    QEMU_WAKEUP_REASON_PMTIMER,
    QEMU_WAKEUP_REASON_OTHER,
} WakeupReason;

static inline bool shutdown_caused_by_guest(ShutdownCause cause)
{
    return cause >= SHUTDOWN_CAUSE_GUEST_SHUTDOWN;
}

void qemu_system_reset_request(ShutdownCause reason);
void qemu_system_shutdown_request(ShutdownCause reason);
void qemu_system_powerdown_request(void);
void qemu_system_suspend_request(void);
void qemu_system_wakeup_request(WakeupReason reason, Error **errp);
void qemu_system_wakeup_enable(WakeupReason reason, bool enabled);
void qemu_system_debug_request(void);
void qemu_system_guest_panicked(GuestPanicInformation *info);
void qemu_system_guest_crashloaded(GuestPanicInformation *info);
void qemu_system_guest_pvshutdown(void);

/* Told when a reset of the current domain was asked for, or a power-down. */
void qemu_register_powerdown_notifier(Notifier *notifier);
void qemu_register_shutdown_notifier(Notifier *notifier);
void qemu_register_wakeup_notifier(Notifier *notifier);
void qemu_register_suspend_notifier(Notifier *notifier);

/* Ours: how a host's wish to end reaches the main loop.  Called in any thread. */
void qemu_system_set_shutdown_handler(void (*fn)(ShutdownCause cause));
/* Ours: "domain" in events; called with the context of the request. */
void qemu_system_set_domain_namer(char *(*fn)(AioContext *ctx));
/* Ours: a domain ends: its handlers (reset too) and what is counted for it are dropped. */
void qemu_runstate_forget_domain(AioContext *ctx);

#endif
