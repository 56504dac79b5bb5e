/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values out of a json-glib tree.  A stack of frames says where in the tree
 * the walk is; a struct frame knows which members were asked for, so that what
 * nobody knows is an error.  The keyval form takes text for scalars too.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/json-visitor.h"
#include "visitor-impl.h"
#include "text-scalar.h"

/* One open struct or list.  All pointers are borrowed but @seen. */
typedef struct JsonInFrame {
    JsonObject *object;
    GHashTable *seen;
    JsonArray *array;
    guint next;
} JsonInFrame;

typedef struct JsonInput {
    Visitor visitor;
    JsonNode *root;
    bool keyval;
    GArray *frames;
} JsonInput;

static JsonInput *jin(Visitor *v)
{
    return container_of(v, JsonInput, visitor);
}

static void frame_clear(void *p)
{
    JsonInFrame *f = p;

    if (f->seen) {
        g_hash_table_unref(f->seen);
    }
}

static JsonInFrame *jin_top(JsonInput *in)
{
    guint n = in->frames->len;

    return n ? &g_array_index(in->frames, JsonInFrame, n - 1) : NULL;
}

/* The node that @name means where the walk is; NULL with errp set when missing. */
static JsonNode *jin_get(Visitor *v, const char *name, Error **errp)
{
    JsonInFrame *f = jin_top(jin(v));
    JsonNode *node;

    if (!f) {
        return jin(v)->root;
    }
    if (f->array) {
        g_assert(f->next > 0);
        return json_array_get_element(f->array, f->next - 1);
    }
    node = json_object_get_member(f->object, name);
    if (!node) {
        error_setg(errp, "Parameter '%s' is missing", name);
        return NULL;
    }
    g_hash_table_add(f->seen, g_strdup(name));
    return node;
}

static bool wrong_type(const char *name, const char *want, Error **errp)
{
    error_setg(errp, "Invalid parameter type for '%s', expected: %s",
               visitor_name(name), want);
    return false;
}

static bool node_is(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

/* Text in the place of a scalar, when the keyval form allows it. */
static const char *jin_text(Visitor *v, JsonNode *node)
{
    return jin(v)->keyval && node_is(node, G_TYPE_STRING) ?
           json_node_get_string(node) : NULL;
}

/* --- structs and lists ------------------------------------------------ */

static bool jin_start_struct(Visitor *v, const char *name, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);
    JsonInFrame f = { 0 };

    if (!node) {
        return false;
    }
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        return wrong_type(name, "object", errp);
    }
    f.object = json_node_get_object(node);
    f.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_array_append_val(jin(v)->frames, f);
    return true;
}

static bool jin_check_struct(Visitor *v, Error **errp)
{
    JsonInFrame *f = jin_top(jin(v));
    JsonObjectIter iter;
    const char *member;

    json_object_iter_init(&iter, f->object);
    while (json_object_iter_next(&iter, &member, NULL)) {
        if (!g_hash_table_contains(f->seen, member)) {
            error_setg(errp, "Parameter '%s' is unexpected", member);
            return false;
        }
    }
    return true;
}

static void jin_pop(Visitor *v)
{
    g_array_set_size(jin(v)->frames, jin(v)->frames->len - 1);
}

static bool jin_start_list(Visitor *v, const char *name, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);
    JsonInFrame f = { 0 };

    if (!node) {
        return false;
    }
    if (!JSON_NODE_HOLDS_ARRAY(node)) {
        return wrong_type(name, "array", errp);
    }
    f.array = json_node_get_array(node);
    g_array_append_val(jin(v)->frames, f);
    return true;
}

static bool jin_next_item(Visitor *v)
{
    JsonInFrame *f = jin_top(jin(v));

    if (f->next >= json_array_get_length(f->array)) {
        return false;
    }
    f->next++;
    return true;
}

static bool jin_check_list(Visitor *v, Error **errp)
{
    JsonInFrame *f = jin_top(jin(v));

    if (f->next < json_array_get_length(f->array)) {
        error_setg(errp, "List has more than the %u elements that are wanted", f->next);
        return false;
    }
    return true;
}

static QType qtype_of(JsonNode *node)
{
    switch (json_node_get_node_type(node)) {
    case JSON_NODE_OBJECT:
        return QTYPE_QDICT;
    case JSON_NODE_ARRAY:
        return QTYPE_QLIST;
    case JSON_NODE_NULL:
        return QTYPE_QNULL;
    default:
        return node_is(node, G_TYPE_STRING) ? QTYPE_QSTRING :
               node_is(node, G_TYPE_BOOLEAN) ? QTYPE_QBOOL : QTYPE_QNUM;
    }
}

static bool jin_qtype(Visitor *v, const char *name, QType *type, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);

    if (node) {
        *type = qtype_of(node);
    }
    return node;
}

