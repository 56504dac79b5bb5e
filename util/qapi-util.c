/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enumerations and names as QAPI spells them. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/util.h"

const char *qapi_enum_lookup(const QEnumLookup *lookup, int val)
{
    g_assert(val >= 0 && val < lookup->size);
    return lookup->array[val];
}

int qapi_enum_parse(const QEnumLookup *lookup, const char *buf, int def, Error **errp)
{
    if (!buf) {
        return def;
    }
    for (int i = 0; i < lookup->size; i++) {
        if (g_strcmp0(buf, lookup->array[i]) == 0) {
            return i;
        }
    }
    error_setg(errp, "invalid parameter value: %s", buf);
    return def;
}

bool qapi_bool_parse(const char *name, const char *value, bool *obj, Error **errp)
{
    static const char *const yes[] = { "on", "yes", "true", "y", NULL };
    static const char *const no[] = { "off", "no", "false", "n", NULL };

    *obj = g_strv_contains(yes, value);
    if (!*obj && !g_strv_contains(no, value)) {
        error_setg(errp, "Parameter '%s' expects 'on' or 'off', not '%s'", name, value);
        return false;
    }
    return true;
}

/*
 * [__rfqdn_]name: a downstream prefix is two underscores, a domain name and one
 * more; the rest is a letter, then letters, digits, '-' and '_'.
 */
int parse_qapi_name(const char *name, bool complete)
{
    const char *p = name;

    if (g_str_has_prefix(p, "__")) {
        p += 2;
        while (g_ascii_isalnum(*p) || *p == '-' || *p == '.') {
            p++;
        }
        if (*p++ != '_') {
            return -1;
        }
    }
    if (!g_ascii_isalpha(*p)) {
        return -1;
    }
    while (g_ascii_isalnum(*p) || *p == '-' || *p == '_') {
        p++;
    }
    return complete && *p ? -1 : p - name;
}
