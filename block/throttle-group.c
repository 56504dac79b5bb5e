/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Members of a group take turns. In each direction at most one queue of the
 * group has the turn: its timer is set to the moment when its first request may
 * go on. When that has gone, the turn passes to the next member that waits.
 */
#include "qemu/osdep.h"
#include "delay-line.h"
#include "qemu/lockable.h"
#include "throttle-group.h"

struct ThrottleGroup {
    char *name;
    gint refs;                  /* atomic */
    QemuMutex lock;
    /* Under the lock: */
    ThrottleBuckets buckets;
    bool enabled;
    QTAILQ_HEAD(, ThrottleMember) members;
    ThrottleQueue *turn[2];     /* NULL: nobody waits */
    QTAILQ_ENTRY(ThrottleGroup) link;   /* main context */
};

static QTAILQ_HEAD(, ThrottleGroup) groups = QTAILQ_HEAD_INITIALIZER(groups);

/* A member alone lets so many go at once before others of its context have their time. */
enum { BATCH_MAX = 64 };

static int64_t now_ns(void)
{
    return qemu_clock_get_ns(block_clock());
}

/* Flushes and questions take no bandwidth: they pass, and are not counted. */
static bool is_limited(const BlockRequest *req)
{
    return req->op != BLOCK_OP_FLUSH && req->op != BLOCK_OP_STATUS;
}

static bool goes_to_medium(const BlockRequest *req)
{
    return req->op != BLOCK_OP_READ;
}

/* --- turns: the group's lock is held --- */

static void give_turn(ThrottleGroup *g, ThrottleQueue *q)
{
    int64_t now = now_ns();

    g->turn[q->is_write] = q;
    q->has_turn = true;
    timer_mod_ns(&q->timer, now + throttle_buckets_wait(&g->buckets, q->is_write, now));
}

static void end_turn(ThrottleGroup *g, ThrottleQueue *q)
{
    g->turn[q->is_write] = NULL;
    q->has_turn = false;
    timer_del(&q->timer);
}

static ThrottleMember *member_after(ThrottleGroup *g, ThrottleMember *m)
{
    ThrottleMember *next = QTAILQ_NEXT(m, next);

    return next ? next : QTAILQ_FIRST(&g->members);
}

/* The next queue after q in which somebody waits: q itself last. NULL: none. */
static ThrottleQueue *waiting_after(ThrottleGroup *g, ThrottleQueue *q)
{
    ThrottleMember *m = q->member;

    do {
        m = member_after(g, m);
        if (!QTAILQ_EMPTY(&m->queue[q->is_write].waiting)) {
            return &m->queue[q->is_write];
        }
    } while (m != q->member);
    return NULL;
}

static void pass_turn(ThrottleGroup *g, ThrottleQueue *q)
{
    ThrottleQueue *next = waiting_after(g, q);

    end_turn(g, q);
    if (next) {
        give_turn(g, next);
    }
}

static void mark_ready(BlockRequest *req, bool ready)
{
    req->state[0] = ready ? req : NULL;
}

/* Those of q that may go on now become ready; the turn passes. */
static void take_ready(ThrottleGroup *g, ThrottleQueue *q)
{
    int64_t now = now_ns();

    for (int i = 0; i < BATCH_MAX && !throttle_buckets_wait(&g->buckets, q->is_write, now); i++) {
        BlockRequest *req = QTAILQ_FIRST(&q->waiting);

        QTAILQ_REMOVE(&q->waiting, req, link);
        QTAILQ_INSERT_TAIL(&q->ready, req, link);
        mark_ready(req, true);
        throttle_buckets_pour(&g->buckets, q->is_write, req->bytes);
        if (waiting_after(g, q) != q) {
            break;
        }
    }
    pass_turn(g, q);
}

static void run_ready(ThrottleQueue *q)
{
    BlockRequest *req;

    /* One by one: what ends at once may cancel others that are ready. */
    while ((req = QTAILQ_FIRST(&q->ready))) {
        QTAILQ_REMOVE(&q->ready, req, link);
        q->member->go_on(q->member->opaque, req);
    }
}

static void timer_cb(void *opaque)
{
    ThrottleQueue *q = opaque;
    ThrottleMember *m = q->member;

    WITH_QEMU_LOCK_GUARD(&m->group->lock) {
        /* The turn may have passed after the timer had fired. */
        if (q->has_turn) {
            take_ready(m->group, q);
        }
    }
    run_ready(q);
}

static void ready_bh(void *opaque)
{
    ThrottleMember *m = opaque;

    run_ready(&m->queue[0]);
    run_ready(&m->queue[1]);
}

/* --- members --- */

void throttle_member_init(ThrottleMember *m, ThrottleGroup *group, ThrottleGoOn *go_on,
                          void *opaque)
{
    *m = (ThrottleMember) {
        .group = throttle_group_ref(group), .go_on = go_on, .opaque = opaque,
    };
    for (int i = 0; i < 2; i++) {
        m->queue[i].member = m;
        m->queue[i].is_write = i;
        QTAILQ_INIT(&m->queue[i].waiting);
        QTAILQ_INIT(&m->queue[i].ready);
    }
    QEMU_LOCK_GUARD(&group->lock);
    QTAILQ_INSERT_TAIL(&group->members, m, next);
}

void throttle_member_destroy(ThrottleMember *m)
{
    ThrottleGroup *g = m->group;

    assert(!m->bh);
    WITH_QEMU_LOCK_GUARD(&g->lock) {
        QTAILQ_REMOVE(&g->members, m, next);
    }
    throttle_group_unref(g);
    m->group = NULL;
}

