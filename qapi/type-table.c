/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk over a value by its type's row; see include/qapi/type-table.h. */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "qapi/dealloc-visitor.h"
#include "qapi/error.h"
#include "qapi/type-table.h"

static void *at(void *obj, uint32_t offset)
{
    return (char *)obj + offset;
}

/* --- structs ---------------------------------------------------------- */

static bool visit_member(Visitor *v, void *obj, const QapiMember *m, Error **errp)
{
    void *slot = at(obj, m->offset);
    bool *has = m->has_offset >= 0 ? at(obj, m->has_offset) : NULL;

    /* A list that code put there without its flag is freed all the same. */
    if (m->optional && !(m->type->kind == QAPI_KIND_LIST && visit_is_dealloc(v))) {
        bool present = has ? *has : *(void **)slot != NULL;

        visit_optional(v, m->name, &present);
        if (has) {
            *has = present;
        }
        if (!present) {
            return true;
        }
    }
    return qapi_type_visit(v, m->name, slot, m->type, errp);
}

/* The tag has been visited: it is one of its enum, or zero in what was never filled. */
static const QapiType *branch_of(void *obj, const QapiType *type)
{
    int tag;

    if (!type->branches) {
        return NULL;
    }
    tag = *(int *)at(obj, type->tag_offset);
    g_assert(tag >= 0 && tag < type->n_branches);
    return type->branches[tag];
}

bool qapi_type_visit_members(Visitor *v, void *obj, const QapiType *type, Error **errp)
{
    const QapiType *branch;

    for (uint32_t i = 0; i < type->n_members; i++) {
        if (!visit_member(v, obj, &type->members[i], errp)) {
            return false;
        }
    }
    branch = branch_of(obj, type);
    return !branch || qapi_type_visit_members(v, at(obj, type->u_offset), branch, errp);
}

/* Input takes no half-made value to the caller. */
static bool finish(Visitor *v, void **obj, const QapiType *type, bool ok)
{
    if (!ok && visit_is_input(v)) {
        qapi_type_free(type, *obj);
        *obj = NULL;
    }
    return ok;
}

static bool visit_struct(Visitor *v, const char *name, void **obj, const QapiType *type,
                         Error **errp)
{
    bool ok;

    if (!visit_start_struct(v, name, obj, type->size, errp)) {
        return false;
    }
    if (!*obj) {
        g_assert(visit_is_dealloc(v));
        ok = true;
    } else {
        ok = qapi_type_visit_members(v, *obj, type, errp) && visit_check_struct(v, errp);
    }
    visit_end_struct(v, obj);
    return finish(v, obj, type, ok);
}

/* --- alternates ------------------------------------------------------- */

/* Structs stand in the union themselves; everything else has a slot there. */
static bool visit_branch(Visitor *v, const char *name, void *u, const QapiType *branch,
                         Error **errp)
{
    bool ok;

    if (branch->kind != QAPI_KIND_STRUCT) {
        return qapi_type_visit(v, name, u, branch, errp);
    }
    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return false;
    }
    ok = qapi_type_visit_members(v, u, branch, errp) && visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    return ok;
}

static bool visit_alternate(Visitor *v, const char *name, void **obj, const QapiType *type,
                            Error **errp)
{
    const QapiType *branch;
    QType tag;
    bool ok;

    if (!visit_start_alternate(v, name, obj, type->size, errp)) {
        return false;
    }
    ok = true;
    if (*obj) {
        tag = *(QType *)at(*obj, type->tag_offset);
        g_assert(tag >= 0 && tag < QTYPE__MAX);
        branch = type->branches[tag];
        if (branch) {
            ok = visit_branch(v, name, at(*obj, type->u_offset), branch, errp);
        } else if (!visit_is_dealloc(v)) {
            ok = visit_refuse_type(v, name, type->name, errp);
        }
    }
    visit_end_alternate(v, obj);
    return finish(v, obj, type, ok);
}

/* --- lists ------------------------------------------------------------ */

static bool visit_list(Visitor *v, const char *name, void **obj, const QapiType *type,
                       Error **errp)
{
    GenericList *node;
    bool ok = true;

    if (!visit_start_list(v, name, (GenericList **)obj, type->size, errp)) {
        return false;
    }
    for (node = *obj; node; node = visit_next_list(v, node, type->size)) {
        ok = qapi_type_visit(v, NULL, at(node, type->value_offset), type->element, errp);
        if (!ok) {
            break;
        }
    }
    ok = ok && visit_check_list(v, errp);
    visit_end_list(v, obj);
    return finish(v, obj, type, ok);
}

