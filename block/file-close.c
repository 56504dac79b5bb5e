/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * close() writes dirty pages back and waits for that on file systems which leave
 * the host (NFS, FUSE): on a medium that hangs it never returns. So a thread of its
 * own calls it, and the caller waits only as long as a good medium needs.
 */
#include "qemu/osdep.h"
#include "file-int.h"

enum { STACK_SIZE = 64 * 1024 };

typedef struct Closing {
    int fd;
    unsigned refs;              /* atomic: the thread's and the caller's */
    QemuSemaphore closed;
} Closing;

static void closing_unref(Closing *c)
{
    if (qatomic_fetch_dec(&c->refs) == 1) {
        qemu_sem_destroy(&c->closed);
        g_free(c);
    }
}

static void *close_thread(void *opaque)
{
    Closing *c = opaque;

    close(c->fd);
    qemu_sem_post(&c->closed);
    closing_unref(c);
    return NULL;
}

void file_close_fd(int fd, int wait_ms)
{
    Closing *c = g_new0(Closing, 1);
    QemuThread thread;

    c->fd = fd;
    c->refs = 2;
    qemu_sem_init(&c->closed, 0);
    if (qemu_thread_try_create(&thread, "block-close", STACK_SIZE, close_thread, c,
                               QEMU_THREAD_DETACHED)) {
        close_thread(c);
    } else if (wait_ms) {
        qemu_sem_timedwait(&c->closed, wait_ms);
    }
    closing_unref(c);
}
