/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands are rows of tables: name, number of words, function. Each file of
 * commands has a table; command.c finds the row and checks the words.
 *
 * Main context, no domain entered. A command that enters one leaves it again.
 */
#ifndef SOFTMMU_QTEST_COMMAND_H
#define SOFTMMU_QTEST_COMMAND_H

#include "session.h"

typedef enum QtestWhen {
    QTEST_NOW,          /* the answer is complete */
    QTEST_SETTLE,       /* complete, and sent when the domain has come to rest */
    QTEST_LATER,        /* qtest_session_finish() comes */
} QtestWhen;

typedef struct QtestCall {
    QtestSession *session;
    const struct QtestCommand *command;
    unsigned nr;                /* arguments */
    char **words;               /* words[0] is the first argument */
    QtestDomain *touched;       /* for QTEST_SETTLE; NULL: all domains */
} QtestCall;

typedef struct QtestCommand {
    const char *name;           /* NULL ends the table */
    unsigned min, max;          /* arguments */
    QtestWhen (*run)(QtestCall *call);
    unsigned width;             /* of an access */
    bool is_write, third;       /* see each file */
} QtestCommand;

extern const QtestCommand qtest_memory_commands[];
extern const QtestCommand qtest_block_commands[];
extern const QtestCommand qtest_clock_commands[];
extern const QtestCommand qtest_irq_commands[];
extern const QtestCommand qtest_other_commands[];

/* Runs one line, which is changed; *touched is set for QTEST_SETTLE. */
QtestWhen qtest_command_run(QtestSession *s, char *line, size_t len, QtestDomain **touched);

/* A number of C's syntax; false: the answer says what is wrong. */
bool qtest_number(QtestCall *call, unsigned word, uint64_t max, uint64_t *value);

/* The interrupts of the test that has gone are nobody's. */
void qtest_command_forget_irqs(void);

#endif
