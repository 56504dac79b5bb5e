/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue of held writes; see held.h. */
#include "qemu/osdep.h"
#include "inbound/held.h"
#include "inbound/region.h"
#include "trace.h"

/* Past the first the suspended callback's DMA is failed so that it ends; past
 * the second the client is refused. */
#define HELD_SOFT_LIMIT (256 * 1024)
#define HELD_HARD_LIMIT (4 * 1024 * 1024)

static size_t held_cost(uint32_t count)
{
    return sizeof(HeldWrite) + count;
}

bool held_needed(const RemoteFunction *fn)
{
    return fn->suspended || !QSIMPLEQ_EMPTY(&fn->held);
}

int held_add(RemoteFunction *fn, unsigned index, uint64_t offset, const void *data,
             uint32_t count)
{
    HeldWrite *w;

    if (fn->held_bytes > HELD_HARD_LIMIT) {
        return -EBUSY;
    }
    w = g_malloc(held_cost(count));
    w->index = index;
    w->offset = offset;
    w->count = count;
    memcpy(w->data, data, count);
    QSIMPLEQ_INSERT_TAIL(&fn->held, w, next);
    fn->held_bytes += held_cost(count);
    trace_held_add(fn->name, index, offset, count);
    if (fn->held_bytes > HELD_SOFT_LIMIT && fn->suspended) {
        iova_space_abort_waits(fn->space);
    }
    return 0;
}

static HeldWrite *held_take(RemoteFunction *fn)
{
    HeldWrite *w = QSIMPLEQ_FIRST(&fn->held);

    if (w) {
        QSIMPLEQ_REMOVE_HEAD(&fn->held, next);
        fn->held_bytes -= held_cost(w->count);
    }
    return w;
}

void held_replay(RemoteFunction *fn)
{
    bool outer = fn->replaying;

    while (!fn->suspended && !fn->aborting) {
        g_autofree HeldWrite *w = held_take(fn);

        if (!w) {
            break;
        }
        fn->replaying = true;
        region_write_now(fn, w->index, w->offset, w->data, w->count);
        fn->replaying = outer;
    }
}

void held_discard(RemoteFunction *fn)
{
    HeldWrite *w;

    while ((w = held_take(fn))) {
        g_free(w);
    }
}
