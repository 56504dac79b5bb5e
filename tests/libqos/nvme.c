/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The controller's life and its queues. */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "nvme.h"

enum { BAR = 0, STEP_US = 100 };

/* --- memory --- */

uint64_t qn_alloc(QNvme *n, size_t size)
{
    uint64_t at = n->next;

    g_assert_cmpuint(size, <=, QN_POOL + QN_POOL_SIZE - at);
    n->next = at + ROUND_UP(size, QN_PAGE);
    qos_mem_set(n->d, at, 0, ROUND_UP(size, QN_PAGE));
    return at;
}

void qn_rewind(QNvme *n, uint64_t mark)
{
    n->next = mark;
}

/* --- life --- */

static bool wait_csts(QNvme *n, uint32_t mask, uint32_t value)
{
    /* CAP.TO counts half seconds. */
    double timeout = MAX(n->cap >> 24 & 0xff, 1) * 0.5;

    return qos_wait_register(n->d, BAR, QN_CSTS, 4, mask, value, timeout);
}

void qn_disable(QNvme *n)
{
    qos_write(n->d, BAR, QN_CC, 4, 0);
    g_assert_true(wait_csts(n, QN_CSTS_RDY, 0));
}

static void init_cq(QNCq *cq, uint16_t id, uint32_t size, uint64_t iova)
{
    *cq = (QNCq) { .id = id, .size = size, .iova = iova, .phase = 1 };
}

static void init_sq(QNSq *sq, uint16_t id, uint32_t size, uint64_t iova, QNCq *cq)
{
    *sq = (QNSq) { .id = id, .size = size, .iova = iova, .cq = cq };
}

bool qn_enable(QNvme *n, uint32_t sq_size, uint32_t cq_size, uint32_t cc)
{
    init_cq(&n->admin_cq, 0, cq_size, qn_alloc(n, cq_size * sizeof(QNCqe)));
    init_sq(&n->admin, 0, sq_size, qn_alloc(n, sq_size * sizeof(QNSqe)), &n->admin_cq);
    n->admin_cq.irq = true;
    qos_write(n->d, BAR, QN_AQA, 4, (cq_size - 1) << 16 | (sq_size - 1));
    qos_write(n->d, BAR, QN_ASQ, 8, n->admin.iova);
    qos_write(n->d, BAR, QN_ACQ, 8, n->admin_cq.iova);
    qos_write(n->d, BAR, QN_CC, 4, cc | QN_CC_EN);
    return wait_csts(n, QN_CSTS_RDY | QN_CSTS_CFS, QN_CSTS_RDY);
}

void qn_start(QNvme *n)
{
    if (!n->lent) {
        qos_lend(n->d, QN_POOL, QN_POOL_SIZE, n->lend);
        n->lent = true;
    }
    qn_rewind(n, QN_POOL);
    qos_enable(n->d, true);
    n->cap = qos_read(n->d, BAR, QN_CAP, 8);
    n->stride = 4u << (n->cap >> 32 & 0xf);
    qn_disable(n);
    g_assert_true(qn_enable(n, 64, 64, QN_CC_DEFAULT));
    qn_create_cq(n, &n->cq, 1, 64, 0);
    qn_create_sq(n, &n->sq, 1, 64, &n->cq);
}

bool qn_map_doorbells(QNvme *n)
{
    n->doorbells = qos_map(n->d, BAR, QN_DOORBELLS, QN_PAGE);
    return n->doorbells;
}

/* --- doorbells --- */

void qn_doorbell(QNvme *n, unsigned id, bool cq, uint32_t value)
{
    unsigned at = (2 * id + cq) * n->stride;

    if (n->doorbells) {
        /* The entries are there before the doorbell is. */
        smp_wmb();
        qatomic_set((volatile uint32_t *)(n->doorbells + at), value);
    } else {
        qos_write(n->d, BAR, QN_DOORBELLS + at, 4, value);
    }
}

/* --- submission --- */

void qn_put_as_is(QNvme *n, QNSq *sq, const QNSqe *cmd)
{
    qos_mem_write(n->d, sq->iova + sq->tail * sizeof(*cmd), cmd, sizeof(*cmd));
    sq->tail = (sq->tail + 1) % sq->size;
}

uint16_t qn_put(QNvme *n, QNSq *sq, const QNSqe *cmd)
{
    QNSqe own = *cmd;

    /* ffffh is not an identifier: base 3.3.3.1 */
    n->cid = n->cid == 0xfffe ? 0 : n->cid + 1;
    own.cid = n->cid;
    qn_put_as_is(n, sq, &own);
    return own.cid;
}

