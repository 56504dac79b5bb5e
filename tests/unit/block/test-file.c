/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drivers file and host_device: opening, data, sizes, errors. With each engine. */
#include "qemu/osdep.h"
#include "file-rig.h"

#include <glib/gstdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "qapi/error.h"
#include "qemu/units.h"

static BlockDriverState *open_mode(const RigMode *mode, const char *path)
{
    return rig_open(&error_abort, "driver=file,filename=%s,%s", path, mode->options);
}

/* ---- data ---- */

static void test_read_write(const void *opaque)
{
    g_autofree char *path = rig_file("rw", 64 * KiB, 'a');
    BlockDriverState *bs = open_mode(opaque, path);
    char buf[8192];

    g_assert_cmpint(bs->length, ==, 64 * KiB);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 4096, buf, 8192, 0), ==, 0);
    g_assert_cmpint(buf[0], ==, 'a');
    g_assert_cmpint(buf[8191], ==, 'a');
    memset(buf, 'b', sizeof(buf));
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 4096, buf, 8192, 0), ==, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 16384, buf, 4096, BDRV_REQ_FUA), ==, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, 0);
    bdrv_unref(bs);

    g_autofree char *all = NULL;
    gsize len;

    g_assert_true(g_file_get_contents(path, &all, &len, NULL));
    g_assert_cmpuint(len, ==, 64 * KiB);
    for (gsize i = 0; i < len; i++) {
        bool written = (i >= 4096 && i < 12288) || (i >= 16384 && i < 20480);

        g_assert_cmpint(all[i], ==, written ? 'b' : 'a');
    }
}

/* Many pieces, as large as the driver takes, and more of them than buffers. */
static void test_large(const void *opaque)
{
    enum { REQUESTS = 100 };
    g_autofree char *path = rig_file("large", 0, 0);
    g_autofree uint8_t *data = g_malloc(MiB);
    g_autofree RigRequest *r = g_new(RigRequest, REQUESTS);
    BlockDriverState *bs;

    g_assert_cmpint(truncate(path, 4 * MiB), ==, 0);
    bs = open_mode(opaque, path);
    for (unsigned i = 0; i < MiB; i++) {
        data[i] = i * 7 + (i >> 9);
    }
    g_assert_cmpuint(bs->limits.max_transfer, ==, MiB);
    for (unsigned i = 0; i < REQUESTS; i++) {
        rig_submit(bs, &r[i], BLOCK_OP_WRITE, i % 4 * MiB, data, MiB, 0);
    }
    for (unsigned i = 0; i < REQUESTS; i++) {
        rig_wait(&r[i].done);
        g_assert_cmpint(r[i].ret, ==, 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        g_autofree uint8_t *back = g_malloc(MiB);

        g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, i * MiB, back, MiB, 0), ==, 0);
        g_assert_true(!memcmp(back, data, MiB));
    }
    bdrv_unref(bs);
}

static void vector_done(BlockRequest *req, int ret)
{
    g_assert_cmpint(ret, ==, 0);
    *(bool *)req->state[1] = true;
}

static void test_vectors(const void *opaque)
{
    g_autofree char *path = rig_file("vec", 8192, 0);
    BlockDriverState *bs = open_mode(opaque, path);
    char in[4096], out[4096];
    struct iovec from[3] = { { in, 1 }, { in + 1, 2000 }, { in + 2001, 2095 } };
    struct iovec to[2] = { { out + 2048, 2048 }, { out, 2048 } };
    bool done = false;
    BlockRequest req = { .op = BLOCK_OP_WRITE, .bytes = 4096, .iov = from, .niov = 3,
                         .done = vector_done, .state = { NULL, &done } };

    for (unsigned i = 0; i < sizeof(in); i++) {
        in[i] = i % 251;
    }
    g_assert_cmpint(bdrv_submit(bs, &req), ==, BLOCK_PENDING);
    rig_wait(&done);
    done = false;
    req = (BlockRequest) { .op = BLOCK_OP_READ, .bytes = 4096, .iov = to, .niov = 2,
                           .done = vector_done, .state = { NULL, &done } };
    g_assert_cmpint(bdrv_submit(bs, &req), ==, BLOCK_PENDING);
    rig_wait(&done);
    g_assert_true(!memcmp(out + 2048, in, 2048));
    g_assert_true(!memcmp(out, in + 2048, 2048));
    bdrv_unref(bs);
}

