/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The front of all visitors: dispatch to the kind, range checks of narrow
 * integers, allocation of structs and lists, enums by name.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "visitor-impl.h"

void visit_complete(Visitor *v, void *opaque)
{
    if (v->ops->complete) {
        v->ops->complete(v, opaque);
    }
}

void visit_free(Visitor *v)
{
    if (v) {
        v->ops->free(v);
    }
}

bool visit_is_input(Visitor *v)
{
    return v->ops->input;
}

bool visit_is_dealloc(Visitor *v)
{
    return v->ops->dealloc;
}

static char *shown_name(Visitor *v, const char *name)
{
    return v->ops->full_name ? v->ops->full_name(v, name) : g_strdup(visitor_name(name));
}

static bool not_supported(const char *name, const char *what, Error **errp)
{
    error_setg(errp, "Parameter '%s' cannot be given as %s here",
               visitor_name(name), what);
    return false;
}

/* --- structs ---------------------------------------------------------- */

bool visit_start_struct(Visitor *v, const char *name, void **obj, size_t size,
                        Error **errp)
{
    bool ok;

    if (!v->ops->start_struct) {
        ok = not_supported(name, "a set of members", errp);
    } else {
        ok = v->ops->start_struct(v, name, errp);
    }
    if (obj && v->ops->input) {
        *obj = ok ? g_malloc0(size) : NULL;
    }
    return ok;
}

bool visit_check_struct(Visitor *v, Error **errp)
{
    return !v->ops->check_struct || v->ops->check_struct(v, errp);
}

void visit_end_struct(Visitor *v, void **obj)
{
    if (v->ops->end_struct) {
        v->ops->end_struct(v);
    }
    if (v->ops->dealloc && obj) {
        g_clear_pointer(obj, g_free);
    }
}

/* --- alternates ------------------------------------------------------- */

bool visit_start_alternate(Visitor *v, const char *name, void **obj, size_t size,
                           Error **errp)
{
    QType type;

    if (!v->ops->input) {
        return true;
    }
    *obj = NULL;
    if (!v->ops->qtype) {
        return not_supported(name, "one of several types", errp);
    }
    if (!v->ops->qtype(v, name, &type, errp)) {
        return false;
    }
    *obj = g_malloc0(size);
    *(QType *)*obj = type;
    return true;
}

bool visit_refuse_type(Visitor *v, const char *name, const char *want, Error **errp)
{
    g_autofree char *full = shown_name(v, name);

    error_setg(errp, "Invalid parameter type for '%s', expected: %s", full, want);
    return false;
}

void visit_end_alternate(Visitor *v, void **obj)
{
    if (v->ops->dealloc) {
        g_clear_pointer(obj, g_free);
    }
}

bool visit_optional(Visitor *v, const char *name, bool *present)
{
    if (v->ops->optional) {
        *present = v->ops->optional(v, name);
    }
    return *present;
}

/* --- lists ------------------------------------------------------------ */

bool visit_start_list(Visitor *v, const char *name, GenericList **list, size_t size,
                      Error **errp)
{
    bool ok;

    if (!v->ops->start_list) {
        ok = not_supported(name, "a list", errp);
    } else {
        ok = v->ops->start_list(v, name, errp);
    }
    if (list && v->ops->input) {
        *list = ok && v->ops->next_item(v) ? g_malloc0(size) : NULL;
    }
    return ok;
}

GenericList *visit_next_list(Visitor *v, GenericList *tail, size_t size)
{
    GenericList *next;

    if (v->ops->dealloc) {
        next = tail->next;
        g_free(tail);
        return next;
    }
    if (v->ops->input && v->ops->next_item(v)) {
        tail->next = g_malloc0(size);
    }
    return tail->next;
}

bool visit_check_list(Visitor *v, Error **errp)
{
    return !v->ops->check_list || v->ops->check_list(v, errp);
}

void visit_end_list(Visitor *v, void **list)
{
    if (v->ops->end_list) {
        v->ops->end_list(v);
    }
}

/* --- scalars ---------------------------------------------------------- */

#define VISIT_WIDEST(fn, method, ctype, what)                               \
    bool fn(Visitor *v, const char *name, ctype *obj, Error **errp)         \
    {                                                                       \
        if (!v->ops->method) {                                              \
            return not_supported(name, what, errp);                         \
        }                                                                   \
        return v->ops->method(v, name, obj, errp);                          \
    }

VISIT_WIDEST(visit_type_int, type_int64, int64_t, "a number")
VISIT_WIDEST(visit_type_int64, type_int64, int64_t, "a number")
VISIT_WIDEST(visit_type_uint64, type_uint64, uint64_t, "a number")
VISIT_WIDEST(visit_type_size, type_size, uint64_t, "a size")
VISIT_WIDEST(visit_type_bool, type_bool, bool, "'on' or 'off'")
VISIT_WIDEST(visit_type_number, type_number, double, "a number")
VISIT_WIDEST(visit_type_any, type_any, JsonNode *, "JSON")

