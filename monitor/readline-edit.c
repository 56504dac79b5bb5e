/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changes of the line. Each leaves the terminal's cursor where the line's is:
 * text is sent, "erase to the end of the line", and moves by columns. The
 * width of the terminal is not known here, so no change looks at it.
 */
#include "qemu/osdep.h"
#include "readline-int.h"

static size_t char_width(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

size_t rl_width(const char *text, size_t len)
{
    const char *end = text + len;
    size_t width = 0;

    for (const char *p = text; p < end; p = g_utf8_next_char(p)) {
        width += char_width(g_utf8_get_char(p));
    }
    return width;
}

static size_t width_between(const Readline *rl, size_t from, size_t to)
{
    return rl_width(rl->line->str + from, to - from);
}

static void columns(Readline *rl, size_t n, char direction)
{
    if (n == 1) {
        g_string_append_printf(rl->out, "\033[%c", direction);
    } else if (n) {
        g_string_append_printf(rl->out, "\033[%zu%c", n, direction);
    }
}

void rl_move(Readline *rl, size_t to)
{
    if (to < rl->cursor) {
        columns(rl, width_between(rl, to, rl->cursor), 'D');
    } else {
        columns(rl, width_between(rl, rl->cursor, to), 'C');
    }
    rl->cursor = to;
}

/* The picture behind the cursor again; the cursor comes back. */
static void draw_tail(Readline *rl)
{
    size_t len = rl->line->len - rl->cursor;

    g_string_append_len(rl->out, rl->line->str + rl->cursor, len);
    g_string_append(rl->out, "\033[K");
    columns(rl, rl_width(rl->line->str + rl->cursor, len), 'D');
}

void rl_insert(Readline *rl, const char *text, size_t len)
{
    bool at_end = rl->cursor == rl->line->len;

    if (len > READLINE_MAX_LINE - rl->line->len) {
        rl->overflow = true;
        return;
    }
    g_string_insert_len(rl->line, rl->cursor, text, len);
    g_string_append_len(rl->out, text, len);
    rl->cursor += len;
    if (!at_end) {
        draw_tail(rl);
    }
}

void rl_delete(Readline *rl, size_t from, size_t to, bool keep)
{
    if (from >= to) {
        return;
    }
    if (keep) {
        g_free(rl->killed);
        rl->killed = g_strndup(rl->line->str + from, to - from);
    }
    rl_move(rl, from);
    g_string_erase(rl->line, from, to - from);
    draw_tail(rl);
}

void rl_replace(Readline *rl, const char *text)
{
    rl_move(rl, 0);
    g_string_assign(rl->line, text);
    rl->overflow = false;
    g_string_append(rl->out, text);
    g_string_append(rl->out, "\033[K");
    rl->cursor = rl->line->len;
}

void rl_draw(Readline *rl)
{
    size_t cursor = rl->cursor;

    g_string_append(rl->out, rl->prompt);
    g_string_append_len(rl->out, rl->line->str, rl->line->len);
    rl->cursor = rl->line->len;
    rl_move(rl, cursor);
}

/* A character and the marks that sit on it move together. */
static bool is_mark(const char *p)
{
    return *p && g_unichar_iszerowidth(g_utf8_get_char(p));
}

size_t rl_char_left(const Readline *rl)
{
    const char *start = rl->line->str;
    const char *p = start + rl->cursor;

    do {
        p = g_utf8_find_prev_char(start, p) ?: start;
    } while (p > start && is_mark(p));
    return p - start;
}

size_t rl_char_right(const Readline *rl)
{
    const char *p = rl->line->str + rl->cursor;

    if (*p) {
        do {
            p = g_utf8_next_char(p);
        } while (is_mark(p));
    }
    return p - rl->line->str;
}

size_t rl_word_left(const Readline *rl)
{
    size_t at = rl->cursor;

    while (at && rl->line->str[at - 1] == ' ') {
        at--;
    }
    while (at && rl->line->str[at - 1] != ' ') {
        at--;
    }
    return at;
}

size_t rl_word_right(const Readline *rl)
{
    size_t at = rl->cursor + strspn(rl->line->str + rl->cursor, " ");

    return at + strcspn(rl->line->str + at, " ");
}
