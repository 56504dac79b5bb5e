/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands on zones: zoned namespace command set 3. Zones of 64 blocks of 512 bytes, 48
 * of which can be written. Opcodes, offsets and codes are the specification's.
 */
#include "qemu/osdep.h"
#include "io-rig.h"

enum { BYTES = 1 << 20, BLOCK = 512, SIZE = 64, CAPACITY = 48, ZONES = BYTES / BLOCK / SIZE };
enum { SEND = 0x79, RECEIVE = 0x7a, APPEND = 0x7d };
enum {
    CLOSE = 1, FINISH = 2, OPEN = 3, RESET = 4, GO_OFFLINE = 5, SET_EXTENSION = 0x10,
    ALL = 0x100,
};
enum {
    EMPTY = 0x1, IMPLICIT = 0x2, EXPLICIT = 0x3, CLOSED = 0x4, READ_ONLY = 0xd, FULL = 0xe,
    OFFLINE = 0xf,
};
enum {
    OK = 0, BOUNDARY = 0x1b8, IS_FULL = 0x1b9, IS_READ_ONLY = 0x1ba, IS_OFFLINE = 0x1bb,
    INVALID_WRITE = 0x1bc, TOO_MANY_ACTIVE = 0x1bd, TOO_MANY_OPEN = 0x1be,
    INVALID_TRANSITION = 0x1bf, INVALID_FIELD = 0x02, INVALID_OPCODE = 0x01, OUT_OF_RANGE = 0x80,
};

#define PROPS "zoned=on,zoned.zone_size=32k,zoned.zone_capacity=24k"

static IoRig *start(const char *more)
{
    g_autofree char *props = g_strdup_printf(PROPS "%s", more);

    return io_rig_new(BYTES, BLOCK, props, "mdts=7");
}

static uint16_t send(IoRig *rig, uint64_t slba, uint32_t action)
{
    NvmeSqe cmd = io_cmd(rig, SEND, slba, 1);

    cmd.cdw12 = 0;
    cmd.cdw13 = cpu_to_le32(action);
    return io_do(rig, cmd);
}

static NvmeSqe receive_cmd(IoRig *rig, uint64_t slba, uint32_t bytes, uint32_t cdw13)
{
    NvmeSqe cmd = io_cmd(rig, RECEIVE, slba, 1);

    io_map(rig, &cmd, rig->other, bytes);
    cmd.cdw12 = cpu_to_le32(bytes / 4 - 1);
    cmd.cdw13 = cpu_to_le32(cdw13);
    return cmd;
}

/* A report at `other`; its count of zones. */
static uint64_t report(IoRig *rig, uint64_t slba, uint32_t bytes, uint32_t cdw13)
{
    memset(io_at(rig, rig->other), 0xaa, 64 << 10);
    g_assert_cmphex(io_do(rig, receive_cmd(rig, slba, bytes, cdw13)), ==, OK);
    return ldq_le_p(io_at(rig, rig->other));
}

static const uint8_t *descriptor(IoRig *rig, unsigned index)
{
    return io_at(rig, rig->other) + 64 + 64 * index;
}

/* As the host is told. */
static void check_zone(IoRig *rig, unsigned zone, uint8_t state, uint64_t wp)
{
    const uint8_t *d = descriptor(rig, 0);

    g_assert_cmpuint(report(rig, zone * SIZE, 128, 0), ==, ZONES - zone);
    g_assert_cmphex(d[0], ==, 2);
    g_assert_cmphex(d[1], ==, state << 4);
    g_assert_cmpuint(ldq_le_p(d + 8), ==, CAPACITY);
    g_assert_cmpuint(ldq_le_p(d + 16), ==, zone * SIZE);
    g_assert_cmphex(ldq_le_p(d + 24), ==, state == FULL ? UINT64_MAX : zone * SIZE + wp);
}

static uint16_t write_at(IoRig *rig, uint64_t slba, uint32_t nlb)
{
    return io_do(rig, io_cmd(rig, NVME_IO_WRITE, slba, nlb));
}

/* Blocks of a read into `other`. */
static uint16_t read_at(IoRig *rig, uint64_t slba, uint32_t nlb)
{
    memset(io_at(rig, rig->other), 0xaa, nlb * BLOCK);
    return io_do(rig, io_cmd_at(rig, NVME_IO_READ, slba, nlb, rig->other, rig->meta));
}

