/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Region byte orders, and the calls that name no address space. The latter
 * mean a machine-wide memory which this process does not have: they exist so
 * that models compile, act on the empty address_space_memory, fail there and
 * say so once (exec/address-spaces.h).
 */
#ifndef EXEC_CPU_COMMON_H
#define EXEC_CPU_COMMON_H

#include "exec/hwaddr.h"
#include "exec/target_page.h"

enum device_endian {
    DEVICE_NATIVE_ENDIAN, /* the clients' order: little */
    DEVICE_BIG_ENDIAN,
    DEVICE_LITTLE_ENDIAN,
};

#if HOST_BIG_ENDIAN
#define DEVICE_HOST_ENDIAN DEVICE_BIG_ENDIAN
#else
#define DEVICE_HOST_ENDIAN DEVICE_LITTLE_ENDIAN
#endif

typedef uint64_t ram_addr_t;
#define RAM_ADDR_MAX UINT64_MAX
#define RAM_ADDR_FMT "%" PRIx64
#define RAM_ADDR_INVALID (~(ram_addr_t)0)

typedef struct RAMBlock RAMBlock;

void cpu_physical_memory_rw(hwaddr addr, void *buf, hwaddr len, bool is_write);
void *cpu_physical_memory_map(hwaddr addr, hwaddr *plen, bool is_write);
void cpu_physical_memory_unmap(void *buffer, hwaddr len, bool is_write, hwaddr access_len);

static inline void cpu_physical_memory_read(hwaddr addr, void *buf, hwaddr len)
{
    cpu_physical_memory_rw(addr, buf, len, false);
}

static inline void cpu_physical_memory_write(hwaddr addr, const void *buf, hwaddr len)
{
    cpu_physical_memory_rw(addr, (void *)buf, len, true);
}

/* Facts about a block; any thread, the block's region being alive. */
const char *qemu_ram_get_idstr(RAMBlock *rb);
void *qemu_ram_get_host_addr(RAMBlock *rb);
ram_addr_t qemu_ram_get_used_length(RAMBlock *rb);
ram_addr_t qemu_ram_get_max_length(RAMBlock *rb);
size_t qemu_ram_pagesize(RAMBlock *rb);
bool qemu_ram_is_shared(RAMBlock *rb);
int qemu_ram_get_fd(RAMBlock *rb);

#endif
