/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine-wide spaces of the device API, which are empty here, and the
 * calls that go to them; and the operations of places where nobody answers.
 */
#include "qemu/osdep.h"
#include "exec/ioport.h"
#include "internal.h"

AddressSpace address_space_memory = {
    .name = (char *)"memory",
    .lock = QEMU_MUTEX_INITIALIZER,
    .listeners = QTAILQ_HEAD_INITIALIZER(address_space_memory.listeners),
    .forbidden = true,
};

AddressSpace address_space_io = {
    .name = (char *)"I/O",
    .lock = QEMU_MUTEX_INITIALIZER,
    .listeners = QTAILQ_HEAD_INITIALIZER(address_space_io.listeners),
    .forbidden = true,
};

static MemoryRegion *empty_root(MemoryRegion *mr, const char *name, uint64_t size)
{
    memory_region_init(mr, NULL, name, size);
    mr->sealed = true;
    return mr;
}

MemoryRegion *get_system_memory(void)
{
    static MemoryRegion mr;
    static gsize once;

    if (g_once_init_enter(&once)) {
        empty_root(&mr, "system", UINT64_MAX);
        g_once_init_leave(&once, 1);
    }
    return &mr;
}

MemoryRegion *get_system_io(void)
{
    static MemoryRegion mr;
    static gsize once;

    if (g_once_init_enter(&once)) {
        empty_root(&mr, "io", MAX_IOPORTS);
        g_once_init_leave(&once, 1);
    }
    return &mr;
}

void cpu_physical_memory_rw(hwaddr addr, void *buf, hwaddr len, bool is_write)
{
    address_space_rw(&address_space_memory, addr, MEMTXATTRS_UNSPECIFIED, buf, len, is_write);
}

void *cpu_physical_memory_map(hwaddr addr, hwaddr *plen, bool is_write)
{
    return address_space_map(&address_space_memory, addr, plen, is_write, MEMTXATTRS_UNSPECIFIED);
}

void cpu_physical_memory_unmap(void *buffer, hwaddr len, bool is_write, hwaddr access_len)
{
    address_space_unmap(&address_space_memory, buffer, len, is_write, access_len);
}

static bool nobody_accepts(void *opaque, hwaddr addr, unsigned size, bool is_write,
                           MemTxAttrs attrs)
{
    return false;
}

const MemoryRegionOps unassigned_mem_ops = {
    .valid.accepts = nobody_accepts,
    .endianness = DEVICE_NATIVE_ENDIAN,
};

/* A port that nobody drives floats high. */
static uint64_t floating_read(void *opaque, hwaddr addr, unsigned size)
{
    return UINT64_MAX;
}

static void floating_write(void *opaque, hwaddr addr, uint64_t data, unsigned size)
{
}

const MemoryRegionOps unassigned_io_ops = {
    .read = floating_read,
    .write = floating_write,
    .endianness = DEVICE_NATIVE_ENDIAN,
};
