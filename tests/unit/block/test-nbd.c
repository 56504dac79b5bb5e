/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nbd: what is asked of a server, and what becomes of requests when it goes away. */
#include "node-rig.h"
#include "nbd-server.h"

enum { BLOCK = 4096 };

static BlockDriverState *open_it(NbdServer *s, const char *more)
{
    g_autofree char *text = g_strconcat(nbd_server_blockdev(s), ",node-name=n0", more, NULL);

    return rig_open(text, &error_abort);
}

/* The loop turns until the server has seen that many commands of a type. */
static void wait_count(NbdServer *s, int type, unsigned count)
{
    while (nbd_server_count(s, type) < count) {
        aio_poll(aio_context_main(), false);
        g_usleep(200);
    }
}

static void expect_medium(NbdServer *s, int64_t offset, int64_t bytes, uint8_t fill)
{
    for (int64_t i = offset; i < offset + bytes; i++) {
        g_assert_cmphex(nbd_server_byte(s, i), ==, fill);
    }
}

static RigRequest *write_request(int64_t offset, uint8_t fill)
{
    uint8_t data[BLOCK];

    memset(data, fill, sizeof(data));
    return rig_request(BLOCK_OP_WRITE, offset, BLOCK, data);
}

static void test_commands(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",discard=unmap");
    g_autoptr(RigRequest) fua = write_request(0, 7);
    g_autofree char *uri = g_strdup_printf("nbd+unix:///?socket=%s", nbd_server_path(s));

    g_assert_cmpint(bs->length, ==, NBD_SERVER_SIZE);
    g_assert_true(bs->has_fua);
    g_assert_cmpstr(bs->filename, ==, uri);
    rig_fill(bs, 1000, 10000, 0x11);
    expect_medium(s, 1000, 10000, 0x11);
    expect_medium(s, 999, 1, 0);
    rig_expect(bs, 1000, 10000, 0x11);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, 0, NULL), ==, 0);
    g_assert_cmpuint(nbd_server_count(s, NBD_FLUSH), ==, 1);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE_ZEROES, 2000, 100, NULL), ==, 0);
    g_assert_cmpuint(nbd_server_count(s, NBD_ZEROES), ==, 1);
    expect_medium(s, 2000, 100, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_DISCARD, 3000, 100, NULL), ==, 0);
    g_assert_cmpuint(nbd_server_count(s, NBD_TRIM), ==, 1);
    fua->req.flags = BDRV_REQ_FUA;
    g_assert_cmpint(rig_submit(bs, fua), ==, BLOCK_PENDING);
    g_assert_cmpint(rig_wait(fua), ==, 0);
    bdrv_unref(bs);
    /* FUA has put it on the medium at once. */
    nbd_server_kill(s);
    expect_medium(s, 0, 1000, 7);
    nbd_server_free(s);
}

static void test_poor_server(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs;

    nbd_server_set_flags(s, NBD_HAS_FLAGS);
    bs = open_it(s, ",discard=unmap");
    g_assert_false(bs->has_fua);
    rig_fill(bs, 0, BLOCK, 3);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, 0, NULL), ==, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE_ZEROES, 0, 512, NULL), ==, 0);
    rig_expect(bs, 0, 512, 0);
    rig_expect(bs, 512, 512, 3);
    for (int type = NBD_FLUSH; type <= NBD_ZEROES; type++) {
        g_assert_cmpuint(nbd_server_count(s, type), ==, 0);
    }
    bdrv_unref(bs);
    nbd_server_free(s);
}

static void test_server_error(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, "");

    nbd_server_fail(s, NBD_WRITE, ENOSPC);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 0, 512, NULL), ==, -ENOSPC);
    nbd_server_fail(s, NBD_READ, EIO);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, 512, NULL), ==, -EIO);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, 512, NULL), ==, 0);
    bdrv_unref(bs);
    nbd_server_free(s);
}

