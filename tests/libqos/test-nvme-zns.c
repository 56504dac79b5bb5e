/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A zoned namespace from outside: zoned namespace command set 1.1. 16 MiB of 512 byte
 * blocks in zones of 1 MiB, 768 KiB of which can be written.
 */
#include "qemu/osdep.h"
#include "nvme-case.h"

enum { BLOCK = 512, ZONE = 2048, CAPACITY = 1536, ZONES = QN_FILE_SIZE / BLOCK / ZONE };
enum { SEND = 0x79, RECEIVE = 0x7a, APPEND = 0x7d, CSI = 2u << 24 };
enum { CLOSE = 1, FINISH = 2, OPEN = 3, RESET = 4, SET_EXTENSION = 0x10, ALL = 0x100 };
enum {
    EMPTY = 0x1, IMPLICIT = 0x2, EXPLICIT = 0x3, CLOSED = 0x4, FULL = 0xe,
    ANY_WP = -1,
};
enum {
    BOUNDARY = 0x1b8, IS_FULL = 0x1b9, INVALID_WRITE = 0x1bc, TOO_MANY_ACTIVE = 0x1bd,
    TOO_MANY_OPEN = 0x1be, INVALID_TRANSITION = 0x1bf, INVALID_IOCS = 0x12c,
};

#define PROPERTIES ",zoned=on,zoned.zone_size=1M,zoned.zone_capacity=768k,zoned.max_open=2," \
                   "zoned.max_active=4,zoned.descr_ext_size=64"

static const QNRig rig = {
    ",mdts=5,zoned.zasl=3", { { QN_MEDIUM_FILE, PROPERTIES }, { QN_MEDIUM_FILE, "" } },
};
static const QNRig held = { ",mdts=5", { { QN_MEDIUM_HELD, PROPERTIES } } };
static const QNRig across = { NULL, { { QN_MEDIUM_FILE, PROPERTIES ",zoned.cross_read=on" } } };

/* With all command sets enabled: CC.CSS. */
static void enable(QNvme *n, uint32_t css)
{
    qn_disable(n);
    qn_rewind(n, QN_POOL);
    g_assert_true(qn_enable(n, 64, 64, QN_CC_DEFAULT | css << QN_CC_CSS));
    qn_create_cq(n, &n->cq, 1, 64, 0);
    qn_create_sq(n, &n->sq, 1, 64, &n->cq);
}

static QNSqe cmd_of(uint8_t opcode, uint64_t lba, uint32_t cdw12, uint32_t cdw13)
{
    return (QNSqe) {
        .opcode = opcode, .nsid = 1, .cdw10 = lba, .cdw11 = lba >> 32, .cdw12 = cdw12,
        .cdw13 = cdw13,
    };
}

static uint16_t send(QNvme *n, uint64_t lba, uint32_t action)
{
    QNSqe cmd = cmd_of(SEND, lba, 0, action);

    return qn_do(n, &n->sq, &cmd, NULL);
}

static uint16_t receive(QNvme *n, uint64_t lba, uint32_t cdw13, void *data, uint32_t len)
{
    QNSqe cmd = cmd_of(RECEIVE, lba, len / 4 - 1, cdw13);
    uint64_t mark = n->next, iova = qn_alloc(n, len);
    uint16_t status;

    qn_prp(n, &cmd, iova, len);
    status = qn_do(n, &n->sq, &cmd, NULL);
    qos_mem_read(n->d, iova, data, len);
    qn_rewind(n, mark);
    return status;
}

static void check_zone(QNvme *n, unsigned zone, uint8_t state, int wp)
{
    uint8_t page[128];

    g_assert_cmphex(receive(n, zone * ZONE, 0, page, sizeof(page)), ==, QN_OK);
    g_assert_cmpuint(ldq_le_p(page), ==, ZONES - zone);
    g_assert_cmphex(page[64], ==, 2);
    g_assert_cmphex(page[65], ==, state << 4);
    g_assert_cmpuint(ldq_le_p(page + 72), ==, CAPACITY);
    g_assert_cmpuint(ldq_le_p(page + 80), ==, zone * ZONE);
    if (wp != ANY_WP) {
        g_assert_cmpuint(ldq_le_p(page + 88), ==, zone * ZONE + wp);
    }
}

