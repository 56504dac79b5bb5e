/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Block back ends: requests, drains, errors, figures, in the main context and in a domain. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "medium.h"
#include "qapi/qmp-event.h"
#include "qemu/main-loop.h"
#include "qemu/memalign.h"
#include "sysemu/block-backend.h"

enum {
    RW = BLK_PERM_CONSISTENT_READ | BLK_PERM_WRITE,
};

typedef struct Rig {
    Medium m;
    BlockBackend *blk;
} Rig;

static void rig_open(Rig *rig)
{
    BlockDriverState *bs;

    rig->m.length = rig->m.length ?: 64 * 512;
    bs = medium_open(&rig->m, "m0", &error_abort);
    rig->blk = blk_new_with_bs(bs, RW, BLK_PERM_ALL, &error_abort);
    bdrv_unref(bs);
}

static void rig_close(Rig *rig)
{
    blk_unref(rig->blk);
    g_assert_null(bdrv_find_node("m0"));
    medium_clear(&rig->m);
}

typedef struct Probe {
    BlockRequest req;
    struct iovec iov;
    uint8_t buf[512];
    unsigned calls;
    int ret;
} Probe;

static void probe_done(BlockRequest *req, int ret)
{
    Probe *p = container_of(req, Probe, req);

    p->calls++;
    p->ret = ret;
}

static int submit(Probe *p, BlockBackend *blk, BlockOp op, int64_t offset)
{
    *p = (Probe) { .iov = { p->buf, sizeof(p->buf) } };
    p->req = (BlockRequest) {
        .op = op, .offset = offset, .bytes = sizeof(p->buf), .iov = &p->iov, .niov = 1,
        .done = probe_done,
    };
    return blk_submit(blk, &p->req);
}

/* ---- requests ---- */

static void test_submit(void)
{
    Rig rig = { .m.at_once = true };
    Probe p;

    rig_open(&rig);
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_READ, 512), ==, 0);
    rig.m.at_once = false;
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_WRITE, 512), ==, BLOCK_PENDING);
    g_assert_false(blk_is_idle(rig.blk));
    medium_end(&rig.m, 0);
    g_assert_true(blk_is_idle(rig.blk));
    g_assert_cmpuint(p.calls, ==, 1);
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_READ, rig.m.length), ==, -EIO);
    rig_close(&rig);
}

static void test_no_medium(void)
{
    g_autoptr(BlockBackend) blk = blk_new(aio_context_main(), RW, BLK_PERM_ALL);
    uint64_t sectors = 1;
    Probe p;

    g_assert_cmpint(submit(&p, blk, BLOCK_OP_READ, 0), ==, -ENOMEDIUM);
    g_assert_cmpint(blk_getlength(blk), ==, -ENOMEDIUM);
    blk_get_geometry(blk, &sectors);
    g_assert_cmpuint(sectors, ==, 0);
    g_assert_false(blk_is_inserted(blk));
    blk_drain(blk);
}

static void test_no_permission(void)
{
    Rig rig = { .m.at_once = true };
    Probe p;

    rig_open(&rig);
    g_assert_cmpint(blk_set_perm(rig.blk, BLK_PERM_CONSISTENT_READ, BLK_PERM_ALL, NULL), ==, 0);
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_READ, 0), ==, 0);
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_WRITE, 0), ==, -EPERM);
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_DISCARD, 0), ==, -EPERM);
    rig_close(&rig);
}

static void test_write_through(void)
{
    Rig rig = { .m.at_once = true };
    Probe p;

    rig_open(&rig);
    g_assert_true(blk_enable_write_cache(rig.blk));
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_WRITE, 0), ==, 0);
    g_assert_cmpuint(rig.m.count[BLOCK_OP_FLUSH], ==, 0);
    blk_set_enable_write_cache(rig.blk, false);
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_WRITE, 0), ==, 0);
    g_assert_true(rig.m.flushed);
    rig_close(&rig);
}

/* ---- blk_aio_*() ---- */

typedef struct Aio {
    unsigned calls;
    int ret;
    bool inside;            /* the call that makes the request is on the stack */
} Aio;

