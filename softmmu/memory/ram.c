/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RAM and ROM regions. Memory that we allocate is a sealed-size memfd mapped
 * shared, so that the very pages can be lent to a client that maps the BAR;
 * memory that the caller brings is used where it is.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "qapi/error.h"
#include "qemu/fault-inject.h"
#include "fuse-files.h"
#include "internal.h"

/* Unmapping a file waits for its keeper: without one its pages stay until the process ends. */
static bool can_unmap(RAMBlock *rb)
{
    return !rb->files || (rb->fd >= 0 && fuse_files_answer(rb->files, rb->fd));
}

void ram_block_free(RAMBlock *rb)
{
    if (rb->owns_map && rb->host && can_unmap(rb)) {
        munmap(rb->host, rb->max_length);
    }
    if (rb->fd >= 0) {
        close(rb->fd);
    }
    if (rb->next_fd >= 0) {
        close(rb->next_fd);
    }
    fuse_files_free(rb->files);
    g_free(rb);
}

static RAMBlock *ram_block_new(MemoryRegion *mr, uint64_t size)
{
    RAMBlock *rb = g_new0(RAMBlock, 1);

    rb->mr = mr;
    rb->fd = rb->next_fd = -1;
    rb->used_length = size;
    rb->page_size = qemu_real_host_page_size();
    rb->max_length = ROUND_UP(size, rb->page_size);
    g_strlcpy(rb->idstr, memory_region_name(mr), sizeof(rb->idstr));
    return rb;
}

/* Takes over rb->fd in any case. */
static bool ram_block_map(RAMBlock *rb, Error **errp)
{
    void *host = MAP_FAILED;

    errno = ENOMEM;
    if (!fault_inject(FAULT_MMAP)) {
        host = mmap(NULL, rb->max_length, PROT_READ | PROT_WRITE, MAP_SHARED, rb->fd,
                    rb->fd_offset);
    }
    if (host == MAP_FAILED) {
        error_setg_errno(errp, errno, "cannot map %" PRIu64 " bytes for region '%s'",
                         rb->max_length, rb->idstr);
        return false;
    }
    rb->host = host;
    rb->owns_map = true;
    rb->shared = true;
    return true;
}

