/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection: lines in, answers and interrupts out.
 *
 * One command at a time: the next one is looked at when the answer of the last
 * one is on its way. What a client sends ahead is bounded by one line plus
 * QTEST_AHEAD, what it does not read stops the next command.
 *
 * Main context.
 */
#ifndef SOFTMMU_QTEST_SESSION_H
#define SOFTMMU_QTEST_SESSION_H

#include "domain.h"
#include "io/channel.h"

/* Bytes of one read, write, memset, b64read, b64write. */
#define QTEST_BLOCK_MAX (16 * 1024 * 1024)
/* Two digits for each byte of a block, and the words before them. */
#define QTEST_LINE_MAX (2 * QTEST_BLOCK_MAX + 256)
#define QTEST_AHEAD (64 * 1024)

typedef struct QtestSession QtestSession;
/* The connection has ended: free the session. */
typedef void QtestSessionClosed(QtestSession *s, void *opaque);

QtestSession *qtest_session_new(IOChannel *ch, QtestSessionClosed *closed, void *opaque);
void qtest_session_free(QtestSession *s);
/* Interrupts have happened. */
void qtest_session_events(QtestSession *s);

/* --- for commands --- */

/* The whole answer, without the line end; exactly one for each command. */
void qtest_reply(QtestSession *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* The answer to come; grows in place where it is long. */
GString *qtest_reply_text(QtestSession *s);
/* After a command that said QTEST_LATER: the answer is complete. */
void qtest_session_finish(QtestSession *s);

/*
 * The chosen domain, else the first; NULL: there is none, and the answer says so.
 * Borrowed until the command returns.
 */
QtestDomain *qtest_session_domain(QtestSession *s);
void qtest_session_choose(QtestSession *s, QtestDomain *d);

#endif
