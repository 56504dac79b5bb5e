/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What models ask of the process as a whole: its name, and to be told of its
 * start and end.  All of it belongs to the main context.
 */
#include "qemu/osdep.h"
#include "sysemu/qtest.h"
#include "sysemu/sysemu.h"

const char *qemu_name;
bool qtest_allowed;

const int win2k_install_hack = 0;
const int graphic_rotate = 0;

static NotifierList exit_notifiers = NOTIFIER_LIST_INITIALIZER(exit_notifiers);
static NotifierList init_done_notifiers = NOTIFIER_LIST_INITIALIZER(init_done_notifiers);
static NotifierList drain_notifiers = NOTIFIER_LIST_INITIALIZER(drain_notifiers);
static bool machine_is_ready;

const char *qemu_get_vm_name(void)
{
    return qemu_name;
}

void qemu_add_exit_notifier(Notifier *notify)
{
    notifier_list_add(&exit_notifiers, notify);
}

void qemu_remove_exit_notifier(Notifier *notify)
{
    notifier_remove(notify);
}

void qemu_run_exit_notifiers(void)
{
    notifier_list_notify(&exit_notifiers, NULL);
}

void qemu_add_drain_notifier(Notifier *notify)
{
    notifier_list_add(&drain_notifiers, notify);
}

void qemu_remove_drain_notifier(Notifier *notify)
{
    notifier_remove(notify);
}

void qemu_run_drain_notifiers(void)
{
    notifier_list_notify(&drain_notifiers, NULL);
}

void qemu_add_machine_init_done_notifier(Notifier *notify)
{
    notifier_list_add(&init_done_notifiers, notify);
    if (machine_is_ready) {
        notify->notify(notify, NULL);
    }
}

void qemu_remove_machine_init_done_notifier(Notifier *notify)
{
    notifier_remove(notify);
}

void qemu_run_machine_init_done_notifiers(void)
{
    machine_is_ready = true;
    notifier_list_notify(&init_done_notifiers, NULL);
}
