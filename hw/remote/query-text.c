/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listings whose walkers live with what they walk: functions, devices, objects. */
#include "qemu/osdep.h"
#include "hw/pci/query.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-isolation.h"
#include "qapi/qapi-commands-pci.h"
#include "query.h"

static void add_root_bus(const char *domain, PCIBus *bus, AioContext *ctx, void *opaque)
{
    PciInfoList ***tail = opaque;

    QAPI_LIST_APPEND(*tail, pci_query_root_bus(bus, domain));
}

PciInfoList *qmp_query_pci(Error **errp)
{
    PciInfoList *list = NULL, **tail = &list;

    isolated_rc_foreach(add_root_bus, &tail);
    return list;
}

HumanReadableText *qmp_x_query_qtree(Error **errp)
{
    GString *out = g_string_new(NULL);

    qdev_print_tree(out);
    return query_text(out);
}

static void *enter_domain(Object *obj)
{
    AioContext *ctx = qdev_context_of_object(obj);

    aio_context_visit(ctx);
    return ctx;
}

static void leave_domain(void *ctx)
{
    aio_context_leave(ctx);
}

HumanReadableText *qmp_x_query_qom_tree(const char *path, Error **errp)
{
    static const ObjectTreeGuard guard = { enter_domain, leave_domain };
    const char *from = path ? path : "/machine";
    bool ambiguous = false;
    Object *root = object_resolve_path(from, &ambiguous);
    GString *out;

    if (ambiguous) {
        error_setg(errp, "Path '%s' is ambiguous", from);
        return NULL;
    }
    if (!root) {
        error_set(errp, ERROR_CLASS_DEVICE_NOT_FOUND, "Device '%s' not found", from);
        return NULL;
    }
    out = g_string_new(NULL);
    object_print_tree(root, &guard, out);
    return query_text(out);
}
