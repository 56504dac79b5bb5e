/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the bytes of a terminal, byte by byte, to keys: control characters,
 * escape sequences of the VT100 family, UTF-8 text. Telnet's commands are cut
 * out. Sequences may arrive in any pieces; what is unknown or broken is
 * dropped as a whole. Pure.
 */
#ifndef MONITOR_READLINE_KEYS_H
#define MONITOR_READLINE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ReadlineKey {
    KEY_NONE,           /* in the middle of something, or nothing to do */
    KEY_TEXT,           /* decoder->text */
    KEY_ENTER,
    KEY_TAB,
    KEY_INTERRUPT,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_WORD_LEFT,
    KEY_WORD_RIGHT,
    KEY_HOME,
    KEY_END,
    KEY_UP,
    KEY_DOWN,
    KEY_BACKSPACE,
    KEY_DELETE,
    KEY_KILL_END,
    KEY_KILL_START,
    KEY_KILL_WORD_LEFT,
    KEY_KILL_WORD_RIGHT,
    KEY_YANK,
    KEY_SWAP,
    KEY_REDRAW,
    KEY_SEARCH,
    KEY_CANCEL,
    KEY__MAX
} ReadlineKey;

typedef struct ReadlineDecoder {
    enum { AT_TEXT, AT_ESCAPE, AT_CSI, AT_SS3, AT_TELNET, AT_TELNET_OPTION, AT_TELNET_SUB,
           AT_TELNET_SUB_COMMAND } state;
    bool after_cr;      /* CR LF and CR NUL are one key */
    size_t len;         /* of seq */
    char seq[8];        /* behind ESC, or an unfinished character */
    char text[5];       /* KEY_TEXT: one character of UTF-8, ended by NUL */
} ReadlineDecoder;

/* All zero to begin with. */
ReadlineKey readline_decode(ReadlineDecoder *d, uint8_t byte);

#endif
