/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cancelling what a medium does not end: nobody waits, nothing is lost, nothing leaks. */
#include "qemu/osdep.h"
#include "../helpers.h"
#include "fuse-medium.h"
#include "file-rig.h"

#include <sys/mman.h>

#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "qemu/units.h"

enum { BLOCK = 4096 };

static FuseMedium *medium;

/* Until what the test before has cancelled has ended, the file is locked. */
static BlockDriverState *open_mode(const RigMode *mode)
{
    int64_t end = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
    BlockDriverState *bs = NULL;

    while (!bs) {
        Error **errp = g_get_monotonic_time() < end ? NULL : &error_abort;

        bs = rig_open(errp, "driver=file,filename=%s,%s", medium->path, mode->options);
        if (!bs) {
            rig_run_for_ms(1);
        }
    }
    return bs;
}

static void write_block(BlockDriverState *bs, unsigned block, int value)
{
    char buf[BLOCK];

    memset(buf, value, BLOCK);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, block * BLOCK, buf, BLOCK, 0), ==, 0);
}

static void assert_block(BlockDriverState *bs, unsigned block, int value)
{
    char buf[BLOCK];

    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, block * BLOCK, buf, BLOCK, 0), ==, 0);
    g_assert_cmpint(buf[0], ==, value);
    g_assert_cmpint(buf[BLOCK - 1], ==, value);
}

/* Until something waits in the medium. */
static void wait_parked(void)
{
    int64_t end = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;

    while (!fuse_medium_parked(medium)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        rig_run_for_ms(1);
    }
}

static void submit_and_park(BlockDriverState *bs, RigRequest *r, BlockOp op, unsigned block,
                            void *buf, BdrvRequestFlags flags)
{
    rig_submit(bs, r, op, block * BLOCK, buf, BLOCK, flags);
    wait_parked();
    g_assert_false(r->done);
}

static void run_until_no_fd_more_than(unsigned fds)
{
    for (int i = 0; i < 5000 && count_fds() > fds; i++) {
        rig_run_for_ms(1);
    }
    g_assert_cmpuint(count_fds(), <=, fds);
}

/* A write that is under way when it is cancelled may come late: but not later than the next one. */
static void test_write(const void *mode)
{
    BlockDriverState *bs = open_mode(mode);
    char *gone = mmap(NULL, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char buf[BLOCK], other[BLOCK];
    RigRequest first, second, beside;

    write_block(bs, 0, 'a');
    write_block(bs, 8, 'z');
    memset(gone, 'b', BLOCK);
    fuse_medium_stall(medium, true);
    submit_and_park(bs, &first, BLOCK_OP_WRITE, 0, gone, BDRV_REQ_FUA);
    block_request_cancel(&first.req);
    munmap(gone, BLOCK);

    memset(buf, 'c', BLOCK);
    rig_submit(bs, &second, BLOCK_OP_WRITE, 0, buf, BLOCK, 0);
    memset(other, 'x', BLOCK);
    rig_run_for_ms(20);
    g_assert_false(second.done);
    /* What does not overlap is not held back: the kernel gets it. */
    rig_submit(bs, &beside, BLOCK_OP_WRITE, 8 * BLOCK, other, BLOCK, BDRV_REQ_FUA);
    rig_run_for_ms(20);
    fuse_medium_stall(medium, false);
    rig_wait(&second.done);
    rig_wait(&beside.done);
    g_assert_cmpint(second.ret, ==, 0);
    g_assert_cmpint(beside.ret, ==, 0);
    g_assert_false(first.done);
    assert_block(bs, 0, 'c');
    assert_block(bs, 8, 'x');
    bdrv_unref(bs);
}

static void forget_pages(void)
{
    g_auto(OwnedFd) fd = open(medium->path, O_RDONLY | O_CLOEXEC);

    g_assert_cmpint(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), ==, 0);
}

/* The memory of a cancelled read is not written any more. */
static void test_read(const void *mode)
{
    BlockDriverState *bs = open_mode(mode);
    char buf[BLOCK];
    RigRequest r;

    write_block(bs, 1, 'r');
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, 0);
    forget_pages();
    memset(buf, '-', BLOCK);
    fuse_medium_stall(medium, true);
    submit_and_park(bs, &r, BLOCK_OP_READ, 1, buf, 0);
    block_request_cancel(&r.req);
    fuse_medium_stall(medium, false);
    rig_run_for_ms(20);
    g_assert_cmpint(buf[0], ==, '-');
    g_assert_cmpint(buf[BLOCK - 1], ==, '-');
    g_assert_false(r.done);
    assert_block(bs, 1, 'r');
    bdrv_unref(bs);
}