void throttle_member_attach(ThrottleMember *m, AioContext *ctx)
{
    for (int i = 0; i < 2; i++) {
        aio_timer_init(ctx, &m->queue[i].timer, block_clock(), SCALE_NS, timer_cb, &m->queue[i]);
    }
    m->bh = aio_bh_new(ctx, ready_bh, m);
}

void throttle_member_detach(ThrottleMember *m)
{
    for (int i = 0; i < 2; i++) {
        /* With nothing waiting it has no turn, so nobody sets the timer any more. */
        assert(QTAILQ_EMPTY(&m->queue[i].waiting) && QTAILQ_EMPTY(&m->queue[i].ready));
        timer_deinit(&m->queue[i].timer);
    }
    g_clear_pointer(&m->bh, qemu_bh_delete);
}

static void make_ready(ThrottleGroup *g, ThrottleQueue *q)
{
    BlockRequest *req;

    while ((req = QTAILQ_FIRST(&q->waiting))) {
        QTAILQ_REMOVE(&q->waiting, req, link);
        QTAILQ_INSERT_TAIL(&q->ready, req, link);
        mark_ready(req, true);
    }
    if (q->has_turn) {
        pass_turn(g, q);
    }
}

void throttle_member_set_exempt(ThrottleMember *m, bool exempt)
{
    QEMU_LOCK_GUARD(&m->group->lock);

    m->exempt = exempt;
    if (exempt) {
        make_ready(m->group, &m->queue[0]);
        make_ready(m->group, &m->queue[1]);
        qemu_bh_schedule(m->bh);
    }
}

bool throttle_member_intercept(ThrottleMember *m, BlockRequest *req)
{
    ThrottleGroup *g = m->group;
    ThrottleQueue *q = &m->queue[goes_to_medium(req)];

    if (!is_limited(req)) {
        return false;
    }
    QEMU_LOCK_GUARD(&g->lock);
    if (!g->enabled || m->exempt) {
        return false;
    }
    if (!g->turn[q->is_write] && !throttle_buckets_wait(&g->buckets, q->is_write, now_ns())) {
        throttle_buckets_pour(&g->buckets, q->is_write, req->bytes);
        return false;
    }
    mark_ready(req, false);
    QTAILQ_INSERT_TAIL(&q->waiting, req, link);
    if (!g->turn[q->is_write]) {
        give_turn(g, q);
    }
    return true;
}

void throttle_member_cancel(ThrottleMember *m, BlockRequest *req)
{
    ThrottleQueue *q = &m->queue[goes_to_medium(req)];
    QEMU_LOCK_GUARD(&m->group->lock);

    if (req->state[0]) {
        QTAILQ_REMOVE(&q->ready, req, link);
        return;
    }
    QTAILQ_REMOVE(&q->waiting, req, link);
    if (q->has_turn && QTAILQ_EMPTY(&q->waiting)) {
        pass_turn(m->group, q);
    }
}

unsigned throttle_member_waiting(ThrottleMember *m)
{
    unsigned n = 0;
    BlockRequest *req;
    QEMU_LOCK_GUARD(&m->group->lock);

    for (int i = 0; i < 2; i++) {
        QTAILQ_FOREACH(req, &m->queue[i].waiting, link) {
            n++;
        }
    }
    return n;
}

/* --- groups --- */

ThrottleGroup *throttle_group_new(const char *name)
{
    ThrottleGroup *g = g_new0(ThrottleGroup, 1);
    ThrottleConfig none;

    g->name = g_strdup(name);
    g->refs = 1;
    qemu_mutex_init(&g->lock);
    QTAILQ_INIT(&g->members);
    throttle_config_init(&none);
    throttle_buckets_set(&g->buckets, &none, now_ns());
    QTAILQ_INSERT_TAIL(&groups, g, link);
    return g;
}

ThrottleGroup *throttle_group_find(const char *name)
{
    ThrottleGroup *g;

    QTAILQ_FOREACH(g, &groups, link) {
        if (!strcmp(g->name, name)) {
            return g;
        }
    }
    return NULL;
}

ThrottleGroup *throttle_group_ref(ThrottleGroup *group)
{
    g_atomic_int_inc(&group->refs);
    return group;
}

void throttle_group_unref(ThrottleGroup *group)
{
    if (group && g_atomic_int_dec_and_test(&group->refs)) {
        QTAILQ_REMOVE(&groups, group, link);
        qemu_mutex_destroy(&group->lock);
        g_free(group->name);
        g_free(group);
    }
}

const char *throttle_group_name(const ThrottleGroup *group)
{
    return group->name;
}

bool throttle_group_is_used(ThrottleGroup *group)
{
    QEMU_LOCK_GUARD(&group->lock);

    return !QTAILQ_EMPTY(&group->members);
}

void throttle_group_set_config(ThrottleGroup *group, const ThrottleConfig *config)
{
    QEMU_LOCK_GUARD(&group->lock);

    throttle_buckets_set(&group->buckets, config, now_ns());
    group->enabled = throttle_config_enabled(config);
    for (int i = 0; i < 2; i++) {
        if (group->turn[i]) {
            give_turn(group, group->turn[i]);
        }
    }
}

void throttle_group_get_config(ThrottleGroup *group, ThrottleConfig *config)
{
    QEMU_LOCK_GUARD(&group->lock);

    *config = group->buckets.config;
}
