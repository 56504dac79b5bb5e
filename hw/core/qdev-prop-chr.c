/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kind of property that connects a device to a character device. Main context. */
#include "qemu/osdep.h"
#include "chardev/char-fe.h"
#include "hw/qdev-properties-system.h"
#include "qapi/error.h"
#include "qapi/visitor.h"

static void chr_get(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    CharBackend *be = object_field_prop_ptr(obj, opaque);
    char *label = be->chr ? be->chr->label : (char *)"";

    visit_type_str(v, name, &label, errp);
}

static bool connect_to(Object *obj, const char *name, const char *id, CharBackend *be,
                       Error **errp)
{
    ERRP_GUARD();
    Chardev *chr = qemu_chr_find(id);

    if (!chr) {
        error_setg(errp, "Property '%s.%s' can't find value '%s'", object_get_typename(obj),
                   name, id);
        return false;
    }
    if (!qemu_chr_fe_init(be, chr, errp)) {
        error_prepend(errp, "Property '%s.%s' can't take value '%s': ",
                      object_get_typename(obj), name, id);
        return false;
    }
    return true;
}

static void chr_set(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    CharBackend *be = object_field_prop_ptr(obj, opaque);
    CharBackend fresh = { NULL };
    g_autofree char *id = NULL;

    if (!visit_type_str(v, name, &id, errp) ||
        (*id && be->chr && !strcmp(be->chr->label, id))) {
        return;
    }
    if (*id && !connect_to(obj, name, id, &fresh, errp)) {
        return;
    }
    if (be->chr) {
        qemu_chr_fe_deinit(be, false);
    }
    if (*id) {
        /* The Chardev knows its front end by address. */
        Chardev *chr = fresh.chr;

        qemu_chr_fe_deinit(&fresh, false);
        qemu_chr_fe_init(be, chr, &error_abort);
    }
}

static void chr_release(Object *obj, const char *name, void *opaque)
{
    qemu_chr_fe_deinit(object_field_prop_ptr(obj, opaque), false);
}

const PropertyInfo qdev_prop_chr = {
    .name = "str",
    .description = "ID of a chardev to use as a backend",
    .get = chr_get,
    .set = chr_set,
    .release = chr_release,
};

void qdev_prop_set_chr(DeviceState *dev, const char *name, Chardev *value)
{
    object_property_set_str(OBJECT(dev), name, value ? value->label : "", &error_abort);
}
