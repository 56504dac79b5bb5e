/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes in on the human monitor: keys through the line editor, whole and
 * in pieces, lines through the parser of their command's words, and what is
 * before the cursor through completion. Nothing is run. The first byte says
 * how long the pieces are. Promises: the same lines and the same screen
 * whatever the pieces; lines are UTF-8 and bounded; output is bounded.
 */
#include "qemu/osdep.h"
#include "monitor/hmp.h"
#include "monitor/readline.h"
#include "qapi/error.h"
#include "qemu/error-report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const char *line)
{
    const char *name = line + strspn(line, " \t");
    size_t len = strcspn(name, " \t/");
    const HmpCommand *row = hmp_find(hmp_commands, name, len);
    JsonObject *args;

    name += len;
    if (row && row->sub) {
        name += strspn(name, " \t");
        len = strcspn(name, " \t");
        row = hmp_find(row->sub, name, len);
        name += len;
    }
    args = row ? hmp_parse_args(row->args, name, NULL) : NULL;
    g_clear_pointer(&args, json_object_unref);
}

static void complete(Readline *rl)
{
    g_autofree char *before = readline_before_cursor(rl);
    size_t typed;
    g_autoptr(GPtrArray) words = hmp_complete(before, &typed);

    g_assert(typed <= strlen(before));
    for (guint i = 0; i < words->len; i++) {
        g_assert(g_str_has_prefix(words->pdata[i], before + strlen(before) - typed));
    }
    readline_complete(rl, typed, (const char *const *)words->pdata, words->len);
}

static void answer(Readline *rl, ReadlineResult r, GString *seen, bool whole)
{
    if (r == READLINE_LINE) {
        g_assert(g_utf8_validate(readline_line(rl), -1, NULL));
        g_assert(strlen(readline_line(rl)) <= READLINE_MAX_LINE);
        g_string_append_printf(seen, "<%s>", readline_line(rl));
        if (whole) {
            parse(readline_line(rl));
        }
    }
    if (r == READLINE_LINE || r == READLINE_TOO_LONG) {
        readline_prompt(rl);
    } else if (r == READLINE_COMPLETE) {
        complete(rl);
    }
}

static void take_output(Readline *rl, GString *seen)
{
    GString *out = readline_output(rl);

    g_assert(out->len < READLINE_MAX_OUTPUT + (1 << 20));
    g_string_append_len(seen, out->str, out->len);
    g_string_truncate(out, 0);
}

static GString *feed(const char *data, size_t size, size_t piece, bool whole)
{
    Readline *rl = readline_new("> ");
    GString *seen = g_string_new(NULL);

    readline_prompt(rl);
    while (size) {
        size_t used, len = MIN(piece, size);
        ReadlineResult r = readline_feed(rl, data, len, &used);

        g_assert(used <= len && (used || r == READLINE_PAUSE));
        take_output(rl, seen);
        answer(rl, r, seen, whole);
        take_output(rl, seen);
        data += used;
        size -= used;
    }
    readline_free(rl);
    return seen;
}

/* Tabs that arrive together are answered together, so they are no subject for pieces. */
static bool has_tabs(const uint8_t *data, size_t size)
{
    for (size_t i = 1; i < size; i++) {
        if (data[i - 1] == '\t' && data[i] == '\t') {
            return true;
        }
    }
    return false;
}

static bool swallow(const char *text, bool unless_qmp)
{
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GString *whole, *pieces;

    if (!size) {
        return 0;
    }
    error_report_set_sink(swallow);
    whole = feed((const char *)data + 1, size - 1, size, true);
    pieces = feed((const char *)data + 1, size - 1, 1 + data[0] % 16, false);
    g_assert(has_tabs(data + 1, size - 1) || !strcmp(whole->str, pieces->str));
    g_string_free(whole, TRUE);
    g_string_free(pieces, TRUE);
    return 0;
}
