/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a medium wants of requests: statx() says it of O_DIRECT, or trying does. */
#include "qemu/osdep.h"
#include "file-int.h"
#include "qapi/error.h"
#include "qemu/memalign.h"
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

enum {
    ALIGN_MAX = 4096,           /* all that our buffers keep, and more than any disk asks for */
    SECTOR = 512,
};

/* Linux 6.1's part of struct statx, which the C library's header may lack. */
typedef struct StatxDio {
    uint32_t mask;
    uint8_t before[148];
    uint32_t mem_align;
    uint32_t offset_align;
    uint8_t after[96];
} StatxDio;
QEMU_BUILD_BUG_ON(sizeof(StatxDio) != 256);
#define STATX_DIOALIGN_MASK 0x2000u

/* 0: the kernel does not know. */
static uint32_t align_by_statx(int fd)
{
    StatxDio x = { 0 };

    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_DIOALIGN_MASK, &x) < 0 ||
        !(x.mask & STATX_DIOALIGN_MASK)) {
        return 0;
    }
    return x.mem_align <= ALIGN_MAX ? x.offset_align : ALIGN_MAX + 1;
}

/* An empty file answers every read: it tells nothing. 0: none of them works. */
static uint32_t align_by_trying(int fd)
{
    uint8_t *buf = qemu_memalign(ALIGN_MAX, ALIGN_MAX);
    uint32_t align = 0;

    for (uint32_t try = SECTOR; try <= ALIGN_MAX && !align; try *= 2) {
        ssize_t got = pread(fd, buf, try, 0);

        if (got >= 0) {
            align = got == 0 ? ALIGN_MAX : try;
        }
    }
    qemu_vfree(buf);
    return align;
}

/*
 * What a file system keeps of its promises to asynchronous callers. FUSE, for one,
 * forgets RWF_DSYNC of such a write with O_DIRECT, and waits for its server though it
 * was told not to. What is not in the table gets a sync after each write with FUA,
 * and threads of ours do all of its calls.
 */
typedef struct FileSystem {
    uint32_t magic;
    bool dsync;
} FileSystem;

static const FileSystem prompt[] = {
    { EXT4_SUPER_MAGIC, true },
    { XFS_SUPER_MAGIC, true },
    { BTRFS_SUPER_MAGIC, false },
    { TMPFS_MAGIC, false },
};

bool file_trust_all_media;

static void learn_promises(FileMedium *m)
{
    struct statfs fs;

    m->has_dsync = m->block_device;
    m->waits = !m->block_device && !file_trust_all_media;
    if (m->block_device || fstatfs(m->fd, &fs) < 0) {
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(prompt); i++) {
        if ((uint32_t)fs.f_type == prompt[i].magic) {
            m->has_dsync = prompt[i].dsync;
            m->waits = false;
        }
    }
}

bool file_probe_alignment(FileMedium *m, Error **errp)
{
    uint32_t align = 1;

    if (m->direct) {
        align = align_by_statx(m->fd) ?: align_by_trying(m->fd);
        if (!align || align > ALIGN_MAX) {
            error_setg(errp, "'%s': cannot find an alignment that works for O_DIRECT: use "
                       "cache.direct=off", m->name);
            return false;
        }
    }
    m->align = align;
    learn_promises(m);
    return true;
}

static void device_limits(const FileMedium *m, BlockLimits *limits)
{
    unsigned value;

    limits->pdiscard_alignment = MAX(m->sector, m->align);
    limits->pwrite_zeroes_alignment = MAX(m->sector, m->align);
    if (ioctl(m->fd, BLKIOMIN, &value) == 0) {
        limits->min_io = value;
    }
    if (ioctl(m->fd, BLKIOOPT, &value) == 0) {
        limits->opt_io = value;
    }
}

void file_refresh_limits(BlockDriverState *bs)
{
    const FileMedium *m = ((FileNode *)bs->opaque)->medium;

    bs->limits.request_alignment = m->align;
    bs->limits.max_transfer = FILE_BUFFER_MAX;
    bs->limits.discard_zeroes = !m->block_device;   /* a hole; a device may show anything */
    if (m->block_device) {
        device_limits(m, &bs->limits);
    }
}
