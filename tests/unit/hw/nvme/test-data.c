/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a command's data is: PRPs and SGLs of all shapes, right and wrong, in mapped memory
 * and in memory that only messages reach: hw/nvme/data.c, prp.c, sgl.c.
 */
#include "qemu/osdep.h"
#include "io-rig.h"

#define DATA (RIG_RAM_BASE + RIG_RAM_SIZE / 2)
#define LIST (RIG_RAM_BASE + RIG_RAM_SIZE - 0x10000)

enum { BLOCK = 512, DATA_BYTES = 0x180000 };

/* The medium reads as zeroes: what was read is what is not 0xaa any more. */
static void paint(NvmeRig *rig)
{
    memset(nvme_rig_at(rig, DATA), 0xaa, DATA_BYTES);
}

/* Exactly [offset, offset + len) of the data has been read. */
static unsigned zeroes(NvmeRig *rig, uint32_t offset, uint32_t len)
{
    const uint8_t *at = nvme_rig_at(rig, DATA + offset);
    unsigned n = 0;

    for (uint32_t i = 0; i < len; i++) {
        n += at[i] == 0;
    }
    return n;
}

static void expect_read(NvmeRig *rig, uint32_t offset, uint32_t len, uint32_t all)
{
    g_assert_cmpuint(zeroes(rig, offset, len), ==, len);
    g_assert_cmpuint(zeroes(rig, 0, DATA_BYTES), ==, all);
}

/* A wrong list is as wrong when it is sent again; memory that is not there may come. */
static uint16_t run(NvmeRig *rig, NvmeSqe cmd)
{
    NvmeCqe cqe = nvme_rig_do(rig, &rig->io, cmd);
    uint16_t status = nvme_cqe_status(cqe);

    g_assert_cmpint(!!(le16_to_cpu(cqe.status) >> 1 & NVME_DNR), ==,
                    status && status != NVME_DATA_TRANSFER_ERROR);
    return status;
}

static uint16_t do_read(NvmeRig *rig, uint32_t blocks, uint64_t prp1, uint64_t prp2)
{
    paint(rig);
    return run(rig, nvme_cmd_rw(NVME_IO_READ, 0, blocks, prp1, prp2));
}

static void put_list(NvmeRig *rig, uint64_t at, unsigned index, uint64_t entry)
{
    stq_le_p(nvme_rig_at(rig, at + index * 8), entry);
}

/* ---- PRPs ---- */

static void prp_shapes(NvmeRig *rig)
{
    g_assert_cmphex(do_read(rig, 1, DATA, 0), ==, 0);
    expect_read(rig, 0, 512, 512);
    g_assert_cmphex(do_read(rig, 1, DATA + 4, 0), ==, 0);
    expect_read(rig, 4, 512, 512);
    /* One that crosses into PRP2; PRP2 anywhere. */
    g_assert_cmphex(do_read(rig, 8, DATA + 0xe00, DATA + 0x5000), ==, 0);
    expect_read(rig, 0xe00, 0x200, 0x1000);
    expect_read(rig, 0x5000, 0xe00, 0x1000);
    /* The same page twice. */
    g_assert_cmphex(do_read(rig, 16, DATA, DATA), ==, 0);
    expect_read(rig, 0, 0x1000, 0x1000);
}

static void prp_lists(NvmeRig *rig)
{
    /* Backwards, with an offset, by a list that ends in the middle of its page. */
    for (unsigned i = 0; i < 4; i++) {
        put_list(rig, LIST + 0x40, i, DATA + (8 - i) * 4096);
    }
    g_assert_cmphex(do_read(rig, 32, DATA + 0x100, LIST + 0x40), ==, 0);
    expect_read(rig, 0x100, 0xf00, 0x4000);
    expect_read(rig, 6 * 4096, 3 * 4096, 0x4000);
    expect_read(rig, 5 * 4096, 0x100, 0x4000);
    /* A list with one entry of its own, which points to the next list. */
    put_list(rig, LIST + 0xff8, 0, LIST + 0x2000);
    for (unsigned i = 0; i < 15; i++) {
        put_list(rig, LIST + 0x2000, i, DATA + (i + 1) * 4096);
    }
    g_assert_cmphex(do_read(rig, 128, DATA, LIST + 0xff8), ==, 0);
    expect_read(rig, 0, 65536, 65536);
    /* Exactly full: its last entry is data. */
    put_list(rig, LIST + 0xff0, 0, DATA + 0x1000);
    put_list(rig, LIST + 0xff0, 1, DATA + 0x2000);
    g_assert_cmphex(do_read(rig, 24, DATA, LIST + 0xff0), ==, 0);
    expect_read(rig, 0, 0x3000, 0x3000);
}

