/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page that wakes a sleeping loop; see exec/shared-io.h and fuse-files.h.
 *
 * Falling asleep must not miss a store. What is in the page is copied, then the
 * device looks at it, then the page is taken away; the kernel hands out what was
 * in it in the end. If that is not the copy, somebody has stored after the
 * device looked. A store after that finds no page, and the keeper is asked.
 *
 * Touching a page that is away waits for the keeper, which may be stopped, or dead, so
 * the device does not: it has a private copy meanwhile. What it changes there is
 * brought into the page when that is back. A keeper that does not answer when the page
 * is to be taken away is not asked again: when it has answered in the end, and the page
 * is there, it stays, and the loop looks now and then.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "qapi/error.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "exec/shared-io.h"
#include "internal.h"
#include "fuse-files.h"

enum { WATCH_FIRST_NS = 50 * SCALE_US, WATCH_MAX_NS = 10 * SCALE_MS, LOOKS = 20 };

struct SharedWakeup {
    MemoryRegion *mr;
    AioContext *ctx;
    AioPoller *poller;
    SharedWakeupMoved *moved;
    void *opaque;
    void *seen;                 /* what was in the page when it was looked at last */
    void *copy;                 /* the device's while the page is away */
    bool away;
    bool watching;              /* the page is not taken away any more */
};

static void *real_page(SharedWakeup *w)
{
    return memory_region_shared_io_ptr(w->mr);
}

static size_t page_size(SharedWakeup *w)
{
    return memory_region_size(w->mr);
}

void *shared_wakeup_page(SharedWakeup *w)
{
    return w->away ? w->copy : real_page(w);
}

/* All of it, and the kernel does nothing with it: a load waits for nobody. */
static bool resident(SharedWakeup *w)
{
    RAMBlock *rb = w->mr->ram_block;
    size_t pages = page_size(w) / qemu_real_host_page_size();
    g_autofree unsigned char *there = g_malloc(pages);

    return rb->fd >= 0 && !fuse_files_are_stuck(rb->files) &&
           mincore(real_page(w), page_size(w), there) == 0 && !memchr(there, 0, pages);
}

/*
 * The keeper has told of a touch, and the kernel is about to have the page, with whoever
 * touched it. false: there was none, or the keeper has been stopped since.
 */
static bool comes_back(SharedWakeup *w)
{
    RAMBlock *rb = w->mr->ram_block;

    for (unsigned i = 0; i < LOOKS; i++) {
        if (resident(w)) {
            return true;
        }
    }
    return rb->fd >= 0 && fuse_files_fetch(rb->files, rb->fd, rb->shared_offset) && resident(w);
}

/* ---- the device's page ---- */

static void page_goes(SharedWakeup *w)
{
    memcpy(w->copy, w->seen, page_size(w));
    w->away = true;
    w->moved(w->opaque, w->copy);
}

/* Where both have stored, the client was later: it has waited for the page. */
static void page_is_back(SharedWakeup *w)
{
    uint32_t *page = real_page(w), *copy = w->copy, *seen = w->seen;

    for (size_t i = 0; i < page_size(w) / sizeof(*page); i++) {
        if (copy[i] != seen[i]) {
            qatomic_cmpxchg(&page[i], seen[i], copy[i]);
        }
    }
    w->away = false;
    w->moved(w->opaque, page);
}

/* Looks now and then, if there is something to look at. */
static void watch(SharedWakeup *w)
{
    bool there = !w->away || resident(w);

    if (w->away && there) {
        page_is_back(w);
    }
    aio_poller_set_watch(w->poller, there ? WATCH_FIRST_NS : 0, there ? WATCH_MAX_NS : 0);
}

static void give_up(SharedWakeup *w)
{
    if (!w->watching) {
        w->watching = true;
        warn_report("region '%s': its doorbell-keeper (process %d) does not answer, or has no "
                    "file left: stores do not wake the server any more, it looks for them",
                    memory_region_name(w->mr),
                    (int)fuse_files_keeper(w->mr->ram_block->files));
        aio_poller_set_sleep_ops(w->poller, NULL, NULL);
    }
    watch(w);
}

/* ---- sleeping ---- */

static void begin(void *opaque)
{
    SharedWakeup *w = opaque;

    if (!w->away) {
        memcpy(w->seen, real_page(w), page_size(w));
    }
}

