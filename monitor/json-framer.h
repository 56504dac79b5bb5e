/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cuts a byte stream into JSON messages, in any fragmentation, with bounded
 * memory.
 *
 * It only counts brackets outside strings; whether a message is JSON is for
 * the parser. What no valid message can contain is refused at once: control
 * characters (a NUL, a line end inside a string), bytes above 127 outside
 * strings, a closing bracket without an opening one, more levels or bytes
 * than the parser takes. After an error everything up to the end of the line
 * is thrown away, so a client that writes one message for each line gets one
 * error for each bad one.
 */
#ifndef MONITOR_JSON_FRAMER_H
#define MONITOR_JSON_FRAMER_H

#include <glib.h>
#include <stdbool.h>

#include "qapi/error.h"

typedef enum JsonFramerState {
    JSON_FRAMER_BETWEEN,        /* between messages */
    JSON_FRAMER_NESTED,         /* inside brackets */
    JSON_FRAMER_STRING,         /* in a string inside brackets */
    JSON_FRAMER_ESCAPE,         /* behind a backslash in a string */
    JSON_FRAMER_BARE,           /* a message without brackets: ends with its line */
    JSON_FRAMER_SKIP,           /* after an error: until the end of the line */
} JsonFramerState;

typedef struct JsonFramer {
    JsonFramerState state;
    unsigned depth;
    GString *text;
} JsonFramer;

typedef enum JsonFramerResult {
    JSON_FRAMER_MORE,           /* all bytes consumed, no message yet */
    JSON_FRAMER_MESSAGE,        /* framer->text holds one; valid until the next call */
    JSON_FRAMER_ERROR,          /* *errp says what is wrong */
} JsonFramerResult;

void json_framer_init(JsonFramer *framer);
void json_framer_clear(JsonFramer *framer);

/* Takes bytes up to the end of a message or to an error; *used says how many. */
JsonFramerResult json_framer_feed(JsonFramer *framer, const char *data, size_t len,
                                  size_t *used, Error **errp);

#endif
