/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small state machine over bytes; its states are in the header. */
#include "qemu/osdep.h"
#include "qapi/json.h"
#include "json-framer.h"

/* A buffer that one big message has grown is given back after it. */
#define KEEP_BYTES 4096

void json_framer_init(JsonFramer *f)
{
    f->state = JSON_FRAMER_BETWEEN;
    f->depth = 0;
    f->text = g_string_new(NULL);
}

void json_framer_clear(JsonFramer *f)
{
    g_string_free(f->text, TRUE);
    f->text = NULL;
}

static void restart(JsonFramer *f)
{
    if (f->text->allocated_len > KEEP_BYTES) {
        g_string_free(f->text, TRUE);
        f->text = g_string_new(NULL);
    } else {
        g_string_truncate(f->text, 0);
    }
    f->depth = 0;
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_open(unsigned char c)
{
    return c == '{' || c == '[';
}

static bool is_close(unsigned char c)
{
    return c == '}' || c == ']';
}

static JsonFramerResult refuse(JsonFramer *f, unsigned char c, Error **errp, const char *why)
{
    error_setg(errp, "JSON parse error, %s", why);
    restart(f);
    f->state = c == '\n' ? JSON_FRAMER_BETWEEN : JSON_FRAMER_SKIP;
    return JSON_FRAMER_ERROR;
}

static JsonFramerResult open_bracket(JsonFramer *f, unsigned char c, Error **errp)
{
    if (f->depth == QAPI_JSON_MAX_DEPTH) {
        return refuse(f, c, errp, "nesting depth limit exceeded");
    }
    f->depth++;
    f->state = JSON_FRAMER_NESTED;
    return JSON_FRAMER_MORE;
}

static JsonFramerResult close_bracket(JsonFramer *f)
{
    if (--f->depth) {
        return JSON_FRAMER_MORE;
    }
    f->state = JSON_FRAMER_BETWEEN;
    return JSON_FRAMER_MESSAGE;
}

static JsonFramerResult step_between(JsonFramer *f, unsigned char c, Error **errp)
{
    if (is_space(c)) {
        g_string_truncate(f->text, 0);
        return JSON_FRAMER_MORE;
    }
    if (is_close(c)) {
        return refuse(f, c, errp, "a closing bracket without an opening one");
    }
    if (is_open(c)) {
        return open_bracket(f, c, errp);
    }
    f->state = JSON_FRAMER_BARE;
    return JSON_FRAMER_MORE;
}

static JsonFramerResult step_nested(JsonFramer *f, unsigned char c, Error **errp)
{
    if (is_open(c)) {
        return open_bracket(f, c, errp);
    }
    if (is_close(c)) {
        return close_bracket(f);
    }
    if (c == '"') {
        f->state = JSON_FRAMER_STRING;
    }
    return JSON_FRAMER_MORE;
}

static JsonFramerResult step_string(JsonFramer *f, unsigned char c)
{
    if (f->state == JSON_FRAMER_ESCAPE) {
        f->state = JSON_FRAMER_STRING;
    } else if (c == '\\') {
        f->state = JSON_FRAMER_ESCAPE;
    } else if (c == '"') {
        f->state = JSON_FRAMER_NESTED;
    }
    return JSON_FRAMER_MORE;
}

static JsonFramerResult step_bare(JsonFramer *f, unsigned char c)
{
    if (c != '\n') {
        return JSON_FRAMER_MORE;
    }
    f->state = JSON_FRAMER_BETWEEN;
    return JSON_FRAMER_MESSAGE;
}

static const char *impossible(const JsonFramer *f, unsigned char c)
{
    bool string = f->state == JSON_FRAMER_STRING || f->state == JSON_FRAMER_ESCAPE;

    if (c < 0x20 && (string || !is_space(c))) {
        return string ? "control character in a string" : "control character";
    }
    if (c >= 0x7f && !string && f->state != JSON_FRAMER_BARE) {
        return "byte outside ASCII outside of a string";
    }
    return NULL;
}

static JsonFramerResult step(JsonFramer *f, unsigned char c, Error **errp)
{
    const char *why = impossible(f, c);

    if (why) {
        return refuse(f, c, errp, why);
    }
    if (f->text->len == QAPI_JSON_MAX_BYTES) {
        return refuse(f, c, errp, "message size limit exceeded");
    }
    g_string_append_c(f->text, c);
    switch (f->state) {
    case JSON_FRAMER_BETWEEN:
        return step_between(f, c, errp);
    case JSON_FRAMER_NESTED:
        return step_nested(f, c, errp);
    case JSON_FRAMER_BARE:
        return step_bare(f, c);
    default:
        return step_string(f, c);
    }
}

JsonFramerResult json_framer_feed(JsonFramer *f, const char *data, size_t len,
                                  size_t *used, Error **errp)
{
    JsonFramerResult result = JSON_FRAMER_MORE;
    size_t i = 0;

    if (f->state == JSON_FRAMER_BETWEEN) {
        restart(f);
    }
    while (i < len && result == JSON_FRAMER_MORE) {
        unsigned char c = data[i++];

        if (f->state != JSON_FRAMER_SKIP) {
            result = step(f, c, errp);
        } else if (c == '\n') {
            f->state = JSON_FRAMER_BETWEEN;
        }
    }
    *used = i;
    return result;
}
