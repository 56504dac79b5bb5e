/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where data goes: PRPs of every legal shape, and what each I/O command does to
 * the blocks (NVM command set 3.2).
 */
#include "qemu/osdep.h"
#include "nvme-case.h"

enum { BUFFER = 640 * 1024, BLOCK = 512, PER_LIST = QN_PAGE / 8 };
/* Identify controller: ONCS, and bit 0 of FUSES; identify namespace: 32 bits from NSZE on. */
enum { ID_ONCS = 520, ID_FUSES = 522, COMPARE = 1, UNCORRECTABLE = 2, DSM = 4, ZEROES = 8,
       VERIFY = 128, COPY = 256 };

static const QNRig no_limit = { ",mdts=0", { { QN_MEDIUM_FILE } } };
static const QNRig two = { NULL, { { QN_MEDIUM_FILE, "" }, { QN_MEDIUM_FILE, "" } } };
static const QNRig big_blocks = { NULL, { { QN_MEDIUM_FILE,
                                          ",logical_block_size=4096,physical_block_size=4096" } } };

static uint16_t id16(QNvme *n, unsigned offset)
{
    uint8_t id[QN_PAGE];

    g_assert_cmphex(qn_identify(n, 1, 0, id), ==, QN_OK);
    return lduw_le_p(id + offset);
}

static bool has(QNvme *n, uint16_t bit)
{
    if (id16(n, ID_ONCS) & bit) {
        return true;
    }
    g_test_skip("not claimed");
    return false;
}

static void fill(QNvme *n, uint64_t iova, size_t len, unsigned seed)
{
    g_autofree uint8_t *data = g_malloc(len);

    qn_pattern(data, len, seed);
    qos_mem_write(n->d, iova, data, len);
}

static void assert_pattern(QNvme *n, uint64_t iova, size_t len, unsigned seed)
{
    g_autofree uint8_t *data = g_malloc(len);

    qn_pattern(data, len, seed);
    qn_assert_memory(n, iova, data, len);
}

/* --- PRPs --- */

static void check_shape(QNvme *n, uint64_t from, uint64_t to, unsigned offset, size_t len)
{
    unsigned seed = offset + len;

    fill(n, from + offset, len, seed);
    qos_mem_set(n->d, to, 0xee, len + 3 * QN_PAGE);
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 1, len / BLOCK, from + offset, len), ==, QN_OK);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 1, len / BLOCK, to + QN_PAGE + offset, len), ==, QN_OK);
    assert_pattern(n, to + QN_PAGE + offset, len, seed);
    /* and nothing beside it */
    qn_assert_filled(n, to, 0xee, QN_PAGE + offset);
    qn_assert_filled(n, to + QN_PAGE + offset + len, 0xee, QN_PAGE);
}

static void test_prp_shapes(QNvme *n)
{
    static const unsigned offsets[] = { 0, 4, 512, 2048, 3584, 4092 };
    static const unsigned lengths[] = { 512, 1024, 4096, 4608, 8192, 12288, 65536, 524288 };
    uint64_t from = qn_alloc(n, BUFFER), to = qn_alloc(n, BUFFER);

    for (unsigned i = 0; i < G_N_ELEMENTS(offsets); i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(lengths); k++) {
            check_shape(n, from, to, offsets[i], lengths[k]);
        }
    }
}

static void poke(QNvme *n, uint64_t iova, uint64_t entry)
{
    qos_mem_write(n->d, iova, &entry, sizeof(entry));
}

/* A list that starts at the end of its page and goes on in another. */
static void test_list_offset(QNvme *n)
{
    uint64_t data = qn_alloc(n, 16 * QN_PAGE);
    uint64_t list = qn_alloc(n, QN_PAGE), next = qn_alloc(n, QN_PAGE);
    QNSqe cmd = qn_rw(QN_WRITE, 1, 0, 128);

    fill(n, data, 16 * QN_PAGE, 5);
    cmd.prp1 = data;
    for (unsigned tail = 1; tail <= 14; tail++) {
        unsigned page = 1;

        cmd.prp2 = list + QN_PAGE - 8 * tail;
        for (unsigned i = 0; i < tail - 1; i++) {
            poke(n, cmd.prp2 + 8 * i, data + page++ * QN_PAGE);
        }
        poke(n, list + QN_PAGE - 8, next);
        for (unsigned i = 0; page < 16; i++) {
            poke(n, next + 8 * i, data + page++ * QN_PAGE);
        }
        g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
        qos_mem_set(n->d, data, 0xee, 16 * QN_PAGE);
        g_assert_cmphex(qn_io(n, QN_READ, 1, 0, 128, data, 16 * QN_PAGE), ==, QN_OK);
        assert_pattern(n, data, 16 * QN_PAGE, 5);
    }
}

