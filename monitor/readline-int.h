/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The editor's parts: the line and its picture, keys, history, search, completion. */
#ifndef MONITOR_READLINE_INT_H
#define MONITOR_READLINE_INT_H

#include "readline.h"
#include "readline-keys.h"

struct Readline {
    const char *prompt;
    ReadlineDecoder decoder;
    GString *out;
    GString *line;              /* valid UTF-8, no control characters */
    size_t cursor;              /* into line, at the start of a character */
    bool overflow;              /* something did not fit into line */
    char *killed;               /* for KEY_YANK; NULL: nothing */

    GPtrArray *history;         /* char *, oldest first */
    guint history_at;           /* == history->len: the line being written */
    char *unfinished;           /* that line, while an older one is shown */

    GString *search;            /* NULL: not searching */
    guint search_at;            /* entry that is shown */
};

/* ---- readline-edit.c: changes of the line, and of the picture with it ---- */

void rl_move(Readline *rl, size_t to);
void rl_insert(Readline *rl, const char *text, size_t len);
void rl_delete(Readline *rl, size_t from, size_t to, bool keep);
void rl_replace(Readline *rl, const char *text);
/* The prompt and the line, where the terminal's cursor is. */
void rl_draw(Readline *rl);
size_t rl_char_left(const Readline *rl);
size_t rl_char_right(const Readline *rl);
size_t rl_word_left(const Readline *rl);
size_t rl_word_right(const Readline *rl);
/* Columns on the terminal. */
size_t rl_width(const char *text, size_t len);

/* ---- readline-history.c ---- */

void rl_history_add(Readline *rl, const char *line);
void rl_history_step(Readline *rl, int step);
void rl_search_start(Readline *rl);
/* true: the key was part of the search; false: the search is over, the key counts. */
bool rl_search_key(Readline *rl, ReadlineKey key);

#endif
