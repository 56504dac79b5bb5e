/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The -trace option: which events to switch on, from the command line or a file. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "trace/control.h"

static char *trace_file;

static bool enable_from_file(const char *path, Error **errp)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) gerr = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, &gerr)) {
        error_setg(errp, "-trace events=%s: %s", path, gerr->message);
        return false;
    }
    lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i]; i++) {
        const char *line = g_strstrip(lines[i]);

        if (*line && *line != '#' && !trace_enable_events(line, errp)) {
            error_prepend(errp, "%s:%zu: ", path, i + 1);
            return false;
        }
    }
    return true;
}

static bool set_file(const char *path, Error **errp)
{
    g_free(trace_file);
    trace_file = g_strdup(path);
    return true;
}

static bool set_enable(const char *pattern, Error **errp)
{
    if (g_str_equal(pattern, "help") || g_str_equal(pattern, "?")) {
        trace_list_events(stdout);
        exit(EXIT_SUCCESS);
    }
    return trace_enable_events(pattern, errp);
}

static const struct {
    const char *key;
    bool (*set)(const char *value, Error **errp);
} trace_keys[] = {
    { "enable=", set_enable },
    { "events=", enable_from_file },
    { "file=", set_file },
};

static bool parse_item(const char *item, Error **errp)
{
    for (size_t i = 0; i < ARRAY_SIZE(trace_keys); i++) {
        if (g_str_has_prefix(item, trace_keys[i].key)) {
            return trace_keys[i].set(item + strlen(trace_keys[i].key), errp);
        }
    }
    if (strchr(item, '=')) {
        error_setg(errp, "-trace: unknown parameter '%s' (known: enable=, events=, file=)", item);
        return false;
    }
    return set_enable(item, errp);
}

bool trace_opt_parse(const char *optarg, Error **errp)
{
    ERRP_GUARD();
    g_auto(GStrv) items = g_strsplit(optarg, ",", -1);

    for (size_t i = 0; items[i]; i++) {
        if (*items[i] && !parse_item(items[i], errp)) {
            return false;
        }
    }
    return true;
}

bool trace_init_file(Error **errp)
{
    return !trace_file || qemu_set_log_filename(trace_file, errp);
}