/* Exactly so many entries as the list's page holds: the last is no pointer. */
static void test_list_full(QNvme *n)
{
    uint64_t data = qn_alloc(n, QN_PAGE), list = qn_alloc(n, QN_PAGE);
    uint64_t last = qn_alloc(n, QN_PAGE);
    unsigned pages = PER_LIST + 1;
    QNSqe cmd = qn_rw(QN_READ, 1, 0, pages * 8);

    for (unsigned i = 0; i < PER_LIST; i++) {
        poke(n, list + 8 * i, i == PER_LIST - 1 ? last : data);
    }
    qos_mem_set(n->d, last, 0xee, QN_PAGE);
    cmd.prp1 = data;
    cmd.prp2 = list;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    qn_assert_filled(n, last, 0, QN_PAGE);
}

/* A list that leads to itself is as long as the command: all of it ends in the same pages. */
static void test_list_of_itself(QNvme *n)
{
    uint64_t data = qn_alloc(n, QN_PAGE), list = qn_alloc(n, QN_PAGE);
    QNSqe cmd = qn_rw(QN_READ, 1, 0, 0x4000);

    for (unsigned i = 0; i < PER_LIST; i++) {
        poke(n, list + 8 * i, i == PER_LIST - 1 ? list : data);
    }
    qos_mem_set(n->d, data, 0xee, QN_PAGE);
    cmd.prp1 = data;
    cmd.prp2 = list;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    qn_assert_filled(n, data, 0, QN_PAGE);
    /* data onto the list, while it is read: whatever comes, it ends */
    for (unsigned i = 0; i < PER_LIST; i++) {
        poke(n, list + 8 * i, list);
    }
    cmd.prp1 = list;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), !=, QN_LATE);
    qn_assert_works(n);
}

/* --- commands --- */

static void test_flush(QNvme *n)
{
    g_assert_cmphex(qn_io(n, QN_FLUSH, 1, 0, 1, 0, 0), ==, QN_OK);
    qn_assert_works(n);
}

static void test_fua(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_WRITE, 1, 9, 1);

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    cmd.cdw12 |= QN_FUA;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
    cmd.opcode = QN_READ;
    cmd.cdw12 |= QN_LR;
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
}

static void test_compare(QNvme *n)
{
    uint64_t data = qn_alloc(n, 4 * QN_PAGE);
    uint8_t other = 0xff;

    if (!has(n, COMPARE)) {
        return;
    }
    fill(n, data, 4 * QN_PAGE, 3);
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 3, 32, data, 4 * QN_PAGE), ==, QN_OK);
    g_assert_cmphex(qn_io(n, QN_COMPARE, 1, 3, 32, data, 4 * QN_PAGE), ==, QN_OK);
    qos_mem_write(n->d, data + 4 * QN_PAGE - 1, &other, 1);
    g_assert_cmphex(qn_io(n, QN_COMPARE, 1, 3, 32, data, 4 * QN_PAGE), ==, QN_COMPARE_FAILED);
    /* compared only: the medium is as it was */
    qos_mem_set(n->d, data, 0, 4 * QN_PAGE);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 3, 32, data, 4 * QN_PAGE), ==, QN_OK);
    assert_pattern(n, data, 4 * QN_PAGE, 3);
}

static void check_middle_zero(QNvme *n, uint64_t data, unsigned from, unsigned count)
{
    g_assert_cmphex(qn_io(n, QN_READ, 1, 0, 64, data, 64 * BLOCK), ==, QN_OK);
    qn_assert_filled(n, data + from * BLOCK, 0, count * BLOCK);
    qos_mem_set(n->d, data + from * BLOCK, 0, 64 * BLOCK - from * BLOCK);
    assert_pattern(n, data, from * BLOCK, 4);
}

static uint64_t write_64_blocks(QNvme *n)
{
    uint64_t data = qn_alloc(n, 64 * BLOCK);

    fill(n, data, 64 * BLOCK, 4);
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 0, 64, data, 64 * BLOCK), ==, QN_OK);
    return data;
}