/* ---- the end of the file ---- */

static void test_tail(const void *opaque)
{
    g_autofree char *path = rig_file("tail", 5000, 't');
    BlockDriverState *bs = open_mode(opaque, path);
    char buf[8192];
    struct stat st;

    g_assert_cmpint(bs->length, ==, 5120);
    memset(buf, 'x', sizeof(buf));
    /* The last block reaches beyond the length. */
    g_assert_cmpint(bs->drv->getlength(bs), ==, 5000);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 4096, buf, 1024, 0), ==, 0);
    for (unsigned i = 0; i < 1024; i++) {
        g_assert_cmpint(buf[i], ==, i < 904 ? 't' : 0);
    }
    /* The file shrinks behind our back: zeroes. */
    g_assert_cmpint(truncate(path, 512), ==, 0);
    memset(buf, 'x', sizeof(buf));
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, buf, 4096, 0), ==, 0);
    for (unsigned i = 0; i < 4096; i++) {
        g_assert_cmpint(buf[i], ==, i < 512 ? 't' : 0);
    }
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_size, ==, 512);
    bdrv_unref(bs);
}

static void test_truncate(const void *opaque)
{
    g_autofree char *path = rig_file("size", 4096, 's');
    BlockDriverState *bs = open_mode(opaque, path);
    struct stat st;

    g_assert_true(bs->drv->truncate(bs, 1 * MiB, &error_abort));
    g_assert_cmpint(bs->drv->getlength(bs), ==, 1 * MiB);
    g_assert_cmpint(stat(path, &st), ==, 0);
    g_assert_cmpint(st.st_size, ==, 1 * MiB);
    g_assert_cmpint(bs->drv->allocated_size(bs), <, 1 * MiB);
    g_assert_true(bs->drv->truncate(bs, 1024, &error_abort));
    g_assert_cmpint(bs->drv->getlength(bs), ==, 1024);
    bdrv_unref(bs);
}

/* ---- holes ---- */

static void assert_bytes(BlockDriverState *bs, int64_t offset, size_t len, int value)
{
    g_autofree char *buf = g_malloc(len);

    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, offset, buf, len, 0), ==, 0);
    for (size_t i = 0; i < len; i++) {
        g_assert_cmpint(buf[i], ==, value);
    }
}

static void test_holes(const void *opaque)
{
    g_autofree char *path = rig_file("holes", 256 * KiB, 'h');
    BlockDriverState *bs = rig_open(&error_abort, "driver=file,filename=%s,discard=unmap,%s", path,
                                    ((const RigMode *)opaque)->options);
    int64_t before = bs->drv->allocated_size(bs);
    int ret = rig_do(bs, BLOCK_OP_DISCARD, 0, NULL, 64 * KiB, 0);

    if (ret == -ENOTSUP) {
        bdrv_unref(bs);
        g_test_skip("the file system has no holes");
        return;
    }
    g_assert_cmpint(ret, ==, 0);
    assert_bytes(bs, 0, 64 * KiB, 0);
    g_assert_cmpint(bs->drv->allocated_size(bs), <=, before - 64 * KiB);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE_ZEROES, 64 * KiB, NULL, 64 * KiB,
                           BDRV_REQ_MAY_UNMAP), ==, 0);
    g_assert_cmpint(bs->drv->allocated_size(bs), <=, before - 128 * KiB);
    ret = rig_do(bs, BLOCK_OP_WRITE_ZEROES, 128 * KiB, NULL, 64 * KiB,
                 BDRV_REQ_FUA | BDRV_REQ_NO_FALLBACK);
    g_assert_true(ret == 0 || ret == -ENOTSUP);
    assert_bytes(bs, 64 * KiB, 64 * KiB, 0);
    assert_bytes(bs, 128 * KiB, 64 * KiB, ret ? 'h' : 0);
    assert_bytes(bs, 192 * KiB, 64 * KiB, 'h');
    bdrv_unref(bs);
}

