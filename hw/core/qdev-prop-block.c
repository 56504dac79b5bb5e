/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kinds of properties of disks that are plain values. */
#include "qemu/osdep.h"
#include "hw/qdev-properties-system.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qdev-internal.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"

enum {
    BLOCK_SIZE_MIN = 512,
    BLOCK_SIZE_MAX = 2 * MiB,
};

static void blocksize_get(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    uint64_t value = *(uint32_t *)object_field_prop_ptr(obj, opaque);

    visit_type_size(v, name, &value, errp);
}

static void blocksize_set(Object *obj, Visitor *v, const char *name, void *opaque, Error **errp)
{
    uint64_t value;

    if (!visit_type_size(v, name, &value, errp)) {
        return;
    }
    /* 0: the device decides */
    if (value && (value < BLOCK_SIZE_MIN || value > BLOCK_SIZE_MAX || !is_power_of_2(value))) {
        error_setg(errp, "Property '%s.%s' doesn't take value '%" PRIu64 "': it is a power of 2"
                   " from %d to %d", object_get_typename(obj), name, value, BLOCK_SIZE_MIN,
                   (int)BLOCK_SIZE_MAX);
        return;
    }
    *(uint32_t *)object_field_prop_ptr(obj, opaque) = value;
}

const PropertyInfo qdev_prop_blocksize = {
    .name = "size",
    .description = "A power of two between 512 B and 2 MiB",
    .get = blocksize_get,
    .set = blocksize_set,
    .set_default_value = qdev_propinfo_set_default_value_uint,
};

QDEV_PROP_ENUM_KIND(blockdev_on_error, BlockdevOnError,
                    "Error handling policy, report/ignore/enospc/stop/auto");
QDEV_PROP_ENUM_KIND(bios_chs_trans, BiosAtaTranslation,
                    "Logical CHS translation algorithm, auto/none/lba/large/rechs");