/* --- all -------------------------------------------------------------- */

bool qapi_type_visit(Visitor *v, const char *name, void *slot, const QapiType *type,
                     Error **errp)
{
    switch (type->kind) {
    case QAPI_KIND_SCALAR:
        return type->visit(v, name, slot, errp);
    case QAPI_KIND_ENUM:
        return visit_type_enum(v, name, slot, type->lookup, errp);
    case QAPI_KIND_STRUCT:
        return visit_struct(v, name, slot, type, errp);
    case QAPI_KIND_ALTERNATE:
        return visit_alternate(v, name, slot, type, errp);
    case QAPI_KIND_LIST:
        return visit_list(v, name, slot, type, errp);
    }
    g_assert_not_reached();
}

void qapi_type_free(const QapiType *type, void *obj)
{
    g_autoptr(Visitor) v = NULL;

    if (obj) {
        v = qapi_dealloc_visitor_new();
        qapi_type_visit(v, NULL, &obj, type, &error_abort);
    }
}

/* --- built-in types --------------------------------------------------- */

#define BUILTIN(kind_, ctype)                                               \
    static bool visit_ ## kind_(Visitor *v, const char *name, void *slot,   \
                                Error **errp)                               \
    {                                                                       \
        return visit_type_ ## kind_(v, name, slot, errp);                   \
    }                                                                       \
    const QapiType qapi_type_ ## kind_ = {                                  \
        .name = #kind_, .kind = QAPI_KIND_SCALAR, .size = sizeof(ctype),    \
        .visit = visit_ ## kind_,                                           \
    }

/* Its value holds nothing but that it is there. */
static bool visit_null(Visitor *v, const char *name, void *slot, Error **errp)
{
    JsonNode **node = slot;

    if (visit_is_dealloc(v)) {
        g_clear_pointer(node, json_node_unref);
        return true;
    }
    if (!visit_type_null(v, name, errp)) {
        return false;
    }
    if (visit_is_input(v)) {
        *node = json_node_new(JSON_NODE_NULL);
    }
    return true;
}

const QapiType qapi_type_null = {
    .name = "null", .kind = QAPI_KIND_SCALAR, .size = sizeof(JsonNode *), .visit = visit_null,
};

#define BUILTIN_LIST(kind_)                                                 \
    const QapiType qapi_type_ ## kind_ ## List = {                          \
        .name = #kind_ "List", .kind = QAPI_KIND_LIST,                      \
        .size = sizeof(kind_ ## List), .element = &qapi_type_ ## kind_,     \
        .value_offset = offsetof(kind_ ## List, value),                     \
    };                                                                      \
    void qapi_free_ ## kind_ ## List(kind_ ## List *list)                   \
    {                                                                       \
        qapi_type_free(&qapi_type_ ## kind_ ## List, list);                 \
    }                                                                       \
    bool visit_type_ ## kind_ ## List(Visitor *v, const char *name,         \
                                      kind_ ## List **obj, Error **errp)    \
    {                                                                       \
        return qapi_type_visit(v, name, obj, &qapi_type_ ## kind_ ## List,  \
                               errp);                                       \
    }                                                                       \
    /* the macro's use ends with a semicolon */                             \
    G_STATIC_ASSERT(offsetof(kind_ ## List, next) == 0)

BUILTIN(str, char *);
BUILTIN(number, double);
BUILTIN(bool, bool);
BUILTIN(any, JsonNode *);
BUILTIN(int, int64_t);
BUILTIN(int8, int8_t);
BUILTIN(int16, int16_t);
BUILTIN(int32, int32_t);
BUILTIN(int64, int64_t);
BUILTIN(uint8, uint8_t);
BUILTIN(uint16, uint16_t);
BUILTIN(uint32, uint32_t);
BUILTIN(uint64, uint64_t);
BUILTIN(size, uint64_t);

BUILTIN_LIST(str);
BUILTIN_LIST(number);
BUILTIN_LIST(bool);
BUILTIN_LIST(any);
BUILTIN_LIST(int);
BUILTIN_LIST(int8);
BUILTIN_LIST(int16);
BUILTIN_LIST(int32);
BUILTIN_LIST(int64);
BUILTIN_LIST(uint8);
BUILTIN_LIST(uint16);
BUILTIN_LIST(uint32);
BUILTIN_LIST(uint64);
BUILTIN_LIST(size);
