/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON text to json-glib's tree.  json-glib's own parser takes comments,
 * trailing commas, names given twice and cuts large numbers, so text that we
 * did not write goes through this recursive descent instead: RFC 8259, each
 * limit checked before memory is taken.  Recursion is bounded by
 * QAPI_JSON_MAX_DEPTH.
 */
#include "qemu/osdep.h"
#include <math.h>
#include "qapi/error.h"
#include "qapi/json.h"

/* @pos..@end is what remains to be read. */
typedef struct JsonText {
    const char *start;
    const char *pos;
    const char *end;
    unsigned depth;
    unsigned tokens;
    Error **errp;
} JsonText;

static JsonNode *parse_value(JsonText *t);

static bool fail(JsonText *t, const char *what)
{
    size_t byte = t->pos - t->start;
    unsigned line = 1;

    for (size_t i = 0; i < byte; i++) {
        line += t->start[i] == '\n';
    }
    if (line > 1) {
        error_setg(t->errp, "JSON parse error at byte %zu, line %u: %s", byte, line, what);
    } else {
        error_setg(t->errp, "JSON parse error at byte %zu: %s", byte, what);
    }
    return false;
}

static int peek(JsonText *t)
{
    return t->pos < t->end ? (unsigned char)*t->pos : -1;
}

static void skip_blanks(JsonText *t)
{
    while (t->pos < t->end && strchr(" \t\r\n", *t->pos) && *t->pos) {
        t->pos++;
    }
}

static bool take(JsonText *t, char c)
{
    skip_blanks(t);
    if (peek(t) != c) {
        return false;
    }
    t->pos++;
    return true;
}

static bool count_token(JsonText *t)
{
    return ++t->tokens <= QAPI_JSON_MAX_TOKENS || fail(t, "too many values");
}

/* --- strings ---------------------------------------------------------- */

static bool take_hex4(JsonText *t, gunichar *code)
{
    int i;

    *code = 0;
    if (t->end - t->pos < 4) {
        return fail(t, "\\u needs four hexadecimal digits");
    }
    for (i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(t->pos[i]);

        if (digit < 0) {
            return fail(t, "\\u needs four hexadecimal digits");
        }
        *code = *code << 4 | digit;
    }
    t->pos += 4;
    return true;
}

/* After "\u": one code point, which may take two escapes (RFC 8259, 7). */
static bool take_unicode(JsonText *t, GString *out)
{
    gunichar code, low;

    if (!take_hex4(t, &code)) {
        return false;
    }
    if (code >= 0xd800 && code <= 0xdbff) {
        if (t->end - t->pos < 2 || t->pos[0] != '\\' || t->pos[1] != 'u') {
            return fail(t, "half of a surrogate pair");
        }
        t->pos += 2;
        if (!take_hex4(t, &low)) {
            return false;
        }
        if (low < 0xdc00 || low > 0xdfff) {
            return fail(t, "half of a surrogate pair");
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    } else if (code == 0 || (code >= 0xdc00 && code <= 0xdfff)) {
        return fail(t, "escape of a character that cannot be used");
    }
    g_string_append_unichar(out, code);
    return true;
}

static bool take_escape(JsonText *t, GString *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    int c = peek(t);
    const char *at = c > 0 ? strchr(from, c) : NULL;

    if (c == 'u') {
        t->pos++;
        return take_unicode(t, out);
    }
    if (!at) {
        return fail(t, "unknown escape in string");
    }
    t->pos++;
    g_string_append_c(out, to[at - from]);
    return true;
}

/* The text between the quotes, the first of which was taken; NULL on error. */
static char *parse_string(JsonText *t)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (;;) {
        const char *run = t->pos;

        while (t->pos < t->end && *t->pos != '"' && *t->pos != '\\' &&
               (unsigned char)*t->pos >= 0x20) {
            t->pos++;
        }
        g_string_append_len(out, run, t->pos - run);
        if (peek(t) == '"') {
            t->pos++;
            return g_string_free(g_steal_pointer(&out), FALSE);
        }
        if (peek(t) != '\\') {
            fail(t, t->pos < t->end ? "control character in string"
                                    : "string without its closing quote");
            return NULL;
        }
        t->pos++;
        if (!take_escape(t, out)) {
            return NULL;
        }
    }
}

static JsonNode *parse_string_value(JsonText *t)
{
    g_autofree char *text = parse_string(t);

    return text ? json_node_init_string(json_node_alloc(), text) : NULL;
}

/* --- numbers and names ------------------------------------------------ */

static bool take_digits(JsonText *t)
{
    const char *from = t->pos;

    while (t->pos < t->end && g_ascii_isdigit(*t->pos)) {
        t->pos++;
    }
    return t->pos > from;
}

/* Moves over a number; *@whole: without fraction and exponent. */
static bool scan_number(JsonText *t, bool *whole)
{
    const char *first;

    *whole = true;
    if (peek(t) == '-') {
        t->pos++;
    }
    first = t->pos;
    if (!take_digits(t) || (*first == '0' && t->pos - first > 1)) {
        return fail(t, "malformed number");
    }
    if (peek(t) == '.') {
        *whole = false;
        t->pos++;
        if (!take_digits(t)) {
            return fail(t, "malformed number");
        }
    }
    if (peek(t) == 'e' || peek(t) == 'E') {
        *whole = false;
        t->pos++;
        if (peek(t) == '+' || peek(t) == '-') {
            t->pos++;
        }
        if (!take_digits(t)) {
            return fail(t, "malformed number");
        }
    }
    return true;
}

