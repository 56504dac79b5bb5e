/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a medium is, how much it takes, and making it longer or shorter. The
 * latter may wait for the medium, so a thread does it, and who asks waits with
 * the loop running and not for ever: what has not ended by then goes on as an
 * orphan that covers the whole file.
 */
#include "qemu/osdep.h"
#include "file-int.h"
#include "qapi/error.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define RESIZE_TIMEOUT_NS (30 * NANOSECONDS_PER_SECOND)

int64_t file_getlength(BlockDriverState *bs)
{
    const FileMedium *m = ((FileNode *)bs->opaque)->medium;
    struct stat st;
    uint64_t size;

    if (m->block_device) {
        return ioctl(m->fd, BLKGETSIZE64, &size) < 0 ? -errno : (int64_t)MIN(size, INT64_MAX);
    }
    return fstat(m->fd, &st) < 0 ? -errno : st.st_size;
}

int64_t file_allocated_size(BlockDriverState *bs)
{
    struct stat st;

    if (fstat(((FileNode *)bs->opaque)->medium->fd, &st) < 0) {
        return -errno;
    }
    return (int64_t)st.st_blocks * 512;
}

typedef struct Resize {
    BlockRequest req;
    AioWaiter waiter;
    int ret;
} Resize;

static void resized(BlockRequest *req, int ret)
{
    Resize *r = container_of(req, Resize, req);

    r->ret = ret;
    aio_waiter_wake(&r->waiter);
}

static int resize_in_thread(BlockDriverState *bs, int64_t size)
{
    Resize r = { .req = { .offset = size, .done = resized } };

    aio_waiter_init(&r.waiter, bs->ctx);
    file_submit_kind(bs->opaque, &r.req, FILE_IO_TRUNCATE);
    if (!aio_waiter_wait(&r.waiter, RESIZE_TIMEOUT_NS)) {
        file_cancel(bs, &r.req);
        r.ret = -ETIMEDOUT;
    }
    aio_waiter_destroy(&r.waiter);
    return r.ret;
}

/* A device has the length that it has. */
static bool fits_device(BlockDriverState *bs, int64_t size, Error **errp)
{
    int64_t length = file_getlength(bs);

    if (length < 0) {
        error_setg_errno(errp, -length, "cannot get the length of '%s'", bs->filename);
    } else if (size > length) {
        error_setg(errp, "cannot grow the device '%s' beyond its %" PRId64 " bytes", bs->filename,
                   length);
    }
    return length >= 0 && size <= length;
}

bool file_truncate(BlockDriverState *bs, int64_t size, Error **errp)
{
    FileNode *n = bs->opaque;
    int ret;

    if (n->medium->block_device) {
        return fits_device(bs, size, errp);
    }
    ret = resize_in_thread(bs, size);
    if (ret == -ETIMEDOUT) {
        error_setg(errp, "'%s' does not answer: its new length of %" PRId64 " bytes may come later",
                   bs->filename, size);
    } else if (ret < 0) {
        error_setg_errno(errp, -ret, "cannot give '%s' the length of %" PRId64 " bytes",
                         bs->filename, size);
    }
    return ret == 0;
}
