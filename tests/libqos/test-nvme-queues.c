/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queues of every size: wrap, phase, order of doorbells, full ones, many outstanding, deletion. */
#include "qemu/osdep.h"
#include "nvme-case.h"

enum { NULL_NS = 2, HELD_NS = 1 };

static const QNRig file_and_null = {
    .disk = { { QN_MEDIUM_FILE }, { QN_MEDIUM_NULL, "" } },
};
static const QNRig held = { .disk = { { QN_MEDIUM_HELD } } };

/* --- many at once --- */

typedef struct Batch {
    QNSq *sq;
    unsigned count;             /* at most one less than the queue has */
    uint16_t first;             /* identifier of the first; they count up */
    unsigned char *seen;        /* by number */
    unsigned done;
} Batch;

/* In at most two pieces: over qtest each write is a message. */
static void put_batch(QNvme *n, Batch *b, const QNSqe *cmd)
{
    g_autofree QNSqe *entries = g_new(QNSqe, b->count);
    unsigned until_end = MIN(b->count, b->sq->size - b->sq->tail);

    for (unsigned i = 0; i < b->count; i++) {
        entries[i] = *cmd;
        entries[i].cid = b->first + i;
    }
    qos_mem_write(n->d, b->sq->iova + b->sq->tail * sizeof(*cmd), entries,
                  until_end * sizeof(*cmd));
    if (b->count > until_end) {
        qos_mem_write(n->d, b->sq->iova, entries + until_end,
                      (b->count - until_end) * sizeof(*cmd));
    }
    b->sq->tail = (b->sq->tail + b->count) % b->sq->size;
    qn_ring(n, b->sq);
}

static void take_one(Batch *b, const QNCqe *cqe, uint16_t status)
{
    uint16_t number = cqe->cid - b->first;

    g_assert_cmphex(qn_status(cqe), ==, status);
    g_assert_cmpuint(cqe->sq_id, ==, b->sq->id);
    g_assert_cmpuint(cqe->sq_head, <, b->sq->size);
    g_assert_cmpuint(number, <, b->count);
    g_assert_cmpuint(b->seen[number], ==, 0);
    b->seen[number] = 1;
    b->done++;
}

/* All new entries, by one read of the queue's memory. */
static void take_all(QNvme *n, Batch *b, uint16_t status)
{
    QNCq *cq = b->sq->cq;
    g_autofree QNCqe *entries = g_new(QNCqe, cq->size);
    unsigned before = b->done;

    qos_mem_read(n->d, cq->iova, entries, cq->size * sizeof(*entries));
    while ((entries[cq->head].status & 1) == cq->phase && b->done < b->count) {
        take_one(b, &entries[cq->head], status);
        if (++cq->head == cq->size) {
            cq->head = 0;
            cq->phase ^= 1;
        }
    }
    if (b->done > before) {
        qn_ack(n, cq);
    }
}

static void finish_batch(QNvme *n, Batch *b, uint16_t status)
{
    gint64 end = g_get_monotonic_time() + 6 * QN_SECONDS * 1e6;

    while (b->done < b->count) {
        take_all(n, b, status);
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        qos_serve(n->d, 0.0005);
    }
    g_free(b->seen);
    b->seen = NULL;
}

static Batch start_batch(QNvme *n, QNSq *sq, unsigned count, uint16_t first, const QNSqe *cmd)
{
    Batch b = { sq, count, first, g_malloc0(count) };

    put_batch(n, &b, cmd);
    return b;
}

/* --- wrap --- */

static void check_wrap(QNvme *n, uint32_t size, unsigned rounds)
{
    QNSqe cmd = qn_rw(QN_READ, NULL_NS, 0, 1);
    uint64_t mark = n->next;
    QNCq cq;
    QNSq sq;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    qn_create_cq(n, &cq, 2, size, -1);
    qn_create_sq(n, &sq, 2, size, &cq);
    for (unsigned i = 0; i < rounds; i++) {
        /* All but one entry, then some: the ends move against each other. */
        unsigned count = i % 3 == 2 ? 1 + size / 3 : size - 1;
        Batch b = start_batch(n, &sq, MIN(count, size - 1), i * 7, &cmd);

        finish_batch(n, &b, QN_OK);
    }
    qn_delete_sq(n, &sq);
    qn_delete_cq(n, &cq);
    qn_rewind(n, mark);
}

