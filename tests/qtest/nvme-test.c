/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme where time has to be exact, and what the operator does to it: latency of
 * the medium, coalescing of interrupts (base 5.27.1.6), events of namespaces that
 * are resized, come and go, shadows of errors in QMP.
 */
#include "device-case.h"
#include "nvme.h"

enum {
    LATENCY = 100 * 1000 * 1000,        /* of namespace 2 */
    TIME_UNIT = 100 * 1000,             /* ns; of coalescing */
    DISABLED = 1 << 16,                 /* of a vector's coalescing */
    NS_ATTRIBUTES = 1 << 8,             /* of the events that are wanted */
};

static uint64_t submit_reads(QNvme *n, uint32_t nsid, unsigned count)
{
    QNSqe cmd = qn_rw(QN_READ, nsid, 0, 8);

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    for (unsigned i = 0; i < count; i++) {
        qn_put(n, &n->sq, &cmd);
    }
    qn_ring(n, &n->sq);
    return cmd.prp1;
}

static bool taken(QNvme *n, unsigned count)
{
    QNCqe cqe;

    for (unsigned i = 0; i < count; i++) {
        if (!qn_reap(n, &n->cq, &cqe)) {
            return false;
        }
        g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
    }
    qn_ack(n, &n->cq);
    return true;
}

/* The controller adds nothing to the time that the medium takes. */
static void test_latency(QosDevice *d, QTestState *qts)
{
    QNvme *n = qn_of(d);
    uint64_t page = submit_reads(n, 2, 1);

    qos_mem_set(d, page, 0xee, QN_PAGE);
    qtest_clock_step(qts, LATENCY - 1);
    g_assert_false(taken(n, 1));
    g_assert_cmphex(qtest_readl(qts, page), ==, 0xeeeeeeee);
    qtest_clock_step(qts, 1);
    g_assert_true(taken(n, 1));
    g_assert_cmphex(qtest_readl(qts, page), ==, 0);
}

/* Requests of one queue overlap: the second ends when its own time is over. */
static void test_overlap(QosDevice *d, QTestState *qts)
{
    QNvme *n = qn_of(d);

    submit_reads(n, 2, 1);
    qtest_clock_step(qts, LATENCY / 2);
    submit_reads(n, 2, 1);
    qtest_clock_step(qts, LATENCY / 2);
    g_assert_true(taken(n, 1));
    g_assert_false(taken(n, 1));
    qtest_clock_step(qts, LATENCY / 2);
    g_assert_true(taken(n, 1));
}

/* --- coalescing --- */

static QNvme *coalescing(QosDevice *d, unsigned threshold0, unsigned time)
{
    QNvme *n = qn_of(d);

    qos_irq_enable(d, QOS_MSIX);
    qos_vector_bind(d, 1, true);
    g_assert_cmphex(qn_set_feature(n, QN_F_COALESCING, time << 8 | threshold0, NULL), ==, QN_OK);
    qn_delete_sq(n, &n->sq);
    qn_delete_cq(n, &n->cq);
    qn_create_cq(n, &n->cq, 1, 64, 1);
    qn_create_sq(n, &n->sq, 1, 64, &n->cq);
    return n;
}

static void test_coalescing_time(QosDevice *d, QTestState *qts)
{
    QNvme *n = coalescing(d, 7, 10);

    submit_reads(n, 3, 1);
    g_assert_true(taken(n, 1));
    qtest_clock_step(qts, 10 * TIME_UNIT - 1);
    g_assert_cmpuint(qos_vector_wait(d, 1, 0), ==, 0);
    qtest_clock_step(qts, 1);
    g_assert_cmpuint(qos_vector_wait(d, 1, 0), ==, 1);
    qtest_clock_step(qts, 100 * TIME_UNIT);
    g_assert_cmpuint(qos_vector_wait(d, 1, 0), ==, 0);
}

static void test_coalescing_threshold(QosDevice *d, QTestState *qts)
{
    QNvme *n = coalescing(d, 3, 255);

    submit_reads(n, 3, 3);
    g_assert_true(taken(n, 3));
    g_assert_cmpuint(qos_vector_wait(d, 1, 0), ==, 0);
    submit_reads(n, 3, 1);
    g_assert_true(taken(n, 1));
    g_assert_cmpuint(qos_vector_wait(d, 1, 0), ==, 1);
}