/* Blocks of a pattern at iova, or read to there. */
static uint16_t io(QNvme *n, uint8_t opcode, uint64_t lba, unsigned blocks, uint64_t iova)
{
    return qn_io(n, opcode, 1, lba, blocks, iova, blocks * BLOCK);
}

static uint64_t pattern(QNvme *n, unsigned blocks)
{
    g_autofree uint8_t *data = g_malloc(blocks * BLOCK);
    uint64_t iova = qn_alloc(n, blocks * BLOCK);

    qn_pattern(data, blocks * BLOCK, 5);
    qos_mem_write(n->d, iova, data, blocks * BLOCK);
    return iova;
}

static void assert_pattern(QNvme *n, uint64_t iova, unsigned blocks)
{
    g_autofree uint8_t *data = g_malloc(blocks * BLOCK);

    qn_pattern(data, blocks * BLOCK, 5);
    qn_assert_memory(n, iova, data, blocks * BLOCK);
}

/* --- cases --- */

static uint16_t identify(QNvme *n, uint8_t cns, uint32_t nsid, uint32_t cdw11, uint8_t *page)
{
    QNSqe cmd = { .opcode = QN_IDENTIFY, .nsid = nsid, .cdw10 = cns, .cdw11 = cdw11 };
    uint64_t mark = n->next;
    uint16_t status;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    status = qn_do(n, &n->admin, &cmd, NULL);
    qos_mem_read(n->d, cmd.prp1, page, QN_PAGE);
    qn_rewind(n, mark);
    return status;
}

static void test_identify(QNvme *n)
{
    uint8_t page[QN_PAGE];

    g_assert_cmphex(identify(n, 0x05, 1, CSI, page), ==, QN_OK);
    g_assert_cmphex(lduw_le_p(page), ==, 0);                    /* ZOC */
    g_assert_cmphex(lduw_le_p(page + 2), ==, 0);                /* OZCS */
    g_assert_cmphex(ldl_le_p(page + 4), ==, 3);                 /* MAR */
    g_assert_cmphex(ldl_le_p(page + 8), ==, 1);                 /* MOR */
    g_assert_cmpuint(ldq_le_p(page + 2816), ==, ZONE);          /* LBAFE0: ZSZE, ZDES */
    g_assert_cmpuint(page[2824], ==, 1);
    g_assert_cmpuint(ldq_le_p(page + 2816 + 4 * 16), ==, ZONE / 8);
    g_assert_cmphex(identify(n, 0x05, 2, CSI, page), ==, INVALID_IOCS);
    g_assert_cmphex(identify(n, 0x06, 0, CSI, page), ==, QN_OK);
    g_assert_cmpuint(page[0], ==, 3);                           /* ZASL */
    g_assert_cmphex(identify(n, 0x07, 0, CSI, page), ==, QN_OK);
    g_assert_cmpuint(ldq_le_p(page), ==, 1);
    g_assert_cmphex(identify(n, 0x07, 0, 0, page), ==, QN_OK);
    g_assert_cmpuint(ldq_le_p(page), ==, 2);
    g_assert_cmphex(identify(n, 0x1c, 0, 0, page), ==, QN_OK);
    g_assert_cmphex(ldq_le_p(page), ==, 1 | 1 << 2);
    g_assert_cmphex(identify(n, 0x00, 1, 0, page), ==, QN_OK);
    g_assert_cmpuint(ldq_le_p(page), ==, ZONES * ZONE);
    g_assert_cmpuint(ldq_le_p(page + 8), ==, ZONES * CAPACITY);
}

/* The last descriptor of a namespace: type 4, one byte. */
static void test_descriptors(QNvme *n)
{
    uint8_t page[QN_PAGE], *at = page;

    g_assert_cmphex(identify(n, 0x03, 1, 0, page), ==, QN_OK);
    while (at[0] != 4) {
        g_assert_cmpuint(at[0], !=, 0);
        at += 4 + at[1];
    }
    g_assert_cmpuint(at[1], ==, 1);
    g_assert_cmpuint(at[4], ==, 2);
}

