/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The run state of the process, and who wants to know when it changes.
 */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qemu/timer.h"
#include "sysemu/reset.h"
#include "sysemu/runstate.h"
#include "qdev-internal.h"
#include "trace.h"

/*
 * A handler of one domain.  @gone: deleted, but a walk may still hold it; the
 * walk's reference frees it.
 */
struct VMChangeStateEntry {
    AioContext *ctx;
    VMChangeStateHandler *cb;
    void *opaque;
    int priority;
    unsigned refs;
    bool gone;
};

static struct {
    QemuMutex lock;
    RunState state;
    GPtrArray *handlers;        /* of VMChangeStateEntry, lowest priority first */
    GHashTable *held;           /* domain -> its RunState; a reference each */
} run = { .lock = QEMU_MUTEX_INITIALIZER, .state = RUN_STATE_PRELAUNCH };

/* --- the state -------------------------------------------------------- */

RunState runstate_get(void)
{
    AioContext *ctx = current_domain();

    /* The main context's is that of the process: it stops and starts it. */
    return vm_domain_state(ctx == aio_context_main() ? NULL : ctx);
}

void runstate_set(RunState new_state)
{
    RunState old;

    g_assert(new_state < RUN_STATE__MAX);
    qemu_mutex_lock(&run.lock);
    old = run.state;
    run.state = new_state;
    qemu_mutex_unlock(&run.lock);
    trace_runstate_set(RunState_str(old), RunState_str(new_state));
}

bool runstate_check(RunState state)
{
    return runstate_get() == state;
}

bool runstate_is_running(void)
{
    return runstate_check(RUN_STATE_RUNNING);
}

bool runstate_needs_reset(void)
{
    return runstate_check(RUN_STATE_INTERNAL_ERROR) || runstate_check(RUN_STATE_SHUTDOWN);
}

/* --- handlers --------------------------------------------------------- */

/* With the lock held. */
static void entry_unref(VMChangeStateEntry *e)
{
    if (--e->refs == 0) {
        aio_context_unref(e->ctx);
        g_free(e);
    }
}

/* With the lock held: behind all of the same priority. */
static void insert_by_priority(VMChangeStateEntry *e)
{
    unsigned i = 0;

    if (!run.handlers) {
        run.handlers = g_ptr_array_new();
    }
    while (i < run.handlers->len &&
           ((VMChangeStateEntry *)g_ptr_array_index(run.handlers, i))->priority <=
           e->priority) {
        i++;
    }
    g_ptr_array_insert(run.handlers, i, e);
}

VMChangeStateEntry *qemu_add_vm_change_state_handler_prio(VMChangeStateHandler *cb,
                                                          void *opaque, int priority)
{
    VMChangeStateEntry *e = g_new0(VMChangeStateEntry, 1);

    e->ctx = current_domain();
    aio_context_ref(e->ctx);
    e->cb = cb;
    e->opaque = opaque;
    e->priority = priority;
    e->refs = 1;
    qemu_mutex_lock(&run.lock);
    insert_by_priority(e);
    qemu_mutex_unlock(&run.lock);
    return e;
}

VMChangeStateEntry *qemu_add_vm_change_state_handler(VMChangeStateHandler *cb,
                                                     void *opaque)
{
    return qemu_add_vm_change_state_handler_prio(cb, opaque, 0);
}

VMChangeStateEntry *qdev_add_vm_change_state_handler(DeviceState *dev,
                                                     VMChangeStateHandler *cb,
                                                     void *opaque)
{
    int depth = 0;

    for (; dev->parent_bus && dev->parent_bus->parent; dev = dev->parent_bus->parent) {
        depth++;
    }
    return qemu_add_vm_change_state_handler_prio(cb, opaque, depth);
}

void qemu_del_vm_change_state_handler(VMChangeStateEntry *e)
{
    qemu_mutex_lock(&run.lock);
    e->gone = true;
    g_ptr_array_remove(run.handlers, e);
    entry_unref(e);
    qemu_mutex_unlock(&run.lock);
}

/* The handlers of now of one domain (NULL: of all), each with a reference. */
static GPtrArray *snapshot(AioContext *only)
{
    GPtrArray *list = g_ptr_array_new();
    unsigned i;

    qemu_mutex_lock(&run.lock);
    for (i = 0; run.handlers && i < run.handlers->len; i++) {
        VMChangeStateEntry *e = g_ptr_array_index(run.handlers, i);

        if (!only || e->ctx == only) {
            e->refs++;
            g_ptr_array_add(list, e);
        }
    }
    qemu_mutex_unlock(&run.lock);
    return list;
}

