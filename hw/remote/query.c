/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walking over domains, functions and servers; see query.h. */
#include "qemu/osdep.h"
#include "hw/pci/pci_bridge.h"
#include "query.h"

typedef struct Walk {
    const char *domain;
    AioContext *ctx;
    GHashTable *servers;
    QueryFunctionFn *fn;
    void *opaque;
} Walk;

static void walk_bus(const Walk *w, PCIBus *bus)
{
    for (int i = 0; i < PCI_DEVFN_MAX; i++) {
        PCIDevice *dev = bus->devices[i];
        g_autofree char *name = dev ? qdev_get_human_name(DEVICE(dev)) : NULL;
        QueryFunction f = { w->domain, w->ctx, bus, dev, name,
                            dev && w->servers ? g_hash_table_lookup(w->servers, dev) : NULL };

        if (!dev) {
            continue;
        }
        w->fn(&f, w->opaque);
        if (object_dynamic_cast(OBJECT(dev), TYPE_PCI_BRIDGE)) {
            walk_bus(w, pci_bridge_get_sec_bus(PCI_BRIDGE(dev)));
        }
    }
}

void query_foreach_function(const char *domain, PCIBus *bus, AioContext *ctx,
                            GHashTable *servers, QueryFunctionFn *fn, void *opaque)
{
    Walk w = { domain, ctx, servers, fn, opaque };

    walk_bus(&w, bus);
}

static void add_server(const VfioUserServerView *view, void *opaque)
{
    g_hash_table_insert(opaque, view->dev, g_memdup2(view, sizeof(*view)));
}

GHashTable *query_servers(void)
{
    GHashTable *servers = g_hash_table_new_full(NULL, NULL, NULL, g_free);

    vfio_user_server_foreach(add_server, servers);
    return servers;
}

char *query_addr(const PCIDevice *dev)
{
    return g_strdup_printf("%x.%x", PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn));
}

HumanReadableText *query_text(GString *out)
{
    HumanReadableText *text = g_new0(HumanReadableText, 1);

    text->human_readable_text = g_utf8_make_valid(out->str, out->len);
    g_string_free(out, TRUE);
    return text;
}
