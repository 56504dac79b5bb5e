/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -global: values that every new device of a class gets.  Filled in by startup
 * before the first device exists, then only marked as used.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"

static GPtrArray *globals;      /* of GlobalProperty, borrowed */

void qdev_prop_register_global(GlobalProperty *prop)
{
    if (!globals) {
        globals = g_ptr_array_new();
    }
    g_ptr_array_add(globals, prop);
}

static GlobalProperty *global_at(unsigned i)
{
    return globals && i < globals->len ? g_ptr_array_index(globals, i) : NULL;
}

const GlobalProperty *qdev_find_global_prop(Object *obj, const char *name)
{
    GlobalProperty *g;
    unsigned i;

    for (i = 0; (g = global_at(i)); i++) {
        if (strcmp(g->property, name) == 0 && object_dynamic_cast(obj, g->driver)) {
            return g;
        }
    }
    return NULL;
}

void qdev_prop_set_globals(DeviceState *dev)
{
    GlobalProperty *g;
    unsigned i;

    for (i = 0; (g = global_at(i)); i++) {
        Error *err = NULL;

        if (!object_dynamic_cast(OBJECT(dev), g->driver) ||
            (g->optional && !object_property_find(OBJECT(dev), g->property))) {
            continue;
        }
        qatomic_set(&g->used, true);
        if (!object_property_parse(OBJECT(dev), g->property, g->value, &err)) {
            error_prepend(&err, "can't apply global %s.%s=%s: ", g->driver, g->property,
                          g->value);
            /* at start the user can mend the command line; a running process goes on */
            if (dev->hotplugged) {
                warn_report_err(err);
            } else {
                error_propagate(&error_fatal, err);
            }
        }
    }
}

static bool global_is_wrong(GlobalProperty *g)
{
    ObjectClass *oc = object_class_by_name(g->driver);

    if (qatomic_read(&g->used) || g->optional) {
        return false;
    }
    if (!object_class_dynamic_cast(oc, TYPE_DEVICE)) {
        warn_report("global %s.%s has invalid class name", g->driver, g->property);
        return true;
    }
    if (!DEVICE_CLASS(oc)->hotpluggable) {
        warn_report("global %s.%s=%s not used", g->driver, g->property, g->value);
    }
    return false;
}

int qdev_prop_check_globals(void)
{
    GlobalProperty *g;
    int ret = 0;
    unsigned i;

    for (i = 0; (g = global_at(i)); i++) {
        if (global_is_wrong(g)) {
            ret = 1;
        }
    }
    return ret;
}
