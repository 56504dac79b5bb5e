/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Timers: for each context and clock a binary heap, soonest at the root. A
 * timer knows its slot, so moving and removing it cost O(log n). The group's
 * lock lets any thread arm and disarm; a callback is called with nothing but
 * the context's lock held, after its timer was taken out and what it needs was
 * copied, so it may re-arm, delete or free its timer.
 */
#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"
#include "aio-context.h"

/* ---- the heap ---- */

static void heap_place(TimerHeap *heap, uint32_t slot, QEMUTimer *ts)
{
    heap->slots[slot] = ts;
    qatomic_set(&ts->heap_slot, slot);
}

static void heap_sift_up(TimerHeap *heap, QEMUTimer *ts, uint32_t slot)
{
    while (slot > 1 && heap->slots[slot / 2]->expire_ns > ts->expire_ns) {
        heap_place(heap, slot, heap->slots[slot / 2]);
        slot /= 2;
    }
    heap_place(heap, slot, ts);
}

static void heap_sift_down(TimerHeap *heap, QEMUTimer *ts, uint32_t slot)
{
    for (;;) {
        uint32_t child = slot * 2;

        if (child < heap->used &&
            heap->slots[child + 1]->expire_ns < heap->slots[child]->expire_ns) {
            child++;
        }
        if (child > heap->used || heap->slots[child]->expire_ns >= ts->expire_ns) {
            break;
        }
        heap_place(heap, slot, heap->slots[child]);
        slot = child;
    }
    heap_place(heap, slot, ts);
}

static void heap_insert(TimerHeap *heap, QEMUTimer *ts)
{
    if (heap->used + 1 >= heap->allocated) {
        heap->allocated = heap->allocated ? heap->allocated * 2 : 4;
        heap->slots = g_renew(QEMUTimer *, heap->slots, heap->allocated);
    }
    qatomic_set(&heap->used, heap->used + 1);   /* also read without the lock, as a hint */
    heap_sift_up(heap, ts, heap->used);
}

static void heap_remove(TimerHeap *heap, QEMUTimer *ts)
{
    uint32_t slot = ts->heap_slot;
    QEMUTimer *last = heap->slots[heap->used];

    qatomic_set(&heap->used, heap->used - 1);
    qatomic_set(&ts->heap_slot, 0);
    if (last == ts) {
        return;
    }
    /* The last one fills the hole: it may belong above or below it. */
    if (slot > 1 && heap->slots[slot / 2]->expire_ns > last->expire_ns) {
        heap_sift_up(heap, last, slot);
    } else {
        heap_sift_down(heap, last, slot);
    }
}

/* ---- the group of a context ---- */

void aio_timers_init(AioContext *ctx)
{
    ctx->timers = g_new0(QEMUTimerListGroup, 1);
    ctx->timers->refcount = 1;
    ctx->timers->ctx = ctx;
    qemu_mutex_init(&ctx->timers->lock);
}

static void group_unref(QEMUTimerListGroup *group)
{
    if (qatomic_dec_fetch(&group->refcount) == 0) {
        qemu_mutex_destroy(&group->lock);
        g_free(group);
    }
}

/* Whoever still has armed timers may disarm or free them later. */
static void forget_armed(TimerHeap *heap)
{
    for (uint32_t slot = 1; slot <= heap->used; slot++) {
        QEMUTimer *ts = heap->slots[slot];

        qatomic_set(&ts->heap_slot, 0);
        if (!ts->holds_group) {
            ts->group = NULL;
        }
    }
    g_clear_pointer(&heap->slots, g_free);
    heap->used = 0;
}

void aio_timers_destroy(AioContext *ctx)
{
    QEMUTimerListGroup *group = ctx->timers;

    WITH_QEMU_LOCK_GUARD(&group->lock) {
        for (int clock = 0; clock < QEMU_CLOCK_MAX; clock++) {
            forget_armed(&group->heap[clock]);
        }
        group->ctx = NULL;
    }
    group_unref(group);
}

static void arm(QEMUTimer *ts, int64_t expire_ns)
{
    QEMUTimerListGroup *group = ts->group;

    ts->expire_ns = MAX(expire_ns, 0);
    heap_insert(&group->heap[ts->clock], ts);
    qatomic_set(&group->armed, group->armed + 1);
}

static void disarm(QEMUTimer *ts)
{
    QEMUTimerListGroup *group = ts->group;

    if (ts->heap_slot) {
        heap_remove(&group->heap[ts->clock], ts);
        qatomic_set(&group->armed, group->armed - 1);
    }
}

/* The soonest of one clock; NULL also while that clock stands still. */
static QEMUTimer *soonest(QEMUTimerListGroup *group, int clock)
{
    TimerHeap *heap = &group->heap[clock];

    return heap->used && qemu_clock_use_for_deadline(clock) ? heap->slots[1] : NULL;
}

int64_t aio_timers_clock_deadline_ns(AioContext *ctx, QEMUClockType type)
{
    TimerHeap *heap = &ctx->timers->heap[type];
    QEMU_LOCK_GUARD(&ctx->timers->lock);

    return heap->used ? MAX(heap->slots[1]->expire_ns - qemu_clock_get_ns(type), 0) : -1;
}

int64_t aio_timers_deadline_ns(AioContext *ctx)
{
    QEMUTimerListGroup *group = ctx->timers;
    int64_t deadline = -1;

    if (!qatomic_read(&group->armed)) {
        return -1;
    }
    QEMU_LOCK_GUARD(&group->lock);
    for (int clock = 0; clock < QEMU_CLOCK_MAX; clock++) {
        QEMUTimer *ts = soonest(group, clock);

        if (ts) {
            int64_t left = MAX(ts->expire_ns - qemu_clock_get_ns(clock), 0);

            deadline = qemu_soonest_timeout(deadline, left);
        }
    }
    return deadline;
}