void qn_ring(QNvme *n, QNSq *sq)
{
    qn_doorbell(n, sq->id, false, sq->tail);
}

uint16_t qn_submit(QNvme *n, QNSq *sq, const QNSqe *cmd)
{
    uint16_t cid = qn_put(n, sq, cmd);

    qn_ring(n, sq);
    return cid;
}

/* --- completion --- */

bool qn_reap(QNvme *n, QNCq *cq, QNCqe *cqe)
{
    uint64_t at = cq->iova + cq->head * sizeof(*cqe);

    qos_mem_read(n->d, at, cqe, sizeof(*cqe));
    if ((cqe->status & 1) != cq->phase) {
        return false;
    }
    /* The phase says that the rest is there; what was read with it may be older. */
    smp_rmb();
    qos_mem_read(n->d, at, cqe, sizeof(*cqe));
    if (++cq->head == cq->size) {
        cq->head = 0;
        cq->phase ^= 1;
    }
    return true;
}

void qn_ack(QNvme *n, QNCq *cq)
{
    qn_doorbell(n, cq->id, true, cq->head);
}

/* Over qtest a second passes in no time, and a medium needs real time all the same. */
bool qn_wait(QNvme *n, QNCq *cq, QNCqe *cqe, double seconds)
{
    bool by_hand = n->d->ops == &qos_bus_qtest;
    double end = n->d->ops->now(n->d) + seconds;
    double step = by_hand ? MAX(STEP_US / 1e6, seconds / 2000) : STEP_US / 1e6;
    gint64 real_end = g_get_monotonic_time() + MIN(seconds, QN_SECONDS) * 1e6;

    while (!qn_reap(n, cq, cqe)) {
        if (n->d->ops->now(n->d) >= end && g_get_monotonic_time() >= real_end) {
            return false;
        }
        qos_serve(n->d, step);
        if (by_hand) {
            g_usleep(STEP_US);
        }
    }
    qn_ack(n, cq);
    return true;
}

uint16_t qn_status(const QNCqe *cqe)
{
    return cqe->status >> 1 & QN_STATUS_MASK;
}

uint16_t qn_do(QNvme *n, QNSq *sq, const QNSqe *cmd, QNCqe *cqe)
{
    uint16_t cid = qn_submit(n, sq, cmd);
    QNCqe own;

    cqe = cqe ?: &own;
    if (!qn_wait(n, sq->cq, cqe, QN_SECONDS)) {
        return QN_LATE;
    }
    g_assert_cmphex(cqe->cid, ==, cid);
    g_assert_cmpuint(cqe->sq_id, ==, sq->id);
    g_assert_cmpuint(cqe->sq_head, ==, sq->tail);
    sq->head = cqe->sq_head;
    return qn_status(cqe);
}

/* --- queues --- */

void qn_create_cq(QNvme *n, QNCq *cq, uint16_t id, uint32_t size, int irq)
{
    QNSqe cmd = { .opcode = QN_CREATE_CQ };

    init_cq(cq, id, size, qn_alloc(n, size * sizeof(QNCqe)));
    cq->irq = irq >= 0;
    cq->vector = MAX(irq, 0);
    cmd.prp1 = cq->iova;
    cmd.cdw10 = (size - 1) << 16 | id;
    cmd.cdw11 = (uint32_t)cq->vector << 16 | cq->irq << 1 | 1;
    g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), ==, QN_OK);
}

void qn_create_sq(QNvme *n, QNSq *sq, uint16_t id, uint32_t size, QNCq *cq)
{
    QNSqe cmd = { .opcode = QN_CREATE_SQ };

    init_sq(sq, id, size, qn_alloc(n, size * sizeof(QNSqe)), cq);
    cmd.prp1 = sq->iova;
    cmd.cdw10 = (size - 1) << 16 | id;
    cmd.cdw11 = (uint32_t)cq->id << 16 | 1;
    g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), ==, QN_OK);
}

static void delete_queue(QNvme *n, uint8_t opcode, uint16_t id)
{
    QNSqe cmd = { .opcode = opcode, .cdw10 = id };

    g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), ==, QN_OK);
}

void qn_delete_sq(QNvme *n, QNSq *sq)
{
    delete_queue(n, QN_DELETE_SQ, sq->id);
}

void qn_delete_cq(QNvme *n, QNCq *cq)
{
    delete_queue(n, QN_DELETE_CQ, cq->id);
}
