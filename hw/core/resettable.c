/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three phases of reset over a tree of resettable objects.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/resettable.h"
#include "trace.h"

/* Resets that hold one object at a time; more is a loop in our own calls. */
#define RESET_NESTING_MAX 50

static ResettableState *reset_state(Object *obj)
{
    return RESETTABLE_GET_CLASS(obj)->get_state(obj);
}

static void each_child(Object *obj, ResettableChildCallback cb, ResetType type)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);

    if (rc->child_foreach) {
        rc->child_foreach(obj, cb, NULL, type);
    }
}

static void phase_enter(Object *obj, void *opaque, ResetType type)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);
    ResettableState *s = reset_state(obj);

    g_assert(!s->in_exit && s->count < RESET_NESTING_MAX);
    s->count++;
    trace_resettable_enter(obj, object_get_typename(obj), s->count);
    each_child(obj, phase_enter, type);
    if (s->count == 1) {
        s->hold_owed = true;
        if (rc->phases.enter) {
            rc->phases.enter(obj, type);
        }
    }
}

static void run_hold(Object *obj, ResetType type)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);
    ResettableTrFunction legacy = NULL;

    if (rc->get_transitional_function) {
        legacy = rc->get_transitional_function(obj);
    }
    trace_resettable_hold(obj, object_get_typename(obj), legacy);
    if (legacy) {
        legacy(obj);
    } else if (rc->phases.hold) {
        rc->phases.hold(obj, type);
    }
}

static void phase_hold(Object *obj, void *opaque, ResetType type)
{
    ResettableState *s = reset_state(obj);

    each_child(obj, phase_hold, type);
    if (s->hold_owed) {
        s->hold_owed = false;
        run_hold(obj, type);
    }
}

static void phase_exit(Object *obj, void *opaque, ResetType type)
{
    ResettableClass *rc = RESETTABLE_GET_CLASS(obj);
    ResettableState *s = reset_state(obj);

    g_assert(s->count > 0 && !s->in_exit);
    trace_resettable_exit(obj, object_get_typename(obj), s->count);
    s->in_exit = true;
    each_child(obj, phase_exit, type);
    if (--s->count == 0 && rc->phases.exit) {
        rc->phases.exit(obj, type);
    }
    s->in_exit = false;
}

void resettable_assert_reset(Object *obj, ResetType type)
{
    phase_enter(obj, NULL, type);
    phase_hold(obj, NULL, type);
}

void resettable_release_reset(Object *obj, ResetType type)
{
    phase_exit(obj, NULL, type);
}

void resettable_reset(Object *obj, ResetType type)
{
    resettable_assert_reset(obj, type);
    resettable_release_reset(obj, type);
}

bool resettable_is_in_reset(Object *obj)
{
    return reset_state(obj)->count > 0;
}

void resettable_change_parent(Object *obj, Object *newp, Object *oldp)
{
    unsigned gain = newp ? reset_state(newp)->count : 0;
    unsigned loss = oldp ? reset_state(oldp)->count : 0;

    /* those it joins first, so that it never comes out of reset between */
    while (gain--) {
        resettable_assert_reset(obj, RESET_TYPE_COLD);
    }
    while (loss--) {
        resettable_release_reset(obj, RESET_TYPE_COLD);
    }
}

void resettable_cold_reset_fn(void *opaque)
{
    resettable_reset(opaque, RESET_TYPE_COLD);
}

void resettable_class_set_parent_phases(ResettableClass *rc, ResettableEnterPhase enter,
                                        ResettableHoldPhase hold,
                                        ResettableExitPhase exit,
                                        ResettablePhases *parent_phases)
{
    *parent_phases = rc->phases;
    rc->phases.enter = enter ?: rc->phases.enter;
    rc->phases.hold = hold ?: rc->phases.hold;
    rc->phases.exit = exit ?: rc->phases.exit;
}

static void register_resettable(void)
{
    static const TypeInfo info = {
        .name = TYPE_RESETTABLE_INTERFACE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(ResettableClass),
    };

    type_register_static(&info);
}

type_init(register_resettable)