/* Takes out the soonest one if it is due at `now`; *out is a copy. */
static bool take_due(QEMUTimerListGroup *group, int clock, int64_t now, QEMUTimer *out)
{
    TimerHeap *heap = &group->heap[clock];
    QEMU_LOCK_GUARD(&group->lock);

    if (!heap->used || heap->slots[1]->expire_ns > now) {
        return false;
    }
    *out = *heap->slots[1];
    disarm(heap->slots[1]);
    return true;
}

bool aio_timers_run_clock(AioContext *ctx, QEMUClockType type)
{
    uint32_t left = qatomic_read(&ctx->timers->heap[type].used);
    uint64_t turn = ctx->turns;
    bool progress = false;
    int64_t now;
    QEMUTimer due;

    if (!left) {
        return false;
    }
    /*
     * Read once, and no more than there were: a timer that re-arms itself for "now"
     * waits for the next turn, also while the clock stands.
     */
    now = qemu_clock_get_ns(type);
    while (left-- && ctx->turns == turn && take_due(ctx->timers, type, now, &due)) {
        qatomic_set(&ctx->stats.callbacks, ctx->stats.callbacks + 1);
        due.cb(due.opaque);
        progress = true;
    }
    return progress;
}

bool aio_timers_run(AioContext *ctx)
{
    uint64_t turn = ctx->turns;
    bool progress = false;

    if (!qatomic_read(&ctx->timers->armed)) {
        return false;
    }
    for (int clock = 0; clock < QEMU_CLOCK_MAX && ctx->turns == turn; clock++) {
        if (qemu_clock_use_for_deadline(clock)) {
            progress |= aio_timers_run_clock(ctx, clock);
        }
    }
    return progress;
}

/* ---- the API ---- */

void timer_init_full(QEMUTimer *ts, QEMUTimerListGroup *group, QEMUClockType type,
                     int scale, int attributes, QEMUTimerCB *cb, void *opaque)
{
    *ts = (QEMUTimer) {
        .group = group ? group : aio_context_timers(qemu_get_current_aio_context()),
        .cb = cb,
        .opaque = opaque,
        .expire_ns = -1,
        .scale = scale,
        .clock = type,
        .attributes = attributes,
    };
}

QEMUTimer *timer_new_full(QEMUTimerListGroup *group, QEMUClockType type, int scale,
                          int attributes, QEMUTimerCB *cb, void *opaque)
{
    QEMUTimer *ts = g_new(QEMUTimer, 1);

    timer_init_full(ts, group, type, scale, attributes, cb, opaque);
    ts->holds_group = true;
    qatomic_inc(&ts->group->refcount);
    return ts;
}

void timer_del(QEMUTimer *ts)
{
    QEMUTimerListGroup *group = ts->group;

    if (group) {
        QEMU_LOCK_GUARD(&group->lock);
        disarm(ts);
    }
}

void timer_deinit(QEMUTimer *ts)
{
    timer_del(ts);
    ts->group = NULL;
}

void timer_free(QEMUTimer *ts)
{
    if (ts) {
        QEMUTimerListGroup *group = ts->group;

        timer_deinit(ts);
        if (group && ts->holds_group) {
            group_unref(group);
        }
        g_free(ts);
    }
}

/* only_earlier: an armed timer never moves away. */
static void modify(QEMUTimer *ts, int64_t expire_ns, bool only_earlier)
{
    QEMUTimerListGroup *group = ts->group;
    bool first;

    g_assert(group);
    WITH_QEMU_LOCK_GUARD(&group->lock) {
        if (!group->ctx || (only_earlier && ts->heap_slot && ts->expire_ns <= expire_ns)) {
            return;
        }
        disarm(ts);
        arm(ts, expire_ns);
        first = ts->heap_slot == 1;
    }
    if (first) {
        aio_notify(group->ctx);
    }
}

/* In the timer's scale to ns; a guest may have made the number, so it saturates. */
static int64_t scaled_ns(const QEMUTimer *ts, int64_t value)
{
    int64_t ns;

    return __builtin_mul_overflow(value, (int64_t)ts->scale, &ns)
           ? (value < 0 ? 0 : INT64_MAX) : ns;
}

void timer_mod_ns(QEMUTimer *ts, int64_t expire_time)
{
    modify(ts, expire_time, false);
}

void timer_mod(QEMUTimer *ts, int64_t expire_time)
{
    modify(ts, scaled_ns(ts, expire_time), false);
}

void timer_mod_anticipate_ns(QEMUTimer *ts, int64_t expire_time)
{
    modify(ts, expire_time, true);
}

void timer_mod_anticipate(QEMUTimer *ts, int64_t expire_time)
{
    modify(ts, scaled_ns(ts, expire_time), true);
}

bool timer_pending(QEMUTimer *ts)
{
    return qatomic_read(&ts->heap_slot) != 0;
}

uint64_t timer_expire_time_ns(QEMUTimer *ts)
{
    QEMUTimerListGroup *group = ts->group;

    if (!group) {
        return UINT64_MAX;
    }
    QEMU_LOCK_GUARD(&group->lock);
    return ts->heap_slot ? (uint64_t)ts->expire_ns : UINT64_MAX;
}

bool timer_expired(QEMUTimer *ts, int64_t current_time)
{
    uint64_t expire = timer_expire_time_ns(ts);

    return expire != UINT64_MAX && (int64_t)expire <= scaled_ns(ts, current_time);
}
