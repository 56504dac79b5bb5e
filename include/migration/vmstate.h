/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMState: a device's state described as a table of fields, so that saving
 * and loading need no code in the device. QEMU 8.2's description format;
 * how it is walked is told at the top of migration/vmstate.c, the field
 * macros are in migration/vmstate-fields.h.
 *
 * A description is constant data. The walkers run under the lock of the
 * domain that owns the device.
 */
#ifndef MIGRATION_VMSTATE_H
#define MIGRATION_VMSTATE_H

#include "migration/qemu-file-types.h"

/*
 * How to carry one value. `pv` is the address of the value (for VMS_POINTER
 * fields the pointer is followed first), `size` its bytes. get() returns 0 or
 * -errno and must accept any bytes. `vmdesc` receives a description of the
 * stream in QEMU; our streams carry none, so it is always NULL.
 */
struct VMStateInfo {
    const char *name;
    int (*get)(QEMUFile *f, void *pv, size_t size, const VMStateField *field);
    int (*put)(QEMUFile *f, void *pv, size_t size, const VMStateField *field,
               JSONWriter *vmdesc);
};

/* What a field is and where its dimensions come from. */
enum VMStateFlags {
    /* shape of the element */
    VMS_SINGLE            = 1u << 0,   /* one value carried by .info */
    VMS_STRUCT            = 1u << 1,   /* elements described by .vmsd */
    VMS_VSTRUCT           = 1u << 2,   /* as VMS_STRUCT, at .struct_version_id */
    VMS_BUFFER            = 1u << 3,   /* .size raw bytes */
    VMS_VBUFFER           = 1u << 4,   /* byte count in an int32_t at .size_offset */
    VMS_MULTIPLY          = 1u << 5,   /* VMS_VBUFFER: that count times .size */
    /* where it is */
    VMS_POINTER           = 1u << 6,   /* the member points to the (first) element */
    VMS_ARRAY_OF_POINTER  = 1u << 7,   /* the elements are pointers to values */
    VMS_ALLOC             = 1u << 8,   /* VMS_POINTER: allocated on load with g_malloc */
    /* how many */
    VMS_ARRAY             = 1u << 9,   /* .num elements */
    VMS_VARRAY_INT32      = 1u << 10,  /* count in an int32_t at .num_offset */
    VMS_VARRAY_UINT32     = 1u << 11,
    VMS_VARRAY_UINT16     = 1u << 12,
    VMS_VARRAY_UINT8      = 1u << 13,
    VMS_MULTIPLY_ELEMENTS = 1u << 14,  /* that count times .num */
    /* the rest */
    VMS_MUST_EXIST        = 1u << 15,  /* .field_exists false is an error */
    VMS_END               = 1u << 16,  /* ends a field table */
};

/* Order in which devices are saved, higher first. */
typedef enum {
    MIG_PRI_UNINITIALIZED = 0,
    MIG_PRI_LOW,
    MIG_PRI_DEFAULT,
    MIG_PRI_IOMMU,
    MIG_PRI_PCI_BUS,
    MIG_PRI_VIRTIO_MEM,
    MIG_PRI_GICV3_ITS,
    MIG_PRI_GICV3,
    MIG_PRI_MAX,
} MigrationPriority;

struct VMStateField {
    const char *name;
    const char *err_hint;        /* printed when an equal check fails */
    size_t offset;               /* of the member in the state struct */
    size_t size;                 /* of one element */
    size_t start;                /* link offset of list and tree fields */
    int num;                     /* VMS_ARRAY: elements. In-place VMS_VARRAY_*: room, 0 unknown */
    size_t num_offset;
    size_t size_offset;
    const VMStateInfo *info;
    enum VMStateFlags flags;
    const VMStateDescription *vmsd;
    int version_id;              /* first version of the parent that has this field */
    int struct_version_id;
    bool (*field_exists)(void *opaque, int version_id);
};

struct VMStateDescription {
    const char *name;
    bool unmigratable;
    bool early_setup;            /* of interest to live migration only */
    int version_id;
    int minimum_version_id;
    MigrationPriority priority;
    /* All hooks return 0 or -errno. post_save also runs when saving failed. */
    int (*pre_load)(void *opaque);
    int (*post_load)(void *opaque, int version_id);
    int (*pre_save)(void *opaque);
    int (*post_save)(void *opaque);
    bool (*needed)(void *opaque);
    bool (*dev_unplug_pending)(void *opaque);
    const VMStateField *fields;
    /* NULL-terminated; saved after the fields when needed() says so */
    const VMStateDescription *const *subsections;
};

/*
 * Save or load one description. 0 or -errno; the stream keeps the first error
 * as well. A failed load leaves the state partly changed: reset the device.
 */
int vmstate_save_state_errp(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                            JSONWriter *vmdesc, Error **errp);
int vmstate_save_state_v_errp(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                              JSONWriter *vmdesc, int version_id, Error **errp);
int vmstate_load_state_errp(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                            int version_id, Error **errp);
/* Without errp the text goes to the log: a refused stream is never silent. */
int vmstate_save_state_logged(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                              JSONWriter *vmdesc);
int vmstate_load_state_logged(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                              int version_id);
int vmstate_save_state_v_logged(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                                JSONWriter *vmdesc, int version_id);

/* QEMU 8.2 has no errp, newer releases add one at the end: both forms compile. */
#define VMS_PICK_7TH(a1, a2, a3, a4, a5, a6, pick, ...) pick
#define vmstate_save_state(...) \
    VMS_PICK_7TH(__VA_ARGS__, , vmstate_save_state_errp, \
                 vmstate_save_state_logged, , , )(__VA_ARGS__)
#define vmstate_load_state(...) \
    VMS_PICK_7TH(__VA_ARGS__, , vmstate_load_state_errp, \
                 vmstate_load_state_logged, , , )(__VA_ARGS__)
#define vmstate_save_state_v(...) \
    VMS_PICK_7TH(__VA_ARGS__, vmstate_save_state_v_errp, \
                 vmstate_save_state_v_logged, , , , )(__VA_ARGS__)

/* Whether vmsd has something to say about opaque: no needed() hook means yes. */
bool vmstate_section_needed(const VMStateDescription *vmsd, void *opaque);
#define vmstate_save_needed vmstate_section_needed

/*
 * State that is not a device's dc->vmsd. `obj` names the owner, NULL for a
 * section of its own. The description and opaque are borrowed until
 * vmstate_unregister() with the same obj, vmsd and opaque.
 * 0, or -1 with errp when the name and instance are taken.
 * Lock order: the registry's own lock is a leaf, nothing is called under it.
 */
#define VMSTATE_INSTANCE_ID_ANY ((uint32_t)-1)
int vmstate_register_with_alias_id(VMStateIf *obj, uint32_t instance_id,
                                   const VMStateDescription *vmsd, void *opaque,
                                   int alias_id, int required_for_version, Error **errp);
int vmstate_register(VMStateIf *obj, int instance_id, const VMStateDescription *vmsd,
                     void *opaque);
int vmstate_register_any(VMStateIf *obj, const VMStateDescription *vmsd, void *opaque);
void vmstate_unregister(VMStateIf *obj, const VMStateDescription *vmsd, void *opaque);

#include "migration/vmstate-fields.h"

#endif