static void prp_errors(NvmeRig *rig)
{
    g_assert_cmphex(do_read(rig, 1, DATA + 1, 0), ==, NVME_PRP_OFFSET_INVALID);
    g_assert_cmphex(do_read(rig, 1, DATA + 2, 0), ==, NVME_PRP_OFFSET_INVALID);
    g_assert_cmphex(do_read(rig, 16, DATA, DATA + 0x1004), ==, NVME_PRP_OFFSET_INVALID);
    g_assert_cmphex(do_read(rig, 24, DATA, LIST + 4), ==, NVME_PRP_OFFSET_INVALID);
    put_list(rig, LIST, 0, DATA + 0x1000);
    put_list(rig, LIST, 1, DATA + 0x2008);
    g_assert_cmphex(do_read(rig, 24, DATA, LIST), ==, NVME_PRP_OFFSET_INVALID);
    /* A pointer to the next list that is in the middle of a page. */
    put_list(rig, LIST + 0xff8, 0, LIST + 0x2008);
    g_assert_cmphex(do_read(rig, 24, DATA, LIST + 0xff8), ==, NVME_PRP_OFFSET_INVALID);
    g_assert_cmphex(do_read(rig, 1, NVME_RIG_NOWHERE, 0), ==, NVME_DATA_TRANSFER_ERROR);
    g_assert_cmphex(do_read(rig, 16, DATA, NVME_RIG_NOWHERE), ==, NVME_DATA_TRANSFER_ERROR);
    g_assert_cmphex(do_read(rig, 24, DATA, NVME_RIG_NOWHERE), ==, NVME_DATA_TRANSFER_ERROR);
    put_list(rig, LIST, 1, UINT64_MAX & ~4095ull);
    g_assert_cmphex(do_read(rig, 24, DATA, LIST), ==, NVME_DATA_TRANSFER_ERROR);
    /* Beyond MDTS, 4 KiB << 7. */
    g_assert_cmphex(do_read(rig, 1025, DATA, LIST), ==, NVME_INVALID_FIELD);
}

/* A list that points at itself is as long as the command, not longer. */
static void prp_loop(NvmeRig *rig)
{
    for (unsigned i = 0; i < 512; i++) {
        put_list(rig, LIST, i, LIST);
    }
    do_read(rig, 1024, LIST, LIST);
    g_assert_cmphex(nvme_rig_csts(rig), ==, NVME_CSTS_RDY);
}

/* ---- SGLs ---- */

enum { BLOCK_D = 0x00, BUCKET = 0x10, SEGMENT = 0x20, LAST = 0x30 };

static void put_sgl(NvmeRig *rig, uint64_t at, unsigned index, uint8_t kind, uint64_t addr,
                    uint32_t len)
{
    uint8_t *d = nvme_rig_at(rig, at + index * 16);

    memset(d, 0, 16);
    stq_le_p(d, addr);
    stl_le_p(d + 8, len);
    d[15] = kind;
}

static uint16_t sgl(NvmeRig *rig, uint8_t opcode, uint32_t blocks, uint8_t kind, uint64_t addr,
                    uint32_t len)
{
    NvmeSqe cmd = nvme_cmd_rw(opcode, 0, blocks, 0, 0);

    cmd.flags = NVME_PSDT_SGL_MPTR_CONTIGUOUS << 6;
    cmd.dptr[0] = cpu_to_le64(addr);
    cmd.dptr[1] = cpu_to_le64((uint64_t)kind << 56 | len);
    paint(rig);
    return run(rig, cmd);
}

