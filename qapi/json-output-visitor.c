/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values into a json-glib tree. */
#include "qemu/osdep.h"
#include "qapi/json.h"
#include "qapi/json-visitor.h"
#include "visitor-impl.h"

typedef struct JsonOutput {
    Visitor visitor;
    JsonBuilder *builder;
    JsonNode **result;
    unsigned depth;
} JsonOutput;

static JsonOutput *jout(Visitor *v)
{
    return container_of(v, JsonOutput, visitor);
}

/* The builder, ready for the value of @name; list elements and the root have no name. */
static JsonBuilder *jout_at(Visitor *v, const char *name)
{
    JsonOutput *out = jout(v);

    if (out->depth && name) {
        json_builder_set_member_name(out->builder, name);
    }
    return out->builder;
}

static bool jout_start_struct(Visitor *v, const char *name, Error **errp)
{
    json_builder_begin_object(jout_at(v, name));
    jout(v)->depth++;
    return true;
}

static void jout_end_struct(Visitor *v)
{
    json_builder_end_object(jout(v)->builder);
    jout(v)->depth--;
}

static bool jout_start_list(Visitor *v, const char *name, Error **errp)
{
    json_builder_begin_array(jout_at(v, name));
    jout(v)->depth++;
    return true;
}

static void jout_end_list(Visitor *v)
{
    json_builder_end_array(jout(v)->builder);
    jout(v)->depth--;
}

static bool jout_type_int64(Visitor *v, const char *name, int64_t *obj, Error **errp)
{
    json_builder_add_int_value(jout_at(v, name), *obj);
    return true;
}

static bool jout_type_uint64(Visitor *v, const char *name, uint64_t *obj, Error **errp)
{
    json_builder_add_value(jout_at(v, name), qapi_json_uint64_new(*obj));
    return true;
}

static bool jout_type_bool(Visitor *v, const char *name, bool *obj, Error **errp)
{
    json_builder_add_boolean_value(jout_at(v, name), *obj);
    return true;
}

static bool jout_type_number(Visitor *v, const char *name, double *obj, Error **errp)
{
    json_builder_add_double_value(jout_at(v, name), *obj);
    return true;
}

static bool jout_type_str(Visitor *v, const char *name, char **obj, Error **errp)
{
    /* QMP shows a string that was never set as "" */
    const char *text = *obj ?: "";
    /* What came with the command line may be any bytes; JSON is UTF-8. */
    g_autofree char *valid = g_utf8_validate(text, -1, NULL) ? NULL : g_utf8_make_valid(text, -1);

    json_builder_add_string_value(jout_at(v, name), valid ?: text);
    return true;
}

static bool jout_type_any(Visitor *v, const char *name, JsonNode **obj, Error **errp)
{
    json_builder_add_value(jout_at(v, name), json_node_copy(*obj));
    return true;
}

static bool jout_type_null(Visitor *v, const char *name, Error **errp)
{
    json_builder_add_null_value(jout_at(v, name));
    return true;
}

/* A scalar at the root stands alone in the array that json_output_visitor_new opened. */
static void jout_complete(Visitor *v, void *opaque)
{
    JsonOutput *out = jout(v);
    g_autoptr(JsonNode) root = NULL;
    JsonArray *array;

    g_assert(opaque == out->result && out->depth == 0);
    json_builder_end_array(out->builder);
    root = json_builder_get_root(out->builder);
    array = json_node_get_array(root);
    g_assert(json_array_get_length(array) == 1);
    *out->result = json_array_dup_element(array, 0);
}

static void jout_free(Visitor *v)
{
    g_object_unref(jout(v)->builder);
    g_free(jout(v));
}

static const VisitorOps json_output_ops = {
    .start_struct = jout_start_struct,
    .end_struct = jout_end_struct,
    .start_list = jout_start_list,
    .end_list = jout_end_list,
    .type_int64 = jout_type_int64,
    .type_uint64 = jout_type_uint64,
    .type_size = jout_type_uint64,
    .type_bool = jout_type_bool,
    .type_number = jout_type_number,
    .type_str = jout_type_str,
    .type_any = jout_type_any,
    .type_null = jout_type_null,
    .complete = jout_complete,
    .free = jout_free,
};

Visitor *json_output_visitor_new(JsonNode **result)
{
    JsonOutput *out = g_new0(JsonOutput, 1);

    out->visitor.ops = &json_output_ops;
    out->builder = json_builder_new_immutable();
    out->result = result;
    json_builder_begin_array(out->builder);
    return &out->visitor;
}
