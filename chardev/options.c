/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the words of -chardev to a Chardev; and what -chardev help says. */
#include "qemu/osdep.h"
#include <json-glib/json-glib.h>

#include "internal.h"
#include "qapi/util.h"

/* Options that every back end of QEMU has and none here; each with its reason. */
static const struct {
    const char *name;
    const char *harmless;
    const char *reason;
} absent[] = {
    { "mux", "off", "there is no multiplexer: give each user a chardev of its own" },
    { "telnet", "off", "telnet is not spoken here: use a plain socket" },
    { "tn3270", "off", "telnet is not spoken here: use a plain socket" },
    { "websocket", "off", "websockets are not spoken here: use a plain socket" },
    { "tls-creds", NULL, "there is no TLS here: use a UNIX socket, or a tunnel" },
    { "tls-authz", NULL, "there is no TLS here: use a UNIX socket, or a tunnel" },
    { "abstract", "off", "abstract sockets have no access rights: use a path" },
    { "tight", "on", "abstract sockets have no access rights: use a path" },
    { "to", NULL, "ports are not tried in turn: port=0 lets the system choose one" },
    { "ipv4", "on", "the form of host= says which protocol it is" },
    { "ipv6", "on", "the form of host= says which protocol it is" },
};

const char *chardev_opt(JsonObject *opts, const char *name)
{
    return json_object_get_string_member_with_default(opts, name, NULL);
}

bool chardev_opt_bool(JsonObject *opts, const char *name, bool *has, bool *value, Error **errp)
{
    const char *text = chardev_opt(opts, name);

    *has = text != NULL;
    return !text || qapi_bool_parse(name, text, value, errp);
}

bool chardev_opt_int(JsonObject *opts, const char *name, int64_t min, int64_t max, bool *has,
                     int64_t *value, Error **errp)
{
    const char *text = chardev_opt(opts, name);
    gint64 n;

    *has = text != NULL;
    if (!text) {
        return true;
    }
    if (!g_ascii_string_to_signed(text, 10, min, max, &n, NULL)) {
        error_setg(errp, "Parameter '%s' expects a number from %" PRId64 " to %" PRId64
                   ", not '%s'", name, min, max, text);
        return false;
    }
    *value = n;
    return true;
}

ChardevClass *chardev_class_by_name(const char *name, Error **errp)
{
    g_autofree char *type = g_strconcat("chardev-", name, NULL);
    ObjectClass *oc = object_class_by_name(type);

    if (!oc || !object_class_dynamic_cast(oc, TYPE_CHARDEV) || object_class_is_abstract(oc) ||
        CHARDEV_CLASS(oc)->internal) {
        error_setg(errp, "'%s' is not a valid char driver name: -chardev help lists them", name);
        return NULL;
    }
    return CHARDEV_CLASS(oc);
}

/* ---- checking ---- */

static bool check_absent(const char *name, const char *value, Error **errp)
{
    for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
        if (!strcmp(absent[i].name, name)) {
            if (absent[i].harmless && !strcmp(absent[i].harmless, value)) {
                return true;
            }
            error_setg(errp, "%s=%s: %s", name, value, absent[i].reason);
            return false;
        }
    }
    error_setg(errp, "Invalid parameter '%s'", name);
    return false;
}

static bool is_option(const ChardevClass *cc, const char *name)
{
    for (const ChardevOption *row = cc->options; row && row->name; row++) {
        if (!strcmp(row->name, name)) {
            return true;
        }
    }
    return !strcmp(name, "id") || !strcmp(name, "backend");
}

static bool check_names(const ChardevClass *cc, JsonObject *opts, Error **errp)
{
    g_autoptr(GList) names = json_object_get_members(opts);

    for (GList *l = names; l; l = l->next) {
        const char *name = l->data;
        const char *value = chardev_opt(opts, name);

        if (!is_option(cc, name) && !check_absent(name, value ?: "", errp)) {
            return false;
        }
    }
    return true;
}

