/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of what a controller refuses: a command, where its data lies, the status. */
#ifndef TESTS_LIBQOS_NVME_ERRORS_H
#define TESTS_LIBQOS_NVME_ERRORS_H

#include "nvme-case.h"

/* What becomes of PRP1 and PRP2. */
typedef enum QNWhere {
    QN_AS_IS,
    QN_IN_PAGE,                 /* pages that are there, by a list when there are many */
    QN_AT_NOWHERE,              /* PRP1 */
    QN_AT_ODD,                  /* PRP1 is no dword's address */
    QN_AT_8,                    /* PRP1 is no page's */
    QN_SECOND_AT_16,            /* PRP2 is a second page with an offset */
    QN_SECOND_AT_NOWHERE,
    QN_LIST_AT_NOWHERE,
    QN_LIST_AT_4,               /* no qword's address */
    QN_ENTRY_AT_16,             /* of the list */
    QN_ENTRY_AT_NOWHERE,
    QN_CHAIN_AT_NOWHERE,        /* the last entry of a list's page leads there */
    QN_CHAIN_AT_8,
} QNWhere;

typedef struct QNErrorRow {
    const char *name;
    QNSqe cmd;
    QNWhere where;
    uint16_t status;
    uint16_t also;              /* what the specification allows instead; 0: nothing */
} QNErrorRow;

#define QN_ALSO_OK 0xfffe       /* "may report": it may as well not */

/* Both end with a NULL name. */
extern const QNErrorRow qn_admin_errors[], qn_io_errors[];

/* What every command with a namespace and blocks refuses; cmd.opcode is filled in. */
extern const QNErrorRow qn_block_errors[];
/* The same for commands with data, and of those with PRPs. */
extern const QNErrorRow qn_data_errors[];

/* Runs one; complaints fail the test and name prefix and row. */
void qn_error_row(QNvme *n, QNSq *sq, const char *prefix, const QNErrorRow *row);
void qn_error_rows(QNvme *n, QNSq *sq, const char *prefix, const QNErrorRow *rows);
/* Every row with this opcode. */
void qn_error_rows_of(QNvme *n, QNSq *sq, const char *prefix, const QNErrorRow *rows,
                      uint8_t opcode);
/* Complains when the status is neither of the two; errors that stay say "do not retry". */
void qn_expect(const QNCqe *cqe, uint16_t got, const char *prefix, const char *name,
               uint16_t status, uint16_t also);

/* What the tables are written for. */
enum {
    QNE_QUEUES = 4, QNE_VECTORS = 5, QNE_MDTS = 2, QNE_INACTIVE = 200, QNE_INVALID = 0x10000,
    QNE_BLOCKS = QN_FILE_SIZE / 512, QNE_MAX_BLOCKS = 32,
};
#define QNE_CONTROLLER ",max_ioqpairs=4,msix_qsize=5,mdts=2,aerl=3"

#endif