static void test_write(QNvme *n)
{
    uint64_t iova = pattern(n, 16), there = qn_alloc(n, 32 * BLOCK);

    g_assert_cmphex(io(n, QN_WRITE, 3 * ZONE, 16, iova), ==, QN_OK);
    check_zone(n, 3, IMPLICIT, 16);
    g_assert_cmphex(io(n, QN_WRITE, 3 * ZONE, 16, iova), ==, INVALID_WRITE);
    g_assert_cmphex(io(n, QN_WRITE, 3 * ZONE + 17, 16, iova), ==, INVALID_WRITE);
    g_assert_cmphex(io(n, QN_WRITE, 3 * ZONE + CAPACITY - 1, 16, iova), ==, BOUNDARY);
    g_assert_cmphex(io(n, QN_WRITE, ZONES * ZONE, 1, iova), ==, QN_LBA_RANGE);
    check_zone(n, 3, IMPLICIT, 16);
    qos_mem_set(n->d, there, 0xee, 32 * BLOCK);
    g_assert_cmphex(io(n, QN_READ, 3 * ZONE, 32, there), ==, QN_OK);
    assert_pattern(n, there, 16);
    qn_assert_filled(n, there + 16 * BLOCK, 0, 16 * BLOCK);
    g_assert_cmphex(io(n, QN_READ, 4 * ZONE - 8, 16, there), ==, BOUNDARY);
    /* the other namespace has no zones, and none of their commands */
    g_assert_cmphex(qn_io(n, QN_WRITE, 2, 100, 16, iova, 16 * BLOCK), ==, QN_OK);
    g_assert_cmphex(qn_io(n, RECEIVE, 2, 0, 16, iova, 16 * BLOCK), ==, QN_INVALID_OPCODE);
    g_assert_cmphex(qn_io(n, APPEND, 2, 0, 16, iova, 16 * BLOCK), ==, QN_INVALID_OPCODE);
}

static void test_across(QNvme *n)
{
    uint64_t iova = pattern(n, 16), there = qn_alloc(n, 64 * BLOCK);

    g_assert_cmphex(io(n, QN_WRITE, ZONE, 16, iova), ==, QN_OK);
    qos_mem_set(n->d, there, 0xee, 64 * BLOCK);
    g_assert_cmphex(io(n, QN_READ, ZONE - 32, 64, there), ==, QN_OK);
    qn_assert_filled(n, there, 0, 32 * BLOCK);
    assert_pattern(n, there + 32 * BLOCK, 16);
    qn_assert_filled(n, there + 48 * BLOCK, 0, 16 * BLOCK);
}

/* Many at a time: each has a place of its own, and the host learns which. */
static void test_append(QNvme *n)
{
    enum { COUNT = 32, BLOCKS = 8 };
    uint64_t iova = pattern(n, BLOCKS), there = qn_alloc(n, BLOCKS * BLOCK);
    bool seen[COUNT] = { false };
    QNSqe cmd = qn_rw(APPEND, 1, 5 * ZONE, BLOCKS);
    QNCqe cqe;

    cmd.prp1 = iova;
    for (unsigned i = 0; i < COUNT; i++) {
        qn_put(n, &n->sq, &cmd);
    }
    qn_ring(n, &n->sq);
    for (unsigned i = 0; i < COUNT; i++) {
        uint64_t lba;

        g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
        g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
        lba = cqe.dw0 - 5 * ZONE;
        g_assert_cmpuint(lba % BLOCKS, ==, 0);
        g_assert_cmpuint(lba / BLOCKS, <, COUNT);
        g_assert_false(seen[lba / BLOCKS]);
        seen[lba / BLOCKS] = true;
    }
    check_zone(n, 5, IMPLICIT, COUNT * BLOCKS);
    g_assert_cmphex(io(n, QN_READ, 5 * ZONE + 9 * BLOCKS, BLOCKS, there), ==, QN_OK);
    assert_pattern(n, there, BLOCKS);
}