/* ---- making ---- */

static bool parse_common(JsonObject *opts, ChardevBackend *backend, Error **errp)
{
    ChardevCommon *common = (ChardevCommon *)backend->u.null.data;

    common->logfile = g_strdup(chardev_opt(opts, "logfile"));
    return chardev_opt_bool(opts, "logappend", &common->has_logappend, &common->logappend, errp);
}

static ChardevBackend *parse(ChardevClass *cc, const char *name, JsonObject *opts, Error **errp)
{
    g_autoptr(ChardevBackend) backend = g_new0(ChardevBackend, 1);
    int kind = qapi_enum_parse(&ChardevBackendKind_lookup, name, -1, errp);

    if (kind < 0) {
        return NULL;
    }
    backend->type = kind;
    if (!cc->parse) {
        backend->u.null.data = g_new0(ChardevCommon, 1);
    } else if (!cc->parse(opts, backend, errp)) {
        return NULL;
    }
    return parse_common(opts, backend, errp) ? g_steal_pointer(&backend) : NULL;
}

static ChardevBackend *read_options(JsonObject *opts, ChardevClass **cc, Error **errp)
{
    const char *name = chardev_opt(opts, "backend");
    const char *id = chardev_opt(opts, "id");

    if (!name) {
        error_setg(errp, "chardev: \"%s\" missing backend: -chardev help lists them", id ?: "");
        return NULL;
    }
    *cc = chardev_class_by_name(name, errp);
    if (!*cc) {
        return NULL;
    }
    if (!id) {
        error_setg(errp, "chardev: no id specified: add id=ID");
        return NULL;
    }
    return check_names(*cc, opts, errp) ? parse(*cc, name, opts, errp) : NULL;
}

bool chardev_options_check(JsonObject *opts, Error **errp)
{
    ChardevClass *cc;
    g_autoptr(ChardevBackend) backend = read_options(opts, &cc, errp);

    return backend != NULL;
}

Chardev *chardev_new_from_options(JsonObject *opts, Error **errp)
{
    ChardevClass *cc;
    g_autoptr(ChardevBackend) backend = read_options(opts, &cc, errp);

    return backend ? qemu_chardev_new(chardev_opt(opts, "id"),
                                      object_class_get_name(OBJECT_CLASS(cc)), backend, NULL,
                                      errp) : NULL;
}

/* ---- help ---- */

GList *chardev_backend_names(void)
{
    g_autoptr(GSList) classes = object_class_get_list_sorted(TYPE_CHARDEV, false);
    GList *names = NULL;

    for (GSList *l = classes; l; l = l->next) {
        if (!CHARDEV_CLASS(l->data)->internal) {
            const char *type = object_class_get_name(l->data);

            names = g_list_prepend(names, g_strdup(type + strlen("chardev-")));
        }
    }
    return g_list_reverse(names);
}

static char *help_of_one(const char *name, Error **errp)
{
    ChardevClass *cc = chardev_class_by_name(name, errp);
    GString *text;

    if (!cc) {
        return NULL;
    }
    text = g_string_new(NULL);
    g_string_printf(text, "%s options:\n", name);
    for (const ChardevOption *row = cc->options; row && row->name; row++) {
        g_string_append_printf(text, "  %s=<%s> - %s\n", row->name, row->type, row->help);
    }
    return g_string_free(text, FALSE);
}

char *chardev_help(const char *name, Error **errp)
{
    GList *names;
    GString *text;

    if (name) {
        return help_of_one(name, errp);
    }
    names = chardev_backend_names();
    text = g_string_new("Available chardev backend types: \n");
    for (GList *l = names; l; l = l->next) {
        g_string_append_printf(text, "  %s\n", (char *)l->data);
    }
    g_list_free_full(names, g_free);
    return g_string_free(text, FALSE);
}