static void test_wrap_2(QNvme *n)
{
    check_wrap(n, 2, 40);
}

static void test_wrap_3(QNvme *n)
{
    check_wrap(n, 3, 40);
}

static void test_wrap_4096(QNvme *n)
{
    check_wrap(n, 4096, 6);
}

static void test_wrap_65536(QNvme *n)
{
    g_assert_cmpuint(n->cap & 0xffff, ==, 0xffff);
    check_wrap(n, 65536, 4);
}

/* The smallest admin queues, and the largest: base 3.1.3.8. */
static void check_admin_size(QNvme *n, uint32_t size)
{
    uint8_t id[QN_PAGE];

    qn_disable(n);
    qn_rewind(n, QN_POOL);
    g_assert_true(qn_enable(n, size, size, QN_CC_DEFAULT));
    for (uint32_t i = 0; i < 2 * size + 1 && i < 9000; i++) {
        QNSqe cmd = { .opcode = QN_GET_FEATURES, .cdw10 = QN_F_QUEUES };

        g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), ==, QN_OK);
    }
    g_assert_cmphex(qn_identify(n, 1, 0, id), ==, QN_OK);
}

static void test_admin_sizes(QNvme *n)
{
    check_admin_size(n, 2);
    check_admin_size(n, 3);
    check_admin_size(n, 256);
}

static void test_admin_4096(QNvme *n)
{
    check_admin_size(n, 4096);
}

/* One doorbell for each entry, for several, and told of late: nothing is lost or twice. */
static void test_doorbell_order(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, NULL_NS, 0, 1);
    unsigned submitted = 0, done = 0;
    GRand *rand = g_rand_new_with_seed(1);
    QNCq cq;
    QNSq sq;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    qn_create_cq(n, &cq, 2, 7, -1);
    qn_create_sq(n, &sq, 2, 5, &cq);
    while (done < 500) {
        unsigned burst = g_rand_int_range(rand, 1, 5 - (submitted - done));
        QNCqe cqe;

        for (unsigned i = 0; i < burst; i++) {
            qn_put(n, &sq, &cmd);
            if (g_rand_boolean(rand)) {
                qn_ring(n, &sq);
            }
        }
        submitted += burst;
        qn_ring(n, &sq);
        do {
            g_assert_true(qn_wait(n, &cq, &cqe, QN_SECONDS));
            g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
            done++;
        } while (submitted - done > 3 || (submitted > done && g_rand_boolean(rand)));
    }
    g_rand_free(rand);
}

/* Queues in pieces, where CAP.CQR does not forbid them: pages in no order. */
static void test_pieces(QNvme *n)
{
    enum { PAGES = 4 };
    QNSqe cmd = qn_rw(QN_READ, NULL_NS, 0, 1);
    QNSqe cq = { .opcode = QN_CREATE_CQ, .cdw10 = (PAGES * 256 - 1) << 16 | 2 };
    QNSqe sq = { .opcode = QN_CREATE_SQ, .cdw10 = (PAGES * 64 - 1) << 16 | 2, .cdw11 = 2 << 16 };
    uint64_t cqs = qn_alloc(n, PAGES * QN_PAGE), sqs = qn_alloc(n, PAGES * QN_PAGE);
    unsigned tail = 0, head = 0;

    if (n->cap >> 16 & 1) {
        g_test_skip("queues have to be contiguous");
        return;
    }
    cmd.prp1 = qn_alloc(n, QN_PAGE);
    cq.prp1 = qn_alloc(n, QN_PAGE);
    sq.prp1 = qn_alloc(n, QN_PAGE);
    for (unsigned i = 0; i < PAGES; i++) {
        uint64_t cq_page = cqs + (PAGES - 1 - i) * QN_PAGE, sq_page = sqs + (i ^ 1) * QN_PAGE;

        qos_mem_write(n->d, cq.prp1 + 8 * i, &cq_page, sizeof(cq_page));
        qos_mem_write(n->d, sq.prp1 + 8 * i, &sq_page, sizeof(sq_page));
    }
    g_assert_cmphex(qn_do(n, &n->admin, &cq, NULL), ==, QN_OK);
    g_assert_cmphex(qn_do(n, &n->admin, &sq, NULL), ==, QN_OK);
    for (unsigned i = 0; i < 2 * PAGES * 256; i++) {
        uint64_t at = cqs + (PAGES - 1 - head / 256) * QN_PAGE + head % 256 * sizeof(QNCqe);
        gint64 end = g_get_monotonic_time() + QN_SECONDS * 1e6;
        uint16_t phase = i < PAGES * 256;
        QNCqe cqe;

        cmd.cid = i;
        qos_mem_write(n->d, sqs + ((tail / 64) ^ 1) * QN_PAGE + tail % 64 * sizeof(cmd), &cmd,
                      sizeof(cmd));
        tail = (tail + 1) % (PAGES * 64);
        qn_doorbell(n, 2, false, tail);
        while (qos_mem_read(n->d, at, &cqe, sizeof(cqe)), (cqe.status & 1) != phase) {
            g_assert_cmpint(g_get_monotonic_time(), <, end);
            qos_serve(n->d, 0.0001);
        }
        g_assert_cmpuint(cqe.cid, ==, i);
        g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
        head = (head + 1) % (PAGES * 256);
        qn_doorbell(n, 2, true, head);
    }
}

