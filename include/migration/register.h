/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * State that is saved by code rather than by a description. The handlers are
 * kept in the same registry as vmstate_register()'s entries. Of a handler
 * set, what a stop-and-copy of the state needs is called: save_state and
 * load_state; the members for iterative copying are kept for source
 * compatibility and are never called before live migration exists.
 */
#ifndef MIGRATION_REGISTER_H
#define MIGRATION_REGISTER_H

typedef struct SaveVMHandlers {
    void (*save_state)(QEMUFile *f, void *opaque);
    int (*load_state)(QEMUFile *f, void *opaque, int version_id);

    /* iterative copying */
    int (*save_setup)(QEMUFile *f, void *opaque);
    void (*save_cleanup)(void *opaque);
    int (*save_live_iterate)(QEMUFile *f, void *opaque);
    int (*save_live_complete_precopy)(QEMUFile *f, void *opaque);
    bool (*is_active)(void *opaque);
    bool (*has_postcopy)(void *opaque);
    void (*state_pending_estimate)(void *opaque, uint64_t *must_precopy,
                                   uint64_t *can_postcopy);
    void (*state_pending_exact)(void *opaque, uint64_t *must_precopy,
                                uint64_t *can_postcopy);
    int (*load_setup)(QEMUFile *f, void *opaque);
    int (*load_cleanup)(void *opaque);
} SaveVMHandlers;

/* 0, or -1 when idstr and instance are taken. `ops` and `opaque` are borrowed. */
int register_savevm_live(const char *idstr, uint32_t instance_id, int version_id,
                         const SaveVMHandlers *ops, void *opaque);
void unregister_savevm(VMStateIf *obj, const char *idstr, void *opaque);

/*
 * Ours: everything that `obj` (NULL: nobody) registered, as sections in order
 * of priority, for whoever moves one device's state. Under the lock of the
 * domain of obj. 0 or -errno with errp.
 */
int savevm_registered_save(QEMUFile *f, VMStateIf *obj, Error **errp);
int savevm_registered_load(QEMUFile *f, VMStateIf *obj, Error **errp);

#endif