static void sgl_shapes(NvmeRig *rig)
{
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 3, BLOCK_D, DATA + 3, 1536), ==, 0);
    expect_read(rig, 3, 1536, 1536);
    /* Blocks of odd lengths, one of none, over two segments, a bucket in between. */
    put_sgl(rig, LIST, 0, BLOCK_D, DATA + 1, 13);
    put_sgl(rig, LIST, 1, BLOCK_D, 0, 0);
    put_sgl(rig, LIST, 2, BUCKET, 0, 99);
    put_sgl(rig, LIST, 3, LAST, LIST + 0x1000, 32);
    put_sgl(rig, LIST + 0x1000, 0, BLOCK_D, DATA + 0x2000, 300);
    put_sgl(rig, LIST + 0x1000, 1, BLOCK_D, DATA + 0x3000, 100);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, SEGMENT, LIST, 64), ==, 0);
    expect_read(rig, 1, 13, 413);
    expect_read(rig, 0x2000, 300, 413);
    expect_read(rig, 0x3000, 100, 413);
    /* Nothing but a bucket. */
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, BUCKET, 0, 512), ==, 0);
    expect_read(rig, 0, 0, 0);
    /* One with room for more than there is. */
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, BUCKET, 0, 4096), ==, 0);
    expect_read(rig, 0, 0, 0);
    /* For a write buckets count for nothing: there is too little then. */
    g_assert_cmphex(sgl(rig, NVME_IO_WRITE, 1, SEGMENT, LIST, 64), ==,
                    NVME_DATA_SGL_LENGTH_INVALID);
    put_sgl(rig, LIST + 0x1000, 1, BLOCK_D, DATA + 0x3000, 199);
    g_assert_cmphex(sgl(rig, NVME_IO_WRITE, 1, SEGMENT, LIST, 64), ==, 0);
    /* More than is needed. */
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, BLOCK_D, DATA, 4096), ==, 0);
    expect_read(rig, 0, 512, 512);
}

static void sgl_errors(NvmeRig *rig)
{
    const uint8_t kinds[] = { 0x40, 0x50, 0xf0, 0x01, 0x21, 0x3f };

    g_assert_cmphex(sgl(rig, NVME_IO_READ, 2, BLOCK_D, DATA, 512), ==,
                    NVME_DATA_SGL_LENGTH_INVALID);
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, kinds[i], DATA, 512), ==,
                        NVME_SGL_TYPE_INVALID);
    }
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, LAST, LIST, 0), ==, NVME_INVALID_SGL_SEGMENT);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, LAST, LIST, 24), ==, NVME_INVALID_SGL_SEGMENT);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, LAST, LIST, 0xfffffff0), ==,
                    NVME_INVALID_SGL_COUNT);
    /* One descriptor more than a command may have. */
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, LAST, LIST, 4097 * 16), ==,
                    NVME_INVALID_SGL_COUNT);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, LAST, NVME_RIG_NOWHERE, 16), ==,
                    NVME_DATA_TRANSFER_ERROR);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, BLOCK_D, UINT64_MAX - 5, 512), ==,
                    NVME_DATA_TRANSFER_ERROR);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, BLOCK_D, NVME_RIG_NOWHERE, 512), ==,
                    NVME_DATA_TRANSFER_ERROR);
    /* A segment in the middle of one, one after the last, one that ends without leading on. */
    put_sgl(rig, LIST, 0, LAST, LIST + 0x1000, 16);
    put_sgl(rig, LIST, 1, BLOCK_D, DATA, 512);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, SEGMENT, LIST, 32), ==, NVME_INVALID_SGL_SEGMENT);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, LAST, LIST, 16), ==, NVME_INVALID_SGL_SEGMENT);
    put_sgl(rig, LIST, 0, BLOCK_D, DATA, 512);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, SEGMENT, LIST, 16), ==, NVME_INVALID_SGL_SEGMENT);
    /* In circles. */
    put_sgl(rig, LIST, 0, SEGMENT, LIST, 16);
    g_assert_cmphex(sgl(rig, NVME_IO_READ, 1, SEGMENT, LIST, 16), ==, NVME_INVALID_SGL_COUNT);
}

static void sgl_psdt(NvmeRig *rig)
{
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_READ, 0, 1, DATA, 0);

    cmd.flags = 3 << 6;
    g_assert_cmphex(nvme_rig_status(rig, &rig->io, cmd), ==, NVME_INVALID_FIELD);
    /* Admin commands have PRPs. */
    cmd = nvme_cmd(NVME_ADMIN_IDENTIFY, 0);
    cmd.flags = 1 << 6;
    cmd.cdw10 = cpu_to_le32(1);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, cmd), ==, NVME_INVALID_FIELD);
}

