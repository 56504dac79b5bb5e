/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The short spelling of -serial, -monitor and -qtest: "unix:PATH,server=on".
 * It is turned into the options of -chardev.
 */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>

#include "internal.h"

/* Up to a single comma, of which two stand for one; *rest: behind it, NULL at the end. */
static char *next_part(const char *text, const char **rest)
{
    GString *part = g_string_new(NULL);

    *rest = NULL;
    while (*text) {
        if (*text == ',' && *++text != ',') {
            *rest = text;
            break;
        }
        g_string_append_c(part, *text++);
    }
    return g_string_free(part, FALSE);
}

/* "server", "nowait": what QEMU understands without a value. */
static void put_switch(JsonObject *opts, const char *word)
{
    bool off = g_str_has_prefix(word, "no") && strcmp(word, "nodelay");

    json_object_set_string_member(opts, word + (off ? 2 : 0), off ? "off" : "on");
}

static void put_part(JsonObject *opts, const char *part)
{
    const char *sign = strchr(part, '=');

    if (sign) {
        g_autofree char *name = g_strndup(part, sign - part);

        json_object_set_string_member(opts, name, sign + 1);
    } else if (*part) {
        put_switch(opts, part);
    }
}

static bool put_tcp(JsonObject *opts, const char *where, Error **errp)
{
    const char *colon = strrchr(where, ':');
    g_autofree char *host = NULL;

    if (!colon) {
        error_setg(errp, "the port is missing in 'tcp:%s': write tcp:HOST:PORT", where);
        return false;
    }
    host = g_strndup(where, colon - where);
    json_object_set_string_member(opts, "host", host);
    json_object_set_string_member(opts, "port", colon + 1);
    return true;
}

/* What stands in front of the first comma. */
static bool put_first(JsonObject *opts, const char *part, Error **errp)
{
    static const char *const plain[] = { "null", "stdio", "pty", "ringbuf", NULL };
    static const struct { const char *prefix, *backend; } with_path[] = {
        { "file:", "file" }, { "pipe:", "pipe" }, { "unix:", "socket" },
    };

    if (g_strv_contains(plain, part)) {
        json_object_set_string_member(opts, "backend", part);
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(with_path); i++) {
        if (g_str_has_prefix(part, with_path[i].prefix)) {
            json_object_set_string_member(opts, "backend", with_path[i].backend);
            json_object_set_string_member(opts, "path", part + strlen(with_path[i].prefix));
            return true;
        }
    }
    if (g_str_has_prefix(part, "tcp:")) {
        json_object_set_string_member(opts, "backend", "socket");
        return put_tcp(opts, part + strlen("tcp:"), errp);
    }
    error_setg(errp, "'%s' is not a character device: use null, stdio, pty, ringbuf, file:PATH,"
               " pipe:PATH, unix:PATH or tcp:HOST:PORT", part);
    return false;
}

Chardev *chardev_new_from_short(const char *label, const char *spec, Error **errp)
{
    g_autoptr(JsonObject) opts = json_object_new();
    const char *rest;
    g_autofree char *first = next_part(spec, &rest);

    if (g_str_has_prefix(spec, "chardev:")) {
        return chardev_find(spec + strlen("chardev:"), errp);
    }
    if (!put_first(opts, first, errp)) {
        return NULL;
    }
    while (rest) {
        g_autofree char *part = next_part(rest, &rest);

        put_part(opts, part);
    }
    json_object_set_string_member(opts, "id", label);
    return chardev_new_from_options(opts, errp);
}

Chardev *qemu_chr_new(const char *label, const char *filename, GMainContext *context)
{
    Error *err = NULL;
    Chardev *chr = chardev_new_from_short(label, filename, &err);

    if (!chr) {
        error_report_err(err);
    }
    return chr;
}