static void test_write_zeroes(QNvme *n)
{
    uint64_t data = write_64_blocks(n);

    if (has(n, ZEROES)) {
        QNSqe cmd = qn_rw(QN_WRITE_ZEROES, 1, 40, 24);

        g_assert_cmphex(qn_io(n, QN_WRITE_ZEROES, 1, 7, 20, 0, 0), ==, QN_OK);
        check_middle_zero(n, data, 7, 20);
        data = write_64_blocks(n);
        cmd.cdw12 |= QN_DEAC;
        g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_OK);
        check_middle_zero(n, data, 40, 24);
    }
}

typedef struct Range {
    uint32_t attributes, blocks;
    uint64_t lba;
} Range;

static uint16_t deallocate(QNvme *n, const Range *ranges, unsigned count)
{
    uint64_t mark = n->next, at = qn_alloc(n, QN_PAGE);
    QNSqe cmd = { .opcode = QN_DSM, .nsid = 1, .cdw10 = count - 1, .cdw11 = 4, .prp1 = at };
    uint16_t status;

    qos_mem_write(n->d, at, ranges, count * sizeof(*ranges));
    status = qn_do(n, &n->sq, &cmd, NULL);
    qn_rewind(n, mark);
    return status;
}

static void test_deallocate(QNvme *n)
{
    uint64_t data = write_64_blocks(n);
    const Range good[] = { { 0, 8, 8 }, { 0, 0, 0 }, { 0, 8, 48 } };
    const Range behind[] = { { 0, 1, QN_FILE_SIZE / BLOCK } };
    const Range wraps[] = { { 0, 0xffffffff, UINT64_MAX } };
    const Range across[] = { { 0, 2, QN_FILE_SIZE / BLOCK - 1 } };
    g_autofree Range *all = g_new0(Range, 256);

    if (!has(n, DSM)) {
        return;
    }
    g_assert_cmphex(deallocate(n, good, 3), ==, QN_OK);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 0, 8, data, QN_PAGE), ==, QN_OK);
    assert_pattern(n, data, QN_PAGE, 4);
    g_assert_cmphex(deallocate(n, behind, 1), ==, QN_LBA_RANGE);
    g_assert_cmphex(deallocate(n, wraps, 1), ==, QN_LBA_RANGE);
    g_assert_cmphex(deallocate(n, across, 1), ==, QN_LBA_RANGE);
    for (unsigned i = 0; i < 256; i++) {
        all[i] = (Range) { 0, 8, i * 8 };
    }
    g_assert_cmphex(deallocate(n, all, 256), ==, QN_OK);
    qn_assert_works(n);
}

static void test_verify(QNvme *n)
{
    write_64_blocks(n);
    if (has(n, VERIFY)) {
        g_assert_cmphex(qn_io(n, QN_VERIFY, 1, 0, 64, 0, 0), ==, QN_OK);
    }
}

static void test_uncorrectable(QNvme *n)
{
    uint64_t data = write_64_blocks(n);

    if (!has(n, UNCORRECTABLE)) {
        return;
    }
    g_assert_cmphex(qn_io(n, QN_WRITE_UNC, 1, 10, 4, 0, 0), ==, QN_OK);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 8, 8, data, QN_PAGE), ==, QN_UNRECOVERED_READ);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 0, 10, data, 10 * BLOCK), ==, QN_OK);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 14, 1, data, BLOCK), ==, QN_OK);
    /* written again they are good */
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 8, 8, data, QN_PAGE), ==, QN_OK);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 8, 8, data, QN_PAGE), ==, QN_OK);
}

typedef struct CopyRange {
    uint64_t zero, lba;
    uint16_t blocks0, zero2[3];
    uint32_t eilbrt;
    uint16_t elbat, elbatm;
} CopyRange;
G_STATIC_ASSERT(sizeof(CopyRange) == 32);

static uint16_t copy(QNvme *n, uint64_t to, const CopyRange *ranges, unsigned count)
{
    uint64_t mark = n->next, at = qn_alloc(n, QN_PAGE);
    QNSqe cmd = { .opcode = QN_COPY, .nsid = 1, .cdw10 = to, .cdw12 = count - 1, .prp1 = at };
    uint16_t status;

    qos_mem_write(n->d, at, ranges, count * sizeof(*ranges));
    status = qn_do(n, &n->sq, &cmd, NULL);
    qn_rewind(n, mark);
    return status;
}