static void assert_status(BlockDriverState *bs, int64_t offset, int64_t len, int status,
                          int64_t status_bytes)
{
    RigRequest r;

    rig_submit(bs, &r, BLOCK_OP_STATUS, offset, NULL, len, 0);
    g_assert_false(r.done);     /* a thread asks */
    rig_wait(&r.done);
    g_assert_cmpint(r.ret, ==, 0);
    g_assert_cmpint(r.req.status, ==, status);
    g_assert_cmpint(r.req.status_bytes, ==, status_bytes);
}

/* 64 KiB of data, 192 KiB of nothing. */
static BlockDriverState *open_sparse(const void *mode)
{
    g_autofree char *path = rig_file("map", 64 * KiB, 'm');

    g_assert_cmpint(truncate(path, 256 * KiB), ==, 0);
    return open_mode(mode, path);
}

static void test_status(const void *mode)
{
    BlockDriverState *bs = open_sparse(mode);
    char buf[4096] = "x";

    assert_status(bs, 0, 1, BDRV_BLOCK_DATA, 1);
    assert_status(bs, 4000, 256 * KiB - 4000, BDRV_BLOCK_DATA, 64 * KiB - 4000);
    assert_status(bs, 64 * KiB, 192 * KiB, BDRV_BLOCK_ZERO, 192 * KiB);
    assert_status(bs, 100 * KiB + 1, 7, BDRV_BLOCK_ZERO, 7);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 128 * KiB, buf, 4096, 0), ==, 0);
    assert_status(bs, 128 * KiB, 4096, BDRV_BLOCK_DATA, 4096);
    assert_status(bs, 64 * KiB, 192 * KiB, BDRV_BLOCK_ZERO, 64 * KiB);
    bdrv_unref(bs);
}

/* Taken back in whatever state; the node goes while a thread looks. */
static void test_status_cancel(const void *mode)
{
    BlockDriverState *bs = open_sparse(mode);
    RigRequest r[16];

    for (int i = 0; i < 16; i++) {
        rig_submit(bs, &r[i], BLOCK_OP_STATUS, i * 4096, NULL, 4096, 0);
    }
    rig_run_for_ms(g_test_rand_int_range(0, 2));
    for (int i = 0; i < 16; i++) {
        bool done = r[i].done;

        block_request_cancel(&r[i].req);
        g_assert_cmpint(r[i].done, ==, done);
    }
    bdrv_unref(bs);
    rig_run_for_ms(1);
}

/* The last sector of a file is shorter than a sector, and there is nothing behind it. */
static void test_status_tail(const void *mode)
{
    g_autofree char *path = rig_file("tail", 100, 't');
    BlockDriverState *bs = open_mode(mode, path);

    g_assert_cmpint(bs->length, ==, 512);
    assert_status(bs, 0, 512, BDRV_BLOCK_DATA, 100);
    assert_status(bs, 100, 412, BDRV_BLOCK_ZERO, 412);
    bdrv_unref(bs);
}

/* ---- errors ---- */

/* The limit is of the whole process: for as short as possible. */
static void test_file_too_big(const void *opaque)
{
    g_autofree char *path = rig_file("big", 0, 0);
    struct rlimit old, low;
    BlockDriverState *bs;
    char buf[4096] = "x";
    int ret;

    g_assert_cmpint(truncate(path, 1 * MiB), ==, 0);
    bs = open_mode(opaque, path);
    signal(SIGXFSZ, SIG_IGN);
    g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &old), ==, 0);
    low = (struct rlimit) { 64 * KiB, old.rlim_max };
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &low), ==, 0);
    ret = rig_do(bs, BLOCK_OP_WRITE, 512 * KiB, buf, 4096, 0);
    g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &old), ==, 0);
    g_assert_cmpint(ret, ==, -EFBIG);
    /* Nothing is broken by that. */
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 512 * KiB, buf, 4096, 0), ==, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, 0);
    bdrv_unref(bs);
}