static bool is_zero(const uint8_t *p, size_t n)
{
    return !n || (!p[0] && !memcmp(p, p + 1, n - 1));
}

/* Zone's first `good` blocks are those of buf, and all others zeroes. */
static void check_content(IoRig *rig, unsigned zone, uint32_t good)
{
    g_assert_cmphex(read_at(rig, zone * SIZE, SIZE), ==, OK);
    g_assert_cmpmem(io_at(rig, rig->other), good * BLOCK, io_at(rig, rig->buf), good * BLOCK);
    g_assert_true(is_zero(io_at(rig, rig->other) + good * BLOCK, (SIZE - good) * BLOCK));
}

/* ---- writing and reading ---- */

static void test_write(void)
{
    g_autoptr(IoRig) rig = start("");

    io_fill(io_at(rig, rig->buf), SIZE * BLOCK);
    check_zone(rig, 2, EMPTY, 0);
    g_assert_cmphex(write_at(rig, 2 * SIZE, 8), ==, OK);
    check_zone(rig, 2, IMPLICIT, 8);
    check_content(rig, 2, 8);
    g_assert_cmphex(write_at(rig, 2 * SIZE, 8), ==, INVALID_WRITE);
    g_assert_cmphex(write_at(rig, 2 * SIZE + 9, 8), ==, INVALID_WRITE);
    g_assert_cmphex(write_at(rig, 2 * SIZE + 8, CAPACITY - 7), ==, BOUNDARY);
    g_assert_cmphex(write_at(rig, 2 * SIZE + CAPACITY, 1), ==, BOUNDARY);
    g_assert_cmphex(write_at(rig, 3 * SIZE - 1, 2), ==, BOUNDARY);
    check_zone(rig, 2, IMPLICIT, 8);
    g_assert_cmphex(io_do_dnr(rig, io_cmd(rig, NVME_IO_WRITE, 0, CAPACITY + 1)), ==,
                    BOUNDARY | NVME_DNR);
    g_assert_cmphex(write_at(rig, 0, CAPACITY), ==, OK);
    check_zone(rig, 0, FULL, 0);
    check_content(rig, 0, CAPACITY);
    g_assert_cmphex(write_at(rig, CAPACITY, 1), ==, IS_FULL);
    g_assert_cmphex(write_at(rig, ZONES * SIZE, 1), ==, OUT_OF_RANGE);
    g_assert_cmphex(write_at(rig, UINT64_MAX, 2), ==, OUT_OF_RANGE);
}

/* The other commands that write begin at the pointer, too, and move it. */
static void test_writers(void)
{
    g_autoptr(IoRig) rig = start("");
    IoRange source = { 0, 8 };

    io_fill(io_at(rig, rig->buf), SIZE * BLOCK);
    g_assert_cmphex(write_at(rig, 0, 8), ==, OK);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_ZEROES, SIZE + 1, 8)), ==,
                    INVALID_WRITE);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_ZEROES, SIZE, 4)), ==, OK);
    check_zone(rig, 1, IMPLICIT, 4);
    g_assert_cmphex(io_do(rig, io_cmd_copy(rig, SIZE, &source, 1)), ==, INVALID_WRITE);
    g_assert_cmphex(io_do(rig, io_cmd_copy(rig, SIZE + 4, &source, 1)), ==, OK);
    check_zone(rig, 1, IMPLICIT, 12);
    g_assert_cmphex(read_at(rig, SIZE + 4, 8), ==, OK);
    g_assert_cmpmem(io_at(rig, rig->other), 8 * BLOCK, io_at(rig, rig->buf), 8 * BLOCK);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_UNCORRECTABLE, SIZE, 4)), ==,
                    INVALID_WRITE);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_WRITE_UNCORRECTABLE, SIZE + 12, 4)), ==, OK);
    check_zone(rig, 1, IMPLICIT, 16);
    g_assert_cmphex(read_at(rig, SIZE + 12, 1), ==, NVME_UNRECOVERED_READ_ERROR);
    g_assert_cmphex(read_at(rig, SIZE + 16, 1), ==, OK);
    g_assert_cmphex(send(rig, SIZE, RESET), ==, OK);
    check_content(rig, 1, 0);
}

