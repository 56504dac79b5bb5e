/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line editor's keys and its completion.
 *
 * Why our own: readline and libedit own one terminal or FILE each and wait for it;
 * no library edits lines over many channels that never wait.
 */
#include "qemu/osdep.h"
#include "readline-int.h"

#define LIST_COLUMNS 80

Readline *readline_new(const char *prompt)
{
    Readline *rl = g_new0(Readline, 1);

    rl->prompt = prompt;
    rl->out = g_string_new(NULL);
    rl->line = g_string_new(NULL);
    rl->history = g_ptr_array_new_with_free_func(g_free);
    return rl;
}

void readline_free(Readline *rl)
{
    g_string_free(rl->out, TRUE);
    g_string_free(rl->line, TRUE);
    if (rl->search) {
        g_string_free(rl->search, TRUE);
    }
    g_ptr_array_unref(rl->history);
    g_free(rl->unfinished);
    g_free(rl->killed);
    g_free(rl);
}

GString *readline_output(Readline *rl)
{
    return rl->out;
}

void readline_prompt(Readline *rl)
{
    g_string_truncate(rl->line, 0);
    rl->cursor = 0;
    rl->overflow = false;
    rl->history_at = rl->history->len;
    g_clear_pointer(&rl->unfinished, g_free);
    rl_draw(rl);
}

const char *readline_line(const Readline *rl)
{
    return rl->line->str;
}

char *readline_before_cursor(const Readline *rl)
{
    return g_strndup(rl->line->str, rl->cursor);
}

/* ---- keys ---- */

static void key_text(Readline *rl)
{
    rl_insert(rl, rl->decoder.text, strlen(rl->decoder.text));
}

static void key_interrupt(Readline *rl)
{
    g_string_append(rl->out, "^C\r\n");
    readline_prompt(rl);
}

static void key_left(Readline *rl)
{
    rl_move(rl, rl_char_left(rl));
}

static void key_right(Readline *rl)
{
    rl_move(rl, rl_char_right(rl));
}

static void key_word_left(Readline *rl)
{
    rl_move(rl, rl_word_left(rl));
}

static void key_word_right(Readline *rl)
{
    rl_move(rl, rl_word_right(rl));
}

static void key_home(Readline *rl)
{
    rl_move(rl, 0);
}

static void key_end(Readline *rl)
{
    rl_move(rl, rl->line->len);
}

static void key_up(Readline *rl)
{
    rl_history_step(rl, -1);
}

static void key_down(Readline *rl)
{
    rl_history_step(rl, 1);
}

static void key_backspace(Readline *rl)
{
    rl_delete(rl, rl_char_left(rl), rl->cursor, false);
}

static void key_delete(Readline *rl)
{
    rl_delete(rl, rl->cursor, rl_char_right(rl), false);
}

static void key_kill_end(Readline *rl)
{
    rl_delete(rl, rl->cursor, rl->line->len, true);
}

static void key_kill_start(Readline *rl)
{
    rl_delete(rl, 0, rl->cursor, true);
}

static void key_kill_word_left(Readline *rl)
{
    rl_delete(rl, rl_word_left(rl), rl->cursor, true);
}

static void key_kill_word_right(Readline *rl)
{
    rl_delete(rl, rl->cursor, rl_word_right(rl), true);
}

static void key_yank(Readline *rl)
{
    if (rl->killed) {
        rl_insert(rl, rl->killed, strlen(rl->killed));
    }
}

/* The characters on both sides of the cursor change places. */
static void key_swap(Readline *rl)
{
    size_t middle = rl->cursor == rl->line->len ? rl_char_left(rl) : rl->cursor;
    g_autofree char *moved = NULL;
    size_t left;

    if (!middle) {
        return;
    }
    rl_move(rl, middle);
    left = rl_char_left(rl);
    moved = g_strndup(rl->line->str + left, middle - left);
    rl_delete(rl, left, middle, false);
    rl_move(rl, rl_char_right(rl));
    rl_insert(rl, moved, strlen(moved));
}

static void key_redraw(Readline *rl)
{
    g_string_append(rl->out, "\033[H\033[2J");
    rl_draw(rl);
}

