/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kind of property that connects a device to a drive.
 *
 * Set in the main thread with the device's domain entered; the drive comes there.
 * A device may go in its domain's thread: then the drive goes back a moment later.
 */
#include "qemu/osdep.h"
#include "block/block.h"
#include "hw/qdev-properties-system.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "sysemu/block-backend.h"
#include "sysemu/runstate.h"

static void drive_get(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    BlockBackend *blk = *(BlockBackend **)object_field_prop_ptr(obj, opaque);
    const char *value = blk ? blk_name(blk) : "";

    if (!*value && blk && blk_bs(blk)) {
        value = bdrv_get_node_name(blk_bs(blk));
    }
    visit_type_str(v, name, (char **)&value, errp);
}

/* ---- the machine stops and continues ---- */

/* `stop` of an error policy: whoever has filled one disk stops no other machine's devices. */
static void stop_for_error(AioContext *ctx)
{
    vm_hold_domain(ctx, RUN_STATE_IO_ERROR);
}

static void machine_changed(void *opaque, bool running, RunState state)
{
    if (running) {
        blk_retry_stopped(opaque);
    }
}

/* ---- the two come together ---- */

/* A reference for the device. NULL with errp set. */
static BlockBackend *find_drive(Object *obj, const char *name, const char *value, Error **errp)
{
    BlockBackend *blk = blk_by_name(value);
    BlockDriverState *bs;

    if (blk) {
        blk_ref(blk);
        return blk;
    }
    bs = bdrv_find_node(value);
    if (!bs) {
        error_setg(errp, "Property '%s.%s' can't find value '%s'", object_get_typename(obj), name,
                   value);
        return NULL;
    }
    blk = blk_new(qemu_get_current_aio_context(), 0, BLK_PERM_ALL);
    if (blk_insert_bs(blk, bs, errp) < 0) {
        blk_unref(blk);
        return NULL;
    }
    return blk;
}

/* One that has let go in its domain's thread may not have brought it home yet. */
static bool is_elsewhere(BlockBackend *blk)
{
    AioContext *ctx = blk_get_aio_context(blk);

    return ctx != aio_context_main() && ctx != qemu_get_current_aio_context();
}

static bool attach(Object *obj, BlockBackend *blk, const char *value, Error **errp)
{
    if (is_elsewhere(blk) || blk_attach_dev(blk, DEVICE(obj)) < 0) {
        error_setg(errp, "Drive '%s' is already in use by another device", value);
        return false;
    }
    if (blk_set_aio_context(blk, qemu_get_current_aio_context(), errp) < 0) {
        blk_detach_dev(blk, DEVICE(obj));
        return false;
    }
    return true;
}

static void drive_set(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    BlockBackend **field = object_field_prop_ptr(obj, opaque);
    g_autofree char *value = NULL;
    g_autoptr(BlockBackend) blk = NULL;

    if (!visit_type_str(v, name, &value, errp)) {
        return;
    }
    if (*field) {
        error_setg(errp, "Property '%s.%s' has a drive already", object_get_typename(obj), name);
        return;
    }
    if (!*value) {
        return;
    }
    blk = find_drive(obj, name, value, errp);
    if (blk && attach(obj, blk, value, errp)) {
        blk_set_stop_hook(stop_for_error);
        blk_set_run_state_entry(blk, qemu_add_vm_change_state_handler(machine_changed, blk));
        *field = g_steal_pointer(&blk);
    }
}

/* ---- and part ---- */

/* In the main context, with the reference that the device had. */
static void go_home(void *opaque)
{
    BlockBackend *blk = opaque;

    if (*blk_name(blk)) {
        blk_set_aio_context(blk, aio_context_main(), &error_abort);
    }
    blk_unref(blk);
}

static void drive_release(Object *obj, const char *name, void *opaque)
{
    BlockBackend **field = object_field_prop_ptr(obj, opaque);
    BlockBackend *blk = g_steal_pointer(field);

    if (!blk) {
        return;
    }
    AIO_CONTEXT_GUARD(blk_get_aio_context(blk));
    qemu_del_vm_change_state_handler(blk_set_run_state_entry(blk, NULL));
    blk_detach_dev(blk, DEVICE(obj));
    if (aio_context_entered(aio_context_main())) {
        go_home(blk);
    } else {
        aio_bh_schedule_oneshot(aio_context_main(), go_home, blk);
    }
}

const PropertyInfo qdev_prop_drive = {
    .name = "str",
    .description = "Node name or ID of a block device to use as a backend",
    .get = drive_get,
    .set = drive_set,
    .release = drive_release,
};

/* A domain has one thread here, and the drive is in it. */
const PropertyInfo qdev_prop_drive_iothread = {
    .name = "str",
    .description = "Node name or ID of a block device to use as a backend",
    .get = drive_get,
    .set = drive_set,
    .release = drive_release,
};

bool qdev_prop_set_drive_err(DeviceState *dev, const char *name, BlockBackend *value, Error **errp)
{
    const char *ref = value ? blk_name(value) : "";

    if (value && !*ref && blk_bs(value)) {
        ref = bdrv_get_node_name(blk_bs(value));
    }
    return object_property_set_str(OBJECT(dev), name, ref, errp);
}

void qdev_prop_set_drive(DeviceState *dev, const char *name, BlockBackend *value)
{
    qdev_prop_set_drive_err(dev, name, value, &error_abort);
}