/* What the medium has behind the pointer is not the host's, whoever reads it. */
static void test_behind(void)
{
    g_autoptr(IoRig) rig = start("");
    g_autofree uint8_t *junk = g_malloc(BYTES);
    NvmeSqe cmd;

    memset(junk, 0x55, BYTES);
    g_assert_cmpint(pwrite(rig->fd, junk, BYTES, 0), ==, BYTES);
    io_fill(io_at(rig, rig->buf), SIZE * BLOCK);
    check_content(rig, 0, 0);
    g_assert_cmphex(write_at(rig, 0, 3), ==, OK);
    check_content(rig, 0, 3);
    cmd = io_cmd_at(rig, NVME_IO_COMPARE, 0, 8, rig->other, rig->meta);
    g_assert_cmphex(io_do(rig, cmd), ==, OK);
    g_assert_cmphex(send(rig, 0, FINISH), ==, OK);
    check_zone(rig, 0, FULL, 0);
    check_content(rig, 0, 3);
    g_assert_cmphex(io_do(rig, io_cmd_copy(rig, SIZE, &(IoRange) { 0, 8 }, 1)), ==, OK);
    check_content(rig, 1, 3);
}

static void test_across(void)
{
    g_autoptr(IoRig) rig = start(",zoned.cross_read=on");

    io_fill(io_at(rig, rig->buf), SIZE * BLOCK);
    g_assert_cmphex(write_at(rig, 0, CAPACITY), ==, OK);
    g_assert_cmphex(write_at(rig, SIZE, 8), ==, OK);
    g_assert_cmphex(read_at(rig, 0, 3 * SIZE), ==, OK);
    g_assert_cmpmem(io_at(rig, rig->other), CAPACITY * BLOCK, io_at(rig, rig->buf),
                    CAPACITY * BLOCK);
    g_assert_true(is_zero(io_at(rig, rig->other) + CAPACITY * BLOCK, (SIZE - CAPACITY) * BLOCK));
    g_assert_cmpmem(io_at(rig, rig->other) + SIZE * BLOCK, 8 * BLOCK, io_at(rig, rig->buf),
                    8 * BLOCK);
    g_assert_true(is_zero(io_at(rig, rig->other) + (SIZE + 8) * BLOCK, (2 * SIZE - 8) * BLOCK));
    g_assert_cmphex(write_at(rig, 2 * SIZE - 1, 2), ==, BOUNDARY);
}

static void test_not_across(void)
{
    g_autoptr(IoRig) rig = start("");
    IoRange source = { SIZE - 1, 2 };

    g_assert_cmphex(read_at(rig, SIZE - 1, 2), ==, BOUNDARY);
    g_assert_cmphex(read_at(rig, SIZE - 1, 1), ==, OK);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_COMPARE, SIZE - 1, 2)), ==, BOUNDARY);
    g_assert_cmphex(io_do(rig, io_cmd(rig, NVME_IO_VERIFY, SIZE - 1, 2)), ==, BOUNDARY);
    g_assert_cmphex(io_do(rig, io_cmd_copy(rig, 0, &source, 1)), ==, BOUNDARY);
    check_zone(rig, 0, EMPTY, 0);
}

/* States that a host does not get a zone into. */
static void test_other_states(void)
{
    g_autoptr(IoRig) rig = start("");
    NvmeZns *zns = rig->ns->zns;

    nvme_zone_set_state(zns, &zns->zones[0], READ_ONLY);
    nvme_zone_set_state(zns, &zns->zones[1], OFFLINE);
    g_assert_cmphex(write_at(rig, 0, 1), ==, IS_READ_ONLY);
    g_assert_cmphex(read_at(rig, 0, 1), ==, OK);
    g_assert_cmphex(write_at(rig, SIZE, 1), ==, IS_OFFLINE);
    g_assert_cmphex(read_at(rig, SIZE, 1), ==, IS_OFFLINE);
    g_assert_cmphex(send(rig, 0, RESET), ==, INVALID_TRANSITION);
    g_assert_cmphex(send(rig, 2 * SIZE, GO_OFFLINE), ==, INVALID_TRANSITION);
    g_assert_cmphex(send(rig, UINT64_MAX, GO_OFFLINE | ALL), ==, OK);
    g_assert_cmpuint(report(rig, 0, 4096, 7 << 8), ==, 2);
    g_assert_cmphex(read_at(rig, 0, 1), ==, IS_OFFLINE);
}

