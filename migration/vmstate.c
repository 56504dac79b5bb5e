/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMState: theory of operation
 *
 * A VMStateDescription is a table that says where in a struct the state is and
 * how each piece travels. Saving and loading are two walks over the same
 * table; the stream carries no field names, so both ends need the same idea
 * of the table, and the version tells them which.
 *
 * The stream of one description, all numbers big-endian:
 *
 *     field*  subsection*
 *     subsection:  byte 0x05, counted name, be32 version, field*, subsection*
 *
 * Neither version nor name of the outermost description are in it: who
 * frames it (a section of registry.c, a nested struct's parent) knows them.
 *
 * Which fields travel. A field with .field_exists travels when that says so;
 * one without when the stream's version is at least the field's. VMS_MUST_EXIST
 * turns a "no" into an error, which is how VMSTATE_VALIDATE checks without
 * carrying anything. A nested struct travels in its description's own current
 * version, as QEMU does it: the version of the whole changes with it.
 *
 * Growth without a version step: a subsection is written only when its
 * needed() says that the default would be wrong, and a reader that does not
 * know it refuses the stream. Names of subsections begin with the name of
 * their parent and a slash; that, and the mark byte, are how the reader tells
 * a subsection of this struct from the byte that follows the struct. One
 * subsection may come once.
 *
 * Order of hooks: pre_save, fields, subsections, post_save (also after an
 * error); pre_load, fields, subsections, post_load (only when all went well).
 * Each may fail with -errno.
 *
 * Trust. The saving side is our own device: wrong numbers there are a bug of
 * the device, and still only an error. The stream of a load is hostile:
 * - reads beyond its end give zeroes and an error that sticks to the stream;
 *   the walk looks at it after every element, so a bad stream ends soon;
 * - lengths are checked in vmstate-place.c, memory comes out of a budget that
 *   grows with the stream (qemu-file.c);
 * - values are the device's business: post_load must check whatever a device
 *   uses as an index. Nothing here can know what a register may hold.
 * After a failed load the struct holds a mix of old and new values, every
 * single one of them valid memory; the caller resets the device.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "migration/qemu-file.h"
#include "migration/vmstate.h"
#include "vmstate-place.h"

/* Marks a subsection; the value that QEMU's streams use. */
#define SUBSECTION_MARK 0x05

bool vmstate_section_needed(const VMStateDescription *vmsd, void *opaque)
{
    return !vmsd->needed || vmsd->needed(opaque);
}

static bool field_travels(const VMStateField *field, void *opaque, int version_id)
{
    return field->field_exists ? field->field_exists(opaque, version_id)
                               : field->version_id <= version_id;
}

static int field_version(const VMStateField *field)
{
    return field->flags & VMS_VSTRUCT ? field->struct_version_id : field->vmsd->version_id;
}

/* The i-th element; NULL for a null pointer in an array of pointers. */
static void *element(const VMStateField *field, const VMSPlace *place, size_t i)
{
    void *at = place->base + i * place->size;

    return field->flags & VMS_ARRAY_OF_POINTER ? *(void **)at : at;
}

/* The reason that the stream or the info left, else errno's text. */
static int fail(QEMUFile *f, const VMStateDescription *vmsd, const char *what, int ret,
                Error **errp)
{
    Error *reason = NULL;

    qemu_file_get_error_obj(f, &reason);
    if (reason) {
        error_propagate_prepend(errp, reason, "state of '%s': field '%s': ", vmsd->name, what);
    } else {
        error_setg_errno(errp, -ret, "state of '%s': field '%s'", vmsd->name, what);
    }
    qemu_file_set_error(f, ret);
    return ret;
}

static int hook_failed(QEMUFile *f, const VMStateDescription *vmsd, const char *hook, int ret,
                       Error **errp)
{
    error_setg(errp, "state of '%s': %s refused it (%d)", vmsd->name, hook, ret);
    qemu_file_set_error(f, ret < 0 ? ret : -EINVAL);
    return ret < 0 ? ret : -EINVAL;
}

typedef int ElementFn(QEMUFile *f, const VMStateField *field, void *pv, size_t size,
                      Error **errp);

/* fn for each element of a field; an error that fn did not explain is explained here. */
static int each_element(QEMUFile *f, const VMStateDescription *vmsd, const VMStateField *field,
                        const VMSPlace *place, ElementFn *fn, Error **errp)
{
    for (size_t i = 0; i < place->count; i++) {
        Error *local_err = NULL;
        int ret = fn(f, field, element(field, place, i), place->size, &local_err);

        ret = ret ? ret : qemu_file_get_error(f);
        if (local_err) {
            error_propagate(errp, local_err);
            return ret;
        }
        if (ret) {
            return fail(f, vmsd, field->name, ret, errp);
        }
    }
    return 0;
}

/* ---- saving ---- */

static int save_element(QEMUFile *f, const VMStateField *field, void *pv, size_t size,
                        Error **errp)
{
    if (!pv && size) {
        return vmstate_info_nullptr.put(f, pv, size, field, NULL);
    }
    if (field->flags & (VMS_STRUCT | VMS_VSTRUCT)) {
        return vmstate_save_state_v_errp(f, field->vmsd, pv, NULL, field_version(field), errp);
    }
    return field->info->put(f, pv, size, field, NULL);
}

static int save_field(QEMUFile *f, const VMStateDescription *vmsd, const VMStateField *field,
                      void *opaque, Error **errp)
{
    VMSPlace place;

    if (!vms_place_for_save(field, opaque, &place, errp)) {
        error_prepend(errp, "state of '%s': ", vmsd->name);
        return -EINVAL;
    }
    return each_element(f, vmsd, field, &place, save_element, errp);
}

static int save_fields(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                       int version_id, Error **errp)
{
    const VMStateField *field = vmsd->fields;

    for (; field && !(field->flags & VMS_END); field++) {
        int ret = 0;

        if (field_travels(field, opaque, version_id)) {
            ret = save_field(f, vmsd, field, opaque, errp);
        } else if (field->flags & VMS_MUST_EXIST) {
            ret = fail(f, vmsd, field->name, -EINVAL, errp);
        }
        if (ret) {
            return ret;
        }
    }
    return 0;
}

static int save_subsections(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                            Error **errp)
{
    const VMStateDescription *const *sub = vmsd->subsections;

    for (; sub && *sub; sub++) {
        int ret;

        if (!vmstate_section_needed(*sub, opaque)) {
            continue;
        }
        qemu_put_byte(f, SUBSECTION_MARK);
        qemu_put_counted_string(f, (*sub)->name);
        qemu_put_be32(f, (*sub)->version_id);
        ret = vmstate_save_state_errp(f, *sub, opaque, NULL, errp);
        if (ret) {
            return ret;
        }
    }
    return 0;
}

int vmstate_save_state_v_errp(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                              JSONWriter *vmdesc, int version_id, Error **errp)
{
    int ret = vmsd->pre_save ? vmsd->pre_save(opaque) : 0;
    int post = 0;

    if (ret) {
        return hook_failed(f, vmsd, "pre_save", ret, errp);
    }
    ret = save_fields(f, vmsd, opaque, version_id, errp);
    if (!ret) {
        ret = save_subsections(f, vmsd, opaque, errp);
    }
    if (vmsd->post_save) {
        post = vmsd->post_save(opaque);
    }
    return !ret && post ? hook_failed(f, vmsd, "post_save", post, errp) : ret;
}

int vmstate_save_state_errp(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                            JSONWriter *vmdesc, Error **errp)
{
    return vmstate_save_state_v_errp(f, vmsd, opaque, vmdesc, vmsd->version_id, errp);
}

/* ---- loading ---- */

static int load_element(QEMUFile *f, const VMStateField *field, void *pv, size_t size,
                        Error **errp)
{
    if (!pv && size) {
        return vmstate_info_nullptr.get(f, pv, size, field);
    }
    if (field->flags & (VMS_STRUCT | VMS_VSTRUCT)) {
        return vmstate_load_state_errp(f, field->vmsd, pv, field_version(field), errp);
    }
    return field->info->get(f, pv, size, field);
}

static int load_field(QEMUFile *f, const VMStateDescription *vmsd, const VMStateField *field,
                      void *opaque, size_t room, Error **errp)
{
    VMSPlace place;

    if (!vms_place_for_load(field, opaque, f, room, &place, errp)) {
        error_prepend(errp, "state of '%s': ", vmsd->name);
        qemu_file_set_error(f, -EINVAL);
        return -EINVAL;
    }
    return each_element(f, vmsd, field, &place, load_element, errp);
}

static int load_fields(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                       int version_id, Error **errp)
{
    const VMStateField *fields = vmsd->fields;
    g_autofree size_t *rooms = fields ? vms_rooms_note(fields, opaque) : NULL;

    for (size_t i = 0; fields && !(fields[i].flags & VMS_END); i++) {
        int ret = 0;

        if (field_travels(&fields[i], opaque, version_id)) {
            ret = load_field(f, vmsd, &fields[i], opaque, rooms ? rooms[i] : SIZE_MAX, errp);
        } else if (fields[i].flags & VMS_MUST_EXIST) {
            ret = fail(f, vmsd, fields[i].name, -EINVAL, errp);
        }
        if (ret) {
            return ret;
        }
    }
    return 0;
}

/* The name of the subsection that comes next, if it is one of vmsd's; else false. */
static bool peek_subsection(QEMUFile *f, const VMStateDescription *vmsd, char name[256])
{
    size_t len = qemu_peek_byte(f, 1);
    size_t own = strlen(vmsd->name);
    const uint8_t *text;

    if (qemu_peek_byte(f, 0) != SUBSECTION_MARK || qemu_peek_buffer(f, &text, len, 2) != len) {
        return false;
    }
    if (len <= own || memcmp(text, vmsd->name, own) || text[own] != '/') {
        return false;
    }
    memcpy(name, text, len);
    name[len] = '\0';
    return true;
}

static const VMStateDescription *find_subsection(const VMStateDescription *vmsd,
                                                 const char *name, unsigned *index)
{
    const VMStateDescription *const *sub = vmsd->subsections;

    for (unsigned i = 0; sub && sub[i]; i++) {
        if (!strcmp(sub[i]->name, name)) {
            *index = i;
            return sub[i];
        }
    }
    return NULL;
}

static int load_subsections(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                            Error **errp)
{
    uint64_t seen = 0;
    char name[256];

    while (peek_subsection(f, vmsd, name)) {
        unsigned index = 0;
        const VMStateDescription *sub = find_subsection(vmsd, name, &index);
        int version, ret;

        if (!sub || (index < 64 && seen & 1ull << index)) {
            error_setg(errp, "state of '%s': subsection '%s' is %s", vmsd->name, name,
                       sub ? "there twice" : "unknown to this version");
            qemu_file_set_error(f, -ENOENT);
            return -ENOENT;
        }
        seen |= index < 64 ? 1ull << index : 0;
        qemu_file_skip(f, 2 + strlen(name));
        version = qemu_get_be32(f);
        ret = qemu_file_get_error(f);
        ret = ret ? fail(f, vmsd, name, ret, errp)
                  : vmstate_load_state_errp(f, sub, opaque, version, errp);
        if (ret) {
            return ret;
        }
    }
    return 0;
}

static int check_version(QEMUFile *f, const VMStateDescription *vmsd, int version_id,
                         Error **errp)
{
    if (version_id >= vmsd->minimum_version_id && version_id <= vmsd->version_id) {
        return 0;
    }
    error_setg(errp, "state of '%s': version %d is not one of %d to %d", vmsd->name,
               version_id, vmsd->minimum_version_id, vmsd->version_id);
    qemu_file_set_error(f, -EINVAL);
    return -EINVAL;
}

int vmstate_load_state_errp(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                            int version_id, Error **errp)
{
    int ret = check_version(f, vmsd, version_id, errp);

    if (ret) {
        return ret;
    }
    ret = vmsd->pre_load ? vmsd->pre_load(opaque) : 0;
    if (ret) {
        return hook_failed(f, vmsd, "pre_load", ret, errp);
    }
    ret = load_fields(f, vmsd, opaque, version_id, errp);
    if (!ret) {
        ret = load_subsections(f, vmsd, opaque, errp);
    }
    if (ret) {
        return ret;
    }
    ret = vmsd->post_load ? vmsd->post_load(opaque, version_id) : 0;
    return ret ? hook_failed(f, vmsd, "post_load", ret, errp) : 0;
}

/* ---- the forms without errp ---- */

int vmstate_save_state_v_logged(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                                JSONWriter *vmdesc, int version_id)
{
    Error *local_err = NULL;
    int ret = vmstate_save_state_v_errp(f, vmsd, opaque, vmdesc, version_id, &local_err);

    if (local_err) {
        error_report_err(local_err);
    }
    return ret;
}

int vmstate_save_state_logged(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                              JSONWriter *vmdesc)
{
    return vmstate_save_state_v_logged(f, vmsd, opaque, vmdesc, vmsd->version_id);
}

int vmstate_load_state_logged(QEMUFile *f, const VMStateDescription *vmsd, void *opaque,
                              int version_id)
{
    Error *local_err = NULL;
    int ret = vmstate_load_state_errp(f, vmsd, opaque, version_id, &local_err);

    if (local_err) {
        error_report_err(local_err);
    }
    return ret;
}
