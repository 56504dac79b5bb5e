/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registration functions that run before main() queue here what shall run at a
 * chosen moment: module_call_init(MODULE_INIT_QOM) registers all types.
 * Within one kind they run in the order of their registration; each runs once.
 */
#ifndef QEMU_MODULE_H
#define QEMU_MODULE_H

typedef enum {
    MODULE_INIT_MIGRATION,
    MODULE_INIT_BLOCK,
    MODULE_INIT_OPTS,
    MODULE_INIT_QOM,
    MODULE_INIT_TRACE,
    MODULE_INIT_XEN_BACKEND,
    MODULE_INIT_LIBQOS,
    MODULE_INIT_FUZZ_TARGET,
    MODULE_INIT_MAX
} module_init_type;

void register_module_init(void (*fn)(void), module_init_type type);
void module_call_init(module_init_type type);

#define module_init(function, type) \
    static void __attribute__((constructor)) glue(queue_init_of_, function)(void) \
    { \
        register_module_init(function, type); \
    }

#define block_init(function) module_init(function, MODULE_INIT_BLOCK)
#define opts_init(function) module_init(function, MODULE_INIT_OPTS)
#define type_init(function) module_init(function, MODULE_INIT_QOM)
#define trace_init(function) module_init(function, MODULE_INIT_TRACE)
#define migration_init(function) module_init(function, MODULE_INIT_MIGRATION)
#define fuzz_target_init(function) module_init(function, MODULE_INIT_FUZZ_TARGET)

/*
 * QEMU's scripts collect these to know which loadable module has which type.
 * All code is linked in here, so there is nothing to collect; the declaration
 * only eats the semicolon.
 */
#define MODULE_NOTE_ extern int module_metadata_unused_
#define module_obj(name) MODULE_NOTE_
#define module_dep(name) MODULE_NOTE_
#define module_arch(name) MODULE_NOTE_
#define module_opts(name) MODULE_NOTE_
#define module_kconfig(name) MODULE_NOTE_

#endif