bool visit_type_null(Visitor *v, const char *name, Error **errp)
{
    if (!v->ops->type_null) {
        return not_supported(name, "null", errp);
    }
    return v->ops->type_null(v, name, errp);
}

bool visit_type_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    bool ok;

    if (!v->ops->type_str) {
        ok = not_supported(name, "a string", errp);
    } else {
        ok = v->ops->type_str(v, name, obj, errp);
    }
    if (!ok && v->ops->input) {
        *obj = NULL;
    }
    return ok;
}

static bool visit_ranged_int(Visitor *v, const char *name, int64_t *obj,
                             int64_t min, int64_t max, Error **errp)
{
    if (!visit_type_int64(v, name, obj, errp)) {
        return false;
    }
    if (*obj < min || *obj > max) {
        g_autofree char *full = shown_name(v, name);

        error_setg(errp, "Parameter '%s' expects a value from %" PRId64
                   " to %" PRId64 ", not %" PRId64,
                   full, min, max, *obj);
        return false;
    }
    return true;
}

static bool visit_ranged_uint(Visitor *v, const char *name, uint64_t *obj,
                              uint64_t max, Error **errp)
{
    if (!visit_type_uint64(v, name, obj, errp)) {
        return false;
    }
    if (*obj > max) {
        g_autofree char *full = shown_name(v, name);

        error_setg(errp, "Parameter '%s' expects a value from 0 to %" PRIu64
                   ", not %" PRIu64, full, max, *obj);
        return false;
    }
    return true;
}

#define VISIT_NARROW_INT(fn, ctype, min, max)                               \
    bool fn(Visitor *v, const char *name, ctype *obj, Error **errp)         \
    {                                                                       \
        int64_t wide = *obj;                                                \
                                                                            \
        if (!visit_ranged_int(v, name, &wide, min, max, errp)) {            \
            return false;                                                   \
        }                                                                   \
        *obj = wide;                                                        \
        return true;                                                        \
    }

#define VISIT_NARROW_UINT(fn, ctype, max)                                   \
    bool fn(Visitor *v, const char *name, ctype *obj, Error **errp)         \
    {                                                                       \
        uint64_t wide = *obj;                                               \
                                                                            \
        if (!visit_ranged_uint(v, name, &wide, max, errp)) {                \
            return false;                                                   \
        }                                                                   \
        *obj = wide;                                                        \
        return true;                                                        \
    }

VISIT_NARROW_INT(visit_type_int8, int8_t, INT8_MIN, INT8_MAX)
VISIT_NARROW_INT(visit_type_int16, int16_t, INT16_MIN, INT16_MAX)
VISIT_NARROW_INT(visit_type_int32, int32_t, INT32_MIN, INT32_MAX)
VISIT_NARROW_UINT(visit_type_uint8, uint8_t, UINT8_MAX)
VISIT_NARROW_UINT(visit_type_uint16, uint16_t, UINT16_MAX)
VISIT_NARROW_UINT(visit_type_uint32, uint32_t, UINT32_MAX)

/* --- enums ------------------------------------------------------------ */

static char *enum_choices(const QEnumLookup *lookup)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int i;

    for (i = 0; i < lookup->size; i++) {
        if (lookup->array[i]) {
            g_string_append_printf(text, "%s%s", text->len ? ", " : "",
                                   lookup->array[i]);
        }
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static bool enum_from_name(const char *name, const char *text, int *obj,
                           const QEnumLookup *lookup, Error **errp)
{
    g_autofree char *choices = NULL;
    int i;

    for (i = 0; i < lookup->size; i++) {
        if (lookup->array[i] && strcmp(lookup->array[i], text) == 0) {
            *obj = i;
            return true;
        }
    }
    choices = enum_choices(lookup);
    error_setg(errp, "Parameter '%s' does not accept value '%s'; choose one of: %s",
               name, text, choices);
    return false;
}

bool visit_type_enum(Visitor *v, const char *name, int *obj, const QEnumLookup *lookup,
                     Error **errp)
{
    g_autofree char *text = NULL;
    g_autofree char *full = NULL;
    char *known;

    if (v->ops->input) {
        if (!visit_type_str(v, name, &text, errp)) {
            return false;
        }
        full = shown_name(v, name);
        return enum_from_name(full, text, obj, lookup, errp);
    }
    if (v->ops->dealloc) {
        return true;
    }
    g_assert(*obj >= 0 && *obj < lookup->size);
    known = (char *)lookup->array[*obj];
    return visit_type_str(v, name, &known, errp);
}
