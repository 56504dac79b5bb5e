/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of requests: what drivers get of them, and what submitters get back. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "medium.h"
#include "qemu/iov.h"
#include "qemu/main-loop.h"

/* A request with one buffer, and what has become of it. */
typedef struct Probe {
    BlockRequest req;
    struct iovec iov;
    unsigned calls;
    int ret;
} Probe;

static void probe_done(BlockRequest *req, int ret)
{
    Probe *p = container_of(req, Probe, req);

    p->calls++;
    p->ret = ret;
}

static int submit(Probe *p, BlockDriverState *bs, BlockOp op, int64_t offset, void *buf,
                  int64_t bytes, BdrvRequestFlags flags)
{
    *p = (Probe) { .iov = { buf, bytes } };
    p->req = (BlockRequest) {
        .op = op, .offset = offset, .bytes = bytes, .iov = &p->iov, .niov = 1, .flags = flags,
        .done = probe_done,
    };
    return bdrv_submit(bs, &p->req);
}

static void open_medium(Medium *m)
{
    g_assert_nonnull(medium_open(m, "m0", &error_abort));
    for (int64_t i = 0; i < m->length; i++) {
        m->bytes[i] = i * 7 + i / 512;
    }
}

static void close_medium(Medium *m)
{
    bdrv_unref(m->bs);
    medium_clear(m);
}

static void test_status(void)
{
    Medium m = { .length = 64 * 512, .limits.request_alignment = 512, .at_once = true };
    Probe p;

    open_medium(&m);
    memset(m.bytes + 1000, 0, 100);
    memset(m.bytes + 1100, 1, 2000);
    /* Neither cut nor split: blocks and limits are for data. */
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_STATUS, 1001, NULL, 5000, BDRV_REQ_FUA), ==, 0);
    g_assert_cmpint(p.req.status, ==, BDRV_BLOCK_ZERO);
    g_assert_cmpint(p.req.status_bytes, ==, 99);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_STATUS, 1100, NULL, 7, 0), ==, 0);
    g_assert_cmpint(p.req.status, ==, BDRV_BLOCK_DATA);
    g_assert_cmpint(p.req.status_bytes, ==, 7);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_STATUS, 1100, NULL, 0, 0), ==, 0);
    g_assert_cmpint(p.req.status_bytes, ==, 0);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_STATUS, m.length - 1, NULL, 2, 0), ==, -EIO);
    m.error = EIO;
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_STATUS, 1000, NULL, 512, 0), ==, -EIO);
    /* Cannot tell: all is data. */
    m.error = ENOTSUP;
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_STATUS, 1000, NULL, 512, 0), ==, 0);
    g_assert_cmpint(p.req.status, ==, BDRV_BLOCK_DATA);
    g_assert_cmpint(p.req.status_bytes, ==, 512);
    close_medium(&m);
}

/* Taken back, and answered later. */
static void test_status_pending(void)
{
    Medium m = { .length = 64 * 512 };
    Probe p, gone;

    open_medium(&m);
    g_assert_cmpint(submit(&gone, m.bs, BLOCK_OP_STATUS, 0, NULL, 1, 0), ==, BLOCK_PENDING);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_STATUS, 1, NULL, 512, 0), ==, BLOCK_PENDING);
    block_request_cancel(&gone.req);
    medium_end_all(&m);
    g_assert_cmpuint(gone.calls, ==, 0);
    g_assert_cmpuint(p.calls, ==, 1);
    g_assert_cmpint(p.ret, ==, 0);
    g_assert_cmpint(p.req.status, ==, BDRV_BLOCK_DATA);
    g_assert_cmpuint(m.bs->in_flight, ==, 0);
    close_medium(&m);
}