static void aio_done(void *opaque, int ret)
{
    Aio *aio = opaque;

    g_assert_false(aio->inside);
    aio->calls++;
    aio->ret = ret;
}

static void turn(void)
{
    while (aio_poll(aio_context_main(), false)) {
    }
}

static void test_aio(void)
{
    for (int at_once = 0; at_once < 2; at_once++) {
        Rig rig = { .m = { .at_once = at_once, .zeroes = true, .discards = true } };
        g_autofree uint8_t *buf = g_malloc0(1024);
        QEMUIOVector qiov = QEMU_IOVEC_INIT_BUF(qiov, buf, 1024);
        Aio aio[5] = { { 0 } };

        for (int i = 0; i < 5; i++) {
            aio[i].inside = true;
        }
        rig_open(&rig);
        blk_aio_preadv(rig.blk, 0, &qiov, 0, aio_done, &aio[0]);
        blk_aio_pwritev(rig.blk, 1024, &qiov, 0, aio_done, &aio[1]);
        blk_aio_pwrite_zeroes(rig.blk, 2048, 512, BDRV_REQ_MAY_UNMAP, aio_done, &aio[2]);
        blk_aio_pdiscard(rig.blk, 4096, 512, aio_done, &aio[3]);
        blk_aio_flush(rig.blk, aio_done, &aio[4]);
        for (int i = 0; i < 5; i++) {
            aio[i].inside = false;
        }
        g_assert_false(blk_is_idle(rig.blk));
        turn();
        medium_end_all(&rig.m);
        for (int i = 0; i < 5; i++) {
            g_assert_cmpuint(aio[i].calls, ==, 1);
            g_assert_cmpint(aio[i].ret, ==, 0);
        }
        g_assert_true(blk_is_idle(rig.blk));
        rig_close(&rig);
    }
}

static void test_aio_error(void)
{
    Rig rig = { .m.at_once = true };
    uint8_t buf[512];
    QEMUIOVector qiov = QEMU_IOVEC_INIT_BUF(qiov, buf, 512);
    Aio aio = { 0 };

    rig_open(&rig);
    blk_aio_preadv(rig.blk, rig.m.length, &qiov, 0, aio_done, &aio);
    turn();
    g_assert_cmpint(aio.ret, ==, -EIO);
    blk_abort_aio_request(rig.blk, aio_done, &aio, -ENOSPC);
    g_assert_cmpuint(aio.calls, ==, 1);
    turn();
    g_assert_cmpuint(aio.calls, ==, 2);
    g_assert_cmpint(aio.ret, ==, -ENOSPC);
    rig_close(&rig);
}

static void test_aio_cancel(void)
{
    Rig rig = { 0 };
    uint8_t buf[512];
    QEMUIOVector qiov = QEMU_IOVEC_INIT_BUF(qiov, buf, 512);
    Aio aio[3] = { { 0 } };
    BlockAIOCB *acb;

    rig_open(&rig);
    acb = blk_aio_preadv(rig.blk, 0, &qiov, 0, aio_done, &aio[0]);
    blk_aio_cancel(acb);
    g_assert_cmpuint(aio[0].calls, ==, 1);
    g_assert_cmpint(aio[0].ret, ==, -ECANCELED);
    acb = blk_aio_preadv(rig.blk, 0, &qiov, 0, aio_done, &aio[1]);
    blk_aio_cancel_async(acb);
    g_assert_cmpuint(aio[1].calls, ==, 0);
    turn();
    g_assert_cmpint(aio[1].ret, ==, -ECANCELED);
    /* one whose result is there already keeps it */
    rig.m.at_once = true;
    acb = blk_aio_preadv(rig.blk, 0, &qiov, 0, aio_done, &aio[2]);
    blk_aio_cancel(acb);
    g_assert_cmpuint(aio[2].calls, ==, 1);
    g_assert_cmpint(aio[2].ret, ==, 0);
    rig_close(&rig);
}

/* ---- waiting ---- */

static void end_last(void *opaque)
{
    Rig *rig = opaque;

    medium_end(&rig->m, medium_ready(&rig->m) - 1);
}

static unsigned begins, ends;

static void drained_begin(void *opaque)
{
    begins++;
}

