/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Port tables: each run of adjoining or overlapping entries becomes one
 * region ("window"). Inside, an access goes to the entry that covers the port
 * and has its size. A word nobody takes becomes two bytes, low first, as on
 * the ISA bus; what is left floats high.
 */
#include "qemu/osdep.h"
#include "exec/ioport.h"

typedef struct PortWindow {
    MemoryRegion mr;
    PortioList *list;
    uint32_t first; /* offset of the window in the table's numbering */
} PortWindow;

static const MemoryRegionPortio *find_entry(const PortWindow *w, uint32_t port, unsigned size,
                                            bool is_write)
{
    for (const MemoryRegionPortio *p = w->list->ports; p->size; p++) {
        if (p->size == size && port >= p->offset && port - p->offset < p->len
            && (is_write ? p->write != NULL : p->read != NULL)) {
            return p;
        }
    }
    return NULL;
}

/* Callbacks hear the number on the bus, not the offset in the table. */
static uint64_t window_read(void *opaque, hwaddr addr, unsigned size)
{
    PortWindow *w = opaque;
    uint32_t port = w->first + addr;
    const MemoryRegionPortio *p = find_entry(w, port, size, false);

    if (p) {
        return p->read(w->list->opaque, w->list->addr + port);
    }
    if (size == 2 && find_entry(w, port, 1, false)) {
        return window_read(w, addr, 1) | window_read(w, addr + 1, 1) << 8;
    }
    return UINT64_MAX >> (64 - 8 * size);
}

static void window_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
    PortWindow *w = opaque;
    uint32_t port = w->first + addr;
    const MemoryRegionPortio *p = find_entry(w, port, size, true);

    if (p) {
        p->write(w->list->opaque, w->list->addr + port, data);
    } else if (size == 2 && find_entry(w, port, 1, true)) {
        window_write(w, addr, data & 0xff, 1);
        window_write(w, addr + 1, data >> 8, 1);
    }
}

static const MemoryRegionOps window_ops = {
    .read = window_read,
    .write = window_write,
    .valid.unaligned = true,
    .impl.unaligned = true,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

void portio_list_init(PortioList *piolist, Object *owner,
                      const struct MemoryRegionPortio *callbacks, void *opaque, const char *name)
{
    *piolist = (PortioList) {
        .ports = callbacks,
        .owner = owner,
        .windows = g_ptr_array_new(),
        .opaque = opaque,
        .name = name,
    };
}

/* Writes reach the device in order and at once: nothing is ever left to flush. */
void portio_list_set_flush_coalesced(PortioList *piolist)
{
    piolist->flush_coalesced_mmio = true;
}

void portio_list_destroy(PortioList *piolist)
{
    for (guint i = 0; piolist->windows && i < piolist->windows->len; i++) {
        PortWindow *w = g_ptr_array_index(piolist->windows, i);

        object_unparent(OBJECT(&w->mr));
        g_free(w);
    }
    g_clear_pointer(&piolist->windows, g_ptr_array_unref);
}

static void add_window(PortioList *piolist, uint32_t first, uint32_t past)
{
    PortWindow *w = g_new0(PortWindow, 1);

    w->list = piolist;
    w->first = first;
    memory_region_init_io(&w->mr, piolist->owner, &window_ops, w, piolist->name, past - first);
    memory_region_add_subregion(piolist->address_space, piolist->addr + first, &w->mr);
    g_ptr_array_add(piolist->windows, w);
}

/* An access that begins at the entry's last port reaches size - 1 ports further. */
static uint32_t past_entry(const MemoryRegionPortio *p)
{
    return p->size ? p->offset + p->len + p->size - 1 : 0;
}

/* The table is in rising order of offset; a gap ends a window. */
void portio_list_add(PortioList *piolist, struct MemoryRegion *address_space, uint32_t addr)
{
    const MemoryRegionPortio *p = piolist->ports;
    uint32_t first = p->offset;
    uint32_t past = past_entry(p);

    piolist->address_space = address_space;
    piolist->addr = addr;
    while (p->size) {
        p++;
        if (p->size && p->offset >= first && p->offset <= past) {
            past = MAX(past, past_entry(p));
            continue;
        }
        add_window(piolist, first, past);
        first = p->offset;
        past = past_entry(p);
    }
}

void portio_list_del(PortioList *piolist)
{
    for (guint i = 0; i < piolist->windows->len; i++) {
        PortWindow *w = g_ptr_array_index(piolist->windows, i);

        if (w->mr.container) {
            memory_region_del_subregion(piolist->address_space, &w->mr);
        }
    }
}
