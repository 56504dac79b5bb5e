/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Boot order: kept and checked, but nobody reads it, because the firmware is
 * the client's.  Two devices of one domain may not have the same index.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "sysemu/sysemu.h"
#include "qdev-internal.h"

/* @dev and @suffix name the entry; @dev is borrowed, it removes its entries. */
typedef struct BootEntry {
    int32_t index;
    DeviceState *dev;
    char *suffix;
    AioContext *ctx;            /* only compared */
} BootEntry;

/* Lock order: innermost. */
static struct {
    QemuMutex lock;
    GSList *entries;
} boot = { .lock = QEMU_MUTEX_INITIALIZER };

/* With the lock held. */
static bool index_taken(AioContext *ctx, int32_t index)
{
    GSList *l;

    for (l = boot.entries; l; l = l->next) {
        BootEntry *e = l->data;

        if (e->ctx == ctx && e->index == index) {
            return true;
        }
    }
    return false;
}

void check_boot_index(int32_t bootindex, Error **errp)
{
    bool taken = false;

    if (bootindex >= 0) {
        qemu_mutex_lock(&boot.lock);
        taken = index_taken(current_domain(), bootindex);
        qemu_mutex_unlock(&boot.lock);
    }
    if (taken) {
        error_setg(errp, "The bootindex %d has already been used", bootindex);
    }
}

void del_boot_device_path(DeviceState *dev, const char *suffix)
{
    GSList **at;

    qemu_mutex_lock(&boot.lock);
    for (at = &boot.entries; *at;) {
        BootEntry *e = (*at)->data;

        if (e->dev == dev && (!suffix || g_strcmp0(e->suffix, suffix) == 0)) {
            g_free(e->suffix);
            g_free(e);
            *at = g_slist_delete_link(*at, *at);
        } else {
            at = &(*at)->next;
        }
    }
    qemu_mutex_unlock(&boot.lock);
}

void add_boot_device_path(int32_t bootindex, DeviceState *dev, const char *suffix)
{
    BootEntry *e;

    if (bootindex < 0) {
        del_boot_device_path(dev, suffix);
        return;
    }
    del_boot_device_path(dev, suffix);
    e = g_new0(BootEntry, 1);
    e->index = bootindex;
    e->dev = dev;
    e->suffix = g_strdup(suffix);
    e->ctx = current_domain();
    qemu_mutex_lock(&boot.lock);
    boot.entries = g_slist_append(boot.entries, e);
    qemu_mutex_unlock(&boot.lock);
}

void add_boot_device_lchs(DeviceState *dev, const char *suffix, uint32_t lcyls,
                          uint32_t lheads, uint32_t lsecs)
{
    /* a hint for a BIOS: the client's BIOS never asks us */
}

void del_boot_device_lchs(DeviceState *dev, const char *suffix)
{
    /* nothing was kept */
}

/* --- the property ----------------------------------------------------- */

typedef struct BootProp {
    int32_t *field;
    char *suffix;
    DeviceState *dev;
} BootProp;

static void bootindex_get(Object *obj, Visitor *v, const char *name, void *opaque,
                          Error **errp)
{
    BootProp *p = opaque;

    visit_type_int32(v, name, p->field, errp);
}

static void bootindex_set(Object *obj, Visitor *v, const char *name, void *opaque,
                          Error **errp)
{
    BootProp *p = opaque;
    Error *err = NULL;
    int32_t value;

    if (!visit_type_int32(v, name, &value, errp)) {
        return;
    }
    check_boot_index(value, &err);
    if (err) {
        error_propagate(errp, err);
        return;
    }
    *p->field = value;
    add_boot_device_path(value, p->dev, p->suffix);
}

static void bootindex_release(Object *obj, const char *name, void *opaque)
{
    BootProp *p = opaque;

    del_boot_device_path(p->dev, p->suffix);
    g_free(p->suffix);
    g_free(p);
}

void device_add_bootindex_property(Object *obj, int32_t *bootindex, const char *name,
                                   const char *suffix, DeviceState *dev)
{
    BootProp *p = g_new0(BootProp, 1);

    p->field = bootindex;
    p->suffix = g_strdup(suffix);
    p->dev = dev;
    *bootindex = -1;
    object_property_add(obj, name, "int32", bootindex_get, bootindex_set,
                        bootindex_release, p);
}
