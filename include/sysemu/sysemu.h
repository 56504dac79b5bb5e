/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Odds and ends that device models ask of the emulator as a whole.
 */
#ifndef SYSEMU_H
#define SYSEMU_H

#include "qemu/timer.h"
#include "qemu/notify.h"
#include "qemu/uuid.h"
#include "hw/qdev-core.h"

/* -name, or NULL.  -uuid and whether it was given. */
extern const char *qemu_name;
extern QemuUUID qemu_uuid;
extern bool qemu_uuid_set;
const char *qemu_get_vm_name(void);

/* Run by startup's exit path, in the main context. */
void qemu_add_exit_notifier(Notifier *notify);
void qemu_remove_exit_notifier(Notifier *notify);
void qemu_run_exit_notifiers(void);

/*
 * Ours: the end was asked for. Who serves clients takes no new ones, answers
 * what is under way and lets them go, without waiting for any of it.
 */
void qemu_add_drain_notifier(Notifier *notify);
void qemu_remove_drain_notifier(Notifier *notify);
void qemu_run_drain_notifiers(void);

/* Called at once when the machine is ready already. */
void qemu_add_machine_init_done_notifier(Notifier *notify);
void qemu_remove_machine_init_done_notifier(Notifier *notify);
void qemu_run_machine_init_done_notifiers(void);

/*
 * "bootindex" of a device: kept, checked for duplicates within the domain and
 * printed; there is no firmware here that reads the boot order.
 */
void device_add_bootindex_property(Object *obj, int32_t *bootindex, const char *name,
                                   const char *suffix, DeviceState *dev);
void check_boot_index(int32_t bootindex, Error **errp);
void add_boot_device_path(int32_t bootindex, DeviceState *dev, const char *suffix);
void del_boot_device_path(DeviceState *dev, const char *suffix);
/* Disk geometry for a BIOS: there is none, so nothing is kept. */
void add_boot_device_lchs(DeviceState *dev, const char *suffix, uint32_t lcyls,
                          uint32_t lheads, uint32_t lsecs);
void del_boot_device_lchs(DeviceState *dev, const char *suffix);

/* Options of QEMU that models look at; always the neutral value here. */
extern const int win2k_install_hack;
extern const int graphic_rotate;

#endif