/* What is held back can be cancelled, too. */
static void test_held(const void *mode)
{
    BlockDriverState *bs = open_mode(mode);
    char buf[BLOCK];
    RigRequest first, held[8];

    write_block(bs, 2, 'a');
    memset(buf, 'b', BLOCK);
    fuse_medium_stall(medium, true);
    submit_and_park(bs, &first, BLOCK_OP_WRITE, 2, buf, BDRV_REQ_FUA);
    block_request_cancel(&first.req);
    memset(buf, 'c', BLOCK);
    for (unsigned i = 0; i < G_N_ELEMENTS(held); i++) {
        rig_submit(bs, &held[i], i == 6 ? BLOCK_OP_READ : BLOCK_OP_WRITE, 2 * BLOCK, buf, BLOCK,
                   0);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(held); i++) {
        if (i != 3) {
            block_request_cancel(&held[i].req);
        }
    }
    fuse_medium_stall(medium, false);
    rig_wait(&held[3].done);
    for (unsigned i = 0; i < G_N_ELEMENTS(held); i++) {
        g_assert_true(held[i].done == (i == 3));
    }
    assert_block(bs, 2, 'c');
    bdrv_unref(bs);
}

/* Closing does not wait; the file stays open, and locked, until the medium has answered. */
static void test_close(const void *mode)
{
    unsigned fds;
    BlockDriverState *bs = open_mode(mode);
    g_autoptr(Error) err = NULL;
    char buf[BLOCK] = "q";
    RigRequest r, flush;

    write_block(bs, 3, 'a');
    bdrv_unref(bs);
    fds = count_fds();
    bs = open_mode(mode);
    fuse_medium_stall(medium, true);
    submit_and_park(bs, &r, BLOCK_OP_WRITE, 3, buf, BDRV_REQ_FUA);
    rig_submit(bs, &flush, BLOCK_OP_FLUSH, 0, NULL, 0, 0);
    block_request_cancel(&r.req);
    block_request_cancel(&flush.req);
    bdrv_unref(bs);
    g_assert_null(rig_open(&err, "driver=file,filename=%s", medium->path));
    g_assert_nonnull(strstr(error_get_pretty(err), "Failed to get \"write\" lock"));
    fuse_medium_stall(medium, false);
    run_until_no_fd_more_than(fds);
    bdrv_unref(open_mode(mode));
}

/* A medium that hangs keeps no other one of the same loop from working. */
static void test_beside(const void *mode)
{
    enum { STUCK = 32 };
    BlockDriverState *bs = open_mode(mode);
    g_autofree char *path = rig_file("beside", 64 * KiB, 0);
    BlockDriverState *other = rig_open(&error_abort, "driver=file,filename=%s,%s", path,
                                       ((const RigMode *)mode)->options);
    RigRequest r[STUCK];
    char buf[BLOCK] = "q";

    fuse_medium_stall(medium, true);
    for (unsigned i = 0; i < STUCK; i++) {
        rig_submit(bs, &r[i], BLOCK_OP_WRITE, i * BLOCK, buf, BLOCK, BDRV_REQ_FUA);
    }
    wait_parked();
    for (unsigned i = 0; i < 50; i++) {
        write_block(other, i % 16, i);
        assert_block(other, i % 16, i);
    }
    fuse_medium_stall(medium, false);
    for (unsigned i = 0; i < STUCK; i++) {
        rig_wait(&r[i].done);
        g_assert_cmpint(r[i].ret, ==, 0);
    }
    bdrv_unref(bs);
    bdrv_unref(other);
}

static void go_on(void *opaque)
{
    fuse_medium_stall(medium, false);
}

/* A new length waits for the medium, with the loop running, and for what was cancelled. */
static void test_truncate(const void *mode)
{
    BlockDriverState *bs = open_mode(mode);
    QEMUTimer *timer = aio_timer_new(aio_context_main(), QEMU_CLOCK_REALTIME, SCALE_MS, go_on,
                                     NULL);
    char buf[BLOCK] = "late";
    RigRequest r;

    fuse_medium_stall(medium, true);
    submit_and_park(bs, &r, BLOCK_OP_WRITE, 60, buf, BDRV_REQ_FUA);
    block_request_cancel(&r.req);
    timer_mod(timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + 30);
    g_assert_true(bs->drv->truncate(bs, 32 * BLOCK, &error_abort));
    g_assert_cmpint(bs->drv->getlength(bs), ==, 32 * BLOCK);
    /* Had the late one come after it, the file would have grown again. */
    rig_run_for_ms(10);
    g_assert_cmpint(bs->drv->getlength(bs), ==, 32 * BLOCK);
    g_assert_true(bs->drv->truncate(bs, medium->size, &error_abort));
    timer_free(timer);
    bdrv_unref(bs);
}

/* ---- another context ---- */

typedef struct Away {
    BlockDriverState *bs;
    AioContext *ctx;
    unsigned done;
} Away;