/* --- a full completion queue --- */

static void test_cq_full(QNvme *n)
{
    enum { COMMANDS = 20, CQ = 4 };
    QNSqe cmd = qn_rw(QN_READ, NULL_NS, 0, 1);
    g_autofree unsigned char *seen G_GNUC_UNUSED = g_malloc0(COMMANDS);
    QNCqe cqe;
    QNCq cq;
    QNSq sq;
    Batch b;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    qn_create_cq(n, &cq, 2, CQ, -1);
    qn_create_sq(n, &sq, 2, 64, &cq);
    b = start_batch(n, &sq, COMMANDS, 100, &cmd);
    qos_serve(n->d, 0.1);
    /* One less than the queue has; what is there stays as it is. */
    for (unsigned i = 0; i < CQ - 1; i++) {
        g_assert_true(qn_reap(n, &cq, &cqe));
        take_one(&b, &cqe, QN_OK);
    }
    g_assert_false(qn_reap(n, &cq, &cqe));
    while (b.done < COMMANDS) {
        qn_ack(n, &cq);
        qos_serve(n->d, 0.02);
        for (unsigned i = 0; i < CQ - 1 && qn_reap(n, &cq, &cqe); i++) {
            take_one(&b, &cqe, QN_OK);
        }
    }
    qn_ack(n, &cq);
    g_free(b.seen);
    qn_assert_works(n);
}

/* Two submission queues share a completion queue that is smaller than both. */
static void test_shared_cq(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, NULL_NS, 0, 1);
    unsigned count[4] = { 0 };
    QNCq cq;
    QNSq sq[2];

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    qn_create_cq(n, &cq, 2, 5, -1);
    qn_create_sq(n, &sq[0], 2, 32, &cq);
    qn_create_sq(n, &sq[1], 3, 32, &cq);
    for (unsigned i = 0; i < 31; i++) {
        qn_put(n, &sq[0], &cmd);
        qn_put(n, &sq[1], &cmd);
    }
    qn_ring(n, &sq[0]);
    qn_ring(n, &sq[1]);
    for (unsigned i = 0; i < 62; i++) {
        QNCqe cqe;

        g_assert_true(qn_wait(n, &cq, &cqe, QN_SECONDS));
        g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
        g_assert_true(cqe.sq_id == 2 || cqe.sq_id == 3);
        count[cqe.sq_id]++;
    }
    g_assert_cmpuint(count[2], ==, 31);
    g_assert_cmpuint(count[3], ==, 31);
}

/* --- outstanding --- */

static Batch hold_reads(QNvme *n, QNSq *sq, unsigned count, uint64_t iova)
{
    QNSqe cmd = qn_rw(QN_READ, HELD_NS, 0, 1);
    Batch b;

    cmd.prp1 = iova;
    qn_hold(n, 0, true);
    b = start_batch(n, sq, count, 1000, &cmd);
    qn_wait_held(n, 0, count);
    return b;
}

