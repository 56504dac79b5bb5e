/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The drivers of this program. Filled by constructors, constant afterwards. */
#include "qemu/osdep.h"
#include "block-int.h"

static const BlockDriver *drivers[BLOCKDEV_DRIVER__MAX];

void block_register(const BlockDriver *driver)
{
    g_assert(driver->kind < BLOCKDEV_DRIVER__MAX && !drivers[driver->kind]);
    g_assert(driver->open && driver->submit && driver->cancel && driver->getlength);
    drivers[driver->kind] = driver;
}

const BlockDriver *block_driver(BlockdevDriver kind)
{
    return drivers[kind];
}