/* ---- metadata ---- */

static uint16_t read_meta(IoRig *io, unsigned psdt, uint64_t mptr)
{
    NvmeSqe cmd = io_cmd(io, NVME_IO_READ, 0, 1);

    cmd.flags = psdt << 6;
    cmd.dptr[1] = cpu_to_le64(psdt ? (uint64_t)BLOCK_D << 56 | BLOCK : 0);
    cmd.mptr = cpu_to_le64(mptr);
    return io_do(io, cmd);
}

/* Base 3.3.3.1: where MPTR may point to, and what a descriptor there may be. */
static void test_meta_pointer(void)
{
    g_autoptr(IoRig) io = io_rig_new(1 << 20, BLOCK, "ms=8", NULL);
    uint64_t list = io->lists;

    for (unsigned psdt = NVME_PSDT_PRP; psdt <= NVME_PSDT_SGL_MPTR_CONTIGUOUS; psdt++) {
        g_assert_cmphex(read_meta(io, psdt, io->meta + 4), ==, 0);
        g_assert_cmphex(read_meta(io, psdt, io->meta + 2), ==, NVME_INVALID_FIELD);
        g_assert_cmphex(read_meta(io, psdt, UINT64_MAX - 3), ==, NVME_DATA_TRANSFER_ERROR);
    }
    put_sgl(io->nvme, list, 0, BLOCK_D, io->meta, 8);
    put_sgl(io->nvme, list + 8, 0, BLOCK_D, io->meta, 4);
    g_assert_cmphex(read_meta(io, NVME_PSDT_SGL_MPTR_SGL, list + 8), ==,
                    NVME_META_SGL_LENGTH_INVALID);
    put_sgl(io->nvme, list + 8, 0, BLOCK_D, io->meta, 8);
    g_assert_cmphex(read_meta(io, NVME_PSDT_SGL_MPTR_SGL, list + 8), ==, 0);
    put_sgl(io->nvme, list + 4, 0, BLOCK_D, io->meta, 8);
    g_assert_cmphex(read_meta(io, NVME_PSDT_SGL_MPTR_SGL, list + 4), ==, NVME_INVALID_FIELD);
    g_assert_cmphex(read_meta(io, NVME_PSDT_SGL_MPTR_SGL, NVME_RIG_NOWHERE), ==,
                    NVME_DATA_TRANSFER_ERROR);
}

/* ---- in all kinds of memory ---- */

static void with(void (*test)(NvmeRig *rig))
{
    for (int mappable = 1; mappable >= 0; mappable--) {
        g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);

        rig->pci->mappable = mappable;
        nvme_rig_start(rig, 16);
        test(rig);
        g_assert_cmpuint(rig->pci->sync_accesses, ==, 0);
    }
}

#define WITH(name) \
    static void test_##name(void) \
    { \
        with(name); \
    }
WITH(prp_shapes)
WITH(prp_lists)
WITH(prp_errors)
WITH(prp_loop)
WITH(sgl_shapes)
WITH(sgl_errors)
WITH(sgl_psdt)

/* ---- by message, one answer at a time ---- */

static void answer_all(NvmeRig *rig)
{
    rig_run();
    while (rig->pci->requests.length) {
        rig_answer(rig->pci, MEMTX_OK);
        rig_run();
    }
}

/* Entry, list, data, completion: each is there before the next one goes out. */
static void test_messages(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_READ, 0, 64, 0, 0);

    nvme_rig_start(rig, 16);
    rig->pci->mappable = false;
    rig_revoke(rig->pci, 0, UINT64_MAX);
    rig->pci->slow = true;
    nvme_rig_prps(rig, &cmd, DATA, 32768, LIST);
    paint(rig);
    nvme_rig_submit(rig, &rig->io, cmd);
    rig_run();
    g_assert_cmpuint(rig->pci->requests.length, ==, 1);
    rig_answer(rig->pci, MEMTX_OK);     /* the entry */
    rig_run();
    g_assert_cmpuint(rig->pci->requests.length, ==, 1);
    /* Whatever the host makes of the list later, it was read once. */
    rig_answer(rig->pci, MEMTX_OK);
    memset(nvme_rig_at(rig, LIST), 0xff, 4096);
    rig_run();
    nvme_rig_expect_none(rig, &rig->io);
    g_assert_cmpuint(rig->pci->requests.length, >=, 1);
    while (zeroes(rig, 0, 32768) < 32768) {
        nvme_rig_expect_none(rig, &rig->io);
        rig_answer(rig->pci, MEMTX_OK);
        rig_run();
    }
    answer_all(rig);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==, 0);
    expect_read(rig, 0, 32768, 32768);
}

