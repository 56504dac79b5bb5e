/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Doorbells: wrong registers and values and the events that tell of them (base
 * 5.2.1), the page that a client maps, and shadow doorbells (base 5.8, B.5).
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "nvme-case.h"

enum { QUEUES = 4, SIZE = 64 };

static const QNRig few = { ",max_ioqpairs=4,aerl=3", { { QN_MEDIUM_FILE } } };
static const QNRig mapped = { ",mmap-doorbells=on,aerl=3",
                              { { QN_MEDIUM_FILE }, { QN_MEDIUM_NULL, "" } } };
static const QNRig shadow = { ",dbbuf=on,aerl=3", { { QN_MEDIUM_FILE }, { QN_MEDIUM_NULL, "" } } };
static const QNRig polled = { ",dbbuf=on", { { QN_MEDIUM_FILE }, { QN_MEDIUM_NULL, "" } },
                              ",poll-max-ns=10000000" };
static const QNRig naps = { ",dbbuf=on", { { QN_MEDIUM_FILE }, { QN_MEDIUM_NULL, "" } },
                            ",poll-max-ns=30000" };
static const QNRig both = { ",dbbuf=on,mmap-doorbells=on",
                            { { QN_MEDIUM_FILE }, { QN_MEDIUM_NULL, "" } } };

/* Reading the log lets events of its type come again. */
static void clear_events(QNvme *n)
{
    uint8_t log[64];

    g_assert_cmphex(qn_get_log(n, QN_LOG_ERRORS, QN_ALL_NS, log, sizeof(log)), ==, QN_OK);
}

static void expect_error_event(QNvme *n, unsigned info)
{
    g_assert_cmphex(qn_take_event(n), ==, QN_EVENT(QN_EVENT_ERROR, info, QN_LOG_ERRORS));
    clear_events(n);
}

/* --- wrong values --- */

static void test_values(QNvme *n)
{
    static const struct { unsigned id; bool cq; uint32_t value; } rows[] = {
        { 1, false, SIZE }, { 1, false, 0xffff }, { 1, false, SIZE + 1 },
        { 1, true, SIZE }, { 1, true, 0xffff },
        { 0, false, SIZE }, { 0, true, SIZE }, { 0, false, 0xffff },
        { 1, true, 40 },                        /* more than there is to take */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("queue %u %d value 0x%x", rows[i].id, rows[i].cq, rows[i].value);
        qn_ask_event(n);
        qn_doorbell(n, rows[i].id, rows[i].cq, rows[i].value);
        expect_error_event(n, QN_BAD_VALUE);
        qn_assert_works(n);
    }
}

static void test_registers(QNvme *n)
{
    static const struct { unsigned id; bool cq; } rows[] = {
        { 2, false }, { 2, true }, { QUEUES, true }, { QUEUES + 1, false }, { 100, false },
        { 511, true },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("queue %u %d", rows[i].id, rows[i].cq);
        qn_ask_event(n);
        qn_doorbell(n, rows[i].id, rows[i].cq, 1);
        expect_error_event(n, QN_BAD_DOORBELL);
        qn_assert_works(n);
    }
}

static void test_deleted(QNvme *n)
{
    QNCq cq;
    QNSq sq;

    qn_create_cq(n, &cq, 2, 16, -1);
    qn_create_sq(n, &sq, 2, 16, &cq);
    qn_delete_sq(n, &sq);
    qn_ask_event(n);
    qn_doorbell(n, 2, false, 1);
    expect_error_event(n, QN_BAD_DOORBELL);
    qn_delete_cq(n, &cq);
    qn_ask_event(n);
    qn_doorbell(n, 2, true, 1);
    expect_error_event(n, QN_BAD_DOORBELL);
    qn_assert_works(n);
}

/* An event waits for its request; more of the type are not told before the log was read. */
static void test_event_waits(QNvme *n)
{
    QNCqe cqe;

    qn_doorbell(n, 1, false, SIZE);
    qos_serve(n->d, 0.02);
    qn_ask_event(n);
    g_assert_cmphex(qn_take_event(n), ==,
                    QN_EVENT(QN_EVENT_ERROR, QN_BAD_VALUE, QN_LOG_ERRORS));
    qn_ask_event(n);
    qn_doorbell(n, 1, false, SIZE);
    g_assert_false(qn_wait(n, &n->admin_cq, &cqe, 0.05));
    clear_events(n);
    qn_doorbell(n, 2, false, 1);
    qn_take_event(n);
    clear_events(n);
    qn_assert_works(n);
}

static void test_event_storm(QNvme *n)
{
    QNCqe cqe;

    for (unsigned i = 0; i < 5000; i++) {
        qn_doorbell(n, i % 600, i & 1, i * 0x10001 | 0x8000);
    }
    qn_ask_event(n);
    qn_take_event(n);
    qn_ask_event(n);
    g_assert_false(qn_wait(n, &n->admin_cq, &cqe, 0.05));
    clear_events(n);
    qn_assert_works(n);
}