/* ---- several at a time ---- */

static uint16_t submit(IoRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb)
{
    return io_submit(rig, io_cmd(rig, opcode, slba, nlb));
}

/* Writes that are under way together; the first one fails: a hole. */
static void test_hole(void)
{
    g_autoptr(IoRig) rig = start("");
    uint16_t first, second;

    io_hold(rig);
    first = submit(rig, NVME_IO_WRITE, 0, 8);
    second = submit(rig, NVME_IO_WRITE, 8, 8);
    io_run(rig);
    g_assert_cmpuint(io_held(rig), ==, 2);
    io_fail(rig, BLOCK_OP_WRITE, 0, 8 * BLOCK, 1, EIO);
    io_let_go(rig);
    g_assert_cmphex(io_wait(rig, first), ==, NVME_WRITE_FAULT);
    g_assert_cmphex(io_wait(rig, second), ==, OK);
    check_zone(rig, 0, IMPLICIT, 16);
    g_assert_cmphex(read_at(rig, 0, 1), ==, NVME_UNRECOVERED_READ_ERROR);
    g_assert_cmphex(read_at(rig, 8, 8), ==, OK);
    g_assert_cmphex(send(rig, 0, RESET), ==, OK);
    g_assert_cmphex(read_at(rig, 0, 1), ==, OK);
}

/* The last one fails: it may be written again. */
static void test_failed(void)
{
    g_autoptr(IoRig) rig = start("");

    io_fill(io_at(rig, rig->buf), SIZE * BLOCK);
    g_assert_cmphex(write_at(rig, 0, 8), ==, OK);
    io_fail(rig, BLOCK_OP_WRITE, 8 * BLOCK, 40 * BLOCK, 1, EIO);
    g_assert_cmphex(write_at(rig, 8, CAPACITY - 8), ==, NVME_WRITE_FAULT);
    check_zone(rig, 0, IMPLICIT, 8);
    check_content(rig, 0, 8);
    g_assert_cmphex(write_at(rig, 8, CAPACITY - 8), ==, OK);
    check_zone(rig, 0, FULL, 0);
}

static void test_aborted(void)
{
    g_autoptr(IoRig) rig = start("");
    uint16_t cid;

    io_hold(rig);
    cid = submit(rig, NVME_IO_WRITE, 0, 8);
    io_run(rig);
    io_abort(rig, cid);
    g_assert_cmphex(io_wait(rig, cid), ==, NVME_ABORT_REQUESTED);
    io_let_go(rig);
    check_zone(rig, 0, IMPLICIT, 0);
    g_assert_cmphex(write_at(rig, 0, 8), ==, OK);
}

/* A reset waits for what is under way, and what comes later waits for it. */
static void test_reset_waits(void)
{
    g_autoptr(IoRig) rig = start("");
    NvmeSqe reset = io_cmd(rig, SEND, 0, 1);
    uint16_t first, second, third, fourth;

    io_fill(io_at(rig, rig->buf), SIZE * BLOCK);
    reset.cdw12 = 0;
    reset.cdw13 = cpu_to_le32(RESET);
    io_hold(rig);
    first = submit(rig, NVME_IO_WRITE, 0, 8);
    second = io_submit(rig, reset);
    third = submit(rig, APPEND, 0, 4);
    fourth = submit(rig, NVME_IO_WRITE, SIZE, 4);
    io_run(rig);
    g_assert_false(rig->done[second]);
    g_assert_cmpuint(io_held(rig), ==, 2);      /* another zone does not wait */
    io_let_go(rig);
    g_assert_cmphex(io_wait(rig, first), ==, OK);
    g_assert_cmphex(io_wait(rig, second), ==, OK);
    g_assert_cmphex(io_wait(rig, third), ==, OK);
    g_assert_cmphex(io_wait(rig, fourth), ==, OK);
    g_assert_cmpuint(rig->dw0[third], ==, 0);
    check_zone(rig, 0, IMPLICIT, 4);
    check_content(rig, 0, 4);
}