static void test_refusals(void)
{
    NbdServer *s = nbd_server_new();
    g_autofree char *gone = g_strdup_printf("%s,open-timeout=0", nbd_server_blockdev(s));
    g_autofree char *tls = g_strdup_printf("%s,tls-creds=t0", nbd_server_blockdev(s));
    g_autofree char *read_only = g_strdup_printf("nbd: 'nbd+unix:///?socket=%s' is read-only: add"
                                                 " read-only=on", nbd_server_path(s));
    g_autofree char *allowed = g_strdup_printf("%s,read-only=on", nbd_server_blockdev(s));
    g_autoptr(Error) err = NULL;
    BlockDriverState *bs;

    rig_expect_refusal(tls, "nbd: 'tls-creds=t0': TLS is not supported: connect over a UNIX socket"
                       " or a tunnel that encrypts");
    rig_expect_refusal("driver=nbd,server.type=fd,server.str=3", "nbd: 'server.type=fd' cannot be"
                       " connected to again when the server was gone: use unix or inet");
    nbd_server_set_flags(s, NBD_HAS_FLAGS | NBD_READ_ONLY);
    rig_expect_refusal(nbd_server_blockdev(s), read_only);
    bs = rig_open(allowed, &error_abort);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 0, 512, NULL), ==, -EPERM);
    bdrv_unref(bs);
    nbd_server_kill(s);
    g_assert_null(rig_open(gone, &err));
    g_assert_true(g_str_has_prefix(error_get_pretty(err), "nbd: cannot open 'nbd+unix:///?"));
    g_assert_nonnull(strstr(error_get_pretty(err), "No such file or directory"));
    g_assert_null(strchr(error_get_pretty(err), '\n'));
    nbd_server_free(s);
}

static void *restart_later(void *opaque)
{
    g_usleep(300 * 1000);
    nbd_server_restart(opaque);
    return NULL;
}

static void test_open_timeout(void)
{
    NbdServer *s = nbd_server_new();
    GThread *later;

    nbd_server_kill(s);
    later = g_thread_new("later", restart_later, s);
    bdrv_unref(open_it(s, ",open-timeout=60"));
    g_thread_join(later);
    nbd_server_free(s);
}

/* A cancelled read is over at once; what the server sends for it goes nowhere. */
static void test_cancel_read(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, "");
    g_autoptr(RigRequest) r = rig_request(BLOCK_OP_READ, 0, BLOCK, NULL);
    uint8_t *data = r->iov.iov_base;

    rig_fill(bs, 0, BLOCK, 0x44);
    nbd_server_hold(s, NBD_READ);
    rig_submit(bs, r);
    wait_count(s, NBD_READ, 1);
    block_request_cancel(&r->req);
    nbd_server_release(s);
    rig_expect(bs, 0, BLOCK, 0x44);
    g_assert_cmpuint(r->ends, ==, 0);
    g_assert_cmphex(data[0], ==, 0);
    bdrv_unref(bs);
    nbd_server_free(s);
}

/* A cancelled write may still arrive; a later one waits for it, one elsewhere does not. */
static void test_cancel_write(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, "");
    g_autoptr(RigRequest) first = write_request(BLOCK, 1);
    g_autoptr(RigRequest) second = write_request(BLOCK / 2, 2);
    g_autoptr(RigRequest) elsewhere = write_request(2 * BLOCK, 3);

    nbd_server_hold(s, NBD_WRITE);
    rig_submit(bs, first);
    wait_count(s, NBD_WRITE, 1);
    block_request_cancel(&first->req);
    rig_submit(bs, second);
    rig_submit(bs, elsewhere);
    wait_count(s, NBD_WRITE, 2);
    rig_settle();
    expect_medium(s, 2 * BLOCK, BLOCK, 3);
    expect_medium(s, BLOCK / 2, BLOCK / 2, 0);
    g_assert_cmpuint(nbd_server_count(s, NBD_WRITE), ==, 2);
    nbd_server_release(s);
    g_assert_cmpint(rig_wait(second), ==, 0);
    g_assert_cmpint(rig_wait(elsewhere), ==, 0);
    g_assert_cmpuint(first->ends, ==, 0);
    expect_medium(s, BLOCK / 2, BLOCK, 2);
    expect_medium(s, BLOCK / 2 + BLOCK, BLOCK / 2, 1);
    bdrv_unref(bs);
    nbd_server_free(s);
}