/* Other widths and odd places are not doorbells; nothing may come of them but an event. */
static void test_odd_accesses(QNvme *n)
{
    for (unsigned width = 1; width <= 8; width *= 2) {
        for (unsigned offset = 0; offset < 16; offset += width) {
            if (width == 4) {
                continue;
            }
            qos_write(n->d, 0, QN_DOORBELLS + offset, width, 0xffffffffffffffff);
            qos_read(n->d, 0, QN_DOORBELLS + offset, width);
        }
    }
    qn_start(n);
    qn_assert_works(n);
}

/* --- the mapped page --- */

static void busy(QNvme *n, unsigned rounds)
{
    QNSqe cmd = qn_rw(QN_READ, 2, 0, 8);
    uint64_t mark = n->next;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    for (unsigned i = 0; i < rounds; i++) {
        qos_mem_set(n->d, cmd.prp1, 0x11, 512);
        g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
        qn_assert_filled(n, cmd.prp1, 0, 512);
    }
    qn_rewind(n, mark);
}

static void test_mapped(QNvme *n)
{
    g_assert_true(qn_map_doorbells(n));
    busy(n, 2000);
    qn_assert_works(n);
    /* The server sleeps, and wakes. */
    for (unsigned i = 0; i < 5; i++) {
        qos_serve(n->d, 0.05);
        busy(n, 3);
    }
    /* New queues are found there too. */
    qn_start(n);
    busy(n, 100);
    /* Registers are still messages. */
    g_assert_cmphex(qos_read(n->d, 0, QN_CSTS, 4) & QN_CSTS_RDY, ==, QN_CSTS_RDY);
}

static void test_mapped_hostile(QNvme *n)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    g_assert_true(qn_map_doorbells(n));
    qn_ask_event(n);
    qn_doorbell(n, 1, false, SIZE);
    expect_error_event(n, QN_BAD_VALUE);
    for (unsigned i = 0; i < 200000; i++) {
        qatomic_set((volatile uint32_t *)(n->doorbells + 4 * (g_rand_int(rand) % 1024)),
                    g_rand_int(rand) >> (g_rand_int(rand) % 32));
    }
    qos_serve(n->d, 0.05);
    memset((void *)n->doorbells, 0, QN_PAGE);
    qn_start(n);
    busy(n, 100);
    qn_assert_works(n);
}

static void test_not_offered(QNvme *n)
{
    g_assert_false(qn_map_doorbells(n));
    qn_assert_works(n);
}

/* --- shadow doorbells --- */

typedef struct Shadow {
    uint64_t doorbells, event_idx;
} Shadow;

static uint32_t get32(QNvme *n, uint64_t iova)
{
    uint32_t value;

    qos_mem_read(n->d, iova, &value, sizeof(value));
    return value;
}

static void set32(QNvme *n, uint64_t iova, uint32_t value)
{
    qos_mem_write(n->d, iova, &value, sizeof(value));
}

static Shadow configure(QNvme *n)
{
    Shadow s = { qn_alloc(n, QN_PAGE), qn_alloc(n, QN_PAGE) };
    QNSqe cmd = { .opcode = QN_DBBUF, .prp1 = s.doorbells, .prp2 = s.event_idx };

    g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), ==, QN_OK);
    return s;
}

/* The register is written only when the controller wants it: B.5. */
static bool ring_shadow(QNvme *n, const Shadow *s, unsigned id, bool cq, uint32_t value)
{
    unsigned at = (2 * id + cq) * n->stride;
    uint16_t old = get32(n, s->doorbells + at), idx;

    set32(n, s->doorbells + at, value);
    smp_mb();
    idx = get32(n, s->event_idx + at);
    if ((uint16_t)(value - idx - 1) >= (uint16_t)(value - old)) {
        return false;
    }
    qn_doorbell(n, id, cq, value);
    return true;
}

static unsigned shadow_reads(QNvme *n, const Shadow *s, unsigned rounds)
{
    QNSqe cmd = qn_rw(QN_READ, 2, 0, 1);
    uint64_t mark = n->next;
    unsigned registers = 0;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    for (unsigned i = 0; i < rounds; i++) {
        gint64 end = g_get_monotonic_time() + QN_SECONDS * 1e6;
        QNCqe cqe;

        qn_put(n, &n->sq, &cmd);
        registers += ring_shadow(n, s, 1, false, n->sq.tail);
        while (!qn_reap(n, &n->cq, &cqe)) {
            g_assert_cmpint(g_get_monotonic_time(), <, end);
            qos_serve(n->d, 0.0001);
        }
        g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
        ring_shadow(n, s, 1, true, n->cq.head);
    }
    qn_rewind(n, mark);
    return registers;
}