static void test_whole(void)
{
    Medium m = { .length = 64 * 512, .limits.request_alignment = 512, .at_once = true };
    uint8_t buf[1024];
    Probe p;

    open_medium(&m);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_READ, 512, buf, 1024, 0), ==, 0);
    g_assert_cmpmem(buf, 1024, m.bytes + 512, 1024);
    memset(buf, 0x5a, sizeof(buf));
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 1024, buf, 1024, 0), ==, 0);
    g_assert_cmpmem(buf, 1024, m.bytes + 1024, 1024);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, 0);
    g_assert_cmpuint(m.count[BLOCK_OP_READ] + m.count[BLOCK_OP_WRITE], ==, 2);
    g_assert_cmpuint(m.count[BLOCK_OP_FLUSH], ==, 1);
    g_assert_cmpuint(p.calls, ==, 0);
    close_medium(&m);
}

static void test_pending(void)
{
    Medium m = { .length = 64 * 512, .limits.request_alignment = 512 };
    uint8_t buf[512];
    Probe p;

    open_medium(&m);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_READ, 512, buf, 512, 0), ==, BLOCK_PENDING);
    g_assert_cmpuint(m.bs->in_flight, ==, 1);
    medium_end(&m, 0);
    g_assert_cmpuint(p.calls, ==, 1);
    g_assert_cmpint(p.ret, ==, 0);
    g_assert_cmpuint(m.bs->in_flight, ==, 0);
    g_assert_null(p.req.bs);
    g_assert_cmpmem(buf, 512, m.bytes + 512, 512);
    /* nobody has it: nothing happens */
    block_request_cancel(&p.req);
    close_medium(&m);
}

static void test_outside(void)
{
    Medium m = { .length = 8 * 512, .limits.request_alignment = 512, .at_once = true };
    static const struct {
        int64_t offset, bytes;
        int ret;
    } rows[] = {
        { -512, 512, -EIO }, { 0, -1, -EIO }, { 8 * 512, 512, -EIO }, { 7 * 512, 1024, -EIO },
        { INT64_MAX, 512, -EIO }, { 512, INT64_MAX, -EIO }, { INT64_MIN, INT64_MIN, -EIO },
        { 8 * 512, 0, 0 }, { 0, 0, 0 }, { 100, 0, 0 },
    };
    uint8_t buf[1024];

    open_medium(&m);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        for (BlockOp op = 0; op < BLOCK_OP__MAX; op++) {
            Probe p;

            if (op != BLOCK_OP_FLUSH) {
                g_assert_cmpint(submit(&p, m.bs, op, rows[i].offset, buf, rows[i].bytes, 0), ==,
                                rows[i].ret);
            }
        }
    }
    g_assert_cmpuint(m.count[BLOCK_OP_READ] + m.count[BLOCK_OP_WRITE], ==, 0);
    close_medium(&m);
}

static void test_read_only(void)
{
    Medium m = { .length = 8 * 512, .at_once = true };
    BlockdevOptions options = { .node_name = (char *)"m0", .has_read_only = true,
                                .read_only = true };
    uint8_t buf[512];
    Probe p;

    medium_open_with(&m, &options, &error_abort);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_READ, 0, buf, 512, 0), ==, 0);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 0, buf, 512, 0), ==, -EPERM);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE_ZEROES, 0, NULL, 512, 0), ==, -EPERM);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_DISCARD, 0, NULL, 512, 0), ==, -EPERM);
    close_medium(&m);
}

static void test_cut(void)
{
    Medium m = {
        .length = 1024 * 512, .at_once = true,
        .limits = { .request_alignment = 512, .max_transfer = 3 * 512 + 100 },
    };
    g_autofree uint8_t *buf = g_malloc0(100 * 512);
    Probe p;

    open_medium(&m);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_READ, 100, buf, 10000, 0), ==, 0);
    g_assert_cmpmem(buf, 10000, m.bytes + 100, 10000);
    g_assert_cmpint(m.longest, ==, 3 * 512);
    memset(buf, 0x77, 20000);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 300, buf, 20000, 0), ==, 0);
    g_assert_cmpmem(buf, 20000, m.bytes + 300, 20000);
    g_assert_cmpuint(m.bytes[299], ==, (uint8_t)(299 * 7));
    g_assert_cmpuint(m.bytes[20300], ==, (uint8_t)(20300 * 7 + 20300 / 512));
    close_medium(&m);
}

