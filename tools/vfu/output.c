/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See output.h. */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "output.h"

struct VfuOut {
    FILE *file;
    JsonBuilder *builder;       /* NULL in text mode */
};

VfuOut *out_new(bool json, FILE *file)
{
    VfuOut *o = g_new0(VfuOut, 1);

    o->file = file;
    o->builder = json ? json_builder_new() : NULL;
    return o;
}

void out_free(VfuOut *o)
{
    if (o) {
        g_clear_object(&o->builder);
        g_free(o);
    }
}

bool out_is_json(const VfuOut *o)
{
    return o->builder != NULL;
}

void out_text(VfuOut *o, const char *fmt, ...)
{
    va_list ap;

    if (o->builder) {
        return;
    }
    va_start(ap, fmt);
    vfprintf(o->file, fmt, ap);
    va_end(ap);
}

void out_begin(VfuOut *o)
{
    if (o->builder) {
        json_builder_begin_object(o->builder);
    }
}

void out_end(VfuOut *o, bool compact)
{
    if (o->builder) {
        g_autoptr(JsonGenerator) generator = json_generator_new();
        g_autoptr(JsonNode) root = NULL;
        g_autofree char *text = NULL;

        json_builder_end_object(o->builder);
        root = json_builder_get_root(o->builder);
        json_generator_set_root(generator, root);
        json_generator_set_pretty(generator, !compact);
        text = json_generator_to_data(generator, NULL);
        fprintf(o->file, "%s\n", text);
        json_builder_reset(o->builder);
    }
    fflush(o->file);
}

/* Names the next value; false in text mode. */
static bool member(VfuOut *o, const char *key)
{
    if (o->builder && key) {
        json_builder_set_member_name(o->builder, key);
    }
    return o->builder != NULL;
}

void out_object(VfuOut *o, const char *key)
{
    if (member(o, key)) {
        json_builder_begin_object(o->builder);
    }
}

void out_object_end(VfuOut *o)
{
    if (o->builder) {
        json_builder_end_object(o->builder);
    }
}

void out_list(VfuOut *o, const char *key)
{
    if (member(o, key)) {
        json_builder_begin_array(o->builder);
    }
}

void out_list_end(VfuOut *o)
{
    if (o->builder) {
        json_builder_end_array(o->builder);
    }
}

void out_int(VfuOut *o, const char *key, int64_t value)
{
    if (member(o, key)) {
        json_builder_add_int_value(o->builder, value);
    }
}

void out_hex(VfuOut *o, const char *key, uint64_t value)
{
    if (member(o, key)) {
        g_autofree char *text = g_strdup_printf("0x%" PRIx64, value);
        json_builder_add_string_value(o->builder, text);
    }
}

void out_double(VfuOut *o, const char *key, double value)
{
    if (member(o, key)) {
        json_builder_add_double_value(o->builder, value);
    }
}

void out_bool(VfuOut *o, const char *key, bool value)
{
    if (member(o, key)) {
        json_builder_add_boolean_value(o->builder, value);
    }
}

void out_string(VfuOut *o, const char *key, const char *value)
{
    if (member(o, key)) {
        /* What a server sends may not be UTF-8, which JSON has to be. */
        g_autofree char *valid = g_utf8_make_valid(value ? value : "", -1);
        json_builder_add_string_value(o->builder, valid);
    }
}