static void drained_end(void *opaque)
{
    ends++;
}

static const BlockDevOps drain_ops = {
    .drained_begin = drained_begin, .drained_end = drained_end,
};

static Probe from_inside;
static BlockBackend *drained;

static void submit_more(BlockRequest *req, int ret)
{
    probe_done(req, ret);
    g_assert_cmpint(submit(&from_inside, drained, BLOCK_OP_READ, 0), ==, BLOCK_PENDING);
}

/* What comes while it is drained waits, and goes on afterwards. */
static void test_drain(void)
{
    Rig rig = { 0 };
    Probe p[3];

    rig_open(&rig);
    blk_set_dev_ops(rig.blk, &drain_ops, NULL);
    for (int i = 0; i < 3; i++) {
        submit(&p[i], rig.blk, BLOCK_OP_READ, 0);
    }
    p[2].req.done = submit_more;
    drained = rig.blk;
    for (int i = 0; i < 3; i++) {
        aio_bh_schedule_oneshot(aio_context_main(), end_last, &rig);
    }
    blk_drain(rig.blk);
    g_assert_cmpuint(p[0].calls + p[1].calls + p[2].calls, ==, 3);
    g_assert_cmpuint(from_inside.calls, ==, 0);
    g_assert_cmpuint(rig.m.pending->len, ==, 1);
    g_assert_cmpuint(begins, ==, 1);
    g_assert_cmpuint(ends, ==, 1);
    medium_end_all(&rig.m);
    g_assert_cmpuint(from_inside.calls, ==, 1);
    blk_set_dev_ops(rig.blk, NULL, NULL);
    rig_close(&rig);
}

static void dec_later(void *opaque)
{
    blk_dec_in_flight(opaque);
}

static void test_in_flight(void)
{
    Rig rig = { 0 };

    rig_open(&rig);
    blk_inc_in_flight(rig.blk);
    g_assert_false(blk_is_idle(rig.blk));
    aio_bh_schedule_oneshot(aio_context_main(), dec_later, rig.blk);
    blk_drain_all();
    g_assert_true(blk_is_idle(rig.blk));
    rig_close(&rig);
}

static void test_sync(void)
{
    Rig rig = { .m = { .at_once = true, .zeroes = true } };
    uint8_t buf[1000], got[1000];
    void *aligned;

    rig_open(&rig);
    memset(buf, 0x42, sizeof(buf));
    g_assert_cmpint(blk_pwrite(rig.blk, 100, 1000, buf, 0), ==, 0);
    g_assert_cmpint(blk_pread(rig.blk, 100, 1000, got, 0), ==, 0);
    g_assert_cmpmem(buf, 1000, got, 1000);
    g_assert_cmpint(blk_pwrite_zeroes(rig.blk, 100, 10, 0), ==, 0);
    g_assert_cmpint(rig.m.bytes[100] | rig.m.bytes[109], ==, 0);
    g_assert_cmpint(blk_pdiscard(rig.blk, 0, 512), ==, 0);
    g_assert_cmpint(blk_flush(rig.blk), ==, 0);
    g_assert_true(rig.m.flushed);
    g_assert_cmpint(blk_pread(rig.blk, rig.m.length, 1, got, 0), ==, -EIO);
    rig.m.at_once = false;
    aio_bh_schedule_oneshot(aio_context_main(), end_last, &rig);
    g_assert_cmpint(blk_pread(rig.blk, 0, 512, got, 0), ==, 0);
    aligned = blk_blockalign(rig.blk, 100);
    g_assert_true(QEMU_PTR_IS_ALIGNED(aligned, 4096));
    qemu_vfree(aligned);
    rig_close(&rig);
}

/* ---- errors ---- */

typedef struct PolicyRow {
    BlockdevOnError policy;
    bool is_read;
    int error;
    BlockErrorAction action;
} PolicyRow;