static void test_fua(void)
{
    for (int has = 0; has < 2; has++) {
        Medium m = { .length = 8 * 4096, .at_once = true, .fua = has, .zeroes = true,
                     .limits.request_alignment = 4096 };
        uint8_t buf[4096] = { 1 };
        Probe p;

        open_medium(&m);
        g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 4096, buf, 4096, BDRV_REQ_FUA), ==, 0);
        g_assert_cmpuint(m.fua_writes, ==, has);
        g_assert_cmpuint(m.count[BLOCK_OP_FLUSH], ==, !has);
        g_assert_true(has || m.flushed);
        /* only a part of a block, and zeroes */
        g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 1, buf, 100, BDRV_REQ_FUA), ==, 0);
        g_assert_true(has ? m.fua_writes == 2 : m.flushed);
        g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE_ZEROES, 0, NULL, 8192, BDRV_REQ_FUA),
                        ==, 0);
        g_assert_true(has ? m.fua_writes == 3 : m.flushed);
        close_medium(&m);
    }
}

static void test_no_flush(void)
{
    Medium m = { .length = 8 * 512, .at_once = true };
    BlockdevCacheOptions cache = { .has_no_flush = true, .no_flush = true };
    BlockdevOptions options = { .node_name = (char *)"m0", .cache = &cache };
    uint8_t buf[512];
    Probe p;

    medium_open_with(&m, &options, &error_abort);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 0, buf, 512, BDRV_REQ_FUA), ==, 0);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, 0);
    g_assert_cmpuint(m.count[BLOCK_OP_FLUSH], ==, 0);
    close_medium(&m);
}

static void expect_zeroes(const Medium *m, int64_t start, int64_t end)
{
    for (int64_t i = 0; i < m->length; i++) {
        g_assert_cmpuint(m->bytes[i], ==, i >= start && i < end ? 0 : (uint8_t)(i * 7 + i / 512));
    }
}

/* With and without a way for them; the edges are written around whole ones. */
static void test_zeroes(void)
{
    for (int has = 0; has < 2; has++) {
        Medium m = {
            .length = 2000 * 512, .at_once = true, .zeroes = has,
            .limits = { .request_alignment = 512, .pwrite_zeroes_alignment = 4096,
                        .max_pwrite_zeroes = 65536 + 100 },
        };
        Probe p;

        open_medium(&m);
        g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE_ZEROES, 5000, NULL, 300000, 0), ==, 0);
        expect_zeroes(&m, 5000, 305000);
        if (has) {
            g_assert_cmpuint(m.count[BLOCK_OP_WRITE_ZEROES], ==, 5);
            g_assert_cmpuint(m.count[BLOCK_OP_WRITE], ==, 2);
        } else {
            g_assert_cmpuint(m.count[BLOCK_OP_WRITE_ZEROES], ==, 1);
        }
        /* less than one that it has a way for */
        g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE_ZEROES, 305000, NULL, 100, 0), ==, 0);
        expect_zeroes(&m, 5000, 305100);
        close_medium(&m);
    }
}

static void test_zeroes_no_fallback(void)
{
    Medium m = { .length = 64 * 512, .at_once = true, .limits.request_alignment = 512 };
    Probe p;

    open_medium(&m);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE_ZEROES, 0, NULL, 512, BDRV_REQ_NO_FALLBACK),
                    ==, -ENOTSUP);
    m.zeroes = true;
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE_ZEROES, 0, NULL, 700, BDRV_REQ_NO_FALLBACK),
                    ==, -ENOTSUP);
    expect_zeroes(&m, 0, 0);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE_ZEROES, 0, NULL, 512, BDRV_REQ_NO_FALLBACK),
                    ==, 0);
    expect_zeroes(&m, 0, 512);
    close_medium(&m);
}