/* The submitter's memory is not looked at any more when submit() has returned. */
static void test_bounce(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, "");
    RigRequest *r = write_request(0, 9);

    nbd_server_hold(s, NBD_WRITE);
    rig_submit(bs, r);
    block_request_cancel(&r->req);
    rig_free(r);
    wait_count(s, NBD_WRITE, 1);
    nbd_server_release(s);
    rig_expect(bs, 0, BLOCK, 9);
    bdrv_unref(bs);
    nbd_server_free(s);
}

static void test_reconnect(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",reconnect-delay=600");
    g_autoptr(RigRequest) unanswered = write_request(0, 0x21);
    g_autoptr(RigRequest) while_gone = write_request(BLOCK, 0x22);
    g_autoptr(RigRequest) cancelled = write_request(2 * BLOCK, 0x23);

    nbd_server_hold(s, NBD_WRITE);
    rig_submit(bs, unanswered);
    wait_count(s, NBD_WRITE, 1);
    nbd_server_kill(s);
    nbd_server_hold(s, -1);
    rig_submit(bs, while_gone);
    rig_submit(bs, cancelled);
    rig_settle();
    block_request_cancel(&cancelled->req);
    g_assert_cmpuint(unanswered->ends + while_gone->ends, ==, 0);
    expect_medium(s, 0, 3 * BLOCK, 0);
    nbd_server_restart(s);
    g_assert_cmpint(rig_wait(unanswered), ==, 0);
    g_assert_cmpint(rig_wait(while_gone), ==, 0);
    expect_medium(s, 0, BLOCK, 0x21);
    expect_medium(s, BLOCK, BLOCK, 0x22);
    expect_medium(s, 2 * BLOCK, BLOCK, 0);
    g_assert_cmpuint(cancelled->ends, ==, 0);
    bdrv_unref(bs);
    nbd_server_free(s);
}

/* Answered, not flushed, and lost with the server: the next flush covers it all the same. */
static void test_unflushed(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",reconnect-delay=600,discard=unmap");

    rig_fill(bs, 0, 3 * BLOCK, 1);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, 0, NULL), ==, 0);
    rig_fill(bs, BLOCK, BLOCK, 2);
    rig_fill(bs, BLOCK, BLOCK / 2, 3);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE_ZEROES, 0, 100, NULL), ==, 0);
    nbd_server_kill(s);
    expect_medium(s, 0, 3 * BLOCK, 1);
    nbd_server_restart(s);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, 0, NULL), ==, 0);
    nbd_server_kill(s);
    expect_medium(s, 0, 100, 0);
    expect_medium(s, 100, BLOCK - 100, 1);
    expect_medium(s, BLOCK, BLOCK / 2, 3);
    expect_medium(s, BLOCK + BLOCK / 2, BLOCK / 2, 2);
    expect_medium(s, 2 * BLOCK, BLOCK, 1);
    nbd_server_restart(s);
    rig_expect(bs, 0, 100, 0);
    /* What was flushed is not written again. */
    g_assert_cmpuint(nbd_server_count(s, NBD_WRITE), ==, 5);
    bdrv_unref(bs);
    nbd_server_free(s);
}

/* With FUA on top of an older write: the older one must not win. */
static void test_unflushed_fua(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",reconnect-delay=600");
    g_autoptr(RigRequest) fua = write_request(0, 6);

    rig_fill(bs, 0, BLOCK, 5);
    fua->req.flags = BDRV_REQ_FUA;
    rig_submit(bs, fua);
    g_assert_cmpint(rig_wait(fua), ==, 0);
    nbd_server_kill(s);
    nbd_server_restart(s);
    rig_expect(bs, 0, BLOCK, 6);
    bdrv_unref(bs);
    nbd_server_free(s);
}

