/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -readconfig: QEMU's format.
 *
 *   # comment
 *   [device "d0"]
 *     driver = "edu"
 *
 * A group is one use of the option of its name. It is handed on when the next
 * one begins, with the line of its head as its place.
 */
#include "qemu/osdep.h"
#include "config-file.h"

#define GROUP_TEXT_MAX 65536

typedef enum GroupId {
    ID_NONE,                    /* [machine] */
    ID_TAKEN,                   /* [device "d0"]: id=d0 */
    ID_DROPPED,                 /* [mon "m0"]: a name for people */
} GroupId;

typedef struct GroupRow {
    const char *name;           /* of the group, and of the option unless that is given */
    GroupId id;
} GroupRow;

static const GroupRow group_rows[] = {
    { "machine", ID_NONE }, { "device", ID_TAKEN }, { "object", ID_TAKEN },
    { "chardev", ID_TAKEN }, { "mon", ID_DROPPED }, { "global", ID_NONE },
    { "name", ID_NONE }, { "action", ID_NONE }, { "msg", ID_NONE }, { "trace", ID_NONE },
};

typedef struct IniReader {
    StartupConfig *config;
    const char *path;
    unsigned line;
    const GroupRow *group;      /* NULL: before the first one */
    unsigned group_line;
    GString *text;              /* of the option */
    char *driver, *property, *value;        /* of [global] */
} IniReader;

static const GroupRow *find_group(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(group_rows); i++) {
        if (!strcmp(group_rows[i].name, name)) {
            return &group_rows[i];
        }
    }
    return NULL;
}

/* -global has one word where the file has three lines. */
static bool end_global(IniReader *r, Error **errp)
{
    if (!r->driver || !r->property || !r->value) {
        error_setg(errp, "[global] needs driver, property and value");
        return false;
    }
    g_string_printf(r->text, "%s.%s=%s", r->driver, r->property, r->value);
    g_clear_pointer(&r->driver, g_free);
    g_clear_pointer(&r->property, g_free);
    g_clear_pointer(&r->value, g_free);
    return true;
}

static bool end_group(IniReader *r, Error **errp)
{
    if (!r->group) {
        return true;
    }
    config_file_at(r->config, r->path, r->group_line);
    return (strcmp(r->group->name, "global") || end_global(r, errp)) &&
           config_file_apply(r->config, r->group->name, r->text->str, errp);
}

static bool begin_group(IniReader *r, const char *name, const char *id, Error **errp)
{
    const GroupRow *row = find_group(name);

    config_file_at(r->config, r->path, r->line);
    if (!row) {
        g_autofree char *known = NULL;
        GString *names = g_string_new(NULL);

        for (size_t i = 0; i < ARRAY_SIZE(group_rows); i++) {
            g_string_append_printf(names, "%s%s", i ? ", " : "", group_rows[i].name);
        }
        known = g_string_free(names, FALSE);
        error_setg(errp, "There is no option group '%s': there are %s", name, known);
        return false;
    }
    if (id && row->id == ID_NONE) {
        error_setg(errp, "[%s] takes no name: leave \"%s\" out", name, id);
        return false;
    }
    r->group = row;
    r->group_line = r->line;
    g_string_truncate(r->text, 0);
    if (id && row->id == ID_TAKEN) {
        config_file_append(r->text, "id", id);
    }
    return true;
}

/* @line is "[...]"; cut up in place. */
static bool take_head(IniReader *r, char *line, Error **errp)
{
    char *name = line + 1;
    char *id = NULL;

    line[strlen(line) - 1] = '\0';
    g_strstrip(name);
    id = strpbrk(name, " \t");
    if (id) {
        *id++ = '\0';
        id = g_strstrip(id);
        if (strlen(id) < 2 || *id != '"' || strchr(id + 1, '"') != id + strlen(id) - 1) {
            error_setg(errp, "expected [GROUP] or [GROUP \"ID\"]");
            return false;
        }
        id[strlen(id) - 1] = '\0';
        id++;
    }
    return end_group(r, errp) && begin_group(r, name, id, errp);
}

static bool keep_global(IniReader *r, const char *key, const char *value, Error **errp)
{
    char **place = !strcmp(key, "driver") ? &r->driver : !strcmp(key, "property") ? &r->property :
                   !strcmp(key, "value") ? &r->value : NULL;

    if (!place) {
        error_setg(errp, "Invalid parameter '%s': [global] has driver, property and value", key);
        return false;
    }
    g_free(*place);
    *place = g_strdup(value);
    return true;
}

static bool keep(IniReader *r, const char *key, const char *value, Error **errp)
{
    if (!r->group) {
        error_setg(errp, "no group defined: a line like [device \"d0\"] has to come first");
        return false;
    }
    if (!config_file_key_ok(key)) {
        error_setg(errp, "Invalid parameter '%s'", key);
        return false;
    }
    if (!strcmp(r->group->name, "global")) {
        return keep_global(r, key, value, errp);
    }
    if (r->text->len + strlen(value) > GROUP_TEXT_MAX) {
        error_setg(errp, "the group is longer than %u bytes", GROUP_TEXT_MAX);
        return false;
    }
    config_file_append(r->text, key, value);
    return true;
}

/* KEY = "VALUE"; cut up in place. */
static bool take_value(IniReader *r, char *line, Error **errp)
{
    char *value = strchr(line, '=');
    char *end = value ? strrchr(value, '"') : NULL;

    if (value) {
        *value++ = '\0';
        value += strspn(value, " \t");
    }
    if (!end || *value != '"' || end == value || end[1] || strchr(value + 1, '"') != end) {
        error_setg(errp, "parse error: expected [GROUP], [GROUP \"ID\"] or KEY = \"VALUE\"");
        return false;
    }
    *end = '\0';
    return keep(r, g_strchomp(line), value + 1, errp);
}

/* @line without its end; may be changed. */
static bool take_line(IniReader *r, char *line, Error **errp)
{
    config_file_at(r->config, r->path, r->line);
    line = g_strstrip(line);
    if (!*line || *line == '#') {
        return true;
    }
    if (*line == '[' && line[strlen(line) - 1] == ']') {
        return take_head(r, line, errp);
    }
    return take_value(r, line, errp);
}

static bool take_file(IniReader *r, char *text, Error **errp)
{
    while (text) {
        char *eol = strchr(text, '\n');

        if (eol) {
            *eol++ = '\0';
        }
        r->line++;
        if (!take_line(r, text, errp)) {
            return false;
        }
        text = eol;
    }
    return end_group(r, errp);
}

bool option_readconfig(StartupConfig *config, const char *arg, Error **errp)
{
    size_t len;
    g_autofree char *text = config_file_read(arg, &len, errp);
    IniReader r = { .config = config, .path = arg };
    bool ok;

    if (!text) {
        return false;
    }
    r.text = g_string_new(NULL);
    ok = take_file(&r, text, errp);
    g_string_free(r.text, TRUE);
    g_free(r.driver);
    g_free(r.property);
    g_free(r.value);
    return ok;
}
