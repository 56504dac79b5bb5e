/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest memory objects, and lending them to the server: DMA_MAP, DMA_UNMAP.
 *
 * `lent` remembers what the server may touch, so that its messages can be
 * answered; a range is in the list from before the DMA_MAP is sent until after
 * the DMA_UNMAP was answered.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "internal.h"

struct VfuMemory {
    int fd;
    size_t size;
    uint8_t *data;
};

VfuMemory *vfu_memory_new(size_t size, Error **errp)
{
    g_autoptr(VfuMemory) m = g_new0(VfuMemory, 1);

    m->size = size;
    m->fd = memfd_create("vfu-memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (m->fd < 0 || ftruncate(m->fd, size) < 0) {
        error_setg_errno(errp, errno, "cannot make %zu bytes of shared memory", size);
        return NULL;
    }
    m->data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
    if (m->data == MAP_FAILED) {
        m->data = NULL;
        error_setg_errno(errp, errno, "cannot map %zu bytes of shared memory", size);
        return NULL;
    }
    return g_steal_pointer(&m);
}

void vfu_memory_free(VfuMemory *m)
{
    if (!m) {
        return;
    }
    if (m->data) {
        munmap(m->data, m->size);
    }
    if (m->fd >= 0) {
        close(m->fd);
    }
    g_free(m);
}

void *vfu_memory_data(VfuMemory *m)
{
    return m->data;
}

size_t vfu_memory_size(const VfuMemory *m)
{
    return m->size;
}

int vfu_memory_fd(const VfuMemory *m)
{
    return m->fd;
}

/* The lent range that holds all of [address, address + (size - 1)]. */
const Lent *vfu_client_find_lent(VfuClient *c, uint64_t address, uint64_t size)
{
    for (unsigned i = 0; i < c->lent->len; i++) {
        const Lent *l = &g_array_index(c->lent, Lent, i);
        if (address >= l->first && address <= l->last &&
            (size == 0 || size - 1 <= l->last - address)) {
            return l;
        }
    }
    return NULL;
}

int vfu_client_dma_map_raw(VfuClient *c, const VfuDmaMap *map, int fd)
{
    struct iovec iov = { (void *)map, sizeof(*map) };
    VfuCall call = { .command = VFU_DMA_MAP, .fds = &fd, .nr_fds = fd >= 0 };

    return vfu_client_call(c, &call, &iov, 1);
}

static void forget(VfuClient *c, uint64_t first, uint64_t last)
{
    for (unsigned i = c->lent->len; i > 0; i--) {
        const Lent *l = &g_array_index(c->lent, Lent, i - 1);
        if (l->first >= first && l->last <= last) {
            g_array_remove_index_fast(c->lent, i - 1);
        }
    }
}

int vfu_client_dma_map(VfuClient *c, VfuMemory *m, uint64_t offset, uint64_t address,
                       uint64_t size, uint32_t flags, bool share)
{
    VfuDmaMap map = {
        .argsz = sizeof(map), .flags = flags, .offset = share ? offset : 0,
        .address = address, .size = size,
    };
    Lent lent = { .first = address, .flags = flags, .fd = m->fd };
    int ret;

    if (!size || size - 1 > UINT64_MAX - address || offset > m->size ||
        size > m->size - offset) {
        return -EINVAL;
    }
    lent.last = address + (size - 1);
    lent.host = m->data + offset;
    g_array_append_val(c->lent, lent);
    ret = vfu_client_dma_map_raw(c, &map, share ? m->fd : -1);
    if (ret) {
        /* Only the newest: an older, equal one is still lent (EEXIST). */
        for (unsigned i = c->lent->len; i > 0; i--) {
            const Lent *l = &g_array_index(c->lent, Lent, i - 1);
            if (l->first == address && l->host == lent.host) {
                g_array_remove_index(c->lent, i - 1);
                break;
            }
        }
    }
    return ret;
}

int vfu_client_dma_unmap_raw(VfuClient *c, const VfuDmaUnmap *unmap, VfuDmaUnmap *reply)
{
    const Lent *l = vfu_client_find_lent(c, unmap->address, unmap->size);
    bool carry = c->persona->unmap_carries_fd && l;
    struct iovec iov = { (void *)unmap, sizeof(*unmap) };
    VfuCall call = {
        .command = VFU_DMA_UNMAP, .reply = reply, .room = sizeof(*reply),
        .min = sizeof(*reply), .expect = sizeof(*reply),
        .fds = carry ? &l->fd : NULL, .nr_fds = carry,
    };

    return vfu_client_call(c, &call, &iov, 1);
}

int vfu_client_dma_unmap(VfuClient *c, uint64_t address, uint64_t size,
                         uint64_t *unmapped)
{
    VfuDmaUnmap unmap = { .argsz = sizeof(unmap), .address = address, .size = size };
    VfuDmaUnmap reply = { 0 };
    int ret = vfu_client_dma_unmap_raw(c, &unmap, &reply);

    if (size) {
        uint64_t room = UINT64_MAX - address;
        forget(c, address, size - 1 > room ? UINT64_MAX : address + (size - 1));
    }
    if (unmapped) {
        *unmapped = ret ? 0 : reply.size;
    }
    return ret;
}

int vfu_client_dma_unmap_all(VfuClient *c)
{
    VfuDmaUnmap unmap = { .argsz = sizeof(unmap), .flags = VFU_UNMAP_F_ALL };
    VfuDmaUnmap reply;
    int ret = vfu_client_dma_unmap_raw(c, &unmap, &reply);

    g_array_set_size(c->lent, 0);
    return ret;
}