static void test_64k_outstanding(QNvme *n)
{
    uint64_t iova = qn_alloc(n, QN_PAGE);
    QNCqe cqe;
    QNCq cq;
    QNSq sq;
    Batch b;

    qn_create_cq(n, &cq, 2, 65536, -1);
    qn_create_sq(n, &sq, 2, 65536, &cq);
    b = hold_reads(n, &sq, 65535, iova);
    g_assert_false(qn_reap(n, &cq, &cqe));
    qn_hold(n, 0, false);
    finish_batch(n, &b, QN_OK);
    qn_assert_works(n);
}

static uint16_t abort_command(QNvme *n, uint16_t sqid, uint16_t cid, bool *aborted)
{
    QNSqe cmd = { .opcode = QN_ABORT, .cdw10 = (uint32_t)cid << 16 | sqid };
    QNCqe cqe = { 0 };
    uint16_t status = qn_do(n, &n->admin, &cmd, &cqe);

    *aborted = !(cqe.dw0 & 1);
    return status;
}

/* Base 5.1: the command ends with its own entry, and only once. */
static void test_abort(QNvme *n)
{
    uint64_t iova = qn_alloc(n, QN_PAGE);
    Batch b = hold_reads(n, &n->sq, 3, iova);
    bool aborted;
    QNCqe cqe;

    g_assert_cmphex(abort_command(n, 1, 1001, &aborted), ==, QN_OK);
    g_assert_true(aborted);
    g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
    g_assert_cmpuint(cqe.cid, ==, 1001);
    take_one(&b, &cqe, QN_ABORT_REQUESTED);
    g_assert_cmphex(abort_command(n, 1, 1001, &aborted), ==, QN_OK);
    g_assert_false(aborted);
    abort_command(n, 2, 1000, &aborted);        /* of another queue: no success, or an error */
    g_assert_cmpuint(qn_held(n, 0), ==, 2);
    qn_hold(n, 0, false);
    finish_batch(n, &b, QN_OK);
    g_assert_false(qn_wait(n, &n->cq, &cqe, 0.1));
    qn_assert_works(n);
}

/* An identifier that is in use: refused, or both end. Never more than two entries. */
static void test_identifier_twice(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, HELD_NS, 0, 1);
    bool aborted;
    QNCqe cqe;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    cmd.cid = 77;
    qn_hold(n, 0, true);
    qn_put_as_is(n, &n->sq, &cmd);
    qn_put_as_is(n, &n->sq, &cmd);
    qn_ring(n, &n->sq);
    qos_serve(n->d, 0.05);
    g_assert_cmphex(abort_command(n, 1, 77, &aborted), ==, QN_OK);
    qn_hold(n, 0, false);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
        g_assert_cmpuint(cqe.cid, ==, 77);
        g_assert_true(qn_status(&cqe) == QN_OK || qn_status(&cqe) == QN_CID_CONFLICT ||
                      qn_status(&cqe) == QN_ABORT_REQUESTED);
    }
    g_assert_false(qn_wait(n, &n->cq, &cqe, 0.1));
    qn_assert_works(n);
}

/* --- deletion --- */

/* Base 5.7: after the deletion's own completion nothing comes any more. */
static void test_delete_outstanding(QNvme *n)
{
    uint64_t iova = qn_alloc(n, QN_PAGE);
    QNCqe cqe;
    QNCq cq;
    QNSq sq;
    Batch b;

    qn_create_cq(n, &cq, 2, 64, -1);
    qn_create_sq(n, &sq, 2, 64, &cq);
    b = hold_reads(n, &sq, 20, iova);
    qos_mem_set(n->d, iova, 0xa5, QN_PAGE);
    qn_delete_sq(n, &sq);
    while (qn_reap(n, &cq, &cqe)) {
        take_one(&b, &cqe, QN_SQ_DELETED);
    }
    g_assert_cmpuint(qn_held(n, 0), ==, 0);
    qn_hold(n, 0, false);
    qos_serve(n->d, 0.1);
    g_assert_false(qn_reap(n, &cq, &cqe));
    qn_assert_filled(n, iova, 0xa5, QN_PAGE);
    qn_delete_cq(n, &cq);
    qn_create_cq(n, &cq, 2, 16, -1);
    qn_create_sq(n, &sq, 2, 16, &cq);
    qn_assert_works(n);
    g_free(b.seen);
}