static void move(BlockDriverState *bs, AioContext *to)
{
    AioContext *domain = to == aio_context_main() ? bs->ctx : to;

    aio_context_enter(domain);
    bs->drv->detach(bs);
    bs->ctx = to;
    bs->drv->attach(bs, to);
    aio_context_leave(domain);
}

static void in_domain(Away *a, BlockOp op, unsigned block, void *buf, bool cancel)
{
    RigRequest r;

    aio_context_enter(a->ctx);
    rig_submit(a->bs, &r, op, block * BLOCK, buf, BLOCK, BDRV_REQ_FUA);
    aio_context_leave(a->ctx);
    if (cancel) {
        wait_parked();
        aio_context_enter(a->ctx);
        block_request_cancel(&r.req);
        aio_context_leave(a->ctx);
        return;
    }
    for (bool done = false; !done; ) {
        g_usleep(100);
        aio_context_enter(a->ctx);
        done = r.done;
        aio_context_leave(a->ctx);
    }
    g_assert_cmpint(r.ret, ==, 0);
}

/* The node moves, its orphan ends in the domain that it has left: the next write waits for it. */
static void test_moved(const void *mode)
{
    Away a = { open_mode(mode), aio_context_new_named("away", &error_abort) };
    char buf[BLOCK];
    RigRequest r;

    aio_context_start(a.ctx);
    move(a.bs, a.ctx);
    memset(buf, 'm', BLOCK);
    in_domain(&a, BLOCK_OP_WRITE, 5, buf, false);
    fuse_medium_stall(medium, true);
    memset(buf, 'o', BLOCK);
    in_domain(&a, BLOCK_OP_WRITE, 5, buf, true);
    move(a.bs, aio_context_main());
    memset(buf, 'n', BLOCK);
    rig_submit(a.bs, &r, BLOCK_OP_WRITE, 5 * BLOCK, buf, BLOCK, 0);
    rig_run_for_ms(10);
    g_assert_false(r.done);
    fuse_medium_stall(medium, false);
    rig_wait(&r.done);
    assert_block(a.bs, 5, 'n');
    bdrv_unref(a.bs);
    aio_context_stop(a.ctx);
    aio_context_unref(a.ctx);
}

/* The domain ends while its orphan has not: the main loop sees to the end of it. */
static void test_stranded(const void *mode)
{
    unsigned fds;
    Away a;
    char buf[BLOCK] = "s";

    bdrv_unref(open_mode(mode));
    fds = count_fds();
    a = (Away) { open_mode(mode), aio_context_new_named("away", &error_abort) };
    aio_context_start(a.ctx);
    move(a.bs, a.ctx);
    fuse_medium_stall(medium, true);
    in_domain(&a, BLOCK_OP_WRITE, 6, buf, true);
    move(a.bs, aio_context_main());
    bdrv_unref(a.bs);
    aio_context_stop(a.ctx);
    aio_context_unref(a.ctx);
    rig_run_for_ms(5);
    fuse_medium_stall(medium, false);
    run_until_no_fd_more_than(fds);
}

/* ---- errors of the medium ---- */

/* The kernel tells of a lost page once; a guest has to hear of it again and again. */
static void test_errors(const void *opaque)
{
    const RigMode *mode = opaque;
    BlockDriverState *bs = open_mode(mode);
    char buf[BLOCK] = "e";

    medium->fail_writes = EIO;
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 0, buf, BLOCK, BDRV_REQ_FUA), ==, -EIO);
    medium->fail_writes = 0;
    if (!mode->direct) {
        g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, -EIO);
    }
    bdrv_unref(bs);

    bs = open_mode(mode);
    write_block(bs, 0, 'e');
    medium->fail_syncs = EIO;
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, -EIO);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, mode->direct ? 0 : -EIO);
    bdrv_unref(bs);

    bs = open_mode(mode);
    write_block(bs, 0, 'f');
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, 0);
    bdrv_unref(bs);
}

static void add_tests(void)
{
    rig_add_modes("/block/orphans/write", test_write);
    rig_add_modes("/block/orphans/read", test_read);
    rig_add_modes("/block/orphans/held", test_held);
    rig_add_modes("/block/orphans/close", test_close);
    rig_add_modes("/block/orphans/beside", test_beside);
    rig_add_modes("/block/orphans/truncate", test_truncate);
    rig_add_modes("/block/orphans/moved", test_moved);
    rig_add_modes("/block/orphans/stranded", test_stranded);
    rig_add_modes("/block/orphans/errors", test_errors);
}

int main(int argc, char **argv)
{
    const char *reason = NULL;
    int ret;

    medium = fuse_medium_new(rig_folder(), 256 * KiB, &reason);
    if (!medium) {
        printf("1..0 # SKIP %s\n", reason);
        return 0;
    }
    fuse_medium_start(medium);
    ret = rig_main(argc, argv, add_tests);
    fuse_medium_stop(medium);
    fuse_medium_free(medium);
    return ret;
}