#define ROW(policy, is_read, error, action) \
    { BLOCKDEV_ON_ERROR_ ## policy, is_read, error, BLOCK_ERROR_ACTION_ ## action }

static void test_policies(void)
{
    static const PolicyRow rows[] = {
        ROW(REPORT, true, EIO, REPORT), ROW(REPORT, false, ENOSPC, REPORT),
        ROW(IGNORE, true, EIO, IGNORE), ROW(IGNORE, false, ENOSPC, IGNORE),
        ROW(STOP, true, EIO, STOP), ROW(STOP, false, EIO, STOP),
        ROW(ENOSPC, false, ENOSPC, STOP), ROW(ENOSPC, false, EIO, REPORT),
        ROW(AUTO, false, ENOSPC, STOP), ROW(AUTO, false, EIO, REPORT),
        ROW(AUTO, true, ENOSPC, REPORT), ROW(AUTO, true, EIO, REPORT),
    };
    Rig rig = { 0 };

    rig_open(&rig);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        blk_set_on_error(rig.blk, rows[i].policy, rows[i].policy);
        g_assert_cmpint(blk_get_error_action(rig.blk, rows[i].is_read, rows[i].error), ==,
                        rows[i].action);
    }
    rig_close(&rig);
}

static GString *events;

static void note_event(JsonObject *event, void *opaque)
{
    JsonObject *data = json_object_get_object_member(event, "data");

    if (events && !strcmp(json_object_get_string_member(event, "event"), "BLOCK_IO_ERROR")) {
        g_string_append_printf(events, "%s %s;",
                               json_object_get_string_member(data, "operation"),
                               json_object_get_string_member(data, "action"));
    }
}

static unsigned stops;

static void note_stop(AioContext *ctx)
{
    stops++;
}

static void begin_events(void)
{
    qmp_event_dispatch();
    events = g_string_new(NULL);
    stops = 0;
    blk_set_stop_hook(note_stop);
}

static void expect_events(const char *text)
{
    qmp_event_dispatch();
    turn();
    g_assert_cmpstr(events->str, ==, text);
    g_string_free(g_steal_pointer(&events), TRUE);
}

static void test_report(void)
{
    Rig rig = { .m.at_once = true };
    Probe p;

    begin_events();
    rig_open(&rig);
    rig.m.error = ENOSPC;
    blk_set_on_error(rig.blk, BLOCKDEV_ON_ERROR_REPORT, BLOCKDEV_ON_ERROR_REPORT);
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_WRITE, 0), ==, -ENOSPC);
    g_assert_cmpuint(p.calls, ==, 0);
    g_assert_cmpuint(stops, ==, 0);
    rig_close(&rig);
    expect_events("write report;");
}

/* A guest that reads what is not there. */
static void test_flood(void)
{
    Rig rig = { .m.at_once = true };
    Probe p;

    begin_events();
    rig_open(&rig);
    for (int i = 0; i < 1000; i++) {
        g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_READ, rig.m.length), ==, -EIO);
    }
    qmp_event_dispatch();
    /* two, where the clock passed the second */
    g_assert_cmpuint(events->len, >, 0);
    g_assert_cmpuint(events->len, <, 100);
    rig_close(&rig);
    g_string_free(g_steal_pointer(&events), TRUE);
}

static void test_ignore(void)
{
    Rig rig = { 0 };
    Probe p;

    begin_events();
    rig_open(&rig);
    blk_set_on_error(rig.blk, BLOCKDEV_ON_ERROR_IGNORE, BLOCKDEV_ON_ERROR_IGNORE);
    g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_READ, 0), ==, BLOCK_PENDING);
    rig.m.error = EIO;
    medium_end(&rig.m, 0);
    g_assert_cmpuint(p.calls, ==, 1);
    g_assert_cmpint(p.ret, ==, 0);
    rig_close(&rig);
    expect_events("read ignore;");
}