/* A vector of its own, and the admin queue's: at once. */
static void test_coalescing_disabled(QosDevice *d, QTestState *qts)
{
    QNvme *n = coalescing(d, 7, 255);

    qos_vector_wait(d, 0, 0);
    g_assert_cmphex(qn_set_feature(n, QN_F_VECTOR, DISABLED | 1, NULL), ==, QN_OK);
    g_assert_cmpuint(qos_vector_wait(d, 0, 0), ==, 1);
    submit_reads(n, 3, 1);
    g_assert_true(taken(n, 1));
    g_assert_cmpuint(qos_vector_wait(d, 1, 0), ==, 1);
}

/* --- what the operator does --- */

static void want_events(QNvme *n)
{
    QNSqe cmd = { .opcode = QN_ASYNC_EVENT };

    g_assert_cmphex(qn_set_feature(n, QN_F_EVENTS, NS_ATTRIBUTES, NULL), ==, QN_OK);
    qn_submit(n, &n->admin, &cmd);
}

/* The event, and the log that says which namespace: base 5.16.1.5. */
static void expect_changed(QNvme *n, uint32_t nsid)
{
    uint8_t log[QN_PAGE];
    QNCqe cqe = { 0 };

    g_assert_true(qn_wait(n, &n->admin_cq, &cqe, QN_SECONDS));
    g_assert_cmphex(cqe.dw0, ==,
                    QN_EVENT_NOTICE | QN_NS_CHANGED << 8 | QN_LOG_CHANGED_NS << 16);
    g_assert_cmphex(qn_get_log(n, QN_LOG_CHANGED_NS, QN_ALL_NS, log, sizeof(log)), ==, QN_OK);
    g_assert_cmpuint(ldl_le_p(log), ==, nsid);
    g_assert_cmpuint(ldl_le_p(log + 4), ==, 0);
    /* read: empty now */
    g_assert_cmphex(qn_get_log(n, QN_LOG_CHANGED_NS, QN_ALL_NS, log, sizeof(log)), ==, QN_OK);
    g_assert_cmpuint(ldl_le_p(log), ==, 0);
}

static uint64_t namespace_size(QNvme *n, uint32_t nsid)
{
    uint8_t id[QN_PAGE];

    g_assert_cmphex(qn_identify(n, 0, nsid, id), ==, QN_OK);
    return ldq_le_p(id);
}

static void test_resize(QosDevice *d, QTestState *qts)
{
    QNvme *n = qn_of(d);
    uint64_t page = qn_alloc(n, QN_PAGE), blocks = QN_FILE_SIZE / 512;

    g_assert_cmpuint(namespace_size(n, 1), ==, blocks);
    g_assert_cmphex(qn_io(n, QN_READ, 1, blocks, 8, page, QN_PAGE), ==, QN_LBA_RANGE);
    want_events(n);
    qtest_qmp_assert_success(qts, "{\"execute\": \"block_resize\", \"arguments\": "
                             "{\"node-name\": \"disk0\", \"size\": %u}}", 2 * QN_FILE_SIZE);
    expect_changed(n, 1);
    g_assert_cmpuint(namespace_size(n, 1), ==, 2 * blocks);
    g_assert_cmphex(qn_io(n, QN_READ, 1, blocks, 8, page, QN_PAGE), ==, QN_OK);
}

static void test_hot_plug(QosDevice *d, QTestState *qts)
{
    QNvme *n = qn_of(d);
    uint64_t page = qn_alloc(n, QN_PAGE);

    qtest_qmp_assert_success(qts, "{\"execute\": \"blockdev-add\", \"arguments\": {\"driver\": "
                             "\"null-co\", \"node-name\": \"more\", \"read-zeroes\": true}}");
    want_events(n);
    qtest_qmp_device_add(qts, "nvme-ns", "ns4",
                         "\"bus\": \"d0\", \"drive\": \"more\", \"nsid\": 4");
    expect_changed(n, 4);
    g_assert_cmphex(qn_io(n, QN_READ, 4, 0, 8, page, QN_PAGE), ==, QN_OK);
    want_events(n);
    qtest_qmp_device_del(qts, "ns4");
    expect_changed(n, 4);
    g_assert_cmphex(qn_io(n, QN_READ, 4, 0, 8, page, QN_PAGE), ==, QN_INVALID_FIELD);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 0, 8, page, QN_PAGE), ==, QN_OK);
}

