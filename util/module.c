/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queues of registration functions. Filled by constructors before main(), each
 * function runs once however often its kind is called for.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"

static GQueue pending_inits[MODULE_INIT_MAX];

void register_module_init(void (*fn)(void), module_init_type type)
{
    g_queue_push_tail(&pending_inits[type], (void *)(uintptr_t)fn);
}

void module_call_init(module_init_type type)
{
    void *fn;

    while ((fn = g_queue_pop_head(&pending_inits[type]))) {
        ((void (*)(void))(uintptr_t)fn)();
    }
}
