/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values out of a json-glib tree.  A stack of frames says where in the tree
 * the walk is; a struct frame knows which members were asked for, so that what
 * nobody knows is an error.  The keyval form takes text for scalars too.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qapi/json-visitor.h"
#include "visitor-impl.h"
#include "text-scalar.h"

/* One open struct or list.  All pointers are borrowed but @seen. */
typedef struct JsonInFrame {
    const char *name;           /* under which it was opened */
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

static void append_step(GString *path, const JsonInFrame *above, const char *name)
{
    if (above->array) {
        g_string_append_printf(path, "[%u]", above->next - 1);
    } else {
        g_string_append_printf(path, "%s%s", path->len ? "." : "", name);
    }
}

/* Where in the tree @name is: "disks[1].path". */
static char *jin_full_name(Visitor *v, const char *name)
{
    JsonInput *in = jin(v);
    GString *path = g_string_new(NULL);
    const JsonInFrame *frames = (JsonInFrame *)in->frames->data;

    if (!in->frames->len) {
        g_string_append(path, name ?: "value");
    }
    for (guint i = 0; i < in->frames->len; i++) {
        append_step(path, &frames[i], i + 1 < in->frames->len ? frames[i + 1].name : name);
    }
    return g_string_free(path, FALSE);
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
        g_autofree char *full = jin_full_name(v, name);

        error_setg(errp, "Parameter '%s' is missing", full);
        return NULL;
    }
    g_hash_table_add(f->seen, g_strdup(name));
    return node;
}

static bool wrong_type(Visitor *v, const char *name, const char *want, Error **errp)
{
    g_autofree char *full = jin_full_name(v, name);

    error_setg(errp, "Invalid parameter type for '%s', expected: %s",
               full, want);
    return false;
}

static bool node_is(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type &&
           !qapi_json_is_wide(node);
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
    JsonInFrame f = { .name = name };

    if (!node) {
        return false;
    }
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        return wrong_type(v, name, "object", errp);
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
            g_autofree char *full = jin_full_name(v, member);

            error_setg(errp, "Parameter '%s' is unexpected", full);
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
    JsonInFrame f = { .name = name };

    if (!node) {
        return false;
    }
    if (!JSON_NODE_HOLDS_ARRAY(node)) {
        return wrong_type(v, name, "array", errp);
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

/* Of the open list itself. */
static char *list_name(Visitor *v)
{
    char *full = jin_full_name(v, NULL);

    *strrchr(full, '[') = '\0';
    return full;
}

static bool jin_check_list(Visitor *v, Error **errp)
{
    JsonInFrame *f = jin_top(jin(v));

    if (f->next < json_array_get_length(f->array)) {
        g_autofree char *full = list_name(v);

        error_setg(errp, "Parameter '%s' has more than the %u elements that are wanted", full,
                   f->next);
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
        g_autofree char *full = jin_full_name(v, name);

        return text_to_int64(full, jin_text(v, node), obj, errp);
    }
    if (qapi_json_is_wide(node)) {
        g_autofree char *full = jin_full_name(v, name);

        error_setg(errp, "Parameter '%s' expects an integer that fits into 63 bits and a sign",
                   full);
        return false;
    }
    if (!node_is(node, G_TYPE_INT64)) {
        return wrong_type(v, name, "integer", errp);
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
    g_autofree char *full = NULL;

    if (!node) {
        return false;
    }
    if (qapi_json_get_uint64(node, obj)) {
        return true;
    }
    full = jin_full_name(v, name);
    if (jin_text(v, node)) {
        return from_text(full, jin_text(v, node), obj, errp);
    }
    if (!node_is(node, G_TYPE_INT64)) {
        return wrong_type(v, name, "integer", errp);
    }
    error_setg(errp, "Parameter '%s' expects a non-negative integer, not %" PRId64, full,
               (int64_t)json_node_get_int(node));
    return false;
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
        g_autofree char *full = jin_full_name(v, name);

        return text_to_bool(full, jin_text(v, node), obj, errp);
    }
    if (!node_is(node, G_TYPE_BOOLEAN)) {
        return wrong_type(v, name, "boolean", errp);
    }
    *obj = json_node_get_boolean(node);
    return true;
}

static bool jin_type_number(Visitor *v, const char *name, double *obj, Error **errp)
{
    JsonNode *node = jin_get(v, name, errp);
    uint64_t wide;

    if (!node) {
        return false;
    }
    if (jin_text(v, node)) {
        g_autofree char *full = jin_full_name(v, name);

        return text_to_number(full, jin_text(v, node), obj, errp);
    }
    if (qapi_json_get_uint64(node, &wide)) {
        *obj = wide;
        return true;
    }
    if (node_is(node, G_TYPE_INT64)) {
        *obj = json_node_get_int(node);
        return true;
    }
    if (!node_is(node, G_TYPE_DOUBLE)) {
        return wrong_type(v, name, "number", errp);
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
        return wrong_type(v, name, "string", errp);
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

    return node && (JSON_NODE_HOLDS_NULL(node) || wrong_type(v, name, "null", errp));
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
    .full_name = jin_full_name,
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
