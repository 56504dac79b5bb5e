/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -object throttle-group. A limit can be given by itself (x-iops-total and so
 * on), or many at once (limits); both can be changed while it works.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-visit-block-core.h"
#include "qapi/visitor.h"
#include "qemu/module.h"
#include "qom/object_interfaces.h"
#include "throttle-limits.h"
#include "throttle-object.h"

OBJECT_DECLARE_SIMPLE_TYPE(ThrottleObject, THROTTLE_GROUP)

struct ThrottleObject {
    Object parent_obj;

    ThrottleConfig config;      /* until it is complete, and then a copy of the group's */
    ThrottleGroup *group;       /* once it is complete */
};

/* Checked, and taken over. Before it is complete, a part may make sense only with what follows. */
static void set_config(ThrottleObject *t, const ThrottleConfig *config, const char *prefix,
                       Error **errp)
{
    if (t->group) {
        if (!throttle_config_check(config, prefix, errp)) {
            return;
        }
        throttle_group_set_config(t->group, config);
    }
    t->config = *config;
}

static void get_number(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    ThrottleObject *t = THROTTLE_GROUP(obj);
    int64_t value = *throttle_limit_number(&t->config, opaque);

    visit_type_int64(v, name, &value, errp);
}

static void set_number(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    ThrottleObject *t = THROTTLE_GROUP(obj);
    ThrottleConfig config = t->config;

    if (visit_type_int64(v, name, throttle_limit_number(&config, opaque), errp)) {
        set_config(t, &config, "x-", errp);
    }
}

static void get_limits(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    ThrottleObject *t = THROTTLE_GROUP(obj);
    g_autoptr(ThrottleLimits) limits = throttle_limits_of(&t->config);

    visit_type_ThrottleLimits(v, name, &limits, errp);
}

static void set_limits(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    ThrottleObject *t = THROTTLE_GROUP(obj);
    ThrottleConfig config = t->config;
    g_autoptr(ThrottleLimits) limits = NULL;

    if (visit_type_ThrottleLimits(v, name, &limits, errp)) {
        throttle_limits_apply(limits, &config);
        set_config(t, &config, "", errp);
    }
}

static void complete(UserCreatable *uc, Error **errp)
{
    ThrottleObject *t = THROTTLE_GROUP(uc);

    if (throttle_config_check(&t->config, "x-", errp)) {
        g_autofree char *id = g_strdup(object_get_canonical_path_component(OBJECT(uc)));

        t->group = throttle_group_new(id);
        throttle_group_set_config(t->group, &t->config);
    }
}

static bool can_be_deleted(UserCreatable *uc)
{
    ThrottleObject *t = THROTTLE_GROUP(uc);

    return !t->group || !throttle_group_is_used(t->group);
}

static void instance_init(Object *obj)
{
    throttle_config_init(&THROTTLE_GROUP(obj)->config);
}

static void instance_finalize(Object *obj)
{
    throttle_group_unref(THROTTLE_GROUP(obj)->group);
}

static void class_init(ObjectClass *oc, void *data)
{
    UserCreatableClass *ucc = USER_CREATABLE_CLASS(oc);

    ucc->complete = complete;
    ucc->can_be_deleted = can_be_deleted;
    for (const ThrottleNumber *row = throttle_numbers; row->name; row++) {
        g_autofree char *name = g_strconcat("x-", row->name, NULL);

        object_class_property_add(oc, name, "int", get_number, set_number, NULL, (void *)row);
        object_class_property_set_description(oc, name, row->help);
    }
    object_class_property_add(oc, "limits", "ThrottleLimits", get_limits, set_limits, NULL, NULL);
    object_class_property_set_description(oc, "limits", "many limits at once");
}

static const TypeInfo throttle_object_info = {
    .name = TYPE_THROTTLE_GROUP,
    .parent = TYPE_OBJECT,
    .instance_size = sizeof(ThrottleObject),
    .instance_init = instance_init,
    .instance_finalize = instance_finalize,
    .class_init = class_init,
    .interfaces = (InterfaceInfo[]) { { TYPE_USER_CREATABLE }, { } },
};

static void register_types(void)
{
    type_register_static(&throttle_object_info);
}
type_init(register_types)

ThrottleGroup *throttle_object_find(const char *id, Error **errp)
{
    Object *obj = object_resolve_path_component(object_get_objects_root(), id);

    if (!obj || !object_dynamic_cast(obj, TYPE_THROTTLE_GROUP)) {
        error_setg(errp, "throttle: there is no throttle-group '%s': add -object throttle-group,"
                   "id=%s in front", id, id);
        return NULL;
    }
    return THROTTLE_GROUP(obj)->group;
}