/* A copy between two buffers, and a zone that is finished meanwhile. */
static void test_copy_reset(void)
{
    g_autoptr(IoRig) rig = io_rig_new(4 << 20, BLOCK, "zoned=on,zoned.zone_size=1M,mssrl=2048,"
                                      "mcl=2048", "mdts=0");
    IoRange source = { 0, 1024 };
    NvmeSqe finish = io_cmd(rig, SEND, 2048, 1);
    uint16_t copy, cid;

    g_assert_cmphex(write_at(rig, 0, 1024), ==, OK);
    finish.cdw12 = 0;
    finish.cdw13 = cpu_to_le32(FINISH);
    io_hold(rig);
    copy = io_submit(rig, io_cmd_copy(rig, 2048, &source, 1));
    io_run(rig);
    g_assert_cmpuint(io_held(rig), ==, 1);
    cid = io_submit(rig, finish);
    g_assert_cmphex(io_wait(rig, cid), ==, OK);
    io_let_go(rig);
    g_assert_cmphex(io_wait(rig, copy), ==, INVALID_WRITE);
    g_assert_cmpuint(report(rig, 2048, 128, 0), ==, 3);
    g_assert_cmphex(descriptor(rig, 0)[1], ==, FULL << 4);
}

/* ---- append ---- */

static void test_append(void)
{
    g_autoptr(IoRig) rig = start("");
    uint16_t cid[5];

    io_fill(io_at(rig, rig->buf), SIZE * BLOCK);
    for (unsigned i = 0; i < 5; i++) {
        NvmeSqe cmd = io_cmd_at(rig, APPEND, 3 * SIZE, 8, rig->buf + i * 8 * BLOCK, rig->meta);

        cid[i] = io_submit(rig, cmd);
    }
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmphex(io_wait(rig, cid[i]), ==, OK);
        g_assert_cmpuint(rig->dw0[cid[i]], ==, 3 * SIZE + 8 * i);
    }
    check_zone(rig, 3, IMPLICIT, 40);
    check_content(rig, 3, 40);
    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, 3 * SIZE, 9)), ==, BOUNDARY);
    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, 3 * SIZE, 8)), ==, OK);
    check_zone(rig, 3, FULL, 0);
    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, 3 * SIZE, 1)), ==, IS_FULL);
    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, 3 * SIZE + 1, 1)), ==, INVALID_FIELD);
    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, ZONES * SIZE, 1)), ==, OUT_OF_RANGE);
}

/* Whole zones: the pointer behind the last block is not the next zone's. */
static void test_append_whole(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, BLOCK, "zoned=on,zoned.zone_size=32k", "mdts=7");

    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, (ZONES - 1) * SIZE, SIZE)), ==, OK);
    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, (ZONES - 1) * SIZE, 1)), ==, IS_FULL);
    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, (ZONES - 1) * SIZE, SIZE + 1)), ==, IS_FULL);
}

static void test_append_limit(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, BLOCK, PROPS, "mdts=7,zoned.zasl=1");

    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, 0, 16)), ==, OK);
    g_assert_cmphex(io_do(rig, io_cmd(rig, APPEND, 0, 17)), ==, INVALID_FIELD);
    g_assert_cmphex(write_at(rig, 16, 17), ==, OK);
}

/* ---- management ---- */

static void test_send(void)
{
    g_autoptr(IoRig) rig = start("");

    g_assert_cmphex(send(rig, 0, OPEN), ==, OK);
    check_zone(rig, 0, EXPLICIT, 0);
    g_assert_cmphex(write_at(rig, 0, 4), ==, OK);
    check_zone(rig, 0, EXPLICIT, 4);
    g_assert_cmphex(send(rig, 0, CLOSE), ==, OK);
    check_zone(rig, 0, CLOSED, 4);
    g_assert_cmphex(send(rig, 0, FINISH), ==, OK);
    check_zone(rig, 0, FULL, 0);
    g_assert_cmphex(send(rig, 0, OPEN), ==, INVALID_TRANSITION);
    g_assert_cmphex(send(rig, 0, CLOSE), ==, INVALID_TRANSITION);
    g_assert_cmphex(send(rig, 0, RESET), ==, OK);
    check_zone(rig, 0, EMPTY, 0);
    g_assert_cmphex(send(rig, 1, OPEN), ==, INVALID_FIELD);
    g_assert_cmphex(send(rig, ZONES * SIZE, OPEN), ==, OUT_OF_RANGE);
    g_assert_cmphex(send(rig, UINT64_MAX, RESET), ==, OUT_OF_RANGE);
    for (unsigned action = 0; action < 256; action++) {
        if (action == 0 || action > GO_OFFLINE) {
            g_assert_cmphex(send(rig, 0, action), ==, INVALID_FIELD);
            g_assert_cmphex(send(rig, 0, action | ALL), ==, INVALID_FIELD);
        }
    }
    g_assert_cmphex(send(rig, 0, OPEN | 1 << 9), ==, INVALID_FIELD);
}

