/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device model of the memory tests: remembers what it was asked. */
#ifndef TESTS_MEMORY_COMMON_H
#define TESTS_MEMORY_COMMON_H

#include "qemu/osdep.h"
#include "exec/memory.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"

/* An owner for regions; goes with object_unparent-like unref. */
static inline Object *test_owner_new(void)
{
    return object_new(TYPE_CONTAINER);
}

static inline void test_init(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    qemu_init_main_loop(NULL);
    module_call_init(MODULE_INIT_QOM);
    qemu_mutex_lock_iothread();
}

#endif