static void (*const key_actions[KEY__MAX])(Readline *rl) = {
    [KEY_TEXT] = key_text,
    [KEY_INTERRUPT] = key_interrupt,
    [KEY_LEFT] = key_left,
    [KEY_RIGHT] = key_right,
    [KEY_WORD_LEFT] = key_word_left,
    [KEY_WORD_RIGHT] = key_word_right,
    [KEY_HOME] = key_home,
    [KEY_END] = key_end,
    [KEY_UP] = key_up,
    [KEY_DOWN] = key_down,
    [KEY_BACKSPACE] = key_backspace,
    [KEY_DELETE] = key_delete,
    [KEY_KILL_END] = key_kill_end,
    [KEY_KILL_START] = key_kill_start,
    [KEY_KILL_WORD_LEFT] = key_kill_word_left,
    [KEY_KILL_WORD_RIGHT] = key_kill_word_right,
    [KEY_YANK] = key_yank,
    [KEY_SWAP] = key_swap,
    [KEY_REDRAW] = key_redraw,
    [KEY_SEARCH] = rl_search_start,
};

static ReadlineResult enter(Readline *rl)
{
    bool whole = !rl->overflow;

    rl_move(rl, rl->line->len);
    g_string_append(rl->out, "\r\n");
    if (whole) {
        rl_history_add(rl, rl->line->str);
    }
    return whole ? READLINE_LINE : READLINE_TOO_LONG;
}

static ReadlineResult press(Readline *rl, ReadlineKey key)
{
    if (rl->search && rl_search_key(rl, key)) {
        return READLINE_MORE;
    }
    if (key == KEY_ENTER) {
        return enter(rl);
    }
    if (key == KEY_TAB) {
        return READLINE_COMPLETE;
    }
    if (key_actions[key]) {
        key_actions[key](rl);
    }
    return READLINE_MORE;
}

ReadlineResult readline_feed(Readline *rl, const char *data, size_t len, size_t *used)
{
    ReadlineResult r = READLINE_MORE;

    *used = 0;
    while (*used < len && r == READLINE_MORE) {
        if (rl->out->len > READLINE_MAX_OUTPUT) {
            return READLINE_PAUSE;
        }
        r = press(rl, readline_decode(&rl->decoder, data[(*used)++]));
    }
    /* Many at once ask for the same: one answer will do. */
    while (r == READLINE_COMPLETE && *used < len && data[*used] == '\t') {
        (*used)++;
    }
    return r;
}

/* ---- completion ---- */

static size_t common_length(const char *const *words, size_t n)
{
    size_t len = strlen(words[0]);

    for (size_t i = 1; i < n; i++) {
        size_t same = 0;

        while (same < len && words[i][same] == words[0][same]) {
            same++;
        }
        len = same;
    }
    /* Not a part of a character. */
    while (len && (words[0][len] & 0xc0) == 0x80) {
        len--;
    }
    return len;
}

/* What all begin with, up to a comma, slash or equals sign: nobody needs to read it again. */
static size_t boring_length(const char *word, size_t common)
{
    while (common && !strchr(",/=", word[common - 1])) {
        common--;
    }
    return common;
}

static size_t widest(const char *const *words, size_t n, size_t skip)
{
    size_t width = 0;

    for (size_t i = 0; i < n; i++) {
        width = MAX(width, rl_width(words[i] + skip, strlen(words[i] + skip)));
    }
    return width;
}

static void list_words(Readline *rl, const char *const *words, size_t n, size_t skip)
{
    size_t shown = MIN(n, READLINE_MAX_SHOWN);
    size_t width = widest(words, shown, skip) + 2;
    size_t per_line = MAX(LIST_COLUMNS / width, 1);

    for (size_t i = 0; i < shown; i++) {
        bool last = i + 1 == shown || (i + 1) % per_line == 0;
        const char *word = words[i] + skip;

        g_string_append_printf(rl->out, "%s%s%*s%s", i ? "" : "\r\n", word,
                               last ? 0 : (int)(width - rl_width(word, strlen(word))), "",
                               last ? "\r\n" : "");
    }
    if (n > shown) {
        g_string_append_printf(rl->out, "(%zu more)\r\n", n - shown);
    }
    rl_draw(rl);
}

void readline_complete(Readline *rl, size_t typed, const char *const *words, size_t n)
{
    size_t common = n ? common_length(words, n) : 0;

    if (common > typed) {
        rl_insert(rl, words[0] + typed, common - typed);
    }
    if (n > 1) {
        list_words(rl, words, n, boring_length(words[0], common));
    }
}
