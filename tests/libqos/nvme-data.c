/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where data lies: PRPs (base 4.1.1) and scatter gather lists (4.1.2); reads and writes. */
#include "qemu/osdep.h"
#include "nvme.h"

enum { PER_LIST = QN_PAGE / sizeof(uint64_t) };

/* Entries for the pages from iova on; a list that is full ends with the next one's address. */
static void write_list(QNvme *n, uint64_t list, uint64_t iova, size_t pages)
{
    for (unsigned i = 0; pages; i++) {
        uint64_t entry = iova;

        if (i == PER_LIST - 1 && pages > 1) {
            entry = qn_alloc(n, QN_PAGE);
            qos_mem_write(n->d, list + i * sizeof(entry), &entry, sizeof(entry));
            list = entry;
            i = -1;
            continue;
        }
        qos_mem_write(n->d, list + i * sizeof(entry), &entry, sizeof(entry));
        iova += QN_PAGE;
        pages--;
    }
}

void qn_prp(QNvme *n, QNSqe *cmd, uint64_t iova, size_t len)
{
    size_t first = QN_PAGE - iova % QN_PAGE;
    size_t pages = len > first ? DIV_ROUND_UP(len - first, QN_PAGE) : 0;

    cmd->prp1 = iova;
    if (pages > 1) {
        cmd->prp2 = qn_alloc(n, QN_PAGE);
        write_list(n, cmd->prp2, iova + first, pages);
    } else {
        cmd->prp2 = pages ? iova + first : 0;
    }
}

void qn_sgl_inline(QNSqe *cmd, uint8_t type, uint64_t iova, uint32_t len)
{
    QNSgl sgl = { .address = iova, .length = len, .type = type };

    cmd->flags |= QN_PSDT_SGL;
    memcpy(&cmd->prp1, &sgl, sizeof(sgl));
}

void qn_sgl_write(QNvme *n, uint64_t iova, const QNSgl *sgl, unsigned count)
{
    qos_mem_write(n->d, iova, sgl, count * sizeof(*sgl));
}

QNSqe qn_rw(uint8_t opcode, uint32_t nsid, uint64_t lba, unsigned blocks)
{
    return (QNSqe) {
        .opcode = opcode, .nsid = nsid, .cdw10 = lba, .cdw11 = lba >> 32, .cdw12 = blocks - 1,
    };
}

uint16_t qn_io(QNvme *n, uint8_t opcode, uint32_t nsid, uint64_t lba, unsigned blocks,
               uint64_t iova, size_t len)
{
    QNSqe cmd = qn_rw(opcode, nsid, lba, blocks);
    uint64_t mark = n->next;
    uint16_t status;

    if (len) {
        qn_prp(n, &cmd, iova, len);
    }
    status = qn_do(n, &n->sq, &cmd, NULL);
    qn_rewind(n, mark);
    return status;
}

void qn_pattern(void *data, size_t len, unsigned seed)
{
    uint8_t *bytes = data;

    for (size_t i = 0; i < len; i++) {
        bytes[i] = (i * 7 + seed * 13) ^ (i >> 9);
    }
}