/* One at once and one later; both go on when the machine does, at their old places. */
static void test_stop(void)
{
    Rig rig = { .m.at_once = true };
    Probe p[2];

    begin_events();
    rig_open(&rig);
    blk_iostatus_enable(rig.blk);
    blk_set_on_error(rig.blk, BLOCKDEV_ON_ERROR_STOP, BLOCKDEV_ON_ERROR_ENOSPC);
    rig.m.error = ENOSPC;
    g_assert_cmpint(submit(&p[0], rig.blk, BLOCK_OP_WRITE, 1024), ==, BLOCK_PENDING);
    g_assert_cmpint(blk_iostatus(rig.blk), ==, BLOCK_DEVICE_IO_STATUS_NOSPACE);
    rig.m.at_once = false;
    g_assert_cmpint(submit(&p[1], rig.blk, BLOCK_OP_READ, 2048), ==, BLOCK_PENDING);
    rig.m.error = EIO;
    medium_end(&rig.m, 0);
    turn();
    g_assert_cmpuint(stops, ==, 2);
    g_assert_cmpuint(p[0].calls + p[1].calls, ==, 0);
    /* what is held back is nothing that a drain could wait for */
    blk_drain(rig.blk);
    /* fails again: held until the next time */
    rig.m.at_once = true;
    rig.m.error = EIO;
    rig.m.bytes[2048] = 0x99;
    memset(p[0].buf, 0x11, 512);
    blk_retry_stopped(rig.blk);
    g_assert_cmpuint(p[0].calls, ==, 1);
    g_assert_cmpint(p[0].ret, ==, -EIO);        /* a write: only a full medium stops it */
    g_assert_cmpuint(p[1].calls, ==, 1);
    g_assert_cmpint(p[1].ret, ==, 0);
    g_assert_cmpuint(p[1].buf[0], ==, 0x99);
    g_assert_cmpint(blk_iostatus(rig.blk), ==, BLOCK_DEVICE_IO_STATUS_OK);
    rig_close(&rig);
    expect_events("write stop;read stop;write report;");
}

static void test_stop_again(void)
{
    Rig rig = { .m.at_once = true };
    Probe p;

    begin_events();
    rig_open(&rig);
    blk_set_on_error(rig.blk, BLOCKDEV_ON_ERROR_STOP, BLOCKDEV_ON_ERROR_STOP);
    for (int i = 0; i < 3; i++) {
        rig.m.error = EIO;
        if (i == 0) {
            g_assert_cmpint(submit(&p, rig.blk, BLOCK_OP_WRITE, 512), ==, BLOCK_PENDING);
        } else {
            blk_retry_stopped(rig.blk);
        }
        g_assert_cmpuint(p.calls, ==, 0);
    }
    memset(p.buf, 0x33, 512);
    blk_retry_stopped(rig.blk);
    g_assert_cmpuint(p.calls, ==, 1);
    g_assert_cmpint(p.ret, ==, 0);
    g_assert_cmpuint(rig.m.bytes[512], ==, 0x33);
    g_assert_cmpuint(rig.m.bytes[0] | rig.m.bytes[1024], ==, 0);
    rig_close(&rig);
    expect_events("write stop;write stop;write stop;");
}

static void test_stop_cancel(void)
{
    Rig rig = { .m.at_once = true };
    Probe p[2];

    begin_events();
    rig_open(&rig);
    blk_set_on_error(rig.blk, BLOCKDEV_ON_ERROR_STOP, BLOCKDEV_ON_ERROR_STOP);
    for (int i = 0; i < 2; i++) {
        rig.m.error = EIO;
        submit(&p[i], rig.blk, BLOCK_OP_READ, 0);
    }
    block_request_cancel(&p[0].req);
    blk_retry_stopped(rig.blk);
    g_assert_cmpuint(p[0].calls, ==, 0);
    g_assert_cmpuint(p[1].calls, ==, 1);
    /* the medium goes with one held back */
    rig.m.error = EIO;
    submit(&p[0], rig.blk, BLOCK_OP_READ, 0);
    blk_remove_bs(rig.blk);
    g_assert_cmpuint(p[0].calls, ==, 1);
    g_assert_cmpint(p[0].ret, ==, -ENOMEDIUM);
    rig_close(&rig);
    expect_events("read stop;read stop;read stop;");
}

/* ---- figures ---- */

