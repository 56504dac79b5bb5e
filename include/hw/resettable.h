/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Three-phase reset over a tree of objects (a device, its child buses, their
 * devices):
 *   enter  children first; the object forgets its state, touches nobody else
 *   hold   children first; the object drives its outputs as held in reset
 *   exit   children first, and only when the last of nested resets is over
 * Everything below has finished a phase before the next phase starts.
 *
 * An object may be asserted several times (count); enter and hold run for the
 * first one only.  Runs in the object's domain, with its lock.
 */
#ifndef HW_RESETTABLE_H
#define HW_RESETTABLE_H

#include "qom/object.h"

#define TYPE_RESETTABLE_INTERFACE "resettable"

typedef struct ResettableClass ResettableClass;
DECLARE_CLASS_CHECKERS(ResettableClass, RESETTABLE, TYPE_RESETTABLE_INTERFACE)

typedef enum ResetType {
    RESET_TYPE_COLD,
    RESET_TYPE_SNAPSHOT_LOAD,
    RESET_TYPE_WAKEUP,
} ResetType;

/*
 * @count: resets that hold the object now.
 * @hold_owed: enter has run for this reset, hold not yet.
 * @in_exit: the exit phase is running; it may not be re-entered.
 */
typedef struct ResettableState {
    unsigned count;
    bool hold_owed;
    bool in_exit;
} ResettableState;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
/*
 * Calls get (Object *, ResetType).  hold and exit have no prototype, because
 * models written against 8.2 take the object alone.
 */
typedef void (*ResettableEnterPhase)(Object *obj, ResetType type);
typedef void (*ResettableHoldPhase)();
typedef void (*ResettableExitPhase)();
#pragma GCC diagnostic pop

typedef ResettableState *(*ResettableGetState)(Object *obj);
typedef void (*ResettableTrFunction)(Object *obj);
typedef ResettableTrFunction (*ResettableGetTrFunction)(Object *obj);
typedef void (*ResettableChildCallback)(Object *, void *opaque, ResetType type);
typedef void (*ResettableChildForeach)(Object *obj, ResettableChildCallback cb,
                                       void *opaque, ResetType type);

typedef struct ResettablePhases {
    ResettableEnterPhase enter;
    ResettableHoldPhase hold;
    ResettableExitPhase exit;
} ResettablePhases;

/*
 * @get_state is mandatory, @child_foreach may be NULL.
 * @get_transitional_function: for an object whose class still has a one-shot
 * reset function: it is called in the hold phase instead of phases.hold.
 */
struct ResettableClass {
    InterfaceClass parent_class;

    ResettablePhases phases;
    ResettableGetState get_state;
    ResettableGetTrFunction get_transitional_function;
    ResettableChildForeach child_foreach;
};

/* Assert and release at once. */
void resettable_reset(Object *obj, ResetType type);
void resettable_assert_reset(Object *obj, ResetType type);
void resettable_release_reset(Object *obj, ResetType type);
bool resettable_is_in_reset(Object *obj);
/* @obj moves between parents, one of which may be held in reset. */
void resettable_change_parent(Object *obj, Object *newp, Object *oldp);
/* resettable_reset(@opaque, RESET_TYPE_COLD), in the shape of a QEMUResetHandler. */
void resettable_cold_reset_fn(void *opaque);
/* Keeps the phases of the parent class in @parent_phases and sets those not NULL. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
void resettable_class_set_parent_phases(ResettableClass *rc,
                                        ResettableEnterPhase enter,
                                        ResettableHoldPhase hold,
                                        ResettableExitPhase exit,
                                        ResettablePhases *parent_phases);
#pragma GCC diagnostic pop

#endif
