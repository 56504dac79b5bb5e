/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line editor: bytes of a terminal in, bytes for the terminal and complete
 * lines out. It owns no file and no terminal, so that many can run at once
 * over channels that never wait.
 *
 * All memory is bounded: a line has at most READLINE_MAX_LINE bytes, the
 * history READLINE_MAX_HISTORY lines, and readline_feed() stops when more
 * than READLINE_MAX_OUTPUT bytes wait to be taken.
 */
#ifndef MONITOR_READLINE_H
#define MONITOR_READLINE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#define READLINE_MAX_LINE 4095
#define READLINE_MAX_HISTORY 64
#define READLINE_MAX_OUTPUT (16 * 1024)
/* A list of completions shows this many and the number of the others. */
#define READLINE_MAX_SHOWN 400

typedef struct Readline Readline;

typedef enum ReadlineResult {
    READLINE_MORE,      /* all bytes taken */
    READLINE_PAUSE,     /* take the output first, then call again with the rest */
    READLINE_LINE,      /* readline_line(); readline_prompt() when it was worked off */
    READLINE_TOO_LONG,  /* the same, but the line is not whole: it must not be run */
    READLINE_COMPLETE,  /* TAB: the answer is readline_complete(), or nothing */
} ReadlineResult;

/* @prompt must live as long. */
Readline *readline_new(const char *prompt);
void readline_free(Readline *rl);

/* Takes bytes up to something that the caller has to do; *used says how many. */
ReadlineResult readline_feed(Readline *rl, const char *data, size_t len, size_t *used);

/* What the terminal is to get; emptied by the caller. */
GString *readline_output(Readline *rl);

/* An empty line to be edited, behind a prompt. */
void readline_prompt(Readline *rl);

/* After READLINE_LINE; valid until readline_prompt(). */
const char *readline_line(const Readline *rl);

/* After READLINE_COMPLETE: what is before the cursor; the caller frees. */
char *readline_before_cursor(const Readline *rl);

/*
 * @words, all beginning with the @typed bytes before the cursor, are how the
 * word there may go on; a space at their end is part of the word. One word, or
 * what several have in common, goes into the line; several are listed.
 */
void readline_complete(Readline *rl, size_t typed, const char *const *words, size_t n);

#endif