static void test_message_fails(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_READ, 0, 8, DATA, 0);

    nvme_rig_start(rig, 16);
    rig->pci->mappable = false;
    rig_revoke(rig->pci, 0, UINT64_MAX);
    rig->pci->slow = true;
    nvme_rig_submit(rig, &rig->io, cmd);
    rig_run();
    rig_answer(rig->pci, MEMTX_OK);
    rig_run();
    rig_answer(rig->pci, MEMTX_ERROR);  /* the data */
    answer_all(rig);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==,
                    NVME_DATA_TRANSFER_ERROR);
    /* The entry cannot be read: nothing that could be answered. */
    nvme_rig_submit(rig, &rig->io, cmd);
    rig_run();
    rig_answer(rig->pci, MEMTX_ERROR);
    rig_run();
    g_assert_cmphex(nvme_rig_csts(rig), ==, NVME_CSTS_RDY | NVME_CSTS_CFS);
}

/* A reset takes back all that is on its way, wherever it is. */
static void test_message_reset(void)
{
    for (unsigned answers = 0; answers < 6; answers++) {
        g_autoptr(NvmeRig) rig = nvme_rig_new(NULL);
        NvmeSqe cmd = nvme_cmd_rw(NVME_IO_WRITE, 0, 64, 0, 0);

        nvme_rig_start(rig, 16);
        rig->pci->mappable = false;
        rig_revoke(rig->pci, 0, UINT64_MAX);
        rig->pci->slow = true;
        nvme_rig_prps(rig, &cmd, DATA, 32768, LIST);
        put_list(rig, LIST, 1, DATA + 0x100000);        /* in pieces */
        nvme_rig_submit(rig, &rig->io, cmd);
        nvme_rig_submit(rig, &rig->admin, nvme_cmd(0xff, 0));
        for (unsigned i = 0; i < answers; i++) {
            rig_run();
            if (rig->pci->requests.length) {
                rig_answer(rig->pci, MEMTX_OK);
            }
        }
        nvme_rig_disable(rig);
        g_assert_cmpuint(rig->pci->requests.length, ==, 0);
    }
}

/* What is on its way by message is bounded; the rest waits its turn. */
static void test_message_budget(void)
{
    g_autoptr(NvmeRig) rig = nvme_rig_new("mdts=0");
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_WRITE, 0, 32768, 0, 0);
    unsigned most = 0, seen = 0;

    /* 16 MiB each, all of it the same page; 64 MiB is the budget. */
    cmd.flags = NVME_PSDT_SGL_MPTR_CONTIGUOUS << 6;
    nvme_rig_start(rig, 64);
    for (unsigned i = 0; i < 4096; i++) {
        put_sgl(rig, LIST, i, BLOCK_D, DATA, 4096);
    }
    cmd.dptr[0] = cpu_to_le64(LIST);
    cmd.dptr[1] = cpu_to_le64((uint64_t)LAST << 56 | 4096 * 16);
    rig->pci->mappable = false;
    rig_revoke(rig->pci, 0, UINT64_MAX);
    rig->pci->slow = true;
    for (unsigned i = 0; i < 12; i++) {
        nvme_rig_put(rig, &rig->io, cmd);
    }
    nvme_rig_ring(rig, &rig->io);
    for (;;) {
        rig_run();
        most = MAX(most, rig->pci->requests.length);
        if (!rig->pci->requests.length) {
            break;
        }
        rig_answer(rig->pci, MEMTX_OK);
    }
    for (NvmeCqe cqe; nvme_rig_reap(rig, &rig->io, &cqe); seen++) {
        g_assert_cmphex(nvme_cqe_status(cqe), ==, 0);
    }
    g_assert_cmpuint(seen, ==, 12);
    g_assert_cmpuint(most, <=, 4 * NVME_XFER_WINDOW + 8);
}

