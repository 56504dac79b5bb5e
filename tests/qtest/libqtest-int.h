/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of libqtest share: the program, and lines over a socket. */
#ifndef TESTS_QTEST_LIBQTEST_INT_H
#define TESTS_QTEST_LIBQTEST_INT_H

#include "libqtest.h"

/* No answer for so long: the test has failed. */
#define QTEST_PATIENCE_MS (60 * 1000)

typedef struct QTestLines {
    int fd;
    GString *in;
} QTestLines;

struct QTestState {
    pid_t pid;
    QTestLines test, qmp;
    GQueue events;              /* JsonObject: QMP events that nobody has taken */
    bool level[QTEST_MAX_IRQ];
    unsigned raised[QTEST_MAX_IRQ];
};

/* The next line without its end; the caller frees. NULL: the other end has gone. */
char *qtest_lines_get(QTestLines *lines);
/* Is there one already? */
bool qtest_lines_ready(QTestLines *lines);
bool qtest_lines_put(QTestLines *lines, const char *text, size_t len);

/* Ends the test; says how the program ended. */
void qtest_fail(QTestState *s, const char *fmt, ...) G_GNUC_PRINTF(2, 3) G_GNUC_NORETURN;

/* The first is done before the second is asked for. */
void qtest_qmp_connect(QTestState *s, const char *path);
void qtest_qmp_greet(QTestState *s);

#endif
