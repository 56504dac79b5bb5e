/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NMI and VMState-name interfaces: small enough to share a file.
 */
#include "qemu/osdep.h"
#include "hw/nmi.h"
#include "hw/vmstate-if.h"
#include "qapi/error.h"

typedef struct NmiRequest {
    int cpu_index;
    bool handled;
    Error *err;
} NmiRequest;

static int ask_nmi(Object *obj, void *opaque)
{
    NmiRequest *req = opaque;

    if (!object_dynamic_cast(obj, TYPE_NMI)) {
        return 0;
    }
    NMI_GET_CLASS(obj)->nmi_monitor_handler(NMI(obj), req->cpu_index, &req->err);
    req->handled = true;
    return 1;
}

void nmi_monitor_handle(int cpu_index, Error **errp)
{
    NmiRequest req = { .cpu_index = cpu_index };

    object_child_foreach_recursive(object_get_root(), ask_nmi, &req);
    if (!req.handled) {
        error_setg(errp, "machine does not provide NMIs: the processors are the client's");
        return;
    }
    error_propagate(errp, req.err);
}

static void register_interfaces(void)
{
    static const TypeInfo infos[] = {
        {
            .name = TYPE_NMI,
            .parent = TYPE_INTERFACE,
            .class_size = sizeof(NMIClass),
        }, {
            .name = TYPE_VMSTATE_IF,
            .parent = TYPE_INTERFACE,
            .class_size = sizeof(VMStateIfClass),
        },
    };

    type_register_static_array(infos, ARRAY_SIZE(infos));
}

type_init(register_interfaces)
