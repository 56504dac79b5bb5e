/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The controller's life: registers, enabling wrongly, every kind of reset and
 * shutdown in the middle of I/O, media that stall and media that fail.
 */
#include "qemu/osdep.h"
#include "nvme-case.h"

enum { CAP_PCIE = 0x10, DEVICE_CAPABILITIES = 4, DEVICE_CONTROL = 8, FLR_CAPABLE = 1 << 28,
       INITIATE_FLR = 1 << 15, READS = 10 };

static const QNRig held = { .disk = { { QN_MEDIUM_HELD } } };
static const QNRig broken = { .disk = { { QN_MEDIUM_BROKEN }, { QN_MEDIUM_FILE, "" } } };

static uint32_t csts(QNvme *n)
{
    return qos_read(n->d, 0, QN_CSTS, 4);
}

/* --- registers --- */

/* As they are before anybody touched them: base 3.1.3. */
static void test_registers(QNvme *n)
{
    uint64_t cap;
    uint32_t vs;

    qos_enable(n->d, true);
    cap = qos_read(n->d, 0, QN_CAP, 8);
    vs = qos_read(n->d, 0, QN_VS, 4);
    g_assert_cmpuint(cap >> 24 & 0xff, >, 0);           /* TO */
    g_assert_true(cap >> 37 & 1);                       /* CSS: NVM */
    g_assert_cmpuint(cap >> 48 & 0xf, ==, 0);           /* MPSMIN: 4 KiB */
    g_assert_cmpuint(cap >> 52 & 0xf, >=, cap >> 48 & 0xf);
    g_assert_true(vs == 0x00010400 || vs == 0x00020000);
    g_assert_cmphex(qos_read(n->d, 0, QN_CC, 4), ==, 0);
    g_assert_cmphex(csts(n), ==, 0);
    g_assert_cmphex(qos_read(n->d, 0, QN_AQA, 4), ==, 0);
    /* The two halves of a register of 8 bytes. */
    g_assert_cmphex(qos_read(n->d, 0, QN_CAP, 4), ==, (uint32_t)cap);
    g_assert_cmphex(qos_read(n->d, 0, QN_CAP + 4, 4), ==, cap >> 32);
}

/* What is read-only, and what halves of 64-bit registers do. */
static void test_register_writes(QNvme *n)
{
    uint64_t cap;

    qos_enable(n->d, true);
    cap = qos_read(n->d, 0, QN_CAP, 8);
    qos_write(n->d, 0, QN_CAP, 8, ~cap);
    qos_write(n->d, 0, QN_VS, 4, 0);
    g_assert_cmphex(qos_read(n->d, 0, QN_CAP, 8), ==, cap);
    g_assert_cmphex(qos_read(n->d, 0, QN_VS, 4), !=, 0);
    qos_write(n->d, 0, QN_ASQ, 4, 0x12345000);
    qos_write(n->d, 0, QN_ASQ + 4, 4, 0x9abcdef0);
    g_assert_cmphex(qos_read(n->d, 0, QN_ASQ, 8), ==, 0x9abcdef012345000);
    qos_write(n->d, 0, QN_AQA, 4, 0xffffffff);
    g_assert_cmphex(qos_read(n->d, 0, QN_AQA, 4), ==, 0x0fff0fff);
    for (unsigned offset = 0; offset < 0x1000; offset += 4) {
        if (offset != QN_CC && offset != QN_NSSR) {
            qos_write(n->d, 0, offset, 4, 0xffffffff);
            qos_read(n->d, 0, offset, 4);
        }
    }
    qn_start(n);
    qn_assert_works(n);
}

/* Values of CC that cannot be: the controller does not get ready, and is not lost. */
static void test_bad_enable(QNvme *n)
{
    static const uint32_t cc[] = {
        QN_CC_DEFAULT | 15u << QN_CC_MPS,       /* pages of 128 MiB */
        QN_CC_DEFAULT | 5u << QN_CC_CSS,        /* reserved */
        QN_CC_DEFAULT | 5u << QN_CC_AMS,        /* reserved */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cc); i++) {
        qn_disable(n);
        /* The admin queues are those of before. */
        qos_write(n->d, 0, QN_CC, 4, cc[i] | QN_CC_EN);
        qos_serve(n->d, 0.2);
        g_assert_false(csts(n) & QN_CSTS_RDY);
        qn_start(n);
        qn_assert_works(n);
    }
}

/* Admin queues that nobody has lent: fatal at the first command, and curable. */
static void test_admin_nowhere(QNvme *n)
{
    qn_disable(n);
    qos_write(n->d, 0, QN_AQA, 4, 0x001f001f);
    qos_write(n->d, 0, QN_ASQ, 8, QN_NOWHERE);
    qos_write(n->d, 0, QN_ACQ, 8, QN_NOWHERE + QN_PAGE);
    qos_write(n->d, 0, QN_CC, 4, QN_CC_DEFAULT | QN_CC_EN);
    qos_serve(n->d, 0.02);
    qn_doorbell(n, 0, false, 1);
    g_assert_true(qos_wait_register(n->d, 0, QN_CSTS, 4, QN_CSTS_CFS, QN_CSTS_CFS, QN_SECONDS));
    qn_start(n);
    qn_assert_works(n);
}

