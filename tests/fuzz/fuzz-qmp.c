/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes in on a QMP socket, up to the handler and back: the framer in any
 * fragmentation, the parser, the dispatcher, generated marshallers and visitors
 * for values of every kind (the sample schema of tests/unit/qapi). The first byte
 * says how long the pieces are. Promises: the framer consumes everything and
 * gives the same messages whatever the pieces; what the parser takes it takes
 * again when printed; every request has an answer that is JSON; what a command
 * echoes it echoes again, the same; nothing leaks.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "monitor/json-framer.h"
#include "qapi/error.h"
#include "qapi/json.h"
#include "qapi/json-visitor.h"
#include "qapi/qapi-visit-qom.h"
#include "monitor/dispatch.h"
#include "qemu/module.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static JsonObject *ask(const char *text, size_t len)
{
    bool negotiated = true, malformed;
    JsonObject *reply = qmp_dispatch(text, len, &negotiated, &malformed);
    g_autofree char *printed = reply ? qapi_json_print_object(reply) : NULL;

    if (reply) {
        json_object_unref(qapi_json_parse_object(printed, strlen(printed), &error_abort));
    }
    return reply;
}

/* The answer as arguments of the same command gives the same answer. */
static void echo_again(const char *command, JsonNode *answer)
{
    g_autofree char *arguments = qapi_json_print(answer);
    g_autofree char *request = g_strdup_printf("{\"execute\":\"%s\",\"arguments\":%s}",
                                               command, arguments);
    g_autoptr(JsonObject) reply = ask(request, strlen(request));
    g_autofree char *again = NULL;

    g_assert_true(json_object_has_member(reply, "return"));
    again = qapi_json_print(json_object_get_member(reply, "return"));
    g_assert_cmpstr(again, ==, arguments);
}

static void dispatch(const GString *message)
{
    g_autoptr(JsonObject) reply = ask(message->str, message->len);
    g_autoptr(JsonObject) request = NULL;
    const char *command;

    if (reply && json_object_has_member(reply, "return")) {
        request = qapi_json_parse_object(message->str, message->len, &error_abort);
        command = json_object_get_string_member(request, "execute");
        if (g_str_equal(command, "echo-everything") || g_str_equal(command, "echo-shapes")) {
            echo_again(command, json_object_get_member(reply, "return"));
        }
    }
}

/* A union of the real schema. */
static void read_options(JsonNode *node)
{
    g_autoptr(Visitor) in = json_input_visitor_new(node);
    g_autoptr(ObjectOptions) options = NULL;
    g_autoptr(JsonNode) written = NULL;
    g_autoptr(Visitor) out = NULL;

    if (visit_type_ObjectOptions(in, NULL, &options, NULL)) {
        out = json_output_visitor_new(&written);
        visit_type_ObjectOptions(out, NULL, &options, &error_abort);
        visit_complete(out, &written);
    }
}

static void parse(const GString *message)
{
    JsonNode *node = qapi_json_parse(message->str, message->len, NULL);
    g_autofree char *text = NULL;
    JsonNode *again;

    if (!node) {
        return;
    }
    text = qapi_json_print(node);
    again = qapi_json_parse(text, strlen(text), &error_abort);
    read_options(again);
    json_node_unref(again);
    json_node_unref(node);
}

/* Lengths of what came out, errors as zeros. */
static GArray *feed(const char *data, size_t size, size_t piece, bool and_parse)
{
    GArray *seen = g_array_new(false, false, sizeof(size_t));
    JsonFramer framer;

    json_framer_init(&framer);
    while (size) {
        size_t used = 0, len = MIN(piece, size);
        JsonFramerResult r = json_framer_feed(&framer, data, len, &used, NULL);
        size_t got = r == JSON_FRAMER_MESSAGE ? framer.text->len : 0;

        g_assert(used <= len && (used || r != JSON_FRAMER_MORE));
        if (r != JSON_FRAMER_MORE) {
            g_array_append_val(seen, got);
        } else {
            g_assert(used == len);
        }
        if (r == JSON_FRAMER_MESSAGE && and_parse) {
            parse(framer.text);
            dispatch(framer.text);
        }
        data += used;
        size -= used;
    }
    json_framer_clear(&framer);
    return seen;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    module_call_init(MODULE_INIT_QOM);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GArray) whole = NULL;
    g_autoptr(GArray) pieces = NULL;

    if (!size) {
        return 0;
    }
    whole = feed((const char *)data + 1, size - 1, size, true);
    pieces = feed((const char *)data + 1, size - 1, 1 + data[0] % 16, false);
    g_assert(whole->len == pieces->len);
    g_assert(!whole->len || !memcmp(whole->data, pieces->data, whole->len * sizeof(size_t)));
    return 0;
}
