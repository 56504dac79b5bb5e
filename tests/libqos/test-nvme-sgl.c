/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scatter gather lists, base 4.1.2: legal shapes, and what is refused. */
#include "qemu/osdep.h"
#include "nvme-case.h"

enum { ID_SGLS = 536, BUCKETS = 1 << 16, LONGER = 1 << 18, BLOCK = 512, PIECES = 7 };

static uint32_t sgls(QNvme *n)
{
    uint8_t id[QN_PAGE];

    g_assert_cmphex(qn_identify(n, 1, 0, id), ==, QN_OK);
    return ldl_le_p(id + ID_SGLS);
}

static bool has_sgls(QNvme *n)
{
    if (!(sgls(n) & 3)) {
        g_test_skip("not claimed");
    }
    return sgls(n) & 3;
}

static void fill(QNvme *n, uint64_t iova, size_t len, unsigned seed)
{
    g_autofree uint8_t *data = g_malloc(len);

    qn_pattern(data, len, seed);
    qos_mem_write(n->d, iova, data, len);
}

static QNSqe with_list(uint8_t opcode, unsigned blocks, uint8_t type, uint64_t list,
                       unsigned count)
{
    QNSqe cmd = qn_rw(opcode, 1, 0, blocks);

    qn_sgl_inline(&cmd, type, list, count * sizeof(QNSgl));
    return cmd;
}

/* --- legal --- */

static void test_one_block(QNvme *n)
{
    uint64_t data = qn_alloc(n, 4 * QN_PAGE);
    QNSqe cmd = qn_rw(QN_WRITE, 1, 0, 16);
    g_autofree uint8_t *expected = g_malloc(16 * BLOCK);

    if (!has_sgls(n)) {
        return;
    }
    fill(n, data + 100, 16 * BLOCK, 1);
    qn_pattern(expected, 16 * BLOCK, 1);
    qn_sgl_inline(&cmd, QN_SGL_DATA, data + 100, 16 * BLOCK);
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    qos_mem_set(n->d, data, 0, 4 * QN_PAGE);
    cmd.opcode = QN_READ;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    qn_assert_memory(n, data + 100, expected, 16 * BLOCK);
    qn_assert_filled(n, data, 0, 100);
    qn_assert_filled(n, data + 100 + 16 * BLOCK, 0, 100);
}

/* Pieces of odd lengths at odd places, in two segments; empty ones are allowed. */
static void test_segments(QNvme *n)
{
    static const uint32_t lengths[PIECES] = { 1000, 4, 0, 3000, 96, 3900, 192 };    /* 8 KiB */
    uint64_t data = qn_alloc(n, 16 * QN_PAGE), first = qn_alloc(n, QN_PAGE);
    uint64_t second = qn_alloc(n, QN_PAGE);
    QNSgl list[PIECES], last = { second, 4 * sizeof(QNSgl), .type = QN_SGL_LAST };
    g_autofree uint8_t *expected = g_malloc(16 * BLOCK);
    unsigned done = 0;
    QNSqe cmd;

    if (!has_sgls(n)) {
        return;
    }
    for (unsigned i = 0; i < PIECES; i++) {
        list[i] = (QNSgl) { .address = data + i * 2 * QN_PAGE + 4 * i, .length = lengths[i] };
    }
    qn_sgl_write(n, first, list, 3);
    qn_sgl_write(n, first + 3 * sizeof(QNSgl), &last, 1);
    qn_sgl_write(n, second, list + 3, 4);
    qn_pattern(expected, 16 * BLOCK, 2);
    qos_mem_write(n->d, data, expected, 16 * BLOCK);
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 0, 16, data, 16 * BLOCK), ==, QN_OK);
    qos_mem_set(n->d, data, 0xee, 16 * QN_PAGE);
    cmd = with_list(QN_READ, 16, QN_SGL_SEGMENT, first, 4);
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    for (unsigned i = 0; i < PIECES; i++) {
        qn_assert_memory(n, list[i].address, expected + done, lengths[i]);
        qn_assert_filled(n, list[i].address + lengths[i], 0xee, 8);
        done += lengths[i];
    }
}

/* What a read leaves out: bit buckets. */
static void test_bucket(QNvme *n)
{
    uint64_t data = qn_alloc(n, 4 * QN_PAGE), list = qn_alloc(n, QN_PAGE);
    QNSgl sgl[] = { { .address = data, .length = BLOCK },
                    { .length = BLOCK, .type = QN_SGL_BUCKET },
                    { .address = data + BLOCK, .length = 2 * BLOCK } };
    g_autofree uint8_t *expected = g_malloc(4 * BLOCK);
    QNSqe cmd = with_list(QN_READ, 4, QN_SGL_LAST, list, 3);

    if (!has_sgls(n) || !(sgls(n) & BUCKETS)) {
        return;
    }
    qn_pattern(expected, 4 * BLOCK, 9);
    qos_mem_write(n->d, data, expected, 4 * BLOCK);
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 0, 4, data, 4 * BLOCK), ==, QN_OK);
    qos_mem_set(n->d, data, 0, 4 * QN_PAGE);
    qn_sgl_write(n, list, sgl, 3);
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    qn_assert_memory(n, data, expected, BLOCK);
    qn_assert_memory(n, data + BLOCK, expected + 2 * BLOCK, 2 * BLOCK);
}

/* --- refused --- */

typedef struct Bad {
    const char *name;
    uint8_t type;               /* of the descriptor in the command */
    unsigned count;             /* of descriptors that it says; 0: it is a data block */
    QNSgl list[4];
    uint16_t status, also;
} Bad;

