/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frees what it visits. The front (visitor.c) frees structs and list nodes at
 * their end; scalars own nothing.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/dealloc-visitor.h"
#include "visitor-impl.h"

static bool dealloc_start(Visitor *v, const char *name, Error **errp)
{
    return true;
}

#define OWNS_NOTHING(method, ctype)                                         \
    static bool dealloc_ ## method(Visitor *v, const char *name,            \
                                   ctype *obj, Error **errp)                \
    {                                                                       \
        return true;                                                        \
    }

OWNS_NOTHING(int64, int64_t)
OWNS_NOTHING(uint64, uint64_t)
OWNS_NOTHING(bool, bool)
OWNS_NOTHING(number, double)

static bool dealloc_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    g_free(*obj);
    *obj = NULL;
    return true;
}

static bool dealloc_any(Visitor *v, const char *name, JsonNode **obj, Error **errp)
{
    g_clear_pointer(obj, json_node_unref);
    return true;
}

static void dealloc_free(Visitor *v)
{
    g_free(v);
}

static const VisitorOps dealloc_ops = {
    .dealloc = true,
    .start_struct = dealloc_start,
    .start_list = dealloc_start,
    .type_int64 = dealloc_int64,
    .type_uint64 = dealloc_uint64,
    .type_size = dealloc_uint64,
    .type_bool = dealloc_bool,
    .type_number = dealloc_number,
    .type_str = dealloc_str,
    .type_any = dealloc_any,
    .type_null = dealloc_start,
    .free = dealloc_free,
};

Visitor *qapi_dealloc_visitor_new(void)
{
    Visitor *v = g_new0(Visitor, 1);

    v->ops = &dealloc_ops;
    return v;
}
