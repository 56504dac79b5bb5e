/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is lent to one user after the other by its file. Who has held the
 * file can keep it, and a mapping of it, for ever: a file cannot be taken back.
 * So the memory moves to another file when its user goes, at the same
 * address, and the old one shows only what was there until then.
 *
 * The next user may ask for his file before the present one has gone.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "qapi/error.h"
#include "qemu/fault-inject.h"
#include "fuse-files.h"
#include "internal.h"

int memory_region_next_fd(MemoryRegion *mr, Error **errp)
{
    RAMBlock *rb = mr->ram_block;

    if (!rb || !rb->owns_file || rb->fd < 0) {
        error_setg(errp, "region '%s' has no file of its own", memory_region_name(mr));
        return -1;
    }
    if (rb->next_fd < 0) {
        rb->next_fd = ram_block_open(rb, errp);
    }
    return rb->next_fd;
}

void memory_region_drop_next_fd(MemoryRegion *mr)
{
    RAMBlock *rb = mr->ram_block;

    if (rb && rb->next_fd >= 0) {
        close(g_steal_fd(&rb->next_fd));
    }
}

/* Holes stay holes: a large region that was never written costs nothing. */
static void copy_data(RAMBlock *rb, uint8_t *to)
{
    off_t start = 0, end;

    while (start < (off_t)rb->max_length &&
           (start = lseek(rb->fd, start, SEEK_DATA)) >= 0) {
        end = lseek(rb->fd, start, SEEK_HOLE);
        if (end < 0 || end > (off_t)rb->max_length) {
            end = rb->max_length;
        }
        memcpy(to + start, rb->host + start, end - start);
        start = end;
    }
}

static void *map_next(RAMBlock *rb, int fd)
{
    void *next = MAP_FAILED;

    if (fd >= 0 && !fault_inject(FAULT_MMAP)) {
        next = mmap(NULL, rb->max_length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    }
    if (next == MAP_FAILED) {
        /* The region loses its file, nobody can be lent it; what it is for works. */
        next = mmap(NULL, rb->max_length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                    -1, 0);
    } else if (rb->files) {
        madvise(next, rb->max_length, MADV_DONTFORK);   /* a mapping keeps the keeper */
    }
    return next;
}

/*
 * A file of a keeper that does not answer can neither be made nor unmapped without
 * waiting for it: the mapping stays where it is, and nobody is lent the region.
 */
static bool keeper_is_gone(RAMBlock *rb, int fd)
{
    if (!rb->files || !rb->wakeup || (fd >= 0 && fuse_files_answer(rb->files, fd))) {
        return false;
    }
    shared_wakeup_lost_file(rb->wakeup);
    close(g_steal_fd(&rb->fd));
    return true;
}

static void copy_all(RAMBlock *rb, uint8_t *to)
{
    if (rb->wakeup) {           /* the rest of the file is nothing */
        memcpy(to + rb->shared_offset, shared_wakeup_page(rb->wakeup),
               rb->max_length - rb->shared_offset);
    } else {
        copy_data(rb, to);
    }
}

bool memory_region_renew(MemoryRegion *mr)
{
    RAMBlock *rb = mr->ram_block;
    g_auto(OwnedFd) fd = -1;
    void *next;

    if (!rb || !rb->owns_file || rb->fd < 0) {
        return true;            /* nobody can have held a file of it */
    }
    memory_region_next_fd(mr, NULL);
    fd = g_steal_fd(&rb->next_fd);
    if (keeper_is_gone(rb, fd)) {
        return true;
    }
    next = map_next(rb, fd);
    if (next == MAP_FAILED) {
        return false;
    }
    copy_all(rb, next);
    /* One step for whoever reads or writes meanwhile: never a moment without memory. */
    if (mremap(next, rb->max_length, rb->max_length, MREMAP_MAYMOVE | MREMAP_FIXED,
               rb->host) == MAP_FAILED) {
        munmap(next, rb->max_length);
        return false;
    }
    close(rb->fd);
    rb->fd = g_steal_fd(&fd);
    if (rb->wakeup) {
        shared_wakeup_renewed(rb->wakeup);
    }
    return true;
}
