/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host_device, on a loop device: where root can have one. */
#include "qemu/osdep.h"
#include "file-rig.h"

#include <linux/loop.h>
#include <sys/ioctl.h>

#include "qapi/error.h"
#include "qemu/units.h"

enum { SIZE = 4 * MiB };

typedef struct Loop {
    int fd;
    char path[32];
} Loop;

static bool loop_try(Loop *loop, int number, int file)
{
    struct loop_config config = { .fd = file, .block_size = 512 };

    g_snprintf(loop->path, sizeof(loop->path), "/dev/loop%d", number);
    loop->fd = open(loop->path, O_RDWR | O_CLOEXEC);
    if (loop->fd < 0) {
        return false;
    }
    if (ioctl(loop->fd, LOOP_CONFIGURE, &config) < 0) {
        close(loop->fd);
        return false;
    }
    return true;
}

/* Others may take the same one at the same time. */
static bool loop_make(Loop *loop, const char *backing)
{
    g_auto(OwnedFd) control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    g_auto(OwnedFd) file = open(backing, O_RDWR | O_CLOEXEC);

    for (int i = 0; control >= 0 && i < 20; i++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);

        if (number >= 0 && loop_try(loop, number, file)) {
            return true;
        }
    }
    g_test_skip("no loop device can be had (root, /dev/loop-control)");
    return false;
}

static void loop_remove(Loop *loop)
{
    ioctl(loop->fd, LOOP_CLR_FD, 0);
    close(loop->fd);
}

static void assert_all(BlockDriverState *bs, int64_t offset, size_t len, int value)
{
    g_autofree char *buf = g_malloc(len);

    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, offset, buf, len, 0), ==, 0);
    for (size_t i = 0; i < len; i++) {
        g_assert_cmpint(buf[i], ==, value);
    }
}

static void test_device(const void *opaque)
{
    const RigMode *mode = opaque;
    g_autofree char *backing = rig_file("device", SIZE, 'd');
    BlockDriverState *bs;
    Loop loop;
    char buf[8192];

    if (!loop_make(&loop, backing)) {
        return;
    }
    bs = rig_open(&error_abort, "driver=host_device,filename=%s,discard=unmap,%s", loop.path,
                  mode->options);
    g_assert_cmpint(bs->length, ==, SIZE);
    g_assert_cmpuint(bs->limits.request_alignment, ==, mode->direct ? 512 : 1);
    memset(buf, 'w', sizeof(buf));
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 8192, buf, 8192, BDRV_REQ_FUA), ==, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_FLUSH, 0, NULL, 0, 0), ==, 0);
    assert_all(bs, 8192, 8192, 'w');
    assert_all(bs, 16384, 4096, 'd');
    assert_all(bs, SIZE - 4096, 4096, 'd');
    g_assert_cmpint(rig_do(bs, BLOCK_OP_DISCARD, 1 * MiB, NULL, 64 * KiB, 0), ==, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE_ZEROES, 2 * MiB, NULL, 64 * KiB,
                           BDRV_REQ_MAY_UNMAP), ==, 0);
    assert_all(bs, 2 * MiB, 64 * KiB, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE_ZEROES, 3 * MiB, NULL, 64 * KiB, 0), ==, 0);
    assert_all(bs, 3 * MiB, 64 * KiB, 0);
    assert_all(bs, 3 * MiB + 64 * KiB, 4096, 'd');
    bdrv_unref(bs);
    loop_remove(&loop);
}

static void test_length(void)
{
    g_autofree char *backing = rig_file("device", SIZE, 'd');
    g_autoptr(Error) err = NULL, err2 = NULL;
    BlockDriverState *bs;
    Loop loop;

    if (!loop_make(&loop, backing)) {
        return;
    }
    g_assert_null(rig_open(&err2, "driver=file,filename=%s", loop.path));
    g_assert_nonnull(strstr(error_get_pretty(err2), "use driver=host_device"));
    bs = rig_open(&error_abort, "driver=host_device,filename=%s", loop.path);
    g_assert_true(bs->drv->truncate(bs, SIZE / 2, &error_abort));
    g_assert_false(bs->drv->truncate(bs, SIZE + 512, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "cannot grow the device"));
    bdrv_unref(bs);
    loop_remove(&loop);
}

static void add_tests(void)
{
    rig_add_modes("/block/host-device/data", test_device);
    g_test_add_func("/block/host-device/length", test_length);
}

int main(int argc, char **argv)
{
    return rig_main(argc, argv, add_tests);
}
