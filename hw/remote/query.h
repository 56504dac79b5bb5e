/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the queries of this folder share.
 *
 * Every query runs in the main context with no domain entered. Which domains,
 * buses, functions and servers there are is settled there: all of them come and
 * go in the main context alone. What is inside one of them is copied with its
 * domain entered, for one function or server at a time, and turned into an
 * answer afterwards; so nobody in the domain waits longer than for the copy.
 *
 * Lock order: main context, then one domain.
 */
#ifndef HW_REMOTE_QUERY_H
#define HW_REMOTE_QUERY_H

#include "qemu/osdep.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "qapi/qapi-types-common.h"
#include "isolated-rc.h"
#include "vfio-user-server.h"

/* One function of a domain. */
typedef struct QueryFunction {
    const char *domain;
    AioContext *ctx;
    PCIBus *bus;                /* that it is on */
    PCIDevice *dev;
    char *name;                 /* its id, or its path */
    const VfioUserServerView *server;           /* who serves it, or NULL */
} QueryFunction;

typedef void QueryFunctionFn(const QueryFunction *f, void *opaque);
/* All functions on bus and behind its bridges, each bridge before what is behind it. */
void query_foreach_function(const char *domain, PCIBus *bus, AioContext *ctx,
                            GHashTable *servers, QueryFunctionFn *fn, void *opaque);
/* PCIDevice -> VfioUserServerView. */
GHashTable *query_servers(void);
/* "2.0" */
char *query_addr(const PCIDevice *dev);
/* Takes out. Whatever bytes names were given: the text is UTF-8. */
HumanReadableText *query_text(GString *out);

#endif
