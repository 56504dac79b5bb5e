/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of the human monitor: which command, its run, its errors; and help. */
#include "qemu/osdep.h"
#include "hmp.h"
#include "monitor-int.h"
#include "qapi/qmp-registry.h"

/* ---- rows ---- */

static bool has_spelling(const char *spellings, const char *name, size_t len)
{
    while (spellings) {
        size_t n = strcspn(spellings, "|");

        if (n == len && !memcmp(spellings, name, len)) {
            return true;
        }
        spellings = spellings[n] ? spellings + n + 1 : NULL;
    }
    return false;
}

const HmpCommand *hmp_find(const HmpCommand *table, const char *name, size_t len)
{
    for (const HmpCommand *row = table; row->name; row++) {
        if (has_spelling(row->name, name, len)) {
            return row;
        }
    }
    return NULL;
}

/* ---- help ---- */

static void help_row(Monitor *mon, const char *before, const HmpCommand *row)
{
    monitor_printf(mon, "%s%s%s%s -- %s\n", before, row->name, row->params ? " " : "",
                   row->params ?: "", row->help);
}

static void help_table(Monitor *mon, const char *before, const HmpCommand *table)
{
    for (const HmpCommand *row = table; row->name; row++) {
        help_row(mon, before, row);
    }
}

static void help_sub(Monitor *mon, const HmpCommand *row, const char *name, Error **errp)
{
    g_autofree char *before = g_strdup_printf("%s ", row->name);
    const HmpCommand *sub = name ? hmp_find(row->sub, name, strlen(name)) : NULL;

    if (sub) {
        help_row(mon, before, sub);
    } else if (name) {
        error_setg(errp, "unknown command: '%s %s'", row->name, name);
    } else {
        help_table(mon, before, row->sub);
    }
}

void hmp_help(Monitor *mon, JsonObject *args, Error **errp)
{
    const char *name = json_object_get_string_member_with_default(args, "name", NULL);
    const char *sub = json_object_get_string_member_with_default(args, "sub", NULL);
    const HmpCommand *row = name ? hmp_find(hmp_commands, name, strlen(name)) : NULL;

    if (!name) {
        help_table(mon, "", hmp_commands);
    } else if (!row) {
        error_setg(errp, "unknown command: '%s'", name);
    } else if (row->sub) {
        help_sub(mon, row, sub, errp);
    } else {
        help_row(mon, "", row);
        if (row->run == hmp_log) {
            hmp_log_items(mon);
        }
    }
}

/* ---- running ---- */

static void report_error(Monitor *mon, Error *err)
{
    const char *hint = error_get_hint(err);

    monitor_printf(mon, "Error: %s\n%s", error_get_pretty(err), hint ?: "");
    error_free(err);
}

static void run_qmp(Monitor *mon, const HmpCommand *row, JsonObject *args, Error **errp)
{
    g_autoptr(JsonNode) answer = qmp_call(row->qmp, args, errp);

    if (answer && row->render) {
        row->render(mon, answer);
    }
}

static void run_row(Monitor *mon, const HmpCommand *row, JsonObject *args)
{
    Error *err = NULL;

    if (row->run) {
        row->run(mon, args, &err);
    } else {
        run_qmp(mon, row, args, &err);
    }
    if (err) {
        report_error(mon, err);
    }
}

/* The name ends at a space, or where a format begins: "x/4xw". */
static size_t name_length(const char *text)
{
    return strcspn(text, " \t/");
}

static void wrong_usage(Monitor *mon, const char *name, int len, Error *err)
{
    monitor_printf(mon, "%.*s: %s\nTry \"help %.*s\" for more information\n", len, name,
                   error_get_pretty(err), len, name);
    error_free(err);
}

static void run(Monitor *mon, const char *line)
{
    const char *name = line + strspn(line, " \t");
    size_t len = name_length(name);
    const HmpCommand *row = hmp_find(hmp_commands, name, len);
    g_autoptr(JsonObject) args = NULL;
    const char *rest = name + len;
    Error *err = NULL;

    if (!*name) {
        return;
    }
    if (row && row->sub) {
        const char *word = rest + strspn(rest, " \t");

        if (!*word) {
            help_sub(mon, row, NULL, &error_abort);
            return;
        }
        len = word - name + strcspn(word, " \t");
        rest = name + len;
        row = hmp_find(row->sub, word, rest - word);
    }
    if (!row) {
        monitor_printf(mon, "unknown command: '%.*s'\n", (int)len, name);
        return;
    }
    args = hmp_parse_args(row->args, rest, &err);
    if (args) {
        run_row(mon, row, args);
    } else {
        wrong_usage(mon, name, len, err);
    }
}

void hmp_run_line(Monitor *mon, const char *line)
{
    Monitor *old = monitor_set_cur(mon);

    run(mon, line);
    monitor_set_cur(old);
}
