/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that were entered before: stepping through them and searching them. */
#include "qemu/osdep.h"
#include "readline-int.h"

static void forget_equal(Readline *rl, const char *line)
{
    for (guint i = 0; i < rl->history->len; i++) {
        if (!strcmp(g_ptr_array_index(rl->history, i), line)) {
            g_ptr_array_remove_index(rl->history, i);
            return;
        }
    }
}

void rl_history_add(Readline *rl, const char *line)
{
    if (*line) {
        g_autofree char *copy = g_strdup(line);

        forget_equal(rl, copy);
        if (rl->history->len == READLINE_MAX_HISTORY) {
            g_ptr_array_remove_index(rl->history, 0);
        }
        g_ptr_array_add(rl->history, g_steal_pointer(&copy));
    }
    rl->history_at = rl->history->len;
    g_clear_pointer(&rl->unfinished, g_free);
}

static void show(Readline *rl, guint at)
{
    if (rl->history_at == rl->history->len) {
        g_free(rl->unfinished);
        rl->unfinished = g_strdup(rl->line->str);
    }
    rl->history_at = at;
    rl_replace(rl, at == rl->history->len ? rl->unfinished :
               g_ptr_array_index(rl->history, at));
}

void rl_history_step(Readline *rl, int step)
{
    if (step < 0 ? rl->history_at > 0 : rl->history_at < rl->history->len) {
        show(rl, rl->history_at + step);
    }
}

/* ---- search backwards ---- */

static const char *found(const Readline *rl)
{
    return rl->search_at < rl->history->len ? g_ptr_array_index(rl->history, rl->search_at) : "";
}

static void draw_search(Readline *rl)
{
    g_string_append_printf(rl->out, "\r(reverse-i-search)`%s': %s\033[K", rl->search->str,
                           found(rl));
}

/* From entry @from on to older ones; what is shown stays when there is none. */
static void look(Readline *rl, guint from)
{
    for (guint i = MIN(from + 1, rl->history->len); i > 0; i--) {
        if (strstr(g_ptr_array_index(rl->history, i - 1), rl->search->str)) {
            rl->search_at = i - 1;
            break;
        }
    }
    draw_search(rl);
}

void rl_search_start(Readline *rl)
{
    rl->search = g_string_new(NULL);
    rl->search_at = rl->history->len;
    draw_search(rl);
}

static void end_search(Readline *rl, bool accept)
{
    g_autofree char *line = g_strdup(found(rl));

    g_string_free(g_steal_pointer(&rl->search), TRUE);
    g_string_append(rl->out, "\r\033[K");
    if (accept && rl->search_at < rl->history->len) {
        if (rl->history_at == rl->history->len) {
            g_free(rl->unfinished);
            rl->unfinished = g_strdup(rl->line->str);
        }
        rl->history_at = rl->search_at;
        g_string_assign(rl->line, line);
        rl->overflow = false;
        rl->cursor = rl->line->len;
    }
    rl_draw(rl);
}

static void shorten(Readline *rl)
{
    char *end = rl->search->str + rl->search->len;
    char *prev = g_utf8_find_prev_char(rl->search->str, end);

    if (prev) {
        g_string_truncate(rl->search, prev - rl->search->str);
    }
    rl->search_at = rl->history->len;
    look(rl, rl->history->len);
}

bool rl_search_key(Readline *rl, ReadlineKey key)
{
    switch (key) {
    case KEY_TEXT:
        if (rl->search->len + strlen(rl->decoder.text) <= READLINE_MAX_LINE) {
            g_string_append(rl->search, rl->decoder.text);
        }
        look(rl, rl->search_at);
        return true;
    case KEY_SEARCH:
        if (rl->search_at) {
            look(rl, rl->search_at - 1);
        }
        return true;
    case KEY_BACKSPACE:
        shorten(rl);
        return true;
    case KEY_NONE:
        return true;
    case KEY_CANCEL:
    case KEY_INTERRUPT:
        end_search(rl, false);
        return key == KEY_CANCEL;
    default:
        end_search(rl, true);
        return false;
    }
}
