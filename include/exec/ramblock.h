/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host memory behind a RAM or ROM region. Owned by its MemoryRegion and
 * freed with it. Blocks that we allocate are memfds, so that a client can be
 * given the file and map the region itself.
 */
#ifndef EXEC_RAMBLOCK_H
#define EXEC_RAMBLOCK_H

#include "exec/cpu-common.h"

struct RAMBlock {
    MemoryRegion *mr;
    uint8_t *host;
    uint64_t used_length; /* bytes the region shows */
    uint64_t max_length;  /* bytes mapped: used_length rounded up to pages */
    uint64_t fd_offset;
    uint64_t shared_offset; /* of an I/O region's page (exec/shared-io.h) in the file */
    uint64_t page_size;
    int fd;         /* -1: memory lent by the caller, no file behind it */
    int next_fd;    /* what memory_region_renew() will put behind it; -1: not made yet */
    struct FuseFiles *files; /* softmmu/memory/fuse-files.h: where its files come from, or NULL */
    struct SharedWakeup *wakeup; /* exec/shared-io.h, or NULL */
    bool owns_file; /* fd is a memfd of ours, not the caller's */
    bool owns_map;  /* munmap on free */
    bool shared;
    char idstr[256];
};

#endif