/* true: the page is away, and nobody has stored since begin(). */
static bool take_away(SharedWakeup *w)
{
    RAMBlock *rb = w->mr->ram_block;
    const void *last;

    event_notifier_test_and_clear(fuse_files_notifier(rb->files));
    if (fuse_files_keeper_is_dead(rb->files)) {
        give_up(w);
        return false;
    }
    page_goes(w);
    last = rb->fd < 0 ? NULL : fuse_files_invalidate(rb->files, rb->fd, rb->shared_offset,
                                                     page_size(w));
    if (last && memcmp(last, w->seen, page_size(w)) == 0) {
        return true;
    }
    if (last && comes_back(w)) {
        page_is_back(w);
    } else {
        give_up(w);
    }
    return false;
}

static bool end(void *opaque)
{
    SharedWakeup *w = opaque;

    if (!w->away) {
        return take_away(w);
    }
    if (resident(w)) {          /* its poller was off for a while */
        page_is_back(w);
    }
    return w->away;
}

static const AioPollerSleepOps sleep_ops = { .begin = begin, .end = end };

static void on_touched(void *opaque)
{
    SharedWakeup *w = opaque;

    event_notifier_test_and_clear(fuse_files_notifier(w->mr->ram_block->files));
    if (w->watching) {
        watch(w);
    } else if (w->away && comes_back(w)) {
        page_is_back(w);
    } else if (w->away) {
        give_up(w);
    }
    if (!w->away) {
        aio_poller_wake(w->poller);
    }
}

/* Without the keeper a page that is away is lost, to the client as well. */
static void on_death(void *opaque)
{
    SharedWakeup *w = opaque;
    FuseFiles *files = w->mr->ram_block->files;

    aio_set_fd_handler(w->ctx, fuse_files_alive_fd(files), NULL, NULL, NULL, NULL, NULL);
    fuse_files_abandon(files);
    give_up(w);
}

/* ---- another client ---- */

void shared_wakeup_renewed(SharedWakeup *w)
{
    memcpy(w->seen, real_page(w), page_size(w));
    w->away = false;
    w->moved(w->opaque, real_page(w));
    event_notifier_set(fuse_files_notifier(w->mr->ram_block->files));
}

/* The former one has the file, and maybe the page: what it stores is not looked at. */
void shared_wakeup_lost_file(SharedWakeup *w)
{
    if (!w->away) {
        memcpy(w->seen, real_page(w), page_size(w));
        page_goes(w);
    }
    give_up(w);
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

static void set_handlers(SharedWakeup *w, IOHandler *touched, IOHandler *death)
{
    FuseFiles *files = w->mr->ram_block->files;

    aio_set_fd_handler(w->ctx, event_notifier_get_fd(fuse_files_notifier(files)), touched, NULL,
                       NULL, NULL, w);
    aio_set_fd_handler(w->ctx, fuse_files_alive_fd(files), death, NULL, NULL, NULL, w);
}

SharedWakeup *shared_wakeup_new(MemoryRegion *mr, AioPoller *poller, SharedWakeupMoved *moved,
                                void *opaque, Error **errp)
{
    SharedWakeup *w;

    if (!memory_region_is_shared_io(mr) || !exchange_file(mr, errp)) {
        return NULL;
    }
    w = g_new0(SharedWakeup, 1);
    w->mr = mr;
    w->ctx = qemu_get_current_aio_context();
    w->poller = poller;
    w->moved = moved;
    w->opaque = opaque;
    w->seen = g_malloc(page_size(w));
    w->copy = g_malloc(page_size(w));
    mr->ram_block->wakeup = w;
    aio_context_ref(w->ctx);
    set_handlers(w, on_touched, on_death);
    aio_poller_set_sleep_ops(poller, &sleep_ops, w);
    return w;
}

void shared_wakeup_free(SharedWakeup *w)
{
    if (!w) {
        return;
    }
    w->mr->ram_block->wakeup = NULL;
    if (w->away) {
        w->moved(w->opaque, NULL);
    }
    aio_poller_set_sleep_ops(w->poller, NULL, NULL);
    set_handlers(w, NULL, NULL);
    aio_context_unref(w->ctx);
    g_free(w->seen);
    g_free(w->copy);
    g_free(w);
}
