/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holes and zeroes, by calls that may wait: in a thread. */
#include "qemu/osdep.h"
#include "file-int.h"
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

static bool unsupported(int err)
{
    return err == EOPNOTSUPP || err == ENOTSUP || err == ENOSYS || err == ENOTTY;
}

static int try_fallocate(FileMedium *m, int mode, uint64_t offset, uint64_t len)
{
    return RETRY_ON_EINTR(fallocate(m->fd, mode | FALLOC_FL_KEEP_SIZE, offset, len)) < 0 ? -errno
                                                                                         : 0;
}

/* Remembers a no that the kernel will repeat. */
static int learn(int ret, bool *no)
{
    if (ret < 0 && unsupported(-ret)) {
        qatomic_set(no, true);
        return -ENOTSUP;
    }
    return ret;
}

/* A block device refuses parts of its sectors. */
static bool whole_sectors(const FileMedium *m, uint64_t offset, uint64_t len)
{
    return !m->block_device || (offset % m->sector == 0 && len % m->sector == 0);
}

int file_discard(FileMedium *m, uint64_t offset, uint64_t len)
{
    uint64_t range[2] = { offset, len };
    int ret;

    if (!whole_sectors(m, offset, len)) {
        return -ENOTSUP;
    }
    if (m->block_device) {
        ret = RETRY_ON_EINTR(ioctl(m->fd, BLKDISCARD, range)) < 0 ? -errno : 0;
    } else {
        ret = try_fallocate(m, FALLOC_FL_PUNCH_HOLE, offset, len);
    }
    return learn(ret, &m->no_discard);
}

/*
 * Of a block device punching promises zeroes and never writes them one by one,
 * while zeroing may: which is no gain over the core's own writing.
 */
int file_write_zeroes(FileMedium *m, uint64_t offset, uint64_t len, BdrvRequestFlags flags)
{
    int ret = -ENOTSUP;

    if (!whole_sectors(m, offset, len)) {
        return -ENOTSUP;
    }
    if ((flags & BDRV_REQ_MAY_UNMAP) && !qatomic_read(&m->no_punch)) {
        ret = learn(try_fallocate(m, FALLOC_FL_PUNCH_HOLE, offset, len), &m->no_punch);
    }
    if (ret == -ENOTSUP && !qatomic_read(&m->no_zero_range) &&
        !(m->block_device && (flags & BDRV_REQ_NO_FALLBACK))) {
        ret = learn(try_fallocate(m, FALLOC_FL_ZERO_RANGE, offset, len), &m->no_zero_range);
    }
    return ret;
}

/* What lies behind the end of a file is a hole as well. */
int file_status(FileMedium *m, uint64_t offset, uint64_t *len, bool *hole)
{
    off_t data = lseek(m->fd, offset, SEEK_DATA);
    off_t end;

    if (data < 0 && errno != ENXIO) {
        *hole = false;
        return unsupported(errno) || errno == EINVAL ? 0 : -errno;
    }
    *hole = data != (off_t)offset;
    if (data < 0) {
        return 0;
    }
    end = *hole ? data : lseek(m->fd, offset, SEEK_HOLE);
    /* Somebody has cut it off meanwhile: that it was data is true, too. */
    if (end > (off_t)offset) {
        *len = MIN(*len, (uint64_t)end - offset);
    }
    return 0;
}