/* The full completion queue of the commands goes with them. */
static void test_delete_full(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, NULL_NS, 0, 1);
    QNCq cq;
    QNSq sq;
    Batch b;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    qn_create_cq(n, &cq, 2, 3, -1);
    qn_create_sq(n, &sq, 2, 64, &cq);
    b = start_batch(n, &sq, 50, 0, &cmd);
    qos_serve(n->d, 0.05);
    qn_delete_sq(n, &sq);
    qn_delete_cq(n, &cq);
    qn_assert_works(n);
    g_free(b.seen);
}

/* --- interrupts --- */

static void test_vectors(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, NULL_NS, 0, 1);
    QNCq cq[4];
    QNSq sq[4];

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    qos_irq_enable(n->d, QOS_MSIX);
    for (unsigned i = 0; i < 4; i++) {
        qos_vector_bind(n->d, i + 1, true);
        qn_create_cq(n, &cq[i], i + 2, 16, i == 3 ? -1 : (int)i + 1);
        qn_create_sq(n, &sq[i], i + 2, 16, &cq[i]);
    }
    qos_vector_wait(n->d, 0, 0.01);             /* the admin queue's */
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(qn_do(n, &sq[i], &cmd, NULL), ==, QN_OK);
        g_assert_cmpuint(qos_vector_wait(n->d, i + 1, i == 3 ? 0.05 : 2), ==, i != 3);
        for (unsigned k = 0; k <= 4; k++) {
            g_assert_cmpuint(qos_vector_wait(n->d, k, 0), ==, 0);
        }
    }
}

/* INTMS and INTMC: base 3.1.3.3; for the pin only. */
static void test_mask(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, NULL_NS, 0, 1);
    QNCqe cqe;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    qos_irq_enable(n->d, QOS_INTX);
    qos_write(n->d, 0, QN_INTMS, 4, 1);
    g_assert_cmphex(qos_read(n->d, 0, QN_INTMS, 4), ==, 1);
    qn_submit(n, &n->sq, &cmd);
    g_assert_cmpuint(qos_irq_wait(n->d, 0.05), ==, 0);
    qos_write(n->d, 0, QN_INTMC, 4, 1);
    g_assert_cmphex(qos_read(n->d, 0, QN_INTMC, 4), ==, 0);
    g_assert_cmpuint(qos_irq_wait(n->d, 2), ==, 1);
    g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
    qos_irq_unmask(n->d);
    g_assert_cmpuint(qos_irq_wait(n->d, 0.05), ==, 0);
}

int main(int argc, char **argv)
{
    static const QNCase cases[] = {
        { "queues/wrap-2", test_wrap_2, &file_and_null },
        { "queues/wrap-3", test_wrap_3, &file_and_null },
        { "queues/wrap-4096", test_wrap_4096, &file_and_null },
        { "queues/wrap-65536", test_wrap_65536, &file_and_null },
        { "queues/admin-sizes", test_admin_sizes },
        { "queues/admin-4096", test_admin_4096, NULL, QOS_CAN_MAP },    /* too slow over qtest */
        { "queues/doorbell-order", test_doorbell_order, &file_and_null },
        { "queues/pieces", test_pieces, &file_and_null },
        { "queues/cq-full", test_cq_full, &file_and_null },
        { "queues/shared-cq", test_shared_cq, &file_and_null },
        { "queues/64k-outstanding", test_64k_outstanding, &held },
        { "queues/abort", test_abort, &held },
        { "queues/identifier-twice", test_identifier_twice, &held },
        { "queues/delete-outstanding", test_delete_outstanding, &held },
        { "queues/delete-full", test_delete_full, &file_and_null },
        { "queues/vectors", test_vectors, &file_and_null },
        { "queues/mask", test_mask, &file_and_null },
        { NULL }
    };

    return qn_cases_run(argc, argv, cases);
}
