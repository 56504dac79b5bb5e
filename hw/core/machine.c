/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine type, and how a machine is found by name.
 */
#include "qemu/osdep.h"
#include "hw/boards.h"
#include "qapi/error.h"

MachineState *current_machine;

static bool machine_has_name(MachineClass *mc, const char *name)
{
    return strcmp(mc->name, name) == 0 || (mc->alias && strcmp(mc->alias, name) == 0);
}

MachineClass *find_machine_class(const char *name)
{
    g_autoptr(GSList) list = object_class_get_list(TYPE_MACHINE, false);
    GSList *l;

    for (l = list; l; l = l->next) {
        if (machine_has_name(l->data, name)) {
            return l->data;
        }
    }
    return NULL;
}

static void help_line(GString *text, const char *name, MachineClass *mc, bool is_alias)
{
    g_string_append_printf(text, "%-20s %s", name, mc->desc ?: "");
    if (is_alias) {
        g_string_append_printf(text, " (alias of %s)", mc->name);
    }
    g_string_append_printf(text, "%s%s\n", mc->is_default ? " (default)" : "",
                           mc->deprecation_reason ? " (deprecated)" : "");
}

char *machine_list_help(void)
{
    g_autoptr(GSList) list = object_class_get_list_sorted(TYPE_MACHINE, false);
    GString *text = g_string_new("Supported machines are:\n");
    GSList *l;

    for (l = list; l; l = l->next) {
        MachineClass *mc = l->data;

        if (mc->alias) {
            help_line(text, mc->alias, mc, true);
        }
        help_line(text, mc->name, mc, false);
    }
    return g_string_free(text, FALSE);
}

void machine_run_board_init(MachineState *machine)
{
    MachineClass *mc = MACHINE_GET_CLASS(machine);

    g_assert(!machine->init_done);
    if (!object_get_parent(OBJECT(machine))) {
        qdev_set_machine(OBJECT(machine));
    }
    current_machine = machine;
    if (mc->init) {
        mc->init(machine);
    }
    machine->init_done = true;
}

static void machine_instance_finalize(Object *obj)
{
    if (current_machine == MACHINE(obj)) {
        current_machine = NULL;
    }
}

/* The name that users write is the type's without "-machine". */
static void machine_class_base_init(ObjectClass *oc, void *data)
{
    MachineClass *mc = MACHINE_CLASS(oc);
    const char *type = object_class_get_name(oc);

    mc->alias = NULL;
    mc->is_default = false;
    mc->name = g_str_has_suffix(type, TYPE_MACHINE_SUFFIX) ?
               g_strndup(type, strlen(type) - strlen(TYPE_MACHINE_SUFFIX)) :
               g_strdup(type);
}

static void register_machine(void)
{
    static const TypeInfo info = {
        .name = TYPE_MACHINE,
        .parent = TYPE_OBJECT,
        .abstract = true,
        .class_size = sizeof(MachineClass),
        .class_base_init = machine_class_base_init,
        .instance_size = sizeof(MachineState),
        .instance_finalize = machine_instance_finalize,
    };

    type_register_static(&info);
}

type_init(register_machine)