/* Entry sizes that are not those of identify: no I/O queue can be made. Base 5.4, 5.5. */
static void test_entry_sizes(QNvme *n)
{
    QNSqe cmd = { .opcode = QN_CREATE_CQ, .cdw10 = 15 << 16 | 1, .cdw11 = 1 };

    qn_disable(n);
    qn_rewind(n, QN_POOL);
    if (qn_enable(n, 32, 32, 3u << QN_CC_IOSQES | 2u << QN_CC_IOCQES)) {
        cmd.prp1 = qn_alloc(n, QN_PAGE);
        g_assert_cmphex(qn_do(n, &n->admin, &cmd, NULL), !=, QN_OK);
    }
    qn_start(n);
    qn_assert_works(n);
}

/* --- resets in the middle --- */

static uint64_t hold_reads(QNvme *n)
{
    uint64_t iova = qn_alloc(n, QN_PAGE);
    QNSqe cmd = qn_rw(QN_READ, 1, 0, 8);

    cmd.prp1 = iova;
    qn_hold(n, 0, true);
    for (unsigned i = 0; i < READS; i++) {
        qn_put(n, &n->sq, &cmd);
    }
    qn_ring(n, &n->sq);
    qn_wait_held(n, 0, READS);
    return iova;
}

/* Nothing of before comes after: no data, no entry; and the next life is like the first. */
static void check_nothing_left(QNvme *n, uint64_t iova)
{
    uint64_t cq = n->cq.iova, admin = n->admin_cq.iova;

    qos_mem_set(n->d, iova, 0xa5, QN_PAGE);
    qos_mem_set(n->d, cq, 0x5a, QN_PAGE);
    qos_mem_set(n->d, admin, 0x5a, 1024);
    qn_hold(n, 0, false);
    qos_serve(n->d, 0.1);
    qn_assert_filled(n, iova, 0xa5, QN_PAGE);
    qn_assert_filled(n, cq, 0x5a, QN_PAGE);
    qn_assert_filled(n, admin, 0x5a, 1024);
    qn_start(n);
    qn_assert_works(n);
}

static void test_reset_controller(QNvme *n)
{
    uint64_t iova = hold_reads(n);

    qn_disable(n);
    g_assert_cmpuint(qn_held(n, 0), ==, 0);
    check_nothing_left(n, iova);
}

static void test_reset_device(QNvme *n)
{
    uint64_t iova = hold_reads(n);

    qos_reset(n->d);
    qos_enable(n->d, true);
    g_assert_cmphex(csts(n), ==, 0);
    g_assert_cmphex(qos_read(n->d, 0, QN_CC, 4), ==, 0);
    check_nothing_left(n, iova);
}

static void test_reset_function(QNvme *n)
{
    unsigned cap = qos_find_capability(n->d, CAP_PCIE);
    uint64_t iova = hold_reads(n);

    g_assert_true(cap && (qos_config_read(n->d, cap + DEVICE_CAPABILITIES, 4) & FLR_CAPABLE));
    qos_config_write(n->d, cap + DEVICE_CONTROL, 2, INITIATE_FLR);
    qos_serve(n->d, 0.1);
    qos_enable(n->d, true);
    g_assert_cmphex(csts(n), ==, 0);
    check_nothing_left(n, iova);
}

/* NVM subsystem reset: base 3.7.1, CAP.NSSRS and CSTS.NSSRO. */
static void test_reset_subsystem(QNvme *n)
{
    uint64_t iova = hold_reads(n);

    if (!(n->cap >> 36 & 1)) {
        qos_write(n->d, 0, QN_NSSR, 4, QN_NSSR_MAGIC);
        g_assert_cmphex(csts(n), ==, QN_CSTS_RDY);
        qn_disable(n);
        check_nothing_left(n, iova);
        return;
    }
    qos_write(n->d, 0, QN_NSSR, 4, 0x12345678);
    g_assert_cmphex(csts(n), ==, QN_CSTS_RDY);
    qos_write(n->d, 0, QN_NSSR, 4, QN_NSSR_MAGIC);
    g_assert_true(qos_wait_register(n->d, 0, QN_CSTS, 4, QN_CSTS_RDY, 0, 5));
    g_assert_cmphex(csts(n) & QN_CSTS_NSSRO, ==, QN_CSTS_NSSRO);
    qos_write(n->d, 0, QN_CSTS, 4, QN_CSTS_NSSRO);
    g_assert_cmphex(csts(n) & QN_CSTS_NSSRO, ==, 0);
    check_nothing_left(n, iova);
}

