/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running the rows of the error tables. */
#include "qemu/osdep.h"
#include "nvme-errors.h"

enum { ENTRY = sizeof(uint64_t), LAST = QN_PAGE - ENTRY };

static void poke(QNvme *n, uint64_t iova, uint64_t entry)
{
    qos_mem_write(n->d, iova, &entry, sizeof(entry));
}

/* A list at the end of its page: its only entry leads on. */
static uint64_t chain(QNvme *n, uint64_t next)
{
    uint64_t list = qn_alloc(n, QN_PAGE);

    poke(n, list + LAST, next);
    return list + LAST;
}

static void place_list(QNvme *n, QNSqe *cmd, QNWhere where, uint64_t data)
{
    uint64_t list = qn_alloc(n, QN_PAGE);
    bool nowhere = where == QN_ENTRY_AT_NOWHERE;

    for (unsigned i = 0; i < 8; i++) {
        poke(n, list + i * ENTRY, data + (i + 1) * QN_PAGE);
    }
    cmd->prp1 = data;
    cmd->prp2 = list;
    switch (where) {
    case QN_LIST_AT_NOWHERE:
        cmd->prp2 = QN_NOWHERE;
        break;
    case QN_LIST_AT_4:
        cmd->prp2 = list + 4;
        break;
    case QN_CHAIN_AT_NOWHERE:
        cmd->prp2 = chain(n, QN_NOWHERE);
        break;
    case QN_CHAIN_AT_8:
        cmd->prp2 = chain(n, list + ENTRY);
        break;
    default:
        poke(n, list + ENTRY, nowhere ? QN_NOWHERE : data + QN_PAGE + 16);
        break;
    }
}

static void place(QNvme *n, QNSqe *cmd, QNWhere where)
{
    uint64_t data = qn_alloc(n, 16 * QN_PAGE);

    switch (where) {
    case QN_AS_IS:
        break;
    case QN_IN_PAGE:
        qn_prp(n, cmd, data, 16 * QN_PAGE);
        break;
    case QN_AT_NOWHERE:
        cmd->prp1 = QN_NOWHERE;
        break;
    case QN_AT_ODD:
        cmd->prp1 = data + 2;
        cmd->prp2 = data + QN_PAGE;
        break;
    case QN_AT_8:
        cmd->prp1 = data + 8;
        cmd->prp2 = data + QN_PAGE;
        break;
    case QN_SECOND_AT_16:
    case QN_SECOND_AT_NOWHERE:
        cmd->prp1 = data;
        cmd->prp2 = where == QN_SECOND_AT_16 ? data + QN_PAGE + 16 : QN_NOWHERE;
        break;
    default:
        place_list(n, cmd, where, data);
        break;
    }
}

static bool is_final(uint16_t status)
{
    return status != QN_TRANSFER_ERROR && status != QN_INTERNAL_ERROR;
}

void qn_expect(const QNCqe *cqe, uint16_t got, const char *prefix, const char *name,
               uint16_t status, uint16_t also)
{
    bool right = got == status || (also && got == (also == QN_ALSO_OK ? QN_OK : also));

    if (!right) {
        g_test_message("%s/%s: status 0x%x, not 0x%x", prefix, name, got, status);
        g_test_fail();
    } else if (got != QN_OK && is_final(got) && !(cqe->status >> 1 & QN_DNR)) {
        g_test_message("%s/%s: status 0x%x may be retried", prefix, name, got);
        g_test_fail();
    }
}

void qn_error_row(QNvme *n, QNSq *sq, const char *prefix, const QNErrorRow *row)
{
    QNSqe cmd = row->cmd;
    QNCqe cqe = { 0 };
    uint64_t mark = n->next;
    uint16_t got;

    place(n, &cmd, row->where);
    got = qn_do(n, sq, &cmd, &cqe);
    qn_rewind(n, mark);
    qn_expect(&cqe, got, prefix, row->name, row->status, row->also);
}

void qn_error_rows(QNvme *n, QNSq *sq, const char *prefix, const QNErrorRow *rows)
{
    for (const QNErrorRow *row = rows; row->name; row++) {
        qn_error_row(n, sq, prefix, row);
    }
}

void qn_error_rows_of(QNvme *n, QNSq *sq, const char *prefix, const QNErrorRow *rows,
                      uint8_t opcode)
{
    for (const QNErrorRow *row = rows; row->name; row++) {
        QNErrorRow own = *row;

        own.cmd.opcode = opcode;
        qn_error_row(n, sq, prefix, &own);
    }
}
