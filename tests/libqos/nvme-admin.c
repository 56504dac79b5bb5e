/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Admin commands that most tests need. */
#include "qemu/osdep.h"
#include "nvme.h"

/* A command whose answer of len bytes is read from the pool. */
static uint16_t ask(QNvme *n, QNSqe *cmd, void *data, size_t len)
{
    uint64_t mark = n->next, iova = qn_alloc(n, len);
    uint16_t status;

    qn_prp(n, cmd, iova, len);
    status = qn_do(n, &n->admin, cmd, NULL);
    qos_mem_read(n->d, iova, data, len);
    qn_rewind(n, mark);
    return status;
}

uint16_t qn_identify(QNvme *n, uint8_t cns, uint32_t nsid, void *data)
{
    QNSqe cmd = { .opcode = QN_IDENTIFY, .nsid = nsid, .cdw10 = cns };

    return ask(n, &cmd, data, QN_PAGE);
}

uint16_t qn_get_log(QNvme *n, uint8_t page, uint32_t nsid, void *data, size_t len)
{
    uint32_t dwords = len / 4 - 1;
    QNSqe cmd = { .opcode = QN_GET_LOG, .nsid = nsid, .cdw10 = (dwords & 0xffff) << 16 | page,
                  .cdw11 = dwords >> 16 };

    return ask(n, &cmd, data, len);
}

static uint16_t feature(QNvme *n, QNSqe *cmd, uint32_t *result)
{
    QNCqe cqe = { 0 };
    uint16_t status = qn_do(n, &n->admin, cmd, &cqe);

    if (result) {
        *result = cqe.dw0;
    }
    return status;
}

uint16_t qn_set_feature(QNvme *n, uint8_t id, uint32_t value, uint32_t *result)
{
    QNSqe cmd = { .opcode = QN_SET_FEATURES, .cdw10 = id, .cdw11 = value };

    return feature(n, &cmd, result);
}

uint16_t qn_get_feature(QNvme *n, uint8_t id, uint32_t *result)
{
    QNSqe cmd = { .opcode = QN_GET_FEATURES, .cdw10 = id };

    return feature(n, &cmd, result);
}