static void test_replay_fails(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",reconnect-delay=600");

    rig_fill(bs, 0, BLOCK, 5);
    nbd_server_kill(s);
    nbd_server_fail(s, NBD_WRITE, ENOSPC);
    nbd_server_restart(s);
    /* The write cannot fail any more, so the flush does: once. */
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, 0, NULL), ==, -ENOSPC);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, 0, NULL), ==, 0);
    bdrv_unref(bs);
    nbd_server_free(s);
}

/* More than is kept, without a flush of the submitter's. */
static void test_unflushed_bound(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, "");
    g_autoptr(RigRequest) r = rig_request(BLOCK_OP_WRITE, 0, 65536, NULL);

    for (int i = 0; i < 2000; i++) {
        rig_submit(bs, r);
        g_assert_cmpint(rig_wait(r), ==, 0);
    }
    g_assert_cmpuint(nbd_server_count(s, NBD_FLUSH), >=, 3);
    g_assert_cmpuint(nbd_server_count(s, NBD_FLUSH), <=, 5);
    bdrv_unref(bs);
    nbd_server_free(s);
}

static void submit_all(BlockDriverState *bs, RigRequest **r, unsigned count, BlockOp op,
                       int64_t bytes)
{
    for (unsigned i = 0; i < count; i++) {
        r[i] = rig_request(op, 0, bytes, NULL);
        rig_submit(bs, r[i]);
    }
    rig_settle();
}

static void free_all(RigRequest **r, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        rig_free(r[i]);
    }
}

static void *release_it(void *opaque)
{
    nbd_server_release(opaque);
    return NULL;
}

/* From a thread: so many answers do not fit into the socket until somebody reads them. */
static void release_and_wait(NbdServer *s, RigRequest **r, unsigned count)
{
    GThread *thread = g_thread_new("release", release_it, s);

    for (unsigned i = 0; i < count; i++) {
        g_assert_cmpint(rig_wait(r[i]), ==, 0);
    }
    g_thread_join(thread);
}

/* A server that does not answer is asked for so much and no more, whoever is reset meanwhile. */
static void test_sent_bound(void)
{
    enum { COUNT = 1500, SENT = 1024 };
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, "");
    RigRequest *r[COUNT], *again[COUNT];

    nbd_server_hold(s, NBD_FLUSH);
    submit_all(bs, r, COUNT, BLOCK_OP_FLUSH, 0);
    wait_count(s, NBD_FLUSH, SENT);
    for (unsigned i = 0; i < COUNT; i++) {
        block_request_cancel(&r[i]->req);
    }
    submit_all(bs, again, COUNT, BLOCK_OP_FLUSH, 0);
    g_usleep(20000);
    rig_settle();
    g_assert_cmpuint(nbd_server_count(s, NBD_FLUSH), ==, SENT);
    release_and_wait(s, again, COUNT);
    free_all(r, COUNT);
    free_all(again, COUNT);
    bdrv_unref(bs);
    nbd_server_free(s);
}

static void test_data_bound(void)
{
    enum { COUNT = 150, SENT = 128 };
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, "");
    RigRequest *r[COUNT];

    nbd_server_hold(s, NBD_WRITE);
    submit_all(bs, r, COUNT, BLOCK_OP_WRITE, NBD_SERVER_SIZE);
    wait_count(s, NBD_WRITE, SENT);
    g_usleep(20000);
    rig_settle();
    g_assert_cmpuint(nbd_server_count(s, NBD_WRITE), ==, SENT);
    release_and_wait(s, r, COUNT);
    free_all(r, COUNT);
    bdrv_unref(bs);
    nbd_server_free(s);
}

static void test_no_patience(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, "");
    g_autoptr(RigRequest) r = rig_request(BLOCK_OP_READ, 0, BLOCK, NULL);
    int ret;

    nbd_server_hold(s, NBD_READ);
    rig_submit(bs, r);
    wait_count(s, NBD_READ, 1);
    nbd_server_kill(s);
    g_assert_cmpint(rig_wait(r), ==, -EIO);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, 512, NULL), ==, -EIO);
    nbd_server_hold(s, -1);
    nbd_server_restart(s);
    while ((ret = rig_do(bs, BLOCK_OP_READ, 0, 512, NULL)) == -EIO) {
        aio_poll(aio_context_main(), true);
    }
    g_assert_cmpint(ret, ==, 0);
    bdrv_unref(bs);
    nbd_server_free(s);
}