/* Addresses of 0 become a good page, those of 1 the list itself; the command has 8 blocks. */
static const Bad bad[] = {
    { "reserved-type", QN_SGL_LAST, 1, { { .length = 4096, .type = QN_SGL_RESERVED } },
      QN_SGL_BAD_TYPE },
    { "keyed", QN_SGL_LAST, 1, { { .length = 4096, .type = QN_SGL_KEYED } }, QN_SGL_BAD_TYPE },
    { "transport", QN_SGL_LAST, 1, { { .length = 4096, .type = QN_SGL_TRANSPORT } },
      QN_SGL_BAD_TYPE },
    { "vendor", QN_SGL_LAST, 1, { { .length = 4096, .type = QN_SGL_VENDOR } },
      QN_SGL_BAD_TYPE },
    { "sub-type", QN_SGL_LAST, 1, { { .length = 4096, .type = QN_SGL_DATA | 5 } },
      QN_SGL_BAD_TYPE },
    { "too-short", QN_SGL_LAST, 2, { { .length = 4000 }, { .length = 95 } },
      QN_SGL_DATA_LENGTH },
    { "no-descriptors", QN_SGL_LAST, 0, { { 0 } }, QN_SGL_BAD_SEGMENT, QN_SGL_DATA_LENGTH },
    { "nowhere", QN_SGL_LAST, 1, { { .address = QN_NOWHERE, .length = 4096 } },
      QN_TRANSFER_ERROR },
    { "segment-in-the-middle", QN_SGL_SEGMENT, 2, { { .address = 1, .length = 16,
      .type = QN_SGL_LAST }, { .length = 4096 } }, QN_SGL_BAD_COUNT, QN_SGL_BAD_SEGMENT },
    { "segment-in-the-last", QN_SGL_LAST, 2, { { .length = 16 }, { .address = 1, .length = 16,
      .type = QN_SGL_SEGMENT } }, QN_SGL_BAD_COUNT, QN_SGL_BAD_SEGMENT },
    { "odd-length", QN_SGL_SEGMENT, 2, { { .length = 16 }, { .address = 1, .length = 17,
      .type = QN_SGL_LAST } }, QN_SGL_BAD_SEGMENT, QN_SGL_BAD_COUNT },
    { "next-nowhere", QN_SGL_SEGMENT, 2, { { .length = 16 }, { .address = QN_NOWHERE,
      .length = 16, .type = QN_SGL_LAST } }, QN_TRANSFER_ERROR },
    { "wraps", QN_SGL_LAST, 2, { { .address = UINT64_MAX - 15, .length = 4080 },
      { .length = 16 } }, QN_TRANSFER_ERROR },
    { "huge", QN_SGL_LAST, 1, { { .address = QN_NOWHERE, .length = 0xffffffff } },
      QN_TRANSFER_ERROR, QN_SGL_DATA_LENGTH },
};

static void place(QNvme *n, const Bad *row, uint64_t list)
{
    uint64_t page = qn_alloc(n, 2 * QN_PAGE);

    for (unsigned i = 0; i < G_N_ELEMENTS(row->list); i++) {
        QNSgl sgl = row->list[i];

        sgl.address = sgl.address == 0 ? page : sgl.address == 1 ? list : sgl.address;
        qn_sgl_write(n, list + i * sizeof(sgl), &sgl, 1);
    }
}

static void test_bad(QNvme *n)
{
    if (!has_sgls(n)) {
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        uint64_t mark = n->next, list = qn_alloc(n, QN_PAGE);
        QNSqe cmd = with_list(QN_READ, 8, bad[i].type, list, bad[i].count);
        uint16_t status;

        place(n, &bad[i], list);
        status = qn_do(n, &n->sq, &cmd, NULL);
        if (status != bad[i].status && status != bad[i].also) {
            g_test_message("%s: 0x%x, not 0x%x", bad[i].name, status, bad[i].status);
            g_test_fail();
        }
        qn_rewind(n, mark);
    }
    qn_assert_works(n);
}

/* A segment that leads to itself and moves nothing: it ends all the same. */
static void test_endless(QNvme *n)
{
    uint64_t list = qn_alloc(n, QN_PAGE);
    QNSgl sgl[] = { { .address = list, .length = 0 },
                    { .address = list, .length = 32, .type = QN_SGL_SEGMENT } };
    QNSqe cmd = with_list(QN_READ, 8, QN_SGL_SEGMENT, list, 2);
    uint16_t status;

    if (!has_sgls(n)) {
        return;
    }
    qn_sgl_write(n, list, sgl, 2);
    status = qn_do(n, &n->sq, &cmd, NULL);
    g_assert_cmphex(status, !=, QN_LATE);
    g_assert_cmphex(status, !=, QN_OK);
    qn_assert_works(n);
}

/* As many empty descriptors as a length can say. */
static void test_many_empty(QNvme *n)
{
    uint64_t list = qn_alloc(n, 1 << 20);
    QNSqe cmd = with_list(QN_READ, 8, QN_SGL_LAST, list, 65536);

    if (!has_sgls(n)) {
        return;
    }
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), !=, QN_OK);
    qn_sgl_inline(&cmd, QN_SGL_LAST, list, 0xfffffff0);
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), !=, QN_OK);
    qn_assert_works(n);
}

int main(int argc, char **argv)
{
    static const QNCase cases[] = {
        { "sgl/one-block", test_one_block },
        { "sgl/segments", test_segments },
        { "sgl/bucket", test_bucket },
        { "sgl/bad", test_bad },
        { "sgl/endless", test_endless },
        { "sgl/many-empty", test_many_empty },
        { NULL }
    };

    return qn_cases_run(argc, argv, cases);
}
