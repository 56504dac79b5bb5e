/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page that wakes a sleeping loop; see exec/shared-io.h and fuse-files.h.
 *
 * Falling asleep must not miss a store. What is in the page is copied, then the
 * device looks at it, then the page is taken away; the kernel hands out what was
 * in it in the end. If that is not the copy, somebody has stored after the
 * device looked. A store after that finds no page, and the keeper is asked.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "exec/shared-io.h"
#include "internal.h"
#include "fuse-files.h"

enum { WATCH_FIRST_NS = 50 * SCALE_US, WATCH_MAX_NS = 10 * SCALE_MS };

struct SharedWakeup {
    MemoryRegion *mr;
    AioContext *ctx;
    AioPoller *poller;
    void *copy;
};

static void begin(void *opaque)
{
    SharedWakeup *w = opaque;

    memcpy(w->copy, memory_region_shared_io_ptr(w->mr), memory_region_size(w->mr));
}

/* The keeper was killed, or had no file left for the next client. */
static void give_up(SharedWakeup *w)
{
    warn_report("region '%s': stores do not wake the server any more, it looks for them now",
                memory_region_name(w->mr));
    aio_poller_set_sleep_ops(w->poller, NULL, NULL);
    aio_poller_set_watch(w->poller, WATCH_FIRST_NS, WATCH_MAX_NS);
}

static bool end(void *opaque)
{
    SharedWakeup *w = opaque;
    RAMBlock *rb = w->mr->ram_block;
    size_t size = memory_region_size(w->mr);
    const void *last;

    event_notifier_test_and_clear(fuse_files_notifier(rb->files));
    last = rb->fd < 0 ? NULL : fuse_files_invalidate(rb->files, rb->fd, rb->shared_offset, size);
    if (!last) {
        give_up(w);
        return false;
    }
    return memcmp(last, w->copy, size) == 0;
}

static const AioPollerSleepOps sleep_ops = { .begin = begin, .end = end };

static void on_touched(void *opaque)
{
    SharedWakeup *w = opaque;

    event_notifier_test_and_clear(fuse_files_notifier(w->mr->ram_block->files));
    aio_poller_wake(w->poller);
}

static void set_handler(SharedWakeup *w, IOHandler *handler)
{
    int fd = event_notifier_get_fd(fuse_files_notifier(w->mr->ram_block->files));

    aio_set_fd_handler(w->ctx, fd, handler, NULL, NULL, NULL, w);
}

/* The region moves to a file that tells. */
static bool exchange_file(MemoryRegion *mr, Error **errp)
{
    RAMBlock *rb = mr->ram_block;

    rb->files = fuse_files_new(rb->max_length, errp);
    if (!rb->files) {
        return false;
    }
    memory_region_drop_next_fd(mr);
    if (memory_region_next_fd(mr, errp) < 0 || !memory_region_renew(mr)) {
        g_clear_pointer(&rb->files, fuse_files_free);
        return false;
    }
    return true;
}

SharedWakeup *shared_wakeup_new(MemoryRegion *mr, AioPoller *poller, Error **errp)
{
    SharedWakeup *w;

    if (!memory_region_is_shared_io(mr) || !exchange_file(mr, errp)) {
        return NULL;
    }
    w = g_new0(SharedWakeup, 1);
    w->mr = mr;
    w->ctx = qemu_get_current_aio_context();
    w->poller = poller;
    w->copy = g_malloc(memory_region_size(mr));
    aio_context_ref(w->ctx);
    set_handler(w, on_touched);
    aio_poller_set_sleep_ops(poller, &sleep_ops, w);
    return w;
}

void shared_wakeup_free(SharedWakeup *w)
{
    if (!w) {
        return;
    }
    aio_poller_set_sleep_ops(w->poller, NULL, NULL);
    set_handler(w, NULL);
    aio_context_unref(w->ctx);
    g_free(w->copy);
    g_free(w);
}