static JsonNode *parse_integer(JsonText *t, const char *digits)
{
    gint64 value;
    guint64 wide;

    errno = 0;
    value = g_ascii_strtoll(digits, NULL, 10);
    if (!errno) {
        return json_node_init_int(json_node_alloc(), value);
    }
    errno = 0;
    wide = g_ascii_strtoull(digits, NULL, 10);
    if (errno || *digits == '-') {
        fail(t, "integer does not fit into 64 bits");
        return NULL;
    }
    return qapi_json_uint64_new(wide);
}

static JsonNode *parse_number(JsonText *t)
{
    const char *from = t->pos;
    g_autofree char *digits = NULL;
    bool whole;
    double real;

    if (!scan_number(t, &whole)) {
        return NULL;
    }
    digits = g_strndup(from, t->pos - from);
    if (whole) {
        return parse_integer(t, digits);
    }
    real = g_ascii_strtod(digits, NULL);
    if (!isfinite(real)) {
        fail(t, "number out of range");
        return NULL;
    }
    return json_node_init_double(json_node_alloc(), real);
}

static bool take_word(JsonText *t, const char *word)
{
    size_t len = strlen(word);

    if (t->end - t->pos < len || memcmp(t->pos, word, len) ||
        (t->end - t->pos > len && g_ascii_isalnum(t->pos[len]))) {
        return false;
    }
    t->pos += len;
    return true;
}

static JsonNode *parse_word(JsonText *t)
{
    if (take_word(t, "true")) {
        return json_node_init_boolean(json_node_alloc(), TRUE);
    }
    if (take_word(t, "false")) {
        return json_node_init_boolean(json_node_alloc(), FALSE);
    }
    if (take_word(t, "null")) {
        return json_node_init_null(json_node_alloc());
    }
    fail(t, t->pos < t->end ? "expected a value" : "text ends where a value should be");
    return NULL;
}

/* --- objects and arrays ----------------------------------------------- */

static bool parse_member(JsonText *t, JsonObject *object)
{
    g_autofree char *name = NULL;
    JsonNode *value;

    if (!take(t, '"')) {
        return fail(t, "expected the name of a member in quotes");
    }
    if (!count_token(t)) {
        return false;
    }
    name = parse_string(t);
    if (!name) {
        return false;
    }
    if (json_object_has_member(object, name)) {
        return fail(t, "member given twice");
    }
    if (!take(t, ':')) {
        return fail(t, "expected ':'");
    }
    value = parse_value(t);
    if (!value) {
        return false;
    }
    json_object_set_member(object, name, value);
    return true;
}

static JsonNode *parse_object(JsonText *t)
{
    g_autoptr(JsonObject) object = json_object_new();

    if (!take(t, '}')) {
        do {
            if (!parse_member(t, object)) {
                return NULL;
            }
        } while (take(t, ','));
        if (!take(t, '}')) {
            fail(t, "expected ',' or '}'");
            return NULL;
        }
    }
    return json_node_init_object(json_node_alloc(), object);
}

static JsonNode *parse_array(JsonText *t)
{
    g_autoptr(JsonArray) array = json_array_new();

    if (!take(t, ']')) {
        do {
            JsonNode *value = parse_value(t);

            if (!value) {
                return NULL;
            }
            json_array_add_element(array, value);
        } while (take(t, ','));
        if (!take(t, ']')) {
            fail(t, "expected ',' or ']'");
            return NULL;
        }
    }
    return json_node_init_array(json_node_alloc(), array);
}

static JsonNode *parse_nested(JsonText *t, JsonNode *(*parse)(JsonText *))
{
    JsonNode *node;

    if (t->depth == QAPI_JSON_MAX_DEPTH) {
        fail(t, "nested too deeply");
        return NULL;
    }
    t->depth++;
    node = parse(t);
    t->depth--;
    return node;
}

static JsonNode *parse_value(JsonText *t)
{
    if (!count_token(t)) {
        return NULL;
    }
    if (take(t, '{')) {
        return parse_nested(t, parse_object);
    }
    if (take(t, '[')) {
        return parse_nested(t, parse_array);
    }
    if (take(t, '"')) {
        return parse_string_value(t);
    }
    if (peek(t) == '-' || g_ascii_isdigit(peek(t))) {
        return parse_number(t);
    }
    return parse_word(t);
}

/* --- entry ------------------------------------------------------------ */

JsonNode *qapi_json_parse(const char *text, size_t len, Error **errp)
{
    JsonText t = { .start = text, .pos = text, .end = text + len, .errp = errp };
    g_autoptr(JsonNode) node = NULL;

    if (len > QAPI_JSON_MAX_BYTES) {
        error_setg(errp, "JSON text of %zu bytes is longer than the %u that are taken",
                   len, QAPI_JSON_MAX_BYTES);
        return NULL;
    }
    if (!g_utf8_validate_len(text, len, &t.pos)) {
        fail(&t, "not UTF-8");
        return NULL;
    }
    t.pos = text;
    node = parse_value(&t);
    if (!node) {
        return NULL;
    }
    skip_blanks(&t);
    if (t.pos != t.end) {
        fail(&t, "text after the value");
        return NULL;
    }
    return g_steal_pointer(&node);
}

JsonObject *qapi_json_parse_object(const char *text, size_t len, Error **errp)
{
    g_autoptr(JsonNode) node = qapi_json_parse(text, len, errp);

    if (!node) {
        return NULL;
    }
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        error_setg(errp, "JSON parse error: expected an object: {\"name\": value, ...}");
        return NULL;
    }
    return json_node_dup_object(node);
}
