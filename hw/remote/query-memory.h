/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The address spaces of all domains, by name.
 *
 * Locking: main context; the space itself belongs to the domain of ctx.
 */
#ifndef HW_REMOTE_QUERY_MEMORY_H
#define HW_REMOTE_QUERY_MEMORY_H

#include "exec/mtree.h"
#include "qapi/qapi-types-isolation.h"
#include "qemu/dot.h"
#include "query.h"

typedef struct QuerySpace {
    const char *name;
    const char *domain;
    AioContext *ctx;
    AddressSpace *as;
    AddressSpaceType type;
    PCIDevice *dev;             /* whose DMA space it is, or NULL */
} QuerySpace;

typedef void QuerySpaceFn(const QuerySpace *space, void *opaque);
/* Those of one domain, or with NULL of all; false and errp when there is no such domain. */
bool query_foreach_space(const char *domain, QuerySpaceFn *fn, void *opaque, Error **errp);

#endif
