/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting, within bounds, until nobody uses a removed region.
 *
 * DMA_UNMAP promises that after its reply not one byte is read or written any
 * more. Regions that are idle are freed at once. Otherwise a drain keeps them
 * until their use counts reach zero, and answers then. A device that holds a
 * pointer longer than drain_timeout_ns loses the pages under it: they are
 * replaced in place by private memory, the client is answered, and the record
 * stays until the device gives the pointer back.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "outbound/iova-internal.h"
#include "trace.h"

struct IOVADrain {
    IOVASpace *space;
    GPtrArray *regions;         /* still in use */
    uint64_t bytes;
    IOVAUnmapDone *done;        /* NULL: answered */
    void *opaque;
    QEMUTimer *timer;
    QLIST_ENTRY(IOVADrain) next;
};

static bool region_is_idle(IOVASpace *space, IOVARegion *r)
{
    bool idle;

    qemu_mutex_lock(&space->lock);
    idle = r->users == 0 && r->pins == 0;
    qemu_mutex_unlock(&space->lock);
    return idle;
}

static void free_idle(IOVASpace *space, GPtrArray *regions)
{
    for (guint i = 0; i < regions->len; ) {
        IOVARegion *r = g_ptr_array_index(regions, i);

        if (region_is_idle(space, r)) {
            g_ptr_array_remove_index_fast(regions, i);
            iova_region_free(space, r);
        } else {
            i++;
        }
    }
}

static void drain_answer(IOVADrain *d)
{
    IOVAUnmapDone *done = g_steal_pointer(&d->done);

    timer_del(d->timer);
    if (done) {
        done(d->opaque, d->bytes);
    }
}

static void drain_force(IOVADrain *d)
{
    for (guint i = 0; i < d->regions->len; i++) {
        iova_direct_detach(d->space, g_ptr_array_index(d->regions, i));
    }
    drain_answer(d);
}

static void drain_timeout(void *opaque)
{
    IOVADrain *d = opaque;

    d->space->stats.drain_timeouts++;
    warn_report("%s: a device holds %u unmapped memory regions after %" PRId64
                " ms, its pointers are detached", d->space->config.name, d->regions->len,
                d->space->config.drain_timeout_ns / 1000000);
    drain_force(d);
}

int iova_drain_start(IOVASpace *space, GPtrArray *regions, uint64_t bytes, uint64_t *unmapped,
                     IOVAUnmapDone *done, void *opaque)
{
    IOVADrain *d;

    free_idle(space, regions);
    *unmapped = bytes;
    if (!regions->len) {
        g_ptr_array_unref(regions);
        return 0;
    }
    d = g_new0(IOVADrain, 1);
    *d = (IOVADrain) { .space = space, .regions = regions, .bytes = bytes,
                       .done = done, .opaque = opaque };
    d->timer = aio_timer_new(space->ctx, QEMU_CLOCK_REALTIME, SCALE_NS, drain_timeout, d);
    timer_mod(d->timer, qemu_clock_get_ns(QEMU_CLOCK_REALTIME) + space->config.drain_timeout_ns);
    QLIST_INSERT_HEAD(&space->drains, d, next);
    space->stats.drains++;
    trace_iova_drain(space->config.name, regions->len);
    return VFU_PENDING;
}

/* From any thread: the last user of a dying region has gone. */
void iova_drain_region_idle(IOVASpace *space)
{
    qemu_bh_schedule(space->drain_bh);
}

void iova_drain_bh(void *opaque)
{
    IOVASpace *space = opaque;
    IOVADrain *d, *next;

    QLIST_FOREACH_SAFE(d, &space->drains, next, next) {
        free_idle(space, d->regions);
        if (!d->regions->len) {
            QLIST_REMOVE(d, next);
            drain_answer(d);
            timer_free(d->timer);
            g_ptr_array_unref(d->regions);
            g_free(d);
        }
    }
}

void iova_drains_force(IOVASpace *space)
{
    IOVADrain *d;

    iova_drain_bh(space);
    QLIST_FOREACH(d, &space->drains, next) {
        drain_force(d);
    }
}
