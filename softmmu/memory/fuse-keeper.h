/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two ends of fuse-files.h share. */
#ifndef SOFTMMU_MEMORY_FUSE_KEEPER_H
#define SOFTMMU_MEMORY_FUSE_KEEPER_H

#include "fuse-files.h"

/* The root folder is node 1; file i is node FUSE_FIRST_NODE + i. */
#define FUSE_FIRST_NODE 2

typedef struct FuseKeeper {
    int dev;                    /* /dev/fuse */
    int wake;                   /* eventfd */
    size_t size;                /* of a file */
    uint8_t *data;              /* FUSE_FILES_MAX files; shared with who made the keeper */
} FuseKeeper;

/*
 * Mounts: the descriptor of the root folder, or -errno with *step naming what
 * failed. k->dev is set. Without the right to mount it takes a user namespace.
 * Like the next one made for a child of a process with threads: system calls only.
 */
int fuse_keeper_mount(FuseKeeper *k, const char **step);
/* Serves until nobody has a file, or the folder, any more. */
void fuse_keeper_run(const FuseKeeper *k);

#endif