static void test_discard(void)
{
    Medium m = {
        .length = 64 * 4096, .at_once = true, .discards = true,
        .limits = { .request_alignment = 512, .pdiscard_alignment = 4096, .max_pdiscard = 8192 },
    };
    Probe p;

    open_medium(&m);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_DISCARD, 100, NULL, 20000, 0), ==, 0);
    expect_zeroes(&m, 4096, 16384);
    g_assert_cmpuint(m.count[BLOCK_OP_DISCARD], ==, 2);
    /* not one whole */
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_DISCARD, 100, NULL, 4096, 0), ==, 0);
    g_assert_cmpuint(m.count[BLOCK_OP_DISCARD], ==, 2);
    /* no way is no error */
    m.discards = false;
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_DISCARD, 0, NULL, 65536, 0), ==, 0);
    expect_zeroes(&m, 4096, 16384);
    close_medium(&m);
}

static void test_discard_ignored(void)
{
    Medium m = { .length = 64 * 512, .at_once = true, .discards = true };
    BlockdevOptions options = { .node_name = (char *)"m0" };
    Probe p;

    medium_open_with(&m, &options, &error_abort);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_DISCARD, 0, NULL, 4096, 0), ==, 0);
    g_assert_cmpuint(m.count[BLOCK_OP_DISCARD], ==, 0);
    close_medium(&m);
}

static void test_detect_zeroes(void)
{
    Medium m = { .length = 64 * 512, .at_once = true, .zeroes = true };
    BlockdevOptions options = {
        .node_name = (char *)"m0", .has_detect_zeroes = true,
        .detect_zeroes = BLOCKDEV_DETECT_ZEROES_OPTIONS_ON,
    };
    uint8_t buf[1024] = { 0 };
    Probe p;

    medium_open_with(&m, &options, &error_abort);
    memset(m.bytes, 0xff, m.length);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 512, buf, 1024, 0), ==, 0);
    g_assert_cmpuint(m.count[BLOCK_OP_WRITE_ZEROES], ==, 1);
    g_assert_cmpuint(m.count[BLOCK_OP_WRITE], ==, 0);
    g_assert_cmpuint(m.bytes[511], ==, 0xff);
    g_assert_cmpuint(m.bytes[512] | m.bytes[1535], ==, 0);
    buf[1023] = 1;
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 512, buf, 1024, 0), ==, 0);
    g_assert_cmpuint(m.count[BLOCK_OP_WRITE], ==, 1);
    g_assert_cmpint(p.req.op, ==, BLOCK_OP_WRITE);
    close_medium(&m);
}

/* Whatever part of a task fails, the whole does, once, and nothing stays behind. */
static void test_errors(void)
{
    for (unsigned nth = 0; nth < 8; nth++) {
        Medium m = {
            .length = 64 * 512,
            .limits = { .request_alignment = 512, .max_transfer = 1024 },
        };
        uint8_t buf[2000] = { 0 };
        Probe p;
        unsigned n = 0;

        open_medium(&m);
        g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 100, buf, 2000, BDRV_REQ_FUA), ==,
                        BLOCK_PENDING);
        while (m.pending->len) {
            m.error = n++ == nth ? ENOSPC : 0;
            medium_end(&m, 0);
        }
        g_assert_cmpuint(p.calls, ==, 1);
        g_assert_cmpint(p.ret, ==, n > nth ? -ENOSPC : 0);
        g_assert_cmpuint(m.bs->in_flight, ==, 0);
        close_medium(&m);
    }
}

/* Taken back after every step. */
static void test_cancel(void)
{
    for (unsigned steps = 0; steps < 8; steps++) {
        Medium m = {
            .length = 64 * 512,
            .limits = { .request_alignment = 512, .max_transfer = 1024 },
        };
        uint8_t buf[2000] = { 0 };
        Probe p;

        open_medium(&m);
        g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 100, buf, 2000, BDRV_REQ_FUA), ==,
                        BLOCK_PENDING);
        for (unsigned i = 0; i < steps && m.pending->len; i++) {
            medium_end(&m, 0);
        }
        block_request_cancel(&p.req);
        g_assert_cmpuint(m.bs->in_flight, ==, 0);
        g_assert_cmpuint(p.calls, <=, 1);
        medium_end_all(&m);
        /* what lies beside it is as it was */
        for (int i = 0; i < 512 * 5; i++) {
            g_assert_true((i >= 100 && i < 2100) || m.bytes[i] == (uint8_t)(i * 7 + i / 512));
        }
        close_medium(&m);
    }
}