static void test_patience_ends(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",reconnect-delay=1");

    nbd_server_kill(s);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, 512, NULL), ==, -EIO);
    bdrv_unref(bs);
    nbd_server_free(s);
}

/* Another export at the same address: not written to. */
static void test_changed_server(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",reconnect-delay=600");
    g_autoptr(RigRequest) r = write_request(0, 0x31);

    nbd_server_kill(s);
    nbd_server_set_size(s, NBD_SERVER_SIZE / 2);
    nbd_server_restart(s);
    rig_submit(bs, r);
    for (int i = 0; i < 3; i++) {
        aio_poll(aio_context_main(), true);
    }
    g_assert_cmpuint(r->ends, ==, 0);
    g_assert_cmpuint(nbd_server_count(s, NBD_WRITE), ==, 0);
    nbd_server_set_size(s, NBD_SERVER_SIZE);
    g_assert_cmpint(rig_wait(r), ==, 0);
    bdrv_unref(bs);
    nbd_server_free(s);
}

/* The server says that it is about to go: the request is not lost with it. */
static void test_shutting_down(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",reconnect-delay=600");

    nbd_server_fail(s, NBD_WRITE, 108);     /* NBD_ESHUTDOWN */
    rig_fill(bs, 0, BLOCK, 0x61);
    expect_medium(s, 0, BLOCK, 0x61);
    g_assert_cmpuint(nbd_server_count(s, NBD_WRITE), ==, 2);
    bdrv_unref(bs);
    nbd_server_free(s);
}

/* Leaving while it tries to connect to a server that says nothing. */
static void test_close_while_dialing(void)
{
    NbdServer *s = nbd_server_new();
    BlockDriverState *bs = open_it(s, ",reconnect-delay=600");
    g_autoptr(RigRequest) r = write_request(0, 1);

    nbd_server_kill(s);
    nbd_server_set_mute(s, true);
    nbd_server_restart(s);
    rig_submit(bs, r);
    for (int i = 0; i < 2; i++) {
        aio_poll(aio_context_main(), true);
    }
    block_request_cancel(&r->req);
    bdrv_unref(bs);
    nbd_server_free(s);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/block/nbd/commands", test_commands);
    g_test_add_func("/block/nbd/poor-server", test_poor_server);
    g_test_add_func("/block/nbd/server-error", test_server_error);
    g_test_add_func("/block/nbd/refusals", test_refusals);
    g_test_add_func("/block/nbd/open-timeout", test_open_timeout);
    g_test_add_func("/block/nbd/cancel-read", test_cancel_read);
    g_test_add_func("/block/nbd/cancel-write", test_cancel_write);
    g_test_add_func("/block/nbd/bounce", test_bounce);
    g_test_add_func("/block/nbd/reconnect", test_reconnect);
    g_test_add_func("/block/nbd/unflushed", test_unflushed);
    g_test_add_func("/block/nbd/unflushed-fua", test_unflushed_fua);
    g_test_add_func("/block/nbd/unflushed-bound", test_unflushed_bound);
    g_test_add_func("/block/nbd/sent-bound", test_sent_bound);
    g_test_add_func("/block/nbd/data-bound", test_data_bound);
    g_test_add_func("/block/nbd/replay-fails", test_replay_fails);
    g_test_add_func("/block/nbd/no-patience", test_no_patience);
    g_test_add_func("/block/nbd/patience-ends", test_patience_ends);
    g_test_add_func("/block/nbd/changed-server", test_changed_server);
    g_test_add_func("/block/nbd/shutting-down", test_shutting_down);
    g_test_add_func("/block/nbd/close-while-dialing", test_close_while_dialing);
    return g_test_run();
}
