/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A medium made for tests: one file in a FUSE mount, served by a process of ours
 * without any library. It is a disk with a volatile cache: what is written is
 * stable only after a sync. It can also stall, fail, and lose its power. What the
 * kernel does for each engine, page cache and all, is the real thing.
 */
#ifndef TESTS_UNIT_BLOCK_FUSE_MEDIUM_H
#define TESTS_UNIT_BLOCK_FUSE_MEDIUM_H

#include "qemu/osdep.h"
#include <pthread.h>

#define FUSE_SECTOR 512

/* In memory that both processes share. */
typedef struct FuseMedium {
    pthread_mutex_t lock;       /* what follows, and the two copies of the data */
    size_t size;                /* room; `length` is the file's */
    size_t length;
    uint8_t *now;               /* as it is read */
    uint8_t *stable;            /* as it would be after a loss of power */
    unsigned writes, syncs, reads;      /* served */
    unsigned parked;            /* requests that wait while it stalls */
    bool stalled;
    bool dead;                  /* nothing is stored any more */
    int fail_writes, fail_syncs;        /* errno; the latter once */
    /* After each request, in the server's process; lock held. */
    void (*check)(struct FuseMedium *m);

    int wake;                   /* eventfd: look at `stalled` again */
    char path[128];             /* of the file */
    char mount[100];
    pid_t server;
} FuseMedium;

/* Before the process has threads. NULL: *reason says why there can be none here. */
FuseMedium *fuse_medium_new(const char *folder, size_t size, const char **reason);
/* Memory that both have. */
void *fuse_medium_shared(size_t size);
/* Mounts it and starts to serve. Threads or not. */
void fuse_medium_start(FuseMedium *m);
/* Ends serving; what the kernel still has to write is lost. */
void fuse_medium_stop(FuseMedium *m);
void fuse_medium_free(FuseMedium *m);

void fuse_medium_stall(FuseMedium *m, bool on);
/* How many requests wait in it. */
unsigned fuse_medium_parked(FuseMedium *m);
/* Each sector that is not stable is lost or not. */
void fuse_medium_lose_power(FuseMedium *m, GRand *rand);

#endif