static bool entry_is_live(VMChangeStateEntry *e)
{
    bool live;

    qemu_mutex_lock(&run.lock);
    live = !e->gone;
    qemu_mutex_unlock(&run.lock);
    return live;
}

/* The domain's lock keeps the handler from being deleted between look and call. */
static void notify_one(VMChangeStateEntry *e, bool running, RunState state)
{
    WITH_AIO_CONTEXT_GUARD(e->ctx) {
        if (entry_is_live(e)) {
            e->cb(e->opaque, running, state);
        }
    }
    qemu_mutex_lock(&run.lock);
    entry_unref(e);
    qemu_mutex_unlock(&run.lock);
}

static void notify(AioContext *only, bool running, RunState state)
{
    g_autoptr(GPtrArray) list = snapshot(only);
    unsigned i;

    for (i = 0; i < list->len; i++) {
        /* what starts first stops last */
        unsigned at = running ? i : list->len - 1 - i;

        notify_one(g_ptr_array_index(list, at), running, state);
    }
}

void vm_state_notify(bool running, RunState state)
{
    notify(NULL, running, state);
}

void vm_start(void)
{
    vm_resume_domains();
    if (runstate_is_running()) {
        return;
    }
    runstate_set(RUN_STATE_RUNNING);
    qemu_clock_set_virtual_running(true);
    vm_state_notify(true, RUN_STATE_RUNNING);
}

/* Who is held is told twice then: a handler has to bear that, for it may be new in its domain. */
int vm_stop(RunState state)
{
    if (runstate_is_running()) {
        runstate_set(state);
        qemu_clock_set_virtual_running(false);
        vm_state_notify(false, state);
    }
    return 0;
}

/* --- one domain ------------------------------------------------------- */

/* With the lock held. */
static GHashTable *held_domains(void)
{
    if (!run.held) {
        run.held = g_hash_table_new_full(NULL, NULL, (GDestroyNotify)aio_context_unref, NULL);
    }
    return run.held;
}

void vm_hold_domain(AioContext *ctx, RunState state)
{
    bool news;

    qemu_mutex_lock(&run.lock);
    news = run.state == RUN_STATE_RUNNING && !g_hash_table_contains(held_domains(), ctx);
    if (news) {
        aio_context_ref(ctx);
        g_hash_table_insert(run.held, ctx, GINT_TO_POINTER(state));
    }
    qemu_mutex_unlock(&run.lock);
    if (news) {
        notify(ctx, false, state);
    }
}

static AioContext *take_held(void)
{
    AioContext *ctx = NULL;
    GHashTableIter iter;

    qemu_mutex_lock(&run.lock);
    g_hash_table_iter_init(&iter, held_domains());
    if (g_hash_table_iter_next(&iter, (gpointer *)&ctx, NULL)) {
        g_hash_table_iter_steal(&iter);
    }
    qemu_mutex_unlock(&run.lock);
    return ctx;
}

bool vm_resume_domains(void)
{
    bool running = runstate_is_running(), any = false;
    AioContext *ctx;

    while ((ctx = take_held())) {
        any = true;
        if (running) {
            notify(ctx, true, RUN_STATE_RUNNING);
        }
        aio_context_unref(ctx);
    }
    return any;
}

RunState vm_domain_state(AioContext *ctx)
{
    gpointer state;
    RunState result;

    qemu_mutex_lock(&run.lock);
    result = run.state;
    if (result == RUN_STATE_RUNNING
        && g_hash_table_lookup_extended(held_domains(), ctx, NULL, &state)) {
        result = GPOINTER_TO_INT(state);
    }
    qemu_mutex_unlock(&run.lock);
    return result;
}

void qemu_runstate_forget_domain(AioContext *ctx)
{
    unsigned i;

    guest_request_forget_domain(ctx);
    qemu_reset_forget_domain(ctx);
    qemu_mutex_lock(&run.lock);
    g_hash_table_remove(held_domains(), ctx);
    for (i = run.handlers ? run.handlers->len : 0; i > 0; i--) {
        VMChangeStateEntry *e = g_ptr_array_index(run.handlers, i - 1);

        if (e->ctx == ctx) {
            e->gone = true;
            g_ptr_array_remove_index(run.handlers, i - 1);
            entry_unref(e);
        }
    }
    qemu_mutex_unlock(&run.lock);
}