/* Zones 0 to 4: implicitly, explicitly open, closed, full, empty. */
static void make_all(IoRig *rig)
{
    g_assert_cmphex(send(rig, 0, RESET | ALL), ==, OK);
    g_assert_cmphex(write_at(rig, 0, 4), ==, OK);
    g_assert_cmphex(send(rig, SIZE, OPEN), ==, OK);
    g_assert_cmphex(write_at(rig, 2 * SIZE, 4), ==, OK);
    g_assert_cmphex(send(rig, 2 * SIZE, CLOSE), ==, OK);
    g_assert_cmphex(send(rig, 3 * SIZE, FINISH), ==, OK);
}

static void check_all(IoRig *rig, uint32_t action, const uint8_t *states)
{
    make_all(rig);
    g_assert_cmphex(send(rig, UINT64_MAX, action | ALL), ==, OK);
    for (unsigned i = 0; i < 5; i++) {
        report(rig, i * SIZE, 128, 0);
        g_assert_cmphex(descriptor(rig, 0)[1] >> 4, ==, states[i]);
    }
}

static void test_send_all(void)
{
    g_autoptr(IoRig) rig = start("");

    check_all(rig, CLOSE, (uint8_t[]) { CLOSED, CLOSED, CLOSED, FULL, EMPTY });
    check_all(rig, FINISH, (uint8_t[]) { FULL, FULL, FULL, FULL, EMPTY });
    check_all(rig, OPEN, (uint8_t[]) { IMPLICIT, EXPLICIT, EXPLICIT, FULL, EMPTY });
    check_all(rig, RESET, (uint8_t[]) { EMPTY, EMPTY, EMPTY, EMPTY, EMPTY });
    check_all(rig, GO_OFFLINE, (uint8_t[]) { IMPLICIT, EXPLICIT, CLOSED, FULL, EMPTY });
}

/* More zones than are done at once. */
static void test_send_many(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, BLOCK, "zoned=on,zoned.zone_size=1k", "mdts=7");

    for (unsigned i = 0; i < 1024; i++) {
        g_assert_cmphex(send(rig, 2 * i, OPEN), ==, OK);
    }
    g_assert_cmpuint(report(rig, 0, 4096, 3 << 8), ==, 1024);
    g_assert_cmphex(send(rig, 0, FINISH | ALL), ==, OK);
    g_assert_cmpuint(report(rig, 0, 4096, 5 << 8), ==, 1024);
    g_assert_cmphex(send(rig, 0, RESET | ALL), ==, OK);
    g_assert_cmpuint(report(rig, 0, 4096, 1 << 8), ==, 1024);
}

static void test_open_all_limit(void)
{
    g_autoptr(IoRig) rig = start(",zoned.max_open=2");

    for (unsigned i = 0; i < 3; i++) {
        g_assert_cmphex(write_at(rig, i * SIZE, 1), ==, OK);
    }
    g_assert_cmphex(send(rig, 0, CLOSE | ALL), ==, OK);
    g_assert_cmphex(send(rig, 0, OPEN | ALL), ==, TOO_MANY_OPEN);
    g_assert_cmpuint(report(rig, 0, 4096, 4 << 8), ==, 3);
    g_assert_cmphex(send(rig, 0, FINISH), ==, OK);
    g_assert_cmphex(send(rig, 0, OPEN | ALL), ==, OK);
    g_assert_cmpuint(report(rig, 0, 4096, 3 << 8), ==, 2);
}

static void test_auto_transition(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, BLOCK, PROPS ",zoned.max_open=1,zoned.max_active=2",
                                      "mdts=7,zoned.auto_transition=off");

    g_assert_cmphex(write_at(rig, 0, 1), ==, OK);
    g_assert_cmphex(write_at(rig, SIZE, 1), ==, TOO_MANY_OPEN);
    g_assert_cmphex(send(rig, 0, CLOSE), ==, OK);
    g_assert_cmphex(write_at(rig, SIZE, 1), ==, OK);
    g_assert_cmphex(send(rig, SIZE, CLOSE), ==, OK);
    g_assert_cmphex(write_at(rig, 2 * SIZE, 1), ==, TOO_MANY_ACTIVE);
}