static void test_accounting(void)
{
    BlockAcctStats stats;
    BlockAcctCookie cookie = { 0 };

    block_acct_init(&stats);
    g_assert_cmpint(block_acct_idle_time_ns(&stats), ==, -1);
    block_acct_start(&stats, &cookie, 4096, BLOCK_ACCT_READ);
    g_usleep(1000);
    block_acct_done(&stats, &cookie);
    block_acct_done(&stats, &cookie);
    g_assert_cmpuint(stats.nr_ops[BLOCK_ACCT_READ], ==, 1);
    g_assert_cmpuint(stats.nr_bytes[BLOCK_ACCT_READ], ==, 4096);
    g_assert_cmpuint(stats.total_time_ns[BLOCK_ACCT_READ], >=, 1000000);
    g_assert_cmpint(block_acct_idle_time_ns(&stats), >=, 0);
    block_acct_start(&stats, &cookie, 512, BLOCK_ACCT_WRITE);
    block_acct_failed(&stats, &cookie);
    g_assert_cmpuint(stats.failed_ops[BLOCK_ACCT_WRITE], ==, 1);
    g_assert_cmpuint(stats.nr_ops[BLOCK_ACCT_WRITE] + stats.nr_bytes[BLOCK_ACCT_WRITE], ==, 0);
    block_acct_invalid(&stats, BLOCK_ACCT_UNMAP);
    block_acct_merge_done(&stats, BLOCK_ACCT_WRITE, 3);
    block_acct_instant(&stats, 100, BLOCK_ACCT_READ);
    g_assert_cmpuint(stats.invalid_ops[BLOCK_ACCT_UNMAP], ==, 1);
    g_assert_cmpuint(stats.merged[BLOCK_ACCT_WRITE], ==, 3);
    g_assert_cmpuint(stats.nr_ops[BLOCK_ACCT_READ], ==, 2);
}

static void test_accounting_off(void)
{
    BlockAcctStats stats;
    BlockAcctCookie cookie = { 0 };

    block_acct_init(&stats);
    block_acct_setup(&stats, ON_OFF_AUTO_OFF, ON_OFF_AUTO_OFF);
    block_acct_start(&stats, &cookie, 512, BLOCK_ACCT_WRITE);
    block_acct_failed(&stats, &cookie);
    block_acct_invalid(&stats, BLOCK_ACCT_READ);
    g_assert_cmpint(block_acct_idle_time_ns(&stats), ==, -1);
    g_assert_cmpuint(stats.failed_ops[BLOCK_ACCT_WRITE] + stats.invalid_ops[BLOCK_ACCT_READ], ==,
                     2);
}

/* ---- in a domain with a thread of its own ---- */

enum { DOMAIN_REQUESTS = 2000, DOMAIN_DEPTH = 16 };

typedef struct Worker Worker;

typedef struct Slot {
    BlockRequest req;
    struct iovec iov;
    uint8_t buf[512];
    Worker *worker;
    bool busy;
} Slot;

struct Worker {
    BlockBackend *blk;
    QEMUBH *bh;
    Slot slots[DOMAIN_DEPTH];
    unsigned begun, done;
    bool quit;
};

static void worker_done(BlockRequest *req, int ret)
{
    Slot *slot = container_of(req, Slot, req);
    Worker *w = slot->worker;

    g_assert_cmpint(ret, ==, 0);
    g_assert_true(aio_context_entered(blk_get_aio_context(w->blk)));
    slot->busy = false;
    qatomic_inc(&w->done);
    qemu_bh_schedule(w->bh);
}

static void worker_next(Worker *w, Slot *slot)
{
    slot->worker = w;
    slot->busy = true;
    slot->iov = (struct iovec) { slot->buf, 512 };
    slot->req = (BlockRequest) {
        .op = BLOCK_OP_READ, .bytes = 512, .iov = &slot->iov, .niov = 1, .done = worker_done,
    };
    w->begun++;
    g_assert_cmpint(blk_submit(w->blk, &slot->req), ==, BLOCK_PENDING);
}

static void worker_run(void *opaque)
{
    Worker *w = opaque;

    for (int i = 0; i < DOMAIN_DEPTH && !w->quit; i++) {
        if (!w->slots[i].busy) {
            worker_next(w, &w->slots[i]);
        }
    }
}

/*
 * A device that never stops: drains from the main thread end all the same, and
 * nothing is lost.
 */