/* ---- opening ---- */

static void assert_refused(const char *options, const char *fragment)
{
    g_autoptr(Error) err = NULL;
    BlockDriverState *bs = rig_open(&err, "%s", options);

    g_assert_null(bs);
    if (!strstr(error_get_pretty(err), fragment)) {
        g_test_message("'%s' lacks '%s'", error_get_pretty(err), fragment);
        g_test_fail();
    }
    g_assert_null(strchr(error_get_pretty(err), '\n'));
}

static void test_refusals(void)
{
    g_autofree char *fifo = rig_path("fifo");
    g_autofree char *path = rig_file("some", 512, 0);
    struct { const char *driver, *name, *more, *fragment; } table[] = {
        { "file", "/no/such", "", "Could not open '/no/such': No such file or directory" },
        { "file", "file:/no/such", "", "Could not open '/no/such': No such file" },
        { "file", "/tmp", "", "it is no regular file, which driver 'file' needs" },
        { "file", "/tmp", ",read-only=on", "it is no regular file, which driver 'file' needs" },
        { "host_device", "/tmp", "", "it is no block device, which driver 'host_device' needs" },
        { "file", "/dev/null", "", "it is no regular file, which driver 'file' needs" },
        { "file", fifo, "", "it is no regular file, which driver 'file' needs" },
        { "file", fifo, ",read-only=on", "it is no regular file, which driver 'file' needs" },
        { "host_device", path, "", "use driver=file" },
        { "file", path, ",aio=native", "aio=native needs cache.direct=on" },
    };

    g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
    for (unsigned i = 0; i < G_N_ELEMENTS(table); i++) {
        g_autofree char *options = g_strdup_printf("driver=%s,filename=%s%s", table[i].driver,
                                                   table[i].name, table[i].more);

        assert_refused(options, table[i].fragment);
    }
}

static void test_prefix(void)
{
    g_autofree char *path = rig_file("pre", 512, 0);
    BlockDriverState *bs = rig_open(&error_abort, "driver=file,filename=file:%s,read-only=on",
                                    path);

    g_assert_cmpstr(bs->filename, ==, path);
    bdrv_unref(bs);
}

/* A file that nobody may write, not even root. */
static bool make_immutable(const char *path, bool on)
{
    g_autofree char *command = g_strdup_printf("chattr %ci %s 2>/dev/null", on ? '+' : '-', path);

    return system(command) == 0;
}

static void test_auto_read_only(void)
{
    g_autofree char *path = rig_file("ro", 4096, 'r');
    g_autofree char *options = g_strdup_printf("driver=file,filename=%s", path);
    BlockDriverState *bs;

    chmod(path, 0444);
    if (access(path, W_OK) == 0 && !make_immutable(path, true)) {
        g_test_skip("root writes everywhere, and chattr +i does not work here");
        return;
    }
    assert_refused(options, "use read-only=on, or auto-read-only=on");
    bs = rig_open(&error_abort, "%s,auto-read-only=on", options);
    g_assert_true(bs->read_only);
    bdrv_unref(bs);
    make_immutable(path, false);
}

static void add_tests(void)
{
    rig_add_modes("/block/file/read-write", test_read_write);
    rig_add_modes("/block/file/large", test_large);
    rig_add_modes("/block/file/vectors", test_vectors);
    rig_add_modes("/block/file/tail", test_tail);
    rig_add_modes("/block/file/truncate", test_truncate);
    rig_add_modes("/block/file/holes", test_holes);
    rig_add_modes("/block/file/status", test_status);
    rig_add_modes("/block/file/status-cancel", test_status_cancel);
    rig_add_modes("/block/file/status-tail", test_status_tail);
    rig_add_modes("/block/file/too-big", test_file_too_big);
    g_test_add_func("/block/file/refusals", test_refusals);
    g_test_add_func("/block/file/prefix", test_prefix);
    g_test_add_func("/block/file/auto-read-only", test_auto_read_only);
}

int main(int argc, char **argv)
{
    return rig_main(argc, argv, add_tests);
}
