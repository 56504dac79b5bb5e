/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON text to json-glib's tree, for text that is not ours (command line, QMP,
 * version negotiation): strict RFC 8259 and bounded before anything is
 * allocated for it.
 *
 * Refused: no or more than one value, comments, trailing commas, bytes that
 * are not UTF-8, embedded NUL, numbers outside int64/double, names given
 * twice in one object, more than QAPI_JSON_MAX_DEPTH levels or
 * QAPI_JSON_MAX_TOKENS tokens, more than QAPI_JSON_MAX_BYTES bytes.
 */
#ifndef QAPI_JSON_H
#define QAPI_JSON_H

#include <json-glib/json-glib.h>
#include <stdbool.h>

typedef struct Error Error;

#define QAPI_JSON_MAX_DEPTH 64
#define QAPI_JSON_MAX_TOKENS (1u << 16)
#define QAPI_JSON_MAX_BYTES (1u << 20)

/* The caller frees with json_node_unref(); NULL with errp set on bad text. */
JsonNode *qapi_json_parse(const char *text, size_t len, Error **errp);
/* The same, and the value must be an object; json_object_unref(). */
JsonObject *qapi_json_parse_object(const char *text, size_t len, Error **errp);
/* One line, no trailing newline; the caller frees. */
char *qapi_json_print(JsonNode *node);
char *qapi_json_print_object(JsonObject *obj);
/* With line ends, and four spaces for each level. */
char *qapi_json_print_object_pretty(JsonObject *obj);

/*
 * json-glib has no integers above INT64_MAX. Such a one is a node that holds a
 * string which no JSON text can contain; everything in qapi/ knows it, prints
 * it as the number that it is, and never takes it for a string.
 */
JsonNode *qapi_json_uint64_new(uint64_t value);
/* true: @node is a whole number from 0 to UINT64_MAX, which is stored. */
bool qapi_json_get_uint64(JsonNode *node, uint64_t *value);
/* true: @node is such a string that is none. */
bool qapi_json_is_wide(JsonNode *node);

#endif