/* The namespace goes while its requests are with the medium. */
static void test_unplug_busy(QosDevice *d, QTestState *qts)
{
    QNvme *n = qn_of(d);
    QNCqe cqe;

    submit_reads(n, 4, 5);
    g_assert_false(qn_wait(n, &n->cq, &cqe, 0.001));
    qtest_qmp_device_del(qts, "ns4");
    for (unsigned i = 0; i < 5; i++) {
        g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
        g_assert_cmphex(qn_status(&cqe), !=, QN_OK);
    }
    qtest_clock_step(qts, 2 * (int64_t)LATENCY);
    g_assert_false(qn_reap(n, &n->cq, &cqe));
}

static void test_unplug_ns(QosDevice *d, QTestState *qts)
{
    qtest_qmp_assert_success(qts, "{\"execute\": \"blockdev-add\", \"arguments\": {\"driver\": "
                             "\"null-co\", \"node-name\": \"late\", \"latency-ns\": %d}}",
                             LATENCY);
    qtest_qmp_device_add(qts, "nvme-ns", "ns4",
                         "\"bus\": \"d0\", \"drive\": \"late\", \"nsid\": 4");
    test_unplug_busy(d, qts);
}

/* Unsafe shutdowns, reads and writes in units of a thousand blocks: base 5.16.1.3. */
static void test_smart(QosDevice *d, QTestState *qts)
{
    QNvme *n = qn_of(d);
    uint8_t log[512];

    for (unsigned i = 0; i < 251; i++) {
        submit_reads(n, 3, 1);
        g_assert_true(taken(n, 1));
    }
    g_assert_cmphex(qn_get_log(n, QN_LOG_SMART, QN_ALL_NS, log, sizeof(log)), ==, QN_OK);
    /* 251 times 8 blocks, rounded up */
    g_assert_cmpuint(ldq_le_p(log + 32), ==, 3);
    g_assert_cmpuint(ldq_le_p(log + 48), ==, 0);
    g_assert_cmpuint(ldq_le_p(log + 64), ==, 251);
    g_assert_cmpuint(log[0], ==, 0);                    /* no warning */
    g_assert_cmpuint(lduw_le_p(log + 1), >, 273);       /* kelvin */
}

/* Milliseconds since the epoch go on by the clock: base 5.27.1.14. */
static void test_timestamp(QosDevice *d, QTestState *qts)
{
    QNvme *n = qn_of(d);
    uint64_t page = qn_alloc(n, QN_PAGE), value = 0x123456789a;
    QNSqe cmd = { .opcode = QN_SET_FEATURES, .prp1 = page, .cdw10 = QN_F_TIMESTAMP };

    qos_mem_write(d, page, &value, sizeof(value));
    g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), ==, QN_OK);
    qtest_clock_step(qts, 1500 * 1000 * 1000ll);
    cmd.opcode = QN_GET_FEATURES;
    g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), ==, QN_OK);
    qos_mem_read(d, page, &value, sizeof(value));
    g_assert_cmpuint((value & 0xffffffffffff) - 0x123456789a, >=, 1500);
    g_assert_cmpuint((value & 0xffffffffffff) - 0x123456789a, <, 1600);
    g_assert_cmpuint(value >> 49 & 7, ==, 1);           /* set by the host */
}

int main(int argc, char **argv)
{
    static const QNRig rig = {
        ",max_ioqpairs=4,aerl=3",
        { { QN_MEDIUM_FILE }, { QN_MEDIUM_SLOW, "" }, { QN_MEDIUM_NULL, "" } },
    };
    static const DeviceCase cases[] = {
        { "latency", test_latency },
        { "overlap", test_overlap },
        { "coalescing-time", test_coalescing_time },
        { "coalescing-threshold", test_coalescing_threshold },
        { "coalescing-disabled", test_coalescing_disabled },
        { "resize", test_resize },
        { "hot-plug", test_hot_plug },
        { "unplug-busy", test_unplug_ns },
        { "smart", test_smart },
        { "timestamp", test_timestamp },
        { NULL }
    };
    QosDriver driver = qos_nvme;

    driver.rig = &rig;
    return device_cases_run(argc, argv, &driver, cases);
}