/* Two that share a block: the second one reads after the first one has written. */
static void test_order(void)
{
    Medium m = { .length = 8 * 512, .limits.request_alignment = 512 };
    uint8_t a[100], b[100], c[512];
    Probe pa, pb, pc;

    open_medium(&m);
    memset(a, 0xaa, sizeof(a));
    memset(b, 0xbb, sizeof(b));
    memset(c, 0xcc, sizeof(c));
    g_assert_cmpint(submit(&pa, m.bs, BLOCK_OP_WRITE, 0, a, 100, 0), ==, BLOCK_PENDING);
    g_assert_cmpint(submit(&pb, m.bs, BLOCK_OP_WRITE, 200, b, 100, 0), ==, BLOCK_PENDING);
    g_assert_cmpint(submit(&pc, m.bs, BLOCK_OP_WRITE, 512, c, 512, 0), ==, BLOCK_PENDING);
    /* b waits; c, of another block, does not */
    g_assert_cmpuint(m.pending->len, ==, 2);
    medium_end_all(&m);
    g_assert_cmpuint(pa.calls + pb.calls + pc.calls, ==, 3);
    g_assert_cmpmem(m.bytes, 100, a, 100);
    g_assert_cmpmem(m.bytes + 200, 100, b, 100);
    g_assert_cmpmem(m.bytes + 512, 512, c, 512);
    g_assert_cmpuint(m.bytes[100], ==, (uint8_t)(100 * 7));
    close_medium(&m);
}

/* One that others wait for is taken back; one that waits is. */
static void test_order_cancel(void)
{
    Medium m = { .length = 8 * 512, .limits.request_alignment = 512 };
    uint8_t buf[100] = { 0 };
    Probe p[3];

    open_medium(&m);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(submit(&p[i], m.bs, BLOCK_OP_WRITE, i * 100, buf, 100, 0), ==,
                        BLOCK_PENDING);
    }
    block_request_cancel(&p[1].req);
    block_request_cancel(&p[0].req);
    medium_end_all(&m);
    g_assert_cmpuint(p[0].calls + p[1].calls, ==, 0);
    g_assert_cmpuint(p[2].calls, ==, 1);
    expect_zeroes(&m, 200, 300);
    close_medium(&m);
}

/* The last block of a length that is not a multiple of it. */
static void test_odd_length(void)
{
    Medium m = { .length = 4096 + 1000, .limits.request_alignment = 4096, .at_once = true };
    uint8_t buf[1024] = { 0 };
    Probe p;

    open_medium(&m);
    g_assert_cmpint(m.bs->length, ==, 4096 + 1024);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_READ, 4096, buf, 1024, 0), ==, 0);
    g_assert_cmpmem(buf, 1000, m.bytes + 4096, 1000);
    g_assert_cmpuint(buf[1000] | buf[1023], ==, 0);
    g_assert_cmpint(submit(&p, m.bs, BLOCK_OP_WRITE, 5000, buf, 120, 0), ==, 0);
    close_medium(&m);
}

/* ---- at random ---- */

enum {
    RANDOM_LENGTH = 64 * 1024,
    RANDOM_DEPTH = 12,
    RANDOM_BYTES = 9000,
};

/* What the bytes are, where that is known: not where a write was taken back. */
typedef struct Model {
    Medium m;
    uint8_t bytes[RANDOM_LENGTH];
    bool unknown[RANDOM_LENGTH];
    Probe probes[RANDOM_DEPTH];
    uint8_t *bufs[RANDOM_DEPTH];
    bool busy[RANDOM_DEPTH];
    unsigned done[BLOCK_OP__MAX], cancelled;
} Model;

