/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which argument the cursor is in, and so whose source is asked. The words are
 * taken as they stand, without quotes: nothing that can be completed needs any.
 */
#include "qemu/osdep.h"
#include "hmp-sources.h"

static bool printable(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text <= 0x20 || *text == 0x7f) {
            return false;
        }
    }
    return true;
}

/* What holds spaces could not be read back, what holds control characters not be shown. */
void hmp_offer(HmpCompletion *c, const char *text, const char *end)
{
    if (g_str_has_prefix(text, c->typed) && printable(text)) {
        g_ptr_array_add(c->words, g_strconcat(text, end, NULL));
    }
}

static void offer_names(HmpCompletion *c, const HmpCommand *table)
{
    for (const HmpCommand *row = table; row->name; row++) {
        g_auto(GStrv) names = g_strsplit(row->name, "|", -1);

        for (char **name = names; *name; name++) {
            hmp_offer(c, *name, " ");
        }
    }
}

void hmp_source_command(HmpCompletion *c)
{
    offer_names(c, hmp_commands);
}

void hmp_source_subcommand(HmpCompletion *c)
{
    const char *name = g_ptr_array_index(c->before, 0);
    const HmpCommand *row = hmp_find(hmp_commands, name, strlen(name));

    if (row && row->sub) {
        offer_names(c, row->sub);
    }
}

/* ---- the row of the word under the cursor ---- */

static const HmpArg *option_row(const HmpArg *rows, const char *word)
{
    for (; rows->name; rows++) {
        if (rows->option && !strcmp(rows->option, word)) {
            return rows;
        }
    }
    return NULL;
}

static bool is_format(const HmpArg *row, const char *word)
{
    return row->type == HMP_FORMAT && *word == '/';
}

/* The first row at or behind @row that its place announces and that @word can be. */
static const HmpArg *placed(const HmpArg *row, const char *word)
{
    while (row->name && (row->option || (row->type == HMP_FORMAT && !is_format(row, word)))) {
        row++;
    }
    return row;
}

static void offer_options(HmpCompletion *c, const HmpArg *rows)
{
    for (; rows->name; rows++) {
        if (rows->option) {
            hmp_offer(c, rows->option, " ");
        }
    }
}

static void complete_argument(HmpCompletion *c, const HmpArg *rows)
{
    const HmpArg *place = rows;
    const HmpArg *pending = NULL;   /* the option whose value comes next */

    for (guint i = 0; i < c->before->len; i++) {
        const char *word = g_ptr_array_index(c->before, i);
        const HmpArg *option = pending ? NULL : option_row(rows, word);

        if (option) {
            pending = option->type == HMP_SWITCH ? NULL : option;
        } else if (pending) {
            pending = NULL;
        } else {
            place = placed(place, word);
            place += place->name ? 1 : 0;
        }
    }
    place = pending ?: placed(place, c->typed);
    if (!pending && *c->typed == '-') {
        offer_options(c, rows);
    } else if (place->name && place->source) {
        place->source(c);
    }
}

/* ---- the line ---- */

/* Words of the line but the last one, which *typed gets; it may be empty. */
static GPtrArray *split(const char *line, const char **typed)
{
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

    for (;;) {
        size_t len;

        line += strspn(line, " ");
        len = strcspn(line, " ");
        if (!line[len]) {
            *typed = line;
            return words;
        }
        g_ptr_array_add(words, g_strndup(line, len));
        line += len;
    }
}

/* The name's row, the rows of info's subcommands included; its words leave c->before. */
static const HmpCommand *take_name(HmpCompletion *c, const HmpCommand *table)
{
    const char *name = g_ptr_array_index(c->before, 0);
    const HmpCommand *row = hmp_find(table, name, strcspn(name, "/"));

    g_ptr_array_remove_index(c->before, 0);
    return row && row->sub && c->before->len ? take_name(c, row->sub) : row;
}

static void complete(HmpCompletion *c)
{
    const HmpCommand *row;

    if (!c->before->len) {
        offer_names(c, hmp_commands);
        return;
    }
    row = take_name(c, hmp_commands);
    if (row && row->sub) {
        offer_names(c, row->sub);
    } else if (row && row->args) {
        complete_argument(c, row->args);
    }
}

static int compare(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(GPtrArray *words)
{
    guint kept = 0;

    g_ptr_array_sort(words, compare);
    for (guint i = 0; i < words->len; i++) {
        if (kept && !strcmp(words->pdata[i], words->pdata[kept - 1])) {
            g_free(words->pdata[i]);
        } else {
            words->pdata[kept++] = words->pdata[i];
        }
    }
    /* What is behind was moved or freed. */
    g_ptr_array_set_free_func(words, NULL);
    g_ptr_array_set_size(words, kept);
    g_ptr_array_set_free_func(words, g_free);
}

GPtrArray *hmp_complete(const char *before, size_t *typed)
{
    HmpCompletion c = { .words = g_ptr_array_new_with_free_func(g_free) };
    g_autoptr(GPtrArray) words = split(before, &c.typed);

    c.before = words;
    complete(&c);
    sort_unique(c.words);
    *typed = strlen(c.typed);
    return c.words;
}
