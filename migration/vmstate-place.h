/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the elements of a field are, how many, how large: the one place that
 * follows a description's pointers and believes, or does not believe, counts.
 */
#ifndef MIGRATION_VMSTATE_PLACE_H
#define MIGRATION_VMSTATE_PLACE_H

#include "migration/vmstate.h"

typedef struct VMSPlace {
    uint8_t *base;   /* first element; NULL only when there is none */
    size_t count;
    size_t size;     /* of one element, as handed to .info */
} VMSPlace;

#define VMS_ANY_VARRAY \
    (VMS_VARRAY_INT32 | VMS_VARRAY_UINT32 | VMS_VARRAY_UINT16 | VMS_VARRAY_UINT8)

/* Room of the fields of one struct before its load began, by index; see vms_rooms_note(). */
typedef struct VMSRooms {
    size_t *bytes;
} VMSRooms;

/* Count and size as the struct has them now. false: negative or beyond the address space. */
bool vms_dimensions(const VMStateField *field, const void *opaque, VMSPlace *place);
/* And the first element. false with errp. */
bool vms_place_for_save(const VMStateField *field, void *opaque, VMSPlace *place, Error **errp);
bool vms_place_for_load(const VMStateField *field, void *opaque, QEMUFile *f, size_t room,
                        VMSPlace *place, Error **errp);

/*
 * Notes the room of every array whose length is a member. To be called after
 * pre_load and before the first field. NULL when no field needs it; g_free().
 */
size_t *vms_rooms_note(const VMStateField *fields, const void *opaque);

#endif
