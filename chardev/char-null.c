/* SPDX-License-Identifier: GPL-2.0-or-later */
/* null: takes everything, gives nothing. */
#include "qemu/osdep.h"
#include "internal.h"

static const ChardevOption null_options[] = { CHARDEV_COMMON_OPTIONS, { NULL } };

static void null_open(Chardev *chr, ChardevBackend *backend, bool *be_opened, Error **errp)
{
    *be_opened = false;
}

static void null_class_init(ObjectClass *oc, void *data)
{
    CHARDEV_CLASS(oc)->options = null_options;
    CHARDEV_CLASS(oc)->open = null_open;
}

static const TypeInfo null_types[] = {
    { .name = TYPE_CHARDEV_NULL, .parent = TYPE_CHARDEV, .class_init = null_class_init },
};
DEFINE_TYPES(null_types)
