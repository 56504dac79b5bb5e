/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a line to a row of a table; see command.h. */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "command.h"

#define MAX_WORDS 6
/* What is repeated of a client's text in an answer. */
#define MAX_ECHO 64

static const QtestCommand *const tables[] = {
    qtest_memory_commands, qtest_block_commands, qtest_clock_commands, qtest_irq_commands,
    qtest_other_commands,
};

static const QtestCommand *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
        for (const QtestCommand *row = tables[i]; row->name; row++) {
            if (!strcmp(row->name, name)) {
                return row;
            }
        }
    }
    return NULL;
}

static bool printable(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (line[i] < ' ' || line[i] > '~') {
            return false;
        }
    }
    return true;
}

/* Words end at single spaces; more than max: max + 1. */
static unsigned split(char *line, char **words, unsigned max)
{
    unsigned n = 0;

    while (line && n < max) {
        char *space = strchr(line, ' ');

        if (space) {
            *space++ = '\0';
        }
        words[n++] = line;
        line = space;
    }
    return line ? max + 1 : n;
}

static bool check_count(QtestCall *call)
{
    const QtestCommand *row = call->command;

    if (call->nr >= row->min && call->nr <= row->max) {
        return true;
    }
    if (row->min == row->max) {
        qtest_reply(call->session, "ERR %s takes %u arguments", row->name, row->min);
    } else {
        qtest_reply(call->session, "ERR %s takes %u to %u arguments", row->name, row->min,
                    row->max);
    }
    return false;
}

QtestWhen qtest_command_run(QtestSession *s, char *line, size_t len, QtestDomain **touched)
{
    char *words[MAX_WORDS + 1];
    QtestCall call = { .session = s, .words = words + 1 };
    QtestWhen when;
    unsigned n;

    if (!printable(line, len)) {
        qtest_reply(s, "FAIL a command is one line of printable ASCII");
        return QTEST_NOW;
    }
    n = split(line, words, MAX_WORDS);
    call.nr = n - 1;
    call.command = find(words[0]);
    if (!call.command) {
        qtest_reply(s, "FAIL Unknown command '%.*s'", MAX_ECHO, words[0]);
        return QTEST_NOW;
    }
    if (!check_count(&call)) {
        return QTEST_NOW;
    }
    when = call.command->run(&call);
    *touched = call.touched;
    return when;
}

bool qtest_number(QtestCall *call, unsigned word, uint64_t max, uint64_t *value)
{
    const char *text = call->words[word];

    if (!g_ascii_isdigit(*text) || qemu_strtou64(text, NULL, 0, value) < 0) {
        qtest_reply(call->session, "ERR %s: '%.*s' is not a number", call->command->name,
                    MAX_ECHO, text);
        return false;
    }
    if (*value > max) {
        qtest_reply(call->session, "ERR %s: %.*s is too large, the limit is 0x%" PRIx64,
                    call->command->name, MAX_ECHO, text, max);
        return false;
    }
    return true;
}
