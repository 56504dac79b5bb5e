/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Array properties: a list whose elements are handled by another kind.  For
 * one element the row is copied, with its offset pointing into the array.
 */
#include "qemu/osdep.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qapi/visitor.h"

/* The array of one object: the count and the pointer are the model's members. */
typedef struct ArrayField {
    Object *obj;
    const Property *prop;
    uint32_t *count;
    char **data;
} ArrayField;

/* Node of the list that the visitor walks; the values live in the array. */
typedef struct ArrayNode {
    GenericList head;
} ArrayNode;

static ArrayField array_field(Object *obj, const Property *prop)
{
    return (ArrayField) {
        .obj = obj,
        .prop = prop,
        .count = object_field_prop_ptr(obj, prop),
        .data = (char **)((char *)obj + prop->arrayoffset),
    };
}

static Property element_row(const ArrayField *a, uint32_t index)
{
    char *element = *a->data + (size_t)index * a->prop->arrayfieldsize;

    return (Property) {
        .name = a->prop->name,
        .info = a->prop->arrayinfo,
        .offset = element - (char *)a->obj,
    };
}

static void array_clear(const ArrayField *a)
{
    const PropertyInfo *info = a->prop->arrayinfo;
    uint32_t i;

    for (i = 0; info->release && i < *a->count; i++) {
        Property row = element_row(a, i);

        info->release(a->obj, a->prop->name, &row);
    }
    g_clear_pointer(a->data, g_free);
    *a->count = 0;
}

/* Adds one zeroed element; the array may move. */
static void array_grow(const ArrayField *a)
{
    size_t size = a->prop->arrayfieldsize;

    *a->data = g_realloc_n(*a->data, *a->count + 1, size);
    memset(*a->data + *a->count * size, 0, size);
    ++*a->count;
}

static bool array_read_elements(const ArrayField *a, Visitor *v, GenericList *list,
                                Error **errp)
{
    ERRP_GUARD();

    for (; list; list = visit_next_list(v, list, sizeof(ArrayNode))) {
        Property row;

        array_grow(a);
        row = element_row(a, *a->count - 1);
        a->prop->arrayinfo->set(a->obj, v, NULL, &row, errp);
        if (*errp) {
            return false;
        }
    }
    return visit_check_list(v, errp);
}

static void free_nodes(GenericList *list)
{
    while (list) {
        GenericList *next = list->next;

        g_free(list);
        list = next;
    }
}

static void array_set(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    ArrayField a = array_field(obj, opaque);
    GenericList *list;
    bool ok;

    if (!visit_start_list(v, name, &list, sizeof(ArrayNode), errp)) {
        return;
    }
    array_clear(&a);
    ok = array_read_elements(&a, v, list, errp);
    visit_end_list(v, (void **)&list);
    free_nodes(list);
    if (!ok) {
        array_clear(&a);
    }
}

static void array_get(Object *obj, Visitor *v, const char *name, void *opaque,
                      Error **errp)
{
    ArrayField a = array_field(obj, opaque);
    GenericList *none = NULL;
    uint32_t i;

    if (!visit_start_list(v, name, &none, sizeof(ArrayNode), errp)) {
        return;
    }
    for (i = 0; i < *a.count; i++) {
        Property row = element_row(&a, i);

        a.prop->arrayinfo->get(obj, v, NULL, &row, errp);
    }
    visit_end_list(v, (void **)&none);
}

static void array_release(Object *obj, const char *name, void *opaque)
{
    ArrayField a = array_field(obj, opaque);

    array_clear(&a);
}

static void array_set_default(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_list(op);
}

const PropertyInfo qdev_prop_array = {
    .name = "list",
    .get = array_get,
    .set = array_set,
    .release = array_release,
    .set_default_value = array_set_default,
};