/* Many times, with everything in motion. */
static void test_reset_storm(QNvme *n)
{
    for (unsigned i = 0; i < 50; i++) {
        QNSqe cmd = qn_rw(QN_WRITE, 1, i, 8);

        cmd.prp1 = qn_alloc(n, QN_PAGE);
        for (unsigned k = 0; k < 40; k++) {
            qn_put(n, &n->sq, &cmd);
        }
        qn_ring(n, &n->sq);
        if (i % 3 == 0) {
            qos_write(n->d, 0, QN_CC, 4, 0);
            qos_write(n->d, 0, QN_CC, 4, QN_CC_DEFAULT | QN_CC_EN);
        }
        qn_start(n);
    }
    qn_assert_works(n);
}

/* --- shutdown --- */

static void shut_down(QNvme *n, unsigned how)
{
    uint32_t cc = qos_read(n->d, 0, QN_CC, 4);

    qos_write(n->d, 0, QN_CC, 4, cc | how << QN_CC_SHN);
    g_assert_true(qos_wait_register(n->d, 0, QN_CSTS, 4, QN_CSTS_SHST, QN_SHST_COMPLETE, 5));
}

static void test_shutdown(QNvme *n)
{
    for (unsigned how = 1; how <= 2; how++) {
        qn_assert_works(n);
        shut_down(n, how);
        qn_disable(n);
        g_assert_cmphex(csts(n) & QN_CSTS_SHST, ==, QN_SHST_NORMAL);
        qn_start(n);
    }
    qn_assert_works(n);
}

static void test_shutdown_busy(QNvme *n)
{
    uint64_t iova = hold_reads(n);

    /* Abrupt: what is under way is not waited for. */
    shut_down(n, 2);
    qn_disable(n);
    check_nothing_left(n, iova);
}

/* --- media --- */

static void check_stall(QNvme *n, double seconds)
{
    uint64_t iova = hold_reads(n);
    uint8_t id[QN_PAGE];
    QNCqe cqe;

    for (unsigned i = 0; i < 10; i++) {
        /* Everything else goes on meanwhile. */
        g_assert_false(qn_wait(n, &n->cq, &cqe, seconds / 10));
        g_assert_cmphex(qn_identify(n, 1, 0, id), ==, QN_OK);
        g_assert_cmphex(csts(n), ==, QN_CSTS_RDY);
    }
    qos_mem_set(n->d, iova, 0xee, QN_PAGE);
    qn_hold(n, 0, false);
    for (unsigned i = 0; i < READS; i++) {
        g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
        g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
    }
    qn_assert_filled(n, iova, 0, QN_PAGE);
    qn_assert_works(n);
}

static void test_stall(QNvme *n)
{
    check_stall(n, 1);
}

static void test_stall_60s(QNvme *n)
{
    check_stall(n, 60);
}

/* What the medium refuses is told as the medium's fault, and counted: base 5.16.1.3. */
static void test_broken(QNvme *n)
{
    uint64_t iova = qn_alloc(n, QN_PAGE);
    uint8_t smart[512];

    g_assert_cmphex(qn_io(n, QN_READ, 1, 0, 8, iova, QN_PAGE), ==, QN_UNRECOVERED_READ);
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 0, 8, iova, QN_PAGE), ==, QN_WRITE_FAULT);
    g_assert_cmphex(qn_io(n, QN_FLUSH, 1, 0, 1, 0, 0), !=, QN_OK);
    g_assert_cmphex(qn_io(n, QN_READ, 2, 0, 8, iova, QN_PAGE), ==, QN_OK);
    g_assert_cmphex(qn_get_log(n, QN_LOG_SMART, QN_ALL_NS, smart, sizeof(smart)), ==, QN_OK);
    g_assert_cmpuint(ldq_le_p(smart + 160), >=, 1);     /* media errors */
    g_assert_cmpuint(ldq_le_p(smart + 176), >=, 2);     /* entries of the error log */
}

int main(int argc, char **argv)
{
    static const QNCase cases[] = {
        { "life/registers", test_registers, .raw = true },
        { "life/register-writes", test_register_writes, .raw = true },
        { "life/bad-enable", test_bad_enable },
        { "life/admin-nowhere", test_admin_nowhere },
        { "life/entry-sizes", test_entry_sizes },
        { "life/reset-controller", test_reset_controller, &held },
        { "life/reset-device", test_reset_device, &held, QOS_CAN_RESET },
        { "life/reset-function", test_reset_function, &held, QOS_CAN_MESSAGES },
        { "life/reset-subsystem", test_reset_subsystem, &held },
        { "life/reset-storm", test_reset_storm },
        { "life/shutdown", test_shutdown },
        { "life/shutdown-busy", test_shutdown_busy, &held },
        { "life/stall", test_stall, &held },
        { "life/stall-60s", test_stall_60s, &held, .slow = true },
        { "life/broken", test_broken, &broken },
        { NULL }
    };

    return qn_cases_run(argc, argv, cases);
}
