/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port tables: a device with old-style per-port callbacks lists them, and a
 * PortioList turns the list into regions of an I/O space. The space is always
 * one the caller names (pci_address_space_io(), a BAR); there is no global one.
 */
#ifndef EXEC_IOPORT_H
#define EXEC_IOPORT_H

#include "exec/memory.h"

typedef uint32_t pio_addr_t;
#define FMT_pioaddr PRIx32
#define MAX_IOPORTS (64 * 1024)
#define IOPORTS_MASK (MAX_IOPORTS - 1)

/* Ports [offset, offset+len) answer accesses of exactly size bytes. */
typedef struct MemoryRegionPortio {
    uint32_t offset;
    uint32_t len;
    unsigned size;
    uint32_t (*read)(void *opaque, uint32_t address);
    void (*write)(void *opaque, uint32_t address, uint32_t data);
    uint32_t base; /* unused: the callbacks get the number of the port on the bus */
} MemoryRegionPortio;

#define PORTIO_END_OF_LIST() { }

typedef struct PortioList {
    const struct MemoryRegionPortio *ports; /* borrowed, must outlive the list */
    Object *owner;
    struct MemoryRegion *address_space;     /* where portio_list_add() put it */
    uint32_t addr;
    GPtrArray *windows;                     /* private: one region for each run of ports */
    void *opaque;
    const char *name;
    bool flush_coalesced_mmio;
} PortioList;

void portio_list_init(PortioList *piolist, Object *owner,
                      const struct MemoryRegionPortio *callbacks, void *opaque, const char *name);
void portio_list_set_flush_coalesced(PortioList *piolist);
void portio_list_destroy(PortioList *piolist);
void portio_list_add(PortioList *piolist, struct MemoryRegion *address_space, uint32_t addr);
void portio_list_del(PortioList *piolist);

extern const MemoryRegionOps unassigned_io_ops;

#endif
