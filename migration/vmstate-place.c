/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Following a description into a struct.
 *
 * An array's length may be a member that the same stream has just loaded, so
 * on load it is an attacker's number. Three cases bound it:
 * - VMS_ALLOC: the array is made here, out of the stream's budget, and cannot
 *   have more elements than the stream has bytes left;
 * - in place with a known type: the room is in the table (.num);
 * - in memory of the device: what the count was before the load is what the
 *   device has room for. A device that allocates for more than is in use sets
 *   the count to its capacity in pre_load.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "migration/qemu-file.h"
#include "stream-budget.h"
#include "vmstate-place.h"

/* -1 for a field that holds one value or a fixed array. */
static int64_t varray_count(const VMStateField *field, const void *opaque)
{
    const void *at = (const char *)opaque + field->num_offset;

    switch (field->flags & VMS_ANY_VARRAY) {
    case VMS_VARRAY_INT32:
        return *(const int32_t *)at;
    case VMS_VARRAY_UINT32:
        return *(const uint32_t *)at;
    case VMS_VARRAY_UINT16:
        return *(const uint16_t *)at;
    case VMS_VARRAY_UINT8:
        return *(const uint8_t *)at;
    default:
        return field->flags & VMS_ARRAY ? field->num : 1;
    }
}

bool vms_dimensions(const VMStateField *field, const void *opaque, VMSPlace *place)
{
    int64_t count = varray_count(field, opaque);
    size_t size = field->size;
    size_t total;

    if (field->flags & VMS_VBUFFER) {
        int32_t bytes = *(const int32_t *)((const char *)opaque + field->size_offset);

        size = field->flags & VMS_MULTIPLY ? size : 1;
        if (bytes < 0 || __builtin_mul_overflow(size, (size_t)bytes, &size)) {
            return false;
        }
    }
    if (field->flags & VMS_MULTIPLY_ELEMENTS) {
        count *= field->num;
    }
    if (count < 0 || __builtin_mul_overflow((size_t)count, size, &total) ||
        total > PTRDIFF_MAX) {
        return false;
    }
    place->count = count;
    place->size = size;
    return true;
}

/* Follows VMS_POINTER. */
static bool find_base(const VMStateField *field, void *opaque, VMSPlace *place, Error **errp)
{
    uint8_t *base = (uint8_t *)opaque + field->offset;

    if (field->flags & VMS_POINTER) {
        base = *(uint8_t **)base;
    }
    if (!base && place->count && place->size) {
        error_setg(errp, "field '%s' is a null pointer", field->name);
        return false;
    }
    place->base = base;
    return true;
}

bool vms_place_for_save(const VMStateField *field, void *opaque, VMSPlace *place, Error **errp)
{
    if (!vms_dimensions(field, opaque, place)) {
        error_setg(errp, "field '%s' has an impossible length", field->name);
        return false;
    }
    return find_base(field, opaque, place, errp);
}

/* Replaces the array by a new one, zeroed, of the size that the stream gave. */
static bool allocate(const VMStateField *field, void *opaque, QEMUFile *f,
                     const VMSPlace *place, Error **errp)
{
    void **where = (void **)((char *)opaque + field->offset);
    size_t bytes = place->count * place->size;
    /* A buffer travels as it is, an element of anything else takes at least a byte. */
    size_t least = field->flags & VMS_VBUFFER ? bytes : place->count;

    if (least > qemu_file_remaining(f) || !stream_budget_take(f, bytes)) {
        error_setg(errp, "field '%s' claims %zu bytes, more than the stream can hold",
                   field->name, bytes);
        return false;
    }
    g_free(*where);
    *where = bytes ? g_malloc0(bytes) : NULL;
    return true;
}

bool vms_place_for_load(const VMStateField *field, void *opaque, QEMUFile *f, size_t room,
                        VMSPlace *place, Error **errp)
{
    if (!vms_dimensions(field, opaque, place)) {
        error_setg(errp, "field '%s' has an impossible length", field->name);
        return false;
    }
    if (field->flags & VMS_ALLOC) {
        if (!allocate(field, opaque, f, place, errp)) {
            return false;
        }
    } else if (field->info == &vmstate_info_unused_buffer) {
        /* Skipped bytes have no room, but must be there. */
        room = qemu_file_remaining(f);
    }
    if (!(field->flags & VMS_ALLOC) && place->count * place->size > room) {
        error_setg(errp, "field '%s' claims %zu bytes, there is room for %zu",
                   field->name, place->count * place->size, room);
        return false;
    }
    return find_base(field, opaque, place, errp);
}

static bool length_is_a_member(const VMStateField *field)
{
    return field->flags & (VMS_ANY_VARRAY | VMS_VBUFFER) && !(field->flags & VMS_ALLOC);
}

static size_t room_of(const VMStateField *field, const void *opaque)
{
    VMSPlace now;

    if (!length_is_a_member(field)) {
        return SIZE_MAX;
    }
    if (!(field->flags & (VMS_POINTER | VMS_MULTIPLY_ELEMENTS)) && field->num > 0) {
        return (size_t)field->num * field->size;
    }
    return vms_dimensions(field, opaque, &now) ? now.count * now.size : 0;
}

size_t *vms_rooms_note(const VMStateField *fields, const void *opaque)
{
    size_t n = 0;
    bool wanted = false;
    size_t *rooms;

    for (; !(fields[n].flags & VMS_END); n++) {
        wanted |= length_is_a_member(&fields[n]);
    }
    if (!wanted) {
        return NULL;
    }
    rooms = g_new(size_t, n);
    for (size_t i = 0; i < n; i++) {
        rooms[i] = room_of(&fields[i], opaque);
    }
    return rooms;
}
