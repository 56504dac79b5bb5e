/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One value from text.  A list is split at commas; an item "a-b" of an integer
 * list stands for all numbers from a to b.  Which kind of item it is shows
 * only when it is read, so an item stays text until then.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/string-input-visitor.h"
#include "visitor-impl.h"
#include "text-scalar.h"

/*
 * @rest: list text not yet taken, NULL at its end.  @item: the item that is
 * being read.  @lo..@hi: what remains of an item that was a range.
 */
struct StringInputVisitor {
    Visitor visitor;
    const char *text;

    bool in_list;
    const char *rest;
    char *item;
    bool in_range;
    int64_t lo;
    int64_t hi;
    unsigned items;
};

static StringInputVisitor *siv(Visitor *v)
{
    return container_of(v, StringInputVisitor, visitor);
}

static const char *siv_value(StringInputVisitor *s)
{
    return s->in_list ? s->item : s->text;
}

static bool siv_start_list(Visitor *v, const char *name, Error **errp)
{
    StringInputVisitor *s = siv(v);

    if (s->in_list) {
        error_setg(errp, "Parameter '%s': text cannot hold a list of lists",
                   visitor_name(name));
        return false;
    }
    s->in_list = true;
    s->rest = *s->text ? s->text : NULL;
    return true;
}

static void siv_take_item(StringInputVisitor *s)
{
    const char *comma = strchr(s->rest, ',');

    g_free(s->item);
    s->item = comma ? g_strndup(s->rest, comma - s->rest) : g_strdup(s->rest);
    s->rest = comma ? comma + 1 : NULL;
}

static bool siv_next_item(Visitor *v)
{
    StringInputVisitor *s = siv(v);

    if (s->items == VISITOR_LIST_MAX) {
        return false;
    }
    if (s->in_range && s->lo < s->hi) {
        s->lo++;
        s->items++;
        return true;
    }
    s->in_range = false;
    if (!s->rest) {
        return false;
    }
    siv_take_item(s);
    s->items++;
    return true;
}

static bool siv_check_list(Visitor *v, Error **errp)
{
    StringInputVisitor *s = siv(v);

    if (s->rest || (s->in_range && s->lo < s->hi)) {
        error_setg(errp, "List has more than the %u elements that are wanted",
                   s->items);
        return false;
    }
    return true;
}

static void siv_end_list(Visitor *v)
{
    StringInputVisitor *s = siv(v);

    g_clear_pointer(&s->item, g_free);
    s->in_list = s->in_range = false;
    s->rest = NULL;
    s->items = 0;
}

/* "a-b" with a <= b; a leading '-' is a sign, not a range. */
static bool siv_parse_range(StringInputVisitor *s, const char *name, Error **errp)
{
    char *dash = *s->item ? strchr(s->item + 1, '-') : NULL;
    g_autofree char *first = dash ? g_strndup(s->item, dash - s->item) : NULL;

    if (!dash) {
        return false;
    }
    if (!text_to_int64(name, first, &s->lo, errp) ||
        !text_to_int64(name, dash + 1, &s->hi, errp)) {
        return false;
    }
    if (s->hi < s->lo || (uint64_t)s->hi - s->lo >= VISITOR_LIST_MAX) {
        error_setg(errp, "Parameter '%s': '%s' is not a range of 1 to %d numbers",
                   visitor_name(name), s->item, VISITOR_LIST_MAX);
        return false;
    }
    s->in_range = true;
    return true;
}

static bool siv_type_int64(Visitor *v, const char *name, int64_t *obj, Error **errp)
{
    StringInputVisitor *s = siv(v);
    bool has_range;

    if (s->in_list && !s->in_range) {
        has_range = *s->item && strchr(s->item + 1, '-');
        if (has_range && !siv_parse_range(s, name, errp)) {
            return false;
        }
    }
    if (s->in_range) {
        *obj = s->lo;
        return true;
    }
    return text_to_int64(name, siv_value(s), obj, errp);
}

static bool siv_type_uint64(Visitor *v, const char *name, uint64_t *obj, Error **errp)
{
    StringInputVisitor *s = siv(v);
    int64_t value;

    if (s->in_list && (s->in_range || strchr(s->item, '-'))) {
        if (!siv_type_int64(v, name, &value, errp)) {
            return false;
        }
        if (value < 0) {
            error_setg(errp, "Parameter '%s' expects a non-negative integer, not '%s'",
                       visitor_name(name), s->item);
            return false;
        }
        *obj = value;
        return true;
    }
    return text_to_uint64(name, siv_value(s), obj, errp);
}

static bool siv_type_size(Visitor *v, const char *name, uint64_t *obj, Error **errp)
{
    return text_to_size(name, siv_value(siv(v)), obj, errp);
}

static bool siv_type_bool(Visitor *v, const char *name, bool *obj, Error **errp)
{
    return text_to_bool(name, siv_value(siv(v)), obj, errp);
}

static bool siv_type_number(Visitor *v, const char *name, double *obj, Error **errp)
{
    return text_to_number(name, siv_value(siv(v)), obj, errp);
}

static bool siv_type_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    *obj = g_strdup(siv_value(siv(v)));
    return true;
}

static bool siv_type_null(Visitor *v, const char *name, Error **errp)
{
    if (*siv_value(siv(v))) {
        error_setg(errp, "Parameter '%s' expects nothing, not '%s'",
                   visitor_name(name), siv_value(siv(v)));
        return false;
    }
    return true;
}

static void siv_free(Visitor *v)
{
    StringInputVisitor *s = siv(v);

    g_free(s->item);
    g_free(s);
}

static const VisitorOps string_input_ops = {
    .input = true,
    .start_list = siv_start_list,
    .next_item = siv_next_item,
    .check_list = siv_check_list,
    .end_list = siv_end_list,
    .type_int64 = siv_type_int64,
    .type_uint64 = siv_type_uint64,
    .type_size = siv_type_size,
    .type_bool = siv_type_bool,
    .type_number = siv_type_number,
    .type_str = siv_type_str,
    .type_null = siv_type_null,
    .free = siv_free,
};

Visitor *string_input_visitor_new(const char *str)
{
    StringInputVisitor *s = g_new0(StringInputVisitor, 1);

    s->visitor.ops = &string_input_ops;
    s->text = str;
    return &s->visitor;
}
