/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The type of test-object.h.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "test-object.h"

int probes_alive;

static char *get_text(Object *obj, Error **errp)
{
    return g_strdup(PROBE(obj)->text);
}

static void set_text(Object *obj, const char *value, Error **errp)
{
    if (strcmp(value, "bad") == 0) {
        error_setg(errp, "this text is bad");
        return;
    }
    g_free(PROBE(obj)->text);
    PROBE(obj)->text = g_strdup(value);
}

static bool get_flag(Object *obj, Error **errp)
{
    return PROBE(obj)->flag;
}

static void set_flag(Object *obj, bool value, Error **errp)
{
    PROBE(obj)->flag = value;
}

static int get_mode(Object *obj, Error **errp)
{
    return PROBE(obj)->mode;
}

static void set_mode(Object *obj, int value, Error **errp)
{
    PROBE(obj)->mode = value;
}

static void get_birth(Object *obj, struct tm *tm, Error **errp)
{
    *tm = (struct tm) { .tm_year = 124, .tm_mon = 1, .tm_mday = 29 };
}

static void check_link(const Object *obj, const char *name, Object *val, Error **errp)
{
    if (((const Probe *)obj)->refuse_link) {
        error_setg(errp, "no new links now");
    }
}

static void probe_init(Object *obj)
{
    Probe *p = PROBE(obj);

    probes_alive++;
    object_property_add_uint8_ptr(obj, "u8", &p->u8, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint16_ptr(obj, "u16", &p->u16, OBJ_PROP_FLAG_READWRITE);
    object_property_add_uint32_ptr(obj, "u32", &p->u32, OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(obj, "u64", &p->u64, OBJ_PROP_FLAG_READWRITE);
    object_property_add_link(obj, "weak", TYPE_PROBE, &p->weak, check_link, 0);
    object_property_add_link(obj, "strong", TYPE_PROBE, &p->strong,
                             object_property_allow_set_link, OBJ_PROP_LINK_STRONG);
}

static void probe_finalize(Object *obj)
{
    probes_alive--;
    g_free(PROBE(obj)->text);
}

static void probe_class_init(ObjectClass *oc, void *data)
{
    ObjectProperty *prop;

    object_class_property_add_str(oc, "text", get_text, set_text);
    object_class_property_set_description(oc, "text", "Any words");
    prop = object_class_property_add_bool(oc, "flag", get_flag, set_flag);
    object_property_set_default_bool(prop, true);
    object_class_property_add_enum(oc, "mode", "OnOffAuto", &OnOffAuto_lookup,
                                   get_mode, set_mode);
    object_class_property_add_tm(oc, "birth", get_birth);
}

void probe_register(void)
{
    static const TypeInfo info = {
        .name = TYPE_PROBE,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(Probe),
        .instance_init = probe_init,
        .instance_finalize = probe_finalize,
        .class_init = probe_class_init,
    };

    type_register_static(&info);
}