static void test_copy(QNvme *n)
{
    uint64_t data = write_64_blocks(n);
    const CopyRange ranges[] = { { .lba = 32, .blocks0 = 15 }, { .lba = 0, .blocks0 = 31 },
                                 { .lba = 48, .blocks0 = 15 } };
    const CopyRange behind[] = { { .lba = QN_FILE_SIZE / BLOCK } };
    const CopyRange longest[] = { { .lba = 0, .blocks0 = 0xffff } };

    if (!has(n, COPY)) {
        return;
    }
    g_assert_cmphex(copy(n, 1000, ranges, 3), ==, QN_OK);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 1016, 32, data, 32 * BLOCK), ==, QN_OK);
    assert_pattern(n, data, 32 * BLOCK, 4);
    g_assert_cmphex(copy(n, 1000, behind, 1), ==, QN_LBA_RANGE);
    g_assert_cmphex(copy(n, 1000, longest, 1), ==, QN_SIZE_LIMIT);
    g_assert_cmphex(copy(n, QN_FILE_SIZE / BLOCK - 1, ranges, 1), ==, QN_LBA_RANGE);
}

/* --- fused --- */

/* Compare at the blocks, write there when they are equal: NVM command set 3.3; both statuses. */
static void compare_and_write(QNvme *n, uint64_t lba, uint64_t expected, uint64_t wanted,
                              uint16_t status[2])
{
    QNSqe first = qn_rw(QN_COMPARE, 1, lba, 8), second = qn_rw(QN_WRITE, 1, lba, 8);
    uint16_t cid;

    first.flags = QN_FUSE_FIRST;
    second.flags = QN_FUSE_SECOND;
    first.prp1 = expected;
    second.prp1 = wanted;
    cid = qn_put(n, &n->sq, &first);
    qn_put(n, &n->sq, &second);
    qn_ring(n, &n->sq);
    for (unsigned i = 0; i < 2; i++) {
        QNCqe cqe;

        g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
        status[cqe.cid != cid] = qn_status(&cqe);
    }
}

static void test_fused(QNvme *n)
{
    uint64_t old = qn_alloc(n, QN_PAGE), new = qn_alloc(n, QN_PAGE);
    uint16_t status[2];

    if (!(id16(n, ID_FUSES) & 1)) {
        g_test_skip("not claimed");
        return;
    }
    fill(n, old, QN_PAGE, 1);
    fill(n, new, QN_PAGE, 2);
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 8, 8, old, QN_PAGE), ==, QN_OK);
    compare_and_write(n, 8, old, new, status);
    g_assert_cmphex(status[0], ==, QN_OK);
    g_assert_cmphex(status[1], ==, QN_OK);
    compare_and_write(n, 8, old, new, status);
    g_assert_cmphex(status[0], ==, QN_COMPARE_FAILED);
    g_assert_cmphex(status[1], ==, QN_FUSED_FAILED);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 8, 8, old, QN_PAGE), ==, QN_OK);
    assert_pattern(n, old, QN_PAGE, 2);
}

/* Halves of a pair: base 3.4.2. */
static void test_fused_halves(QNvme *n)
{
    QNSqe first = qn_rw(QN_COMPARE, 1, 0, 8), second = qn_rw(QN_WRITE, 1, 0, 8);
    QNSqe read = qn_rw(QN_READ, 1, 0, 8);
    QNCqe cqe;

    if (!(id16(n, ID_FUSES) & 1)) {
        g_test_skip("not claimed");
        return;
    }
    first.flags = QN_FUSE_FIRST;
    second.flags = QN_FUSE_SECOND;
    first.prp1 = second.prp1 = read.prp1 = qn_alloc(n, QN_PAGE);
    g_assert_cmphex(qn_do(n, &n->sq, &second, NULL), ==, QN_FUSED_MISSING);
    qn_put(n, &n->sq, &first);
    qn_put(n, &n->sq, &read);
    qn_ring(n, &n->sq);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
        g_assert_cmphex(qn_status(&cqe), ==, cqe.cid == n->cid ? QN_OK : QN_FUSED_MISSING);
    }
    qn_assert_works(n);
}