static void test_append_fields(QNvme *n)
{
    uint64_t iova = pattern(n, 65);

    g_assert_cmphex(io(n, APPEND, 64, 8, iova), ==, QN_INVALID_FIELD);
    g_assert_cmphex(io(n, APPEND, ZONES * ZONE, 8, iova), ==, QN_LBA_RANGE);
    g_assert_cmphex(io(n, APPEND, 0, 65, iova), ==, QN_INVALID_FIELD);          /* ZASL */
    g_assert_cmphex(io(n, APPEND, 0, 64, iova), ==, QN_OK);
    g_assert_cmphex(io(n, APPEND, 0, 8, QN_NOWHERE), ==, QN_TRANSFER_ERROR);
    check_zone(n, 0, IMPLICIT, 64);
}

static void test_send(QNvme *n)
{
    uint64_t iova = pattern(n, 8);

    g_assert_cmphex(send(n, 0, OPEN), ==, QN_OK);
    check_zone(n, 0, EXPLICIT, 0);
    g_assert_cmphex(send(n, 0, CLOSE), ==, QN_OK);
    check_zone(n, 0, CLOSED, 0);
    g_assert_cmphex(send(n, 0, FINISH), ==, QN_OK);
    check_zone(n, 0, FULL, ANY_WP);
    g_assert_cmphex(io(n, QN_WRITE, 0, 8, iova), ==, IS_FULL);
    g_assert_cmphex(send(n, 0, CLOSE), ==, INVALID_TRANSITION);
    g_assert_cmphex(send(n, 0, RESET), ==, QN_OK);
    check_zone(n, 0, EMPTY, 0);
    g_assert_cmphex(send(n, 1, OPEN), ==, QN_INVALID_FIELD);
    g_assert_cmphex(send(n, ZONES * ZONE, OPEN), ==, QN_LBA_RANGE);
    g_assert_cmphex(send(n, 0, 0), ==, QN_INVALID_FIELD);
    g_assert_cmphex(send(n, 0, 0xff | ALL), ==, QN_INVALID_FIELD);
}

static void test_limits(QNvme *n)
{
    uint64_t iova = pattern(n, 8);

    for (unsigned zone = 0; zone < 4; zone++) {
        g_assert_cmphex(io(n, QN_WRITE, zone * ZONE, 8, iova), ==, QN_OK);
    }
    check_zone(n, 0, CLOSED, 8);
    check_zone(n, 3, IMPLICIT, 8);
    g_assert_cmphex(io(n, QN_WRITE, 4 * ZONE, 8, iova), ==, TOO_MANY_ACTIVE);
    g_assert_cmphex(send(n, 0, OPEN), ==, QN_OK);
    g_assert_cmphex(send(n, ZONE, OPEN), ==, QN_OK);
    g_assert_cmphex(send(n, 2 * ZONE, OPEN), ==, TOO_MANY_OPEN);
    g_assert_cmphex(send(n, 0, FINISH | ALL), ==, QN_OK);
    for (unsigned zone = 0; zone < 4; zone++) {
        check_zone(n, zone, FULL, ANY_WP);
    }
    g_assert_cmphex(send(n, 0, RESET | ALL), ==, QN_OK);
    check_zone(n, 3, EMPTY, 0);
}

static void test_extension(QNvme *n)
{
    QNSqe cmd = cmd_of(SEND, ZONE, 0, SET_EXTENSION);
    uint8_t page[64 + 128];

    cmd.prp1 = QN_NOWHERE;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_TRANSFER_ERROR);
    check_zone(n, 1, EMPTY, 0);
    cmd.prp1 = pattern(n, 1);
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    check_zone(n, 1, CLOSED, 0);
    g_assert_cmphex(receive(n, ZONE, 1, page, sizeof(page)), ==, QN_OK);
    g_assert_cmphex(page[66], ==, 0x80);
    qn_assert_memory(n, cmd.prp1, page + 128, 64);
}