static bool overlaps_busy(const Model *model, int64_t offset, int64_t bytes)
{
    for (int i = 0; i < RANDOM_DEPTH; i++) {
        const BlockRequest *req = &model->probes[i].req;

        if (model->busy[i] && req->start < offset + bytes && offset < req->start + req->bytes) {
            return true;
        }
    }
    return false;
}

static void check_read(const Model *model, int n)
{
    const BlockRequest *req = &model->probes[n].req;

    for (int64_t i = 0; i < req->bytes; i++) {
        g_assert_true(model->unknown[req->start + i] ||
                      model->bufs[n][i] == model->bytes[req->start + i]);
    }
}

static void check_status(const Model *model, int n)
{
    const BlockRequest *req = &model->probes[n].req;

    g_assert_cmpint(req->status_bytes, >, 0);
    g_assert_cmpint(req->status_bytes, <=, req->bytes);
    for (int64_t i = req->start; i < req->start + req->status_bytes; i++) {
        g_assert_true(model->unknown[i] || !model->bytes[i] == (req->status == BDRV_BLOCK_ZERO));
    }
}

static void model_ended(Model *model, int n)
{
    const BlockRequest *req = &model->probes[n].req;

    model->busy[n] = false;
    model->done[req->op]++;
    if (req->op == BLOCK_OP_READ) {
        check_read(model, n);
    } else if (req->op == BLOCK_OP_STATUS) {
        check_status(model, n);
    } else if (req->op != BLOCK_OP_DISCARD && req->op != BLOCK_OP_FLUSH) {
        memset(model->unknown + req->start, 0, req->bytes);
    } else if (req->op == BLOCK_OP_DISCARD) {
        memset(model->unknown + req->start, 1, req->bytes);
    }
    if (req->op == BLOCK_OP_WRITE) {
        memcpy(model->bytes + req->start, model->bufs[n], req->bytes);
    } else if (req->op == BLOCK_OP_WRITE_ZEROES) {
        memset(model->bytes + req->start, 0, req->bytes);
    }
}

static void model_begin(Model *model, int n)
{
    static const BlockOp ops[] = {
        BLOCK_OP_READ, BLOCK_OP_READ, BLOCK_OP_WRITE, BLOCK_OP_WRITE, BLOCK_OP_WRITE,
        BLOCK_OP_WRITE_ZEROES, BLOCK_OP_DISCARD, BLOCK_OP_FLUSH, BLOCK_OP_STATUS,
    };
    BlockOp op = ops[g_test_rand_int_range(0, ARRAY_SIZE(ops))];
    int64_t unit = g_test_rand_bit() ? 1 : 512;
    int64_t offset = ROUND_DOWN(g_test_rand_int_range(0, RANDOM_LENGTH - RANDOM_BYTES), unit);
    int64_t bytes = MAX(ROUND_DOWN(g_test_rand_int_range(1, RANDOM_BYTES), unit), unit);
    int ret;

    if (overlaps_busy(model, offset, bytes)) {
        return;
    }
    memset(model->bufs[n], g_test_rand_int_range(1, 256), bytes);
    ret = submit(&model->probes[n], model->m.bs, op, offset, model->bufs[n], bytes,
                 g_test_rand_bit() ? BDRV_REQ_FUA : 0);
    model->probes[n].req.start = offset;
    if (ret == BLOCK_PENDING) {
        model->busy[n] = true;
    } else {
        g_assert_cmpint(ret, ==, 0);
        model_ended(model, n);
    }
}

static void model_cancel(Model *model, int n)
{
    const BlockRequest *req = &model->probes[n].req;

    block_request_cancel(&model->probes[n].req);
    model->busy[n] = false;
    model->cancelled++;
    if (block_op_changes_medium(req->op)) {
        memset(model->unknown + req->start, 1, req->bytes);
    }
}

static void model_collect(Model *model)
{
    for (int i = 0; i < RANDOM_DEPTH; i++) {
        if (model->busy[i] && model->probes[i].calls) {
            g_assert_cmpuint(model->probes[i].calls, ==, 1);
            g_assert_cmpint(model->probes[i].ret, ==, 0);
            model_ended(model, i);
        }
    }
}