/* Two that do not belong together: other blocks, other namespaces, other commands. */
static void test_fused_apart(QNvme *n)
{
    const struct { QNSqe first, second; } pairs[] = {
        { qn_rw(QN_COMPARE, 1, 0, 8), qn_rw(QN_WRITE, 1, 8, 8) },
        { qn_rw(QN_COMPARE, 1, 0, 8), qn_rw(QN_WRITE, 1, 0, 4) },
        { qn_rw(QN_COMPARE, 1, 0, 8), qn_rw(QN_WRITE, 2, 0, 8) },
        { qn_rw(QN_WRITE, 1, 0, 8), qn_rw(QN_COMPARE, 1, 0, 8) },
        { qn_rw(QN_FLUSH, 1, 0, 8), qn_rw(QN_WRITE, 1, 0, 8) },
        { qn_rw(QN_COMPARE, 1, 0, 8), qn_rw(QN_READ, 1, 0, 8) },
    };

    if (!(id16(n, ID_FUSES) & 1)) {
        g_test_skip("not claimed");
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
        QNSqe first = pairs[i].first, second = pairs[i].second;

        first.flags = QN_FUSE_FIRST;
        second.flags = QN_FUSE_SECOND;
        first.prp1 = second.prp1 = qn_alloc(n, QN_PAGE);
        qn_put(n, &n->sq, &first);
        qn_put(n, &n->sq, &second);
        qn_ring(n, &n->sq);
        for (unsigned k = 0; k < 2; k++) {
            QNCqe cqe;

            g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
            g_assert_cmphex(qn_status(&cqe), !=, QN_OK);
        }
    }
    qn_assert_works(n);
}

/* --- namespaces --- */

static void test_two_namespaces(QNvme *n)
{
    uint64_t data = qn_alloc(n, QN_PAGE);
    uint8_t list[QN_PAGE];

    g_assert_cmphex(qn_identify(n, 2, 0, list), ==, QN_OK);
    g_assert_cmpuint(ldl_le_p(list), ==, 1);
    g_assert_cmpuint(ldl_le_p(list + 4), ==, 2);
    g_assert_cmpuint(ldl_le_p(list + 8), ==, 0);
    g_assert_cmphex(qn_identify(n, 2, 1, list), ==, QN_OK);
    g_assert_cmpuint(ldl_le_p(list), ==, 2);
    for (uint32_t ns = 1; ns <= 2; ns++) {
        fill(n, data, QN_PAGE, ns);
        g_assert_cmphex(qn_io(n, QN_WRITE, ns, 8, 8, data, QN_PAGE), ==, QN_OK);
    }
    for (uint32_t ns = 1; ns <= 2; ns++) {
        g_assert_cmphex(qn_io(n, QN_READ, ns, 8, 8, data, QN_PAGE), ==, QN_OK);
        assert_pattern(n, data, QN_PAGE, ns);
    }
}

static void test_4k_blocks(QNvme *n)
{
    uint64_t data = qn_alloc(n, 8 * QN_PAGE);
    uint8_t id[QN_PAGE];
    unsigned format;

    g_assert_cmphex(qn_identify(n, 0, 1, id), ==, QN_OK);
    g_assert_cmpuint(ldq_le_p(id), ==, QN_FILE_SIZE / 4096);            /* NSZE */
    format = id[26] & 15;                                               /* FLBAS */
    g_assert_cmpuint(id[128 + 4 * format + 2], ==, 12);                 /* LBADS */
    fill(n, data, 8 * QN_PAGE, 1);
    g_assert_cmphex(qn_io(n, QN_WRITE, 1, 4088, 8, data, 8 * QN_PAGE), ==, QN_OK);
    qos_mem_set(n->d, data, 0, 8 * QN_PAGE);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 4088, 8, data, 8 * QN_PAGE), ==, QN_OK);
    assert_pattern(n, data, 8 * QN_PAGE, 1);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 4089, 8, data, 8 * QN_PAGE), ==, QN_LBA_RANGE);
}

/* Everything by messages: queues, lists and data. */
static void test_messages(QNvme *n)
{
    n->lend = QOS_MESSAGES;
    qn_start(n);
    test_prp_shapes(n);
    test_list_offset(n);
    qn_assert_works(n);
}

int main(int argc, char **argv)
{
    static const QNCase cases[] = {
        { "data/prp-shapes", test_prp_shapes },
        { "data/list-offset", test_list_offset },
        { "data/list-full", test_list_full, &no_limit },
        { "data/list-of-itself", test_list_of_itself, &no_limit },
        { "data/flush", test_flush },
        { "data/fua", test_fua },
        { "data/compare", test_compare },
        { "data/write-zeroes", test_write_zeroes },
        { "data/deallocate", test_deallocate },
        { "data/verify", test_verify },
        { "data/uncorrectable", test_uncorrectable },
        { "data/copy", test_copy },
        { "data/fused", test_fused },
        { "data/fused-halves", test_fused_halves },
        { "data/fused-apart", test_fused_apart, &two },
        { "data/two-namespaces", test_two_namespaces, &two },
        { "data/4k-blocks", test_4k_blocks, &big_blocks },
        { "data/messages", test_messages, NULL, QOS_CAN_MESSAGES, .raw = true },
        { NULL }
    };

    return qn_cases_run(argc, argv, cases);
}
