/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine: the object at /machine.  Ours has no CPU, no RAM and no boot
 * order; what remains are its name, its options and its hot-plug handlers.
 * Set up by the main thread before the first device exists, read-only later.
 */
#ifndef HW_BOARDS_H
#define HW_BOARDS_H

#include "hw/qdev-core.h"

#define TYPE_MACHINE_SUFFIX "-machine"
#define MACHINE_TYPE_NAME(label) label TYPE_MACHINE_SUFFIX

#define TYPE_MACHINE "machine"
OBJECT_DECLARE_TYPE(MachineState, MachineClass, MACHINE)

/* The machine of this process; NULL until the startup code has set it. */
extern MachineState *current_machine;

/*
 * @init: after all options are set, before -device.
 * @get_hotplug_handler: who handles @dev when its bus has nobody; may be NULL.
 */
struct MachineClass {
    ObjectClass parent_class;

    const char *family;
    char *name;
    const char *alias;
    const char *desc;
    const char *deprecation_reason;

    void (*init)(MachineState *state);
    HotplugHandler *(*get_hotplug_handler)(MachineState *machine, DeviceState *dev);
    bool (*hotplug_allowed)(MachineState *state, DeviceState *dev, Error **errp);

    bool is_default;
    int max_cpus;
    GPtrArray *compat_props;
};

struct MachineState {
    Object parent_obj;

    uint64_t ram_size;          /* always 0: the client brings its memory */
    bool init_done;
};

/* Registers the machine type "@label-machine"; @fill sets its class up. */
#define DEFINE_MACHINE(label, fill)                                         \
    static void fill ## _make_class(ObjectClass *oc, const void *unused)    \
    {                                                                       \
        fill(MACHINE_CLASS(oc));                                            \
    }                                                                       \
    static void fill ## _machine_type(void)                                 \
    {                                                                       \
        type_register(&(TypeInfo) {                                         \
            .parent = TYPE_MACHINE,                                         \
            .name = MACHINE_TYPE_NAME(label),                               \
            .class_init = fill ## _make_class,                              \
        });                                                                 \
    }                                                                       \
    type_init(fill ## _machine_type)

/* Borrowed; @name is the name or alias of the machine; NULL when unknown. */
MachineClass *find_machine_class(const char *name);
/* The text of "-machine help"; the caller frees. */
char *machine_list_help(void);
/* Puts the machine into the tree as /machine and runs its init. */
void machine_run_board_init(MachineState *machine);

#endif
