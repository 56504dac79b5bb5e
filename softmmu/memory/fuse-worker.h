/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A thread for calls that wait for the keeper of fuse-files.h. A keeper that is stopped
 * (SIGSTOP, a debugger) answers when somebody lets it go on, and until then not even
 * a signal ends such a call: so it is this thread that waits, and who wants the result
 * does so for a moment only.
 *
 * One caller at a time: the lock of the domain. Its own lock is inside of that.
 */
#ifndef SOFTMMU_MEMORY_FUSE_WORKER_H
#define SOFTMMU_MEMORY_FUSE_WORKER_H

#include "qemu/thread.h"

/* What a call needs is in it, for the caller may be gone before it returns. */
typedef struct FuseCall {
    int (*run)(const struct FuseCall *call);        /* 0 or more, or -errno */
    /* In the thread: the caller did not wait for the result. NULL: nothing is to be done. */
    void (*late)(const struct FuseCall *call, int result);
    int fd;                     /* the call's own, or -1: closed after it */
    int dir;                    /* the same */
    uint64_t offset, size;
    unsigned serial;
} FuseCall;

typedef struct FuseWorker FuseWorker;

/* notify: an eventfd, borrowed, written when a call that was late is over. NULL with errp. */
FuseWorker *fuse_worker_new(int notify, Error **errp);
/* A call that is under way goes on, and its result is nobody's. NULL is fine. */
void fuse_worker_free(FuseWorker *w);
/* -ETIMEDOUT: it is late; calls fail with that at once until it is over. */
int fuse_worker_call(FuseWorker *w, FuseCall call);
/* A call is late, and not over. */
bool fuse_worker_is_late(FuseWorker *w);

#endif