static void test_shadow(QNvme *n)
{
    Shadow s = configure(n);

    /* Queues that are there already and new ones. */
    shadow_reads(n, &s, 300);
    qn_start(n);
    s = configure(n);
    shadow_reads(n, &s, 300);
}

static void test_shadow_hostile(QNvme *n)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    Shadow s = configure(n);

    for (unsigned i = 0; i < 2000; i++) {
        unsigned id = g_rand_int_range(rand, 0, 4);
        bool cq = g_rand_boolean(rand);

        set32(n, s.doorbells + (2 * id + cq) * n->stride,
              g_rand_int(rand) >> (g_rand_int(rand) % 32));
        set32(n, s.event_idx + (2 * id + cq) * n->stride, g_rand_int(rand));
        qn_doorbell(n, id, cq, g_rand_int_range(rand, 0, SIZE));
    }
    qos_serve(n->d, 0.02);
    qn_start(n);
    qn_assert_works(n);
    qn_start(n);
    s = configure(n);
    shadow_reads(n, &s, 50);
}

/* A server that polls is not rung for: only once in a round of the queue, and when it slept. */
static void test_shadow_polled(QNvme *n)
{
    Shadow s = configure(n);
    unsigned rings;

    shadow_reads(n, &s, 1000);
    rings = shadow_reads(n, &s, 10000);
    g_test_message("%u doorbells for 10000 commands", rings);
    g_assert_cmpuint(rings, <, 5000);
}

/* The host goes on at any moment of the server's falling asleep: each command ends. */
static void test_shadow_naps(QNvme *n)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    Shadow s = configure(n);
    unsigned rings = 0, rounds = g_test_slow() ? 200000 : 20000;

    for (unsigned i = 0; i < rounds; i++) {
        gint64 end = g_get_monotonic_time() + g_rand_int_range(rand, 0, 60);

        rings += shadow_reads(n, &s, 1);
        while (g_get_monotonic_time() < end) {
        }
    }
    g_test_message("%u doorbells for %u commands", rings, rounds);
}

/* Pages that cannot be: base 5.8. */
static void test_shadow_pages(QNvme *n)
{
    uint64_t page = qn_alloc(n, QN_PAGE);
    struct { uint64_t prp1, prp2; } rows[] = {
        { page + 4, page }, { page, page + 8 }, { page + 1, page + 1 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        QNSqe cmd = { .opcode = QN_DBBUF, .prp1 = rows[i].prp1, .prp2 = rows[i].prp2 };
        uint16_t status = qn_do(n, &n->admin, &cmd, NULL);

        g_assert_true(status == QN_INVALID_FIELD || status == QN_PRP_OFFSET);
        qn_assert_works(n);
    }
}

static void test_shadow_nowhere(QNvme *n)
{
    QNSqe cmd = { .opcode = QN_DBBUF, .prp1 = QN_NOWHERE, .prp2 = QN_NOWHERE + QN_PAGE };

    qn_do(n, &n->admin, &cmd, NULL);
    qn_start(n);
    qn_assert_works(n);
}

static void test_shadow_refused(QNvme *n)
{
    QNSqe cmd = { .opcode = QN_DBBUF, .prp1 = qn_alloc(n, QN_PAGE) };

    cmd.prp2 = qn_alloc(n, QN_PAGE);
    g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), ==, QN_INVALID_OPCODE);
}

int main(int argc, char **argv)
{
    static const QNRig no_shadow = { ",dbbuf=off", { { QN_MEDIUM_FILE } } };
    static const QNCase cases[] = {
        { "doorbells/values", test_values, &few },
        { "doorbells/registers", test_registers, &few },
        { "doorbells/deleted", test_deleted, &few },
        { "doorbells/event-waits", test_event_waits, &few },
        { "doorbells/event-storm", test_event_storm, &few },
        { "doorbells/odd-accesses", test_odd_accesses, &few },
        { "doorbells/mapped", test_mapped, &mapped, QOS_CAN_MAP },
        { "doorbells/mapped-hostile", test_mapped_hostile, &mapped, QOS_CAN_MAP },
        { "doorbells/not-offered", test_not_offered, &few },
        { "doorbells/by-message-all-the-same", test_values, &mapped },
        { "doorbells/shadow", test_shadow, &shadow },
        { "doorbells/shadow-polled", test_shadow_polled, &polled, QOS_CAN_MESSAGES },
        { "doorbells/shadow-naps", test_shadow_naps, &naps, QOS_CAN_MESSAGES },
        { "doorbells/shadow-and-mapped", test_shadow, &both, QOS_CAN_MAP },
        { "doorbells/shadow-hostile", test_shadow_hostile, &shadow },
        { "doorbells/shadow-pages", test_shadow_pages, &shadow },
        { "doorbells/shadow-nowhere", test_shadow_nowhere, &shadow },
        { "doorbells/shadow-refused", test_shadow_refused, &no_shadow },
        { NULL }
    };

    return qn_cases_run(argc, argv, cases);
}