/* ---- room for buffers ---- */

enum { BIG = 4096, ALONE = 20480 };     /* blocks of 4 KiB: 16 and 80 MiB of the 64 */

/* Reads that fall into a bucket: they need a buffer, and no memory of the host. */
static uint16_t into_bucket(NvmeRig *rig, uint32_t blocks)
{
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_READ, 0, blocks, 0, 0);

    cmd.flags = NVME_PSDT_SGL_MPTR_CONTIGUOUS << 6;
    cmd.dptr[1] = cpu_to_le64((uint64_t)BUCKET << 56 | blocks * 4096ull);
    return nvme_rig_submit(rig, &rig->io, cmd);
}

static NvmeRig *crowded(void)
{
    NvmeRig *rig = nvme_rig_new_held("mdts=0,logical_block_size=4096,physical_block_size=4096");

    nvme_rig_start(rig, 16);
    for (unsigned i = 0; i < 3; i++) {
        into_bucket(rig, BIG);
    }
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, 3);
    return rig;
}

static void expect_successes(NvmeRig *rig, unsigned n)
{
    for (; n; n--) {
        g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==, 0);
    }
    nvme_rig_expect_none(rig, &rig->io);
}

/* A large one that waits is not overtaken by a small one that would fit. */
static void test_room_in_order(void)
{
    g_autoptr(NvmeRig) rig = crowded();

    into_bucket(rig, 2 * BIG);
    into_bucket(rig, 1);
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, 3);
    nvme_rig_let_go(1);
    g_assert_cmpuint(nvme_rig_held(), ==, 3);
    nvme_rig_let_go(1);
    nvme_rig_let_go(0);
    nvme_rig_let_go(0);
    expect_successes(rig, 5);
}

/* Taken back, it makes way for those behind it. */
static void test_room_taken_back(void)
{
    g_autoptr(NvmeRig) rig = crowded();
    NvmeSqe abort = nvme_cmd(NVME_ADMIN_ABORT, 0);
    uint16_t cid = into_bucket(rig, 2 * BIG);

    into_bucket(rig, 1);
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, 3);
    abort.cdw10 = cpu_to_le32((uint32_t)cid << 16 | rig->io.id);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin, abort), ==, 0);
    g_assert_cmpuint(nvme_rig_held(), ==, 4);
    g_assert_cmphex(nvme_cqe_status(nvme_rig_expect(rig, &rig->io)), ==, NVME_ABORT_REQUESTED);
    nvme_rig_let_go(0);
    expect_successes(rig, 4);
}

/* More than all the room there is: when it is alone. */
static void test_room_alone(void)
{
    g_autoptr(NvmeRig) rig = crowded();

    into_bucket(rig, ALONE);
    rig_run();
    g_assert_cmpuint(nvme_rig_held(), ==, 3);
    nvme_rig_let_go(0);
    nvme_rig_let_go(0);
    expect_successes(rig, 4);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/prp/shapes", test_prp_shapes);
    g_test_add_func("/nvme/prp/lists", test_prp_lists);
    g_test_add_func("/nvme/prp/errors", test_prp_errors);
    g_test_add_func("/nvme/prp/loop", test_prp_loop);
    g_test_add_func("/nvme/sgl/shapes", test_sgl_shapes);
    g_test_add_func("/nvme/sgl/errors", test_sgl_errors);
    g_test_add_func("/nvme/sgl/psdt", test_sgl_psdt);
    g_test_add_func("/nvme/messages/order", test_messages);
    g_test_add_func("/nvme/messages/fail", test_message_fails);
    g_test_add_func("/nvme/messages/reset", test_message_reset);
    g_test_add_func("/nvme/messages/budget", test_message_budget);
    g_test_add_func("/nvme/meta/pointer", test_meta_pointer);
    g_test_add_func("/nvme/room/in-order", test_room_in_order);
    g_test_add_func("/nvme/room/taken-back", test_room_taken_back);
    g_test_add_func("/nvme/room/alone", test_room_alone);
    return g_test_run();
}