static void test_extension(void)
{
    g_autoptr(IoRig) rig = start(",zoned.descr_ext_size=128");
    const uint8_t *ext = io_at(rig, rig->other) + 128;

    io_fill(io_at(rig, rig->buf), 128);
    g_assert_cmphex(send(rig, SIZE, SET_EXTENSION), ==, OK);
    check_zone(rig, 1, CLOSED, 0);
    g_assert_cmphex(descriptor(rig, 0)[2], ==, 0x80);
    g_assert_cmpuint(report(rig, SIZE, 64 + 192, 1), ==, ZONES - 1);
    g_assert_cmpmem(ext, 128, io_at(rig, rig->buf), 128);
    g_assert_cmphex(send(rig, SIZE, SET_EXTENSION), ==, INVALID_TRANSITION);
    g_assert_cmphex(send(rig, SIZE, SET_EXTENSION | ALL), ==, INVALID_FIELD);
    g_assert_cmphex(send(rig, SIZE, RESET), ==, OK);
    check_zone(rig, 1, EMPTY, 0);
    g_assert_cmphex(descriptor(rig, 0)[2], ==, 0);
    report(rig, SIZE, 64 + 192, 1);
    g_assert_true(is_zero(ext, 128));
}

/* ---- reports ---- */

static void test_report(void)
{
    g_autoptr(IoRig) rig = start("");

    make_all(rig);
    g_assert_cmpuint(report(rig, 0, 64 + 64 * ZONES, 0), ==, ZONES);
    for (unsigned i = 0; i < ZONES; i++) {
        g_assert_cmpuint(ldq_le_p(descriptor(rig, i) + 16), ==, i * SIZE);
    }
    /* from the zone with that block on; with the partial bit, what has been told */
    g_assert_cmpuint(report(rig, SIZE + 1, 64 + 64, 0), ==, ZONES - 1);
    g_assert_cmpuint(ldq_le_p(descriptor(rig, 0) + 16), ==, SIZE);
    g_assert_cmphex(descriptor(rig, 1)[0], ==, 0xaa);
    g_assert_cmpuint(report(rig, 0, 64 + 127, 1 << 16), ==, 1);
    g_assert_cmpuint(report(rig, 0, 64, 1 << 16), ==, 0);
    g_assert_cmpuint(report(rig, 0, 64, 0), ==, ZONES);
    g_assert_cmpuint(report(rig, 0, 64 << 10, 1 << 16), ==, ZONES);
}

static void test_filters(void)
{
    g_autoptr(IoRig) rig = start("");
    static const uint64_t counts[] = { ZONES, ZONES - 4, 1, 1, 1, 1, 0, 0 };

    make_all(rig);
    for (unsigned i = 0; i < G_N_ELEMENTS(counts); i++) {
        g_assert_cmpuint(report(rig, 0, 4096, i << 8), ==, counts[i]);
    }
    report(rig, 0, 4096, 4 << 8);
    g_assert_cmpuint(ldq_le_p(descriptor(rig, 0) + 16), ==, 2 * SIZE);
    g_assert_cmpuint(report(rig, 3 * SIZE, 4096, 4 << 8), ==, 0);
}

static void test_report_fields(void)
{
    g_autoptr(IoRig) rig = start("");
    NvmeSqe cmd = receive_cmd(rig, 0, 4096, 0);

    g_assert_cmphex(io_do(rig, receive_cmd(rig, 0, 4096, 1)), ==, INVALID_FIELD);
    g_assert_cmphex(io_do(rig, receive_cmd(rig, 0, 4096, 2)), ==, INVALID_FIELD);
    g_assert_cmphex(io_do(rig, receive_cmd(rig, 0, 4096, 8 << 8)), ==, INVALID_FIELD);
    g_assert_cmphex(io_do(rig, receive_cmd(rig, 0, 60, 0)), ==, INVALID_FIELD);
    g_assert_cmphex(io_do(rig, receive_cmd(rig, ZONES * SIZE, 4096, 0)), ==, OUT_OF_RANGE);
    cmd.cdw12 = cpu_to_le32(UINT32_MAX);
    g_assert_cmphex(io_do(rig, cmd), ==, INVALID_FIELD);
    cmd = receive_cmd(rig, 0, 4096, 0);
    cmd.dptr[0] = cpu_to_le64(NVME_RIG_NOWHERE);
    g_assert_cmphex(io_do(rig, cmd), ==, NVME_DATA_TRANSFER_ERROR);
}

