/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads "unix:PATH,server=on,wait=off" and its relatives.
 *
 * server and wait are the two options that change what a user sees, so both
 * are looked at: this program only ever listens, and never waits for a client
 * before it starts. A doubled comma stands for a comma in the path.
 */
#include "qemu/osdep.h"
#include "qmp-spec.h"

typedef struct SpecOptions {
    bool server;
    bool wait;
} SpecOptions;

/* The text up to the next single comma; *rest is behind it, or NULL. */
static char *next_part(const char *text, const char **rest)
{
    GString *part = g_string_new(NULL);

    while (*text) {
        if (*text == ',' && *++text != ',') {
            *rest = text;
            return g_string_free(part, FALSE);
        }
        g_string_append_c(part, *text++);
    }
    *rest = NULL;
    return g_string_free(part, FALSE);
}

static bool read_switch(const char *part, const char *name, bool *value)
{
    size_t len = strlen(name);

    if (!g_str_has_prefix(part, name) || (part[len] && part[len] != '=')) {
        return false;
    }
    *value = !part[len] || !strcmp(part + len, "=on");
    return *value || !strcmp(part + len, "=off");
}

static bool read_option(SpecOptions *o, const char *part, Error **errp)
{
    bool nowait = false;

    if (read_switch(part, "server", &o->server) || read_switch(part, "wait", &o->wait)) {
        return true;
    }
    if (read_switch(part, "nowait", &nowait)) {
        o->wait = !nowait;
        return true;
    }
    error_setg(errp, "'%s' is not an option of a monitor's address: use server=on and"
               " wait=off", part);
    return false;
}

static bool check_options(const IOAddress *addr, const SpecOptions *o, Error **errp)
{
    if (addr->kind == IO_ADDRESS_STDIO) {
        return true;
    }
    if (!o->server) {
        error_setg(errp, "this program does not connect to a client: add ,server=on,wait=off");
        return false;
    }
    if (o->wait) {
        error_setg(errp, "waiting for a client before the start is not supported:"
                   " add ,wait=off");
        return false;
    }
    return true;
}

bool qmp_spec_parse(const char *spec, IOAddress *addr, Error **errp)
{
    SpecOptions o = { .server = false, .wait = true };
    const char *rest;
    g_autofree char *address = next_part(spec, &rest);
    g_auto(IOAddress) parsed = { 0 };

    if (!io_address_parse(address, &parsed, errp)) {
        return false;
    }
    while (rest) {
        g_autofree char *part = next_part(rest, &rest);
        if (!read_option(&o, part, errp)) {
            return false;
        }
    }
    if (!check_options(&parsed, &o, errp)) {
        return false;
    }
    *addr = parsed;
    parsed = (IOAddress) { 0 };
    return true;
}