static void test_report(QNvme *n)
{
    uint8_t page[QN_PAGE];
    QNSqe cmd = cmd_of(RECEIVE, 0, 1023, 0);

    g_assert_cmphex(receive(n, 0, 0, page, sizeof(page)), ==, QN_OK);
    for (unsigned i = 0; i < ZONES; i++) {
        g_assert_cmpuint(ldq_le_p(page + 64 + 64 * i + 16), ==, i * ZONE);
    }
    g_assert_cmphex(receive(n, 0, 1 << 16, page, 64 + 3 * 64), ==, QN_OK);
    g_assert_cmpuint(ldq_le_p(page), ==, 3);
    g_assert_cmphex(receive(n, 0, 2, page, sizeof(page)), ==, QN_INVALID_FIELD);
    g_assert_cmphex(receive(n, 0, 0xff << 8, page, sizeof(page)), ==, QN_INVALID_FIELD);
    g_assert_cmphex(receive(n, 0, 0, page, 32), ==, QN_INVALID_FIELD);
    g_assert_cmphex(receive(n, ZONES * ZONE, 0, page, 4096), ==, QN_LBA_RANGE);
    cmd.prp1 = QN_NOWHERE;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_TRANSFER_ERROR);
    cmd.cdw12 = UINT32_MAX;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_INVALID_FIELD);
}

/* A controller that is reset with writes and a zone's reset under way. */
static void test_reset(QNvme *n)
{
    uint64_t iova = pattern(n, 8);
    QNSqe cmd = qn_rw(QN_WRITE, 1, 0, 8), reset = cmd_of(SEND, 0, 0, RESET);

    cmd.prp1 = iova;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    qn_hold(n, 0, true);
    cmd.cdw10 = 8;
    qn_submit(n, &n->sq, &cmd);
    cmd.opcode = APPEND;
    cmd.cdw10 = 0;
    qn_submit(n, &n->sq, &cmd);
    qn_submit(n, &n->sq, &reset);
    qn_wait_held(n, 0, 2);
    enable(n, 6);
    qn_hold(n, 0, false);
    /* what was under way has not been written */
    check_zone(n, 0, IMPLICIT, 8);
    g_assert_cmphex(io(n, QN_WRITE, 8, 8, pattern(n, 8)), ==, QN_OK);
    g_assert_cmphex(send(n, 0, RESET), ==, QN_OK);
    check_zone(n, 0, EMPTY, 0);
}

static void test_command_sets(QNvme *n)
{
    enable(n, 0);
    g_assert_cmphex(io(n, QN_READ, 0, 8, pattern(n, 8)), ==, QN_INVALID_OPCODE);
    g_assert_cmphex(send(n, 0, OPEN), ==, QN_INVALID_OPCODE);
    g_assert_cmphex(qn_io(n, QN_WRITE, 2, 0, 8, pattern(n, 8), 8 * BLOCK), ==, QN_OK);
}

/* --- all command sets for each --- */

#define CASE(name) \
    static void run_##name(QNvme *n) \
    { \
        enable(n, 6); \
        test_##name(n); \
    }
CASE(identify)
CASE(descriptors)
CASE(write)
CASE(across)
CASE(append)
CASE(append_fields)
CASE(send)
CASE(limits)
CASE(extension)
CASE(report)
CASE(reset)
CASE(command_sets)

static const QNCase cases[] = {
    { "zns/identify", run_identify, &rig },
    { "zns/descriptors", run_descriptors, &rig },
    { "zns/write", run_write, &rig },
    { "zns/across", run_across, &across },
    { "zns/append", run_append, &rig },
    { "zns/append-fields", run_append_fields, &rig },
    { "zns/send", run_send, &rig },
    { "zns/limits", run_limits, &rig },
    { "zns/extension", run_extension, &rig },
    { "zns/report", run_report, &rig },
    { "zns/reset", run_reset, &held },
    { "zns/command-sets", run_command_sets, &rig },
    { NULL }
};

int main(int argc, char **argv)
{
    return qn_cases_run(argc, argv, cases);
}
