/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes in on a QMP socket, up to the tree that a command gets: the framer
 * in any fragmentation, then the parser. The first byte says how long the
 * pieces are. Promises: the framer consumes everything, gives the same messages
 * whatever the pieces, and what the parser takes it takes again when printed.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>
#include "monitor/json-framer.h"
#include "qapi/error.h"
#include "qapi/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
        }
        data += used;
        size -= used;
    }
    json_framer_clear(&framer);
    return seen;
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