static bool jin_optional(Visitor *v, const char *name)
{
    JsonInFrame *f = jin_top(jin(v));

    return f && f->object && json_object_has_member(f->object, name);
}

/* --- scalars ---------------------------------------------------------- */

static bool jin_type_int64(Visitor *v, const char *name, int64_t *obj, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);

    if (!node) {
        return false;
    }
    if (jin_text(v, node)) {
        return text_to_int64(name, jin_text(v, node), obj, errp);
    }
    if (!node_is(node, G_TYPE_INT64)) {
        return wrong_type(name, "integer", errp);
    }
    *obj = json_node_get_int(node);
    return true;
}

static bool jin_unsigned(Visitor *v, const char *name, uint64_t *obj,
                         bool (*from_text)(const char *, const char *, uint64_t *,
                                           Error **),
                         Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);
    int64_t value;

    if (!node) {
        return false;
    }
    if (jin_text(v, node)) {
        return from_text(name, jin_text(v, node), obj, errp);
    }
    if (!node_is(node, G_TYPE_INT64)) {
        return wrong_type(name, "integer", errp);
    }
    value = json_node_get_int(node);
    if (value < 0) {
        error_setg(errp, "Parameter '%s' expects a non-negative integer, not %" PRId64,
                   visitor_name(name), value);
        return false;
    }
    *obj = value;
    return true;
}

static bool jin_type_uint64(Visitor *v, const char *name, uint64_t *obj, Error **errp)
{
    return jin_unsigned(v, name, obj, text_to_uint64, errp);
}

static bool jin_type_size(Visitor *v, const char *name, uint64_t *obj, Error **errp)
{
    return jin_unsigned(v, name, obj, text_to_size, errp);
}

static bool jin_type_bool(Visitor *v, const char *name, bool *obj, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);

    if (!node) {
        return false;
    }
    if (jin_text(v, node)) {
        return text_to_bool(name, jin_text(v, node), obj, errp);
    }
    if (!node_is(node, G_TYPE_BOOLEAN)) {
        return wrong_type(name, "boolean", errp);
    }
    *obj = json_node_get_boolean(node);
    return true;
}

static bool jin_type_number(Visitor *v, const char *name, double *obj, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);

    if (!node) {
        return false;
    }
    if (jin_text(v, node)) {
        return text_to_number(name, jin_text(v, node), obj, errp);
    }
    if (node_is(node, G_TYPE_INT64)) {
        *obj = json_node_get_int(node);
        return true;
    }
    if (!node_is(node, G_TYPE_DOUBLE)) {
        return wrong_type(name, "number", errp);
    }
    *obj = json_node_get_double(node);
    return true;
}

static bool jin_type_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);

    if (!node) {
        return false;
    }
    if (!node_is(node, G_TYPE_STRING)) {
        return wrong_type(name, "string", errp);
    }
    *obj = json_node_dup_string(node);
    return true;
}

static bool jin_type_any(Visitor *v, const char *name, JsonNode **obj, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);

    *obj = node ? json_node_copy(node) : NULL;
    return node;
}

static bool jin_type_null(Visitor *v, const char *name, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);

    return node && (JSON_NODE_HOLDS_NULL(node) || wrong_type(name, "null", errp));
}

static void jin_free(Visitor *v)
{
    g_array_unref(jin(v)->frames);
    g_free(jin(v));
}

static const VisitorOps json_input_ops = {
    .input = true,
    .start_struct = jin_start_struct,
    .check_struct = jin_check_struct,
    .end_struct = jin_pop,
    .start_list = jin_start_list,
    .next_item = jin_next_item,
    .check_list = jin_check_list,
    .end_list = jin_pop,
    .qtype = jin_qtype,
    .optional = jin_optional,
    .type_int64 = jin_type_int64,
    .type_uint64 = jin_type_uint64,
    .type_size = jin_type_size,
    .type_bool = jin_type_bool,
    .type_number = jin_type_number,
    .type_str = jin_type_str,
    .type_any = jin_type_any,
    .type_null = jin_type_null,
    .free = jin_free,
};

static Visitor *json_input_new(JsonNode *root, bool keyval)
{
    JsonInput *in = g_new0(JsonInput, 1);

    in->visitor.ops = &json_input_ops;
    in->root = root;
    in->keyval = keyval;
    in->frames = g_array_new(FALSE, FALSE, sizeof(JsonInFrame));
    g_array_set_clear_func(in->frames, frame_clear);
    return &in->visitor;
}

Visitor *json_input_visitor_new(JsonNode *root)
{
    return json_input_new(root, false);
}

Visitor *json_input_visitor_new_keyval(JsonNode *root)
{
    return json_input_new(root, true);
}