static void test_domain(void)
{
    g_autoptr(AioContext) ctx = aio_context_new_named("vmA", &error_abort);
    BlockdevOptions options = {
        .driver = BLOCKDEV_DRIVER_NULL_AIO, .node_name = (char *)"n0",
        .u.null_aio = { .has_latency_ns = true, .latency_ns = 1000 },
    };
    BlockDriverState *bs = bdrv_open_node(&options, &error_abort);
    Worker *w = g_new0(Worker, 1);

    aio_context_start(ctx);
    w->blk = blk_new(ctx, RW, BLK_PERM_ALL);
    blk_insert_bs(w->blk, bs, &error_abort);
    w->bh = aio_bh_new(ctx, worker_run, w);
    qemu_bh_schedule(w->bh);
    while (qatomic_read(&w->done) < DOMAIN_REQUESTS) {
        AIO_CONTEXT_GUARD(ctx);
        blk_drain(w->blk);
    }
    WITH_AIO_CONTEXT_GUARD(ctx) {
        w->quit = true;
        blk_drain(w->blk);
        blk_drain(w->blk);
        g_assert_cmpuint(w->begun, ==, w->done);
        qemu_bh_delete(w->bh);
    }
    blk_unref(w->blk);
    bdrv_unref(bs);
    aio_context_stop(ctx);
    g_free(w);
}

static void unref_blk(void *opaque)
{
    blk_unref(opaque);
}

static bool is_listed(const BlockBackend *wanted)
{
    BlockBackend *blk = NULL;

    while ((blk = blk_all_next(blk)) && blk != wanted) {
    }
    return blk;
}

/* A device that goes in its domain's thread; nobody finds it while it waits for the main one. */
static void test_unref_in_domain(void)
{
    g_autoptr(AioContext) ctx = aio_context_new_named("vmA", &error_abort);
    BlockdevOptions options = { .driver = BLOCKDEV_DRIVER_NULL_CO, .node_name = (char *)"n0" };
    BlockDriverState *bs = bdrv_open_node(&options, &error_abort);
    BlockBackend *blk = blk_new(ctx, RW, BLK_PERM_ALL);

    aio_context_start(ctx);
    blk_insert_bs(blk, bs, &error_abort);
    g_assert_true(is_listed(blk));
    aio_bh_schedule_oneshot(ctx, unref_blk, blk);
    for (int i = 0; i < 10000 && is_listed(blk); i++) {
        g_usleep(1000);
    }
    g_assert_false(is_listed(blk));
    g_assert_true(bs->ctx == ctx);
    while (bs->ctx != aio_context_main()) {
        aio_poll(aio_context_main(), true);
    }
    g_assert_null(bs->parents);
    bdrv_unref(bs);
    aio_context_stop(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    qmp_event_set_sink(note_event, NULL);
    g_test_add_func("/block/backend/submit", test_submit);
    g_test_add_func("/block/backend/no-medium", test_no_medium);
    g_test_add_func("/block/backend/no-permission", test_no_permission);
    g_test_add_func("/block/backend/write-through", test_write_through);
    g_test_add_func("/block/backend/aio", test_aio);
    g_test_add_func("/block/backend/aio-error", test_aio_error);
    g_test_add_func("/block/backend/aio-cancel", test_aio_cancel);
    g_test_add_func("/block/backend/drain", test_drain);
    g_test_add_func("/block/backend/in-flight", test_in_flight);
    g_test_add_func("/block/backend/sync", test_sync);
    g_test_add_func("/block/backend/policies", test_policies);
    g_test_add_func("/block/backend/report", test_report);
    g_test_add_func("/block/backend/flood", test_flood);
    g_test_add_func("/block/backend/ignore", test_ignore);
    g_test_add_func("/block/backend/stop", test_stop);
    g_test_add_func("/block/backend/stop-again", test_stop_again);
    g_test_add_func("/block/backend/stop-cancel", test_stop_cancel);
    g_test_add_func("/block/backend/accounting", test_accounting);
    g_test_add_func("/block/backend/accounting-off", test_accounting_off);
    g_test_add_func("/block/backend/domain", test_domain);
    g_test_add_func("/block/backend/unref-in-domain", test_unref_in_domain);
    return g_test_run();
}