int ram_block_open(RAMBlock *rb, Error **errp)
{
    int fd = -1;

    if (rb->files) {
        return fuse_files_open(rb->files, errp);
    }
    errno = EMFILE;
    if (!fault_inject(FAULT_OPEN)) {
        fd = memfd_create(rb->idstr, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    }
    if (fd < 0) {
        error_setg_errno(errp, errno, "cannot create memory for region '%s'", rb->idstr);
        return -1;
    }
    /* A client that gets the file must not be able to pull it from under us. */
    if (ftruncate(fd, rb->max_length) < 0
        || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        error_setg_errno(errp, errno, "cannot give region '%s' %" PRIu64 " bytes", rb->idstr,
                         rb->max_length);
        close(fd);
        return -1;
    }
    return fd;
}

RAMBlock *ram_block_alloc(MemoryRegion *mr, uint64_t size, Error **errp)
{
    RAMBlock *rb;

    if (!size || size > INT64_MAX - (64 * 1024)) {
        error_setg(errp, "region '%s': impossible size %" PRIu64, memory_region_name(mr), size);
        return NULL;
    }
    rb = ram_block_new(mr, size);
    rb->fd = ram_block_open(rb, errp);
    rb->owns_file = true;
    if (rb->fd < 0 || !ram_block_map(rb, errp)) {
        ram_block_free(rb);
        return NULL;
    }
    return rb;
}

/* On failure mr stays a valid region of its size that has no memory: nothing maps it. */
static bool ram_alloc(MemoryRegion *mr, uint64_t size, Error **errp)
{
    mr->ram_block = ram_block_alloc(mr, size, errp);
    if (!mr->ram_block) {
        mr->kind = MR_CONTAINER;
    }
    return mr->ram_block != NULL;
}

/* The contents migrate with the stream that the device's own state is in: nothing to register. */
bool memory_region_init_ram(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            Error **errp)
{
    return memory_region_init_ram_nomigrate(mr, owner, name, size, errp);
}

bool memory_region_init_ram_nomigrate(MemoryRegion *mr, Object *owner, const char *name,
                                      uint64_t size, Error **errp)
{
    memory_region_init_ram_kind(mr, owner, name, size, MR_RAM);
    return ram_alloc(mr, size, errp);
}

bool memory_region_init_ram_flags_nomigrate(MemoryRegion *mr, Object *owner, const char *name,
                                            uint64_t size, uint32_t ram_flags, Error **errp)
{
    return memory_region_init_ram_nomigrate(mr, owner, name, size, errp);
}

/* Takes over fd, also on failure. */
bool memory_region_init_ram_from_fd(MemoryRegion *mr, Object *owner, const char *name,
                                    uint64_t size, uint32_t ram_flags, int fd, ram_addr_t offset,
                                    Error **errp)
{
    RAMBlock *rb;

    memory_region_init_ram_kind(mr, owner, name, size, MR_RAM);
    rb = ram_block_new(mr, size);
    rb->fd = fd;
    rb->fd_offset = offset;
    if (!ram_block_map(rb, errp)) {
        ram_block_free(rb);
        mr->kind = MR_CONTAINER;
        return false;
    }
    mr->ram_block = rb;
    return true;
}

bool memory_region_init_rom(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                            Error **errp)
{
    return memory_region_init_rom_nomigrate(mr, owner, name, size, errp);
}

bool memory_region_init_rom_nomigrate(MemoryRegion *mr, Object *owner, const char *name,
                                      uint64_t size, Error **errp)
{
    bool ok = memory_region_init_ram_nomigrate(mr, owner, name, size, errp);

    mr->readonly = true;
    return ok;
}

bool memory_region_init_rom_device(MemoryRegion *mr, Object *owner, const MemoryRegionOps *ops,
                                   void *opaque, const char *name, uint64_t size, Error **errp)
{
    return memory_region_init_rom_device_nomigrate(mr, owner, ops, opaque, name, size, errp);
}

bool memory_region_init_rom_device_nomigrate(MemoryRegion *mr, Object *owner,
                                             const MemoryRegionOps *ops, void *opaque,
                                             const char *name, uint64_t size, Error **errp)
{
    memory_region_init_ram_kind(mr, owner, name, size, MR_ROM_DEVICE);
    mr->ops = ops;
    mr->opaque = opaque;
    mr->rom_device = true;
    mr->romd_mode = true;
    return ram_alloc(mr, size, errp);
}

void memory_region_init_ram_ptr(MemoryRegion *mr, Object *owner, const char *name, uint64_t size,
                                void *ptr)
{
    memory_region_init_ram_kind(mr, owner, name, size, MR_RAM);
    mr->ram_block = ram_block_new(mr, size);
    mr->ram_block->host = ptr;
}

void memory_region_init_ram_device_ptr(MemoryRegion *mr, Object *owner, const char *name,
                                       uint64_t size, void *ptr)
{
    memory_region_init_ram_ptr(mr, owner, name, size, ptr);
    mr->kind = MR_RAM_DEVICE;
}

int memory_region_get_fd(MemoryRegion *mr)
{
    return mr->ram_block ? mr->ram_block->fd : -1;
}

/* Through aliases, of which each hop adds its offset; a loop of them has no memory. */
void *memory_region_get_ram_ptr(MemoryRegion *mr)
{
    hwaddr offset = 0;

    for (int hops = 0; mr && mr->alias && hops < 64; hops++) {
        offset += mr->alias_offset;
        mr = mr->alias;
    }
    return mr && mr->ram_block ? mr->ram_block->host + offset : NULL;
}

ram_addr_t memory_region_get_ram_addr(MemoryRegion *mr)
{
    /* There is no numbering of all RAM: what is unique about a block is its place. */
    return mr->ram_block ? (uintptr_t)mr->ram_block->host : RAM_ADDR_INVALID;
}

void memory_region_msync(MemoryRegion *mr, hwaddr addr, hwaddr size)
{
    RAMBlock *rb = mr->ram_block;
    uint64_t start;

    if (!rb || !size || addr >= rb->used_length) {
        return;
    }
    size = MIN(size, rb->used_length - addr);
    start = QEMU_ALIGN_DOWN(addr, rb->page_size);
    if (rb->owns_map) {
        msync(rb->host + start, size + (addr - start), MS_SYNC);
    }
}

const char *qemu_ram_get_idstr(RAMBlock *rb)
{
    return rb->idstr;
}

void *qemu_ram_get_host_addr(RAMBlock *rb)
{
    return rb->host;
}

ram_addr_t qemu_ram_get_used_length(RAMBlock *rb)
{
    return rb->used_length;
}

ram_addr_t qemu_ram_get_max_length(RAMBlock *rb)
{
    return rb->max_length;
}

size_t qemu_ram_pagesize(RAMBlock *rb)
{
    return rb->page_size;
}

bool qemu_ram_is_shared(RAMBlock *rb)
{
    return rb->shared;
}

int qemu_ram_get_fd(RAMBlock *rb)
{
    return rb->fd;
}