/* Without a limit of transfers: as long as there are zones, not as long as it says. */
static void test_report_longest(void)
{
    g_autoptr(IoRig) rig = io_rig_new(BYTES, BLOCK, PROPS, "mdts=0");
    NvmeSqe cmd = receive_cmd(rig, 0, 4096, 0);

    cmd.cdw12 = cpu_to_le32((1u << 30) - 2);
    memset(io_at(rig, rig->other), 0xaa, 4096);
    g_assert_cmphex(io_do(rig, cmd), ==, OK);
    g_assert_cmpuint(ldq_le_p(io_at(rig, rig->other)), ==, ZONES);
    g_assert_cmphex(descriptor(rig, ZONES)[0], ==, 0xaa);
}

/* ---- the namespace ---- */

/* Base 3.1.3.5: only with CC.CSS 110b. */
static void test_css(void)
{
    g_autoptr(IoRig) rig = start("");

    g_assert_cmphex(write_at(rig, 0, 4), ==, OK);
    nvme_rig_disable(rig->nvme);
    rig->nvme->css = 0;
    nvme_rig_start(rig->nvme, IO_QUEUE);
    g_assert_cmphex(write_at(rig, 4, 1), ==, INVALID_OPCODE);
    g_assert_cmphex(io_do(rig, receive_cmd(rig, 0, 4096, 0)), ==, INVALID_OPCODE);
    nvme_rig_disable(rig->nvme);
    rig->nvme->css = 6;
    nvme_rig_start(rig->nvme, IO_QUEUE);
    /* zones are as they were: a reset of the controller is nothing to them */
    check_zone(rig, 0, IMPLICIT, 4);
    g_assert_cmphex(write_at(rig, 4, 1), ==, OK);
}

static void test_power(void)
{
    g_autoptr(IoRig) rig = start("");

    make_all(rig);
    rig_write(rig->nvme->pci, 0, 0x20, 0x4e564d65, 4);         /* NSSR */
    nvme_rig_start(rig->nvme, IO_QUEUE);
    check_zone(rig, 0, CLOSED, 4);
    check_zone(rig, 1, EMPTY, 0);
    check_zone(rig, 2, CLOSED, 4);
    check_zone(rig, 3, FULL, 0);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/zns/write", test_write);
    g_test_add_func("/nvme/zns/writers", test_writers);
    g_test_add_func("/nvme/zns/behind", test_behind);
    g_test_add_func("/nvme/zns/across", test_across);
    g_test_add_func("/nvme/zns/not-across", test_not_across);
    g_test_add_func("/nvme/zns/other-states", test_other_states);
    g_test_add_func("/nvme/zns/hole", test_hole);
    g_test_add_func("/nvme/zns/failed", test_failed);
    g_test_add_func("/nvme/zns/aborted", test_aborted);
    g_test_add_func("/nvme/zns/reset-waits", test_reset_waits);
    g_test_add_func("/nvme/zns/copy-reset", test_copy_reset);
    g_test_add_func("/nvme/zns/append", test_append);
    g_test_add_func("/nvme/zns/append-whole", test_append_whole);
    g_test_add_func("/nvme/zns/append-limit", test_append_limit);
    g_test_add_func("/nvme/zns/send", test_send);
    g_test_add_func("/nvme/zns/send-all", test_send_all);
    g_test_add_func("/nvme/zns/send-many", test_send_many);
    g_test_add_func("/nvme/zns/open-all-limit", test_open_all_limit);
    g_test_add_func("/nvme/zns/auto-transition", test_auto_transition);
    g_test_add_func("/nvme/zns/extension", test_extension);
    g_test_add_func("/nvme/zns/report", test_report);
    g_test_add_func("/nvme/zns/filters", test_filters);
    g_test_add_func("/nvme/zns/report-fields", test_report_fields);
    g_test_add_func("/nvme/zns/report-longest", test_report_longest);
    g_test_add_func("/nvme/zns/css", test_css);
    g_test_add_func("/nvme/zns/power", test_power);
    return g_test_run();
}
