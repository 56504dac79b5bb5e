/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One value as text.  Lists are comma separated; the members of a struct are
 * written as "{ name=value, ... }", which is for readers only.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qapi/string-output-visitor.h"
#include "visitor-impl.h"

/* @first: nothing was written yet at this level of struct or list. */
struct StringOutputVisitor {
    Visitor visitor;
    GString *text;
    char **result;
    bool human;
    bool first;
    unsigned depth;
};

static StringOutputVisitor *sov(Visitor *v)
{
    return container_of(v, StringOutputVisitor, visitor);
}

/* The separator, and the name for a member of a struct. */
static GString *sov_lead(Visitor *v, const char *name)
{
    StringOutputVisitor *s = sov(v);

    if (s->depth) {
        if (!s->first) {
            g_string_append(s->text, name ? ", " : ",");
        }
        if (name) {
            g_string_append_printf(s->text, "%s=", name);
        }
    }
    s->first = false;
    return s->text;
}

static void sov_open(Visitor *v, const char *name, const char *bracket)
{
    g_string_append(sov_lead(v, name), bracket);
    sov(v)->depth++;
    sov(v)->first = true;
}

static bool sov_start_struct(Visitor *v, const char *name, Error **errp)
{
    sov_open(v, name, "{ ");
    return true;
}

static void sov_end_struct(Visitor *v)
{
    g_string_append(sov(v)->text, " }");
    sov(v)->depth--;
    sov(v)->first = false;
}

static bool sov_start_list(Visitor *v, const char *name, Error **errp)
{
    sov_open(v, name, "");
    return true;
}

static void sov_end_list(Visitor *v)
{
    sov(v)->depth--;
    sov(v)->first = false;
}

static bool sov_type_int64(Visitor *v, const char *name, int64_t *obj, Error **errp)
{
    g_string_append_printf(sov_lead(v, name), "%" PRId64, *obj);
    if (sov(v)->human) {
        g_string_append_printf(sov(v)->text, " (0x%" PRIx64 ")", *obj);
    }
    return true;
}

static bool sov_type_uint64(Visitor *v, const char *name, uint64_t *obj, Error **errp)
{
    g_string_append_printf(sov_lead(v, name), "%" PRIu64, *obj);
    if (sov(v)->human) {
        g_string_append_printf(sov(v)->text, " (0x%" PRIx64 ")", *obj);
    }
    return true;
}

static bool sov_type_size(Visitor *v, const char *name, uint64_t *obj, Error **errp)
{
    g_autofree char *pretty = NULL;

    g_string_append_printf(sov_lead(v, name), "%" PRIu64, *obj);
    if (sov(v)->human) {
        pretty = g_format_size_full(*obj, G_FORMAT_SIZE_IEC_UNITS);
        g_string_append_printf(sov(v)->text, " (%s)", pretty);
    }
    return true;
}

static bool sov_type_bool(Visitor *v, const char *name, bool *obj, Error **errp)
{
    g_string_append(sov_lead(v, name), *obj ? "true" : "false");
    return true;
}

static bool sov_type_number(Visitor *v, const char *name, double *obj, Error **errp)
{
    char buf[G_ASCII_DTOSTR_BUF_SIZE];

    g_string_append(sov_lead(v, name), g_ascii_dtostr(buf, sizeof(buf), *obj));
    return true;
}

static bool sov_type_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    GString *text = sov_lead(v, name);

    if (!sov(v)->human) {
        g_string_append(text, *obj ?: "");
    } else if (*obj) {
        g_string_append_printf(text, "\"%s\"", *obj);
    } else {
        g_string_append(text, "<null>");
    }
    return true;
}

static bool sov_type_any(Visitor *v, const char *name, JsonNode **obj, Error **errp)
{
    g_autofree char *json = qapi_json_print(*obj);

    g_string_append(sov_lead(v, name), json);
    return true;
}

static bool sov_type_null(Visitor *v, const char *name, Error **errp)
{
    g_string_append(sov_lead(v, name), sov(v)->human ? "<null>" : "");
    return true;
}

static void sov_complete(Visitor *v, void *opaque)
{
    StringOutputVisitor *s = sov(v);

    g_assert(opaque == s->result);
    *s->result = g_string_free(g_steal_pointer(&s->text), FALSE);
}

static void sov_free(Visitor *v)
{
    StringOutputVisitor *s = sov(v);

    if (s->text) {
        g_string_free(s->text, TRUE);
    }
    g_free(s);
}

static const VisitorOps string_output_ops = {
    .start_struct = sov_start_struct,
    .end_struct = sov_end_struct,
    .start_list = sov_start_list,
    .end_list = sov_end_list,
    .type_int64 = sov_type_int64,
    .type_uint64 = sov_type_uint64,
    .type_size = sov_type_size,
    .type_bool = sov_type_bool,
    .type_number = sov_type_number,
    .type_str = sov_type_str,
    .type_any = sov_type_any,
    .type_null = sov_type_null,
    .complete = sov_complete,
    .free = sov_free,
};

Visitor *string_output_visitor_new(bool human, char **result)
{
    StringOutputVisitor *s = g_new0(StringOutputVisitor, 1);

    s->visitor.ops = &string_output_ops;
    s->text = g_string_new(NULL);
    s->result = result;
    s->human = human;
    s->first = true;
    return &s->visitor;
}