static void model_step(Model *model)
{
    int n = g_test_rand_int_range(0, RANDOM_DEPTH);
    unsigned ready = medium_ready(&model->m);

    model->m.at_once = g_test_rand_int_range(0, 20) == 0 && !model->m.pending->len;
    if (!model->busy[n]) {
        model_begin(model, n);
    } else if (g_test_rand_int_range(0, 8) == 0) {
        model_cancel(model, n);
    } else if (ready) {
        medium_end(&model->m, g_test_rand_int_range(0, ready));
    }
    aio_poll(aio_context_main(), false);
    model_collect(model);
}

static void model_check(const Model *model)
{
    for (int i = 0; i < RANDOM_LENGTH; i++) {
        g_assert_true(model->unknown[i] || model->m.bytes[i] == model->bytes[i]);
    }
}

static void run_random(const BlockLimits *limits, bool zeroes, bool fua)
{
    Model *model = g_new0(Model, 1);

    model->m = (Medium) {
        .length = RANDOM_LENGTH, .limits = *limits, .zeroes = zeroes, .fua = fua,
        .discards = zeroes,
    };
    medium_open(&model->m, "m0", &error_abort);
    for (int i = 0; i < RANDOM_DEPTH; i++) {
        model->bufs[i] = g_malloc(RANDOM_BYTES);
    }
    for (int i = 0; i < 20000; i++) {
        model_step(model);
    }
    medium_end_all(&model->m);
    model_collect(model);
    model_check(model);
    g_assert_cmpuint(model->m.bs->in_flight, ==, 0);
    for (BlockOp op = 0; op < BLOCK_OP__MAX; op++) {
        g_assert_cmpuint(model->done[op], >, 50);
    }
    g_assert_cmpuint(model->cancelled, >, 50);
    close_medium(&model->m);
    for (int i = 0; i < RANDOM_DEPTH; i++) {
        g_free(model->bufs[i]);
    }
    g_free(model);
}

static void test_random(void)
{
    static const BlockLimits rows[] = {
        { .request_alignment = 1 },
        { .request_alignment = 512 },
        { .request_alignment = 512, .max_transfer = 1024, .pwrite_zeroes_alignment = 4096,
          .max_pwrite_zeroes = 4096, .pdiscard_alignment = 4096 },
        { .request_alignment = 4096, .max_transfer = 4096 },
        { .request_alignment = 4096, .max_pwrite_zeroes = 8192, .max_pdiscard = 4096 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        run_random(&rows[i], false, true);
        run_random(&rows[i], true, false);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/block/request/status", test_status);
    g_test_add_func("/block/request/status-pending", test_status_pending);
    g_test_add_func("/block/request/whole", test_whole);
    g_test_add_func("/block/request/pending", test_pending);
    g_test_add_func("/block/request/outside", test_outside);
    g_test_add_func("/block/request/read-only", test_read_only);
    g_test_add_func("/block/request/cut", test_cut);
    g_test_add_func("/block/request/fua", test_fua);
    g_test_add_func("/block/request/no-flush", test_no_flush);
    g_test_add_func("/block/request/zeroes", test_zeroes);
    g_test_add_func("/block/request/zeroes-no-fallback", test_zeroes_no_fallback);
    g_test_add_func("/block/request/discard", test_discard);
    g_test_add_func("/block/request/discard-ignored", test_discard_ignored);
    g_test_add_func("/block/request/detect-zeroes", test_detect_zeroes);
    g_test_add_func("/block/request/errors", test_errors);
    g_test_add_func("/block/request/cancel", test_cancel);
    g_test_add_func("/block/request/order", test_order);
    g_test_add_func("/block/request/order-cancel", test_order_cancel);
    g_test_add_func("/block/request/odd-length", test_odd_length);
    g_test_add_func("/block/request/random", test_random);
    return g_test_run();
}
