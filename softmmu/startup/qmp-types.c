/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QMP commands about types: which there are, and which properties their
 * objects have. The properties are those of a sample, because an instance knows
 * some that its class does not; it is never realized and goes at once.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "hw/qdev-core.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-qdev.h"
#include "qapi/qapi-commands-qom.h"

static ObjectTypeInfo *describe_type(ObjectClass *oc)
{
    ObjectTypeInfo *info = g_new0(ObjectTypeInfo, 1);
    ObjectClass *parent = object_class_get_parent(oc);

    info->name = g_strdup(object_class_get_name(oc));
    info->has_abstract = info->abstract = object_class_is_abstract(oc);
    info->parent = parent ? g_strdup(object_class_get_name(parent)) : NULL;
    return info;
}

ObjectTypeInfoList *qmp_qom_list_types(const char *implements, bool has_abstract, bool abstract,
                                       Error **errp)
{
    g_autoptr(GSList) classes = object_class_get_list_sorted(implements ?: TYPE_OBJECT,
                                                             has_abstract && abstract);
    ObjectTypeInfoList *list = NULL, **tail = &list;

    for (GSList *l = classes; l; l = l->next) {
        QAPI_LIST_APPEND(tail, describe_type(l->data));
    }
    return list;
}

/* --- properties of a type --------------------------------------------- */

static ObjectPropertyInfo *describe_property(const ObjectProperty *prop)
{
    ObjectPropertyInfo *info = g_new0(ObjectPropertyInfo, 1);

    info->name = g_strdup(prop->name);
    info->type = g_strdup(prop->type);
    info->description = g_strdup(prop->description);
    info->default_value = prop->defval ? json_node_copy(prop->defval) : NULL;
    return info;
}

typedef bool PropertyFilter(const ObjectProperty *prop);

static ObjectPropertyInfoList *describe_properties(ObjectPropertyIterator *iter,
                                                   PropertyFilter *filter)
{
    ObjectPropertyInfoList *list = NULL, **tail = &list;
    ObjectProperty *prop;

    while ((prop = object_property_iter_next(iter))) {
        if (!filter || filter(prop)) {
            QAPI_LIST_APPEND(tail, describe_property(prop));
        }
    }
    return list;
}

static ObjectPropertyInfoList *properties_of(ObjectClass *oc, PropertyFilter *filter)
{
    g_autoptr(Object) sample = NULL;
    ObjectPropertyIterator iter;

    if (object_class_is_abstract(oc)) {
        object_class_property_iter_init(&iter, oc);
    } else {
        sample = object_new_with_class(oc);
        object_property_iter_init(&iter, sample);
    }
    return describe_properties(&iter, filter);
}

static ObjectClass *find_class(const char *typename, Error **errp)
{
    ObjectClass *oc = object_class_by_name(typename);

    if (!oc) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Class '%s' not found", typename);
    }
    return oc;
}

ObjectPropertyInfoList *qmp_qom_list_properties(const char *typename, Error **errp)
{
    ObjectClass *oc = find_class(typename, errp);

    return oc ? properties_of(oc, NULL) : NULL;
}

/* What is no option of the user's, though it can be set. */
static bool is_option(const ObjectProperty *prop)
{
    return prop->set && strcmp(prop->name, "realized") && strcmp(prop->name, "hotplugged");
}

ObjectPropertyInfoList *qmp_device_list_properties(const char *typename, Error **errp)
{
    ObjectClass *oc = object_class_by_name(typename);

    if (!oc) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", typename);
        return NULL;
    }
    if (!object_class_dynamic_cast(oc, TYPE_DEVICE) || object_class_is_abstract(oc)) {
        error_setg(errp, "Parameter 'typename' expects a non-abstract device type, "
                   "not '%s': qom-list-types lists them", typename);
        return NULL;
    }
    return properties_of(oc, is_option);
}
