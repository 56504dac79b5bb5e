/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device of the fuzzers, see device.h. What a write does depends on its
 * offset, so that a fuzzer can find pending requests and DMA.
 */
#include "qemu/osdep.h"
#include "device.h"

#define BAR_SIZE 4096

static void attached(void *opaque, VfuSession *s)
{
    FuzzDevice *dev = opaque;

    g_assert(!dev->session);
    dev->session = s;
}

static void detached(void *opaque, VfuSession *s, VfuCloseReason reason)
{
    FuzzDevice *dev = opaque;

    g_assert(dev->session == s);
    dev->session = NULL;
    while (fuzz_device_complete(dev, -ECANCELED)) {
    }
    g_assert(dev->in_dma == 0);
}

static bool can_reset(void *opaque)
{
    return true;
}

static void get_region(void *opaque, unsigned index, VfuRegion *region)
{
    static const VfuSparseArea areas[] = { { 0, 0x1000 }, { 0x2000, 0x1000 } };
    FuzzDevice *dev = opaque;

    g_assert(index < VFU_NUM_REGIONS);
    if (index == 0 || index == VFU_REGION_CONFIG) {
        *region = (VfuRegion) { .size = BAR_SIZE, .flags = 3, .fd = -1 };
    } else if (index == 2) {
        *region = (VfuRegion) { .size = 0x4000, .flags = 7, .fd = dev->fd, .areas = areas,
                                .nr_areas = 2 };
    }
}

static void get_irq(void *opaque, unsigned index, VfuIrq *irq)
{
    g_assert(index < VFU_NUM_IRQS);
    irq->flags = VFU_IRQ_F_EVENTFD;
    irq->count = index == VFU_IRQ_MSIX ? 2048 : index == VFU_IRQ_INTX;
}

static int keep(FuzzDevice *dev, VfuRequest *req, int otherwise)
{
    if (dev->nr_pending == FUZZ_PENDING) {
        return otherwise;
    }
    dev->pending[dev->nr_pending++] = req;
    return VFU_PENDING;
}

bool fuzz_device_complete(FuzzDevice *dev, int err)
{
    if (!dev->nr_pending) {
        return false;
    }
    vfu_request_complete(dev->pending[--dev->nr_pending], err);
    return true;
}

static int dma_map(void *opaque, const VfuDmaMap *map, int fd)
{
    g_assert(map->size && map->size - 1 <= UINT64_MAX - map->address);
    g_assert(!((map->address | map->size) & 4095));
    if (fd >= 0) {
        g_assert(map->offset <= INT64_MAX - map->size);
        close(fd);
    }
    return map->address & 0x1000 ? -EEXIST : 0;
}

static int dma_unmap(void *opaque, VfuRequest *req, const VfuDmaUnmap *unmap,
                     uint64_t *unmapped)
{
    g_assert((unmap->flags & VFU_UNMAP_F_ALL) || unmap->size);
    *unmapped = unmap->size;
    return unmap->address & 0x1000 ? keep(opaque, req, 0) : 0;
}

static int set_irqs(void *opaque, const VfuSetIrqs *set, const int *fds, unsigned nr_fds)
{
    FuzzDevice *dev = opaque;

    g_assert(set->index < VFU_NUM_IRQS && set->start <= 2048 && set->count <= 2048 - set->start);
    g_assert(nr_fds == 0 || nr_fds == set->count);
    for (unsigned i = 0; i < nr_fds; i++) {
        g_assert(fcntl(fds[i], F_GETFD) >= 0);
        close(fds[i]);
    }
    for (unsigned i = 0; (set->flags & VFU_SET_DATA_BOOL) && i < set->count; i++) {
        dev->sum += set->bools[i];
    }
    return 0;
}

static void dma_done(void *opaque, int err, const void *data, size_t count)
{
    FuzzDevice *dev = opaque;

    dev->in_dma--;
    for (size_t i = 0; data && i < count; i++) {
        dev->sum += ((const uint8_t *)data)[i];
    }
}

static int region_read(void *opaque, VfuRequest *req, unsigned index, uint64_t offset, void *data,
                       uint32_t count)
{
    g_assert(index < VFU_NUM_REGIONS && offset <= 0x4000 && count <= 0x4000 - offset);
    g_assert(vfu_request_current() == req && vfu_request_is_read(req));
    memset(data, offset, count);
    return offset == 64 ? keep(opaque, req, -EBUSY) : 0;
}

static void start_dma(FuzzDevice *dev, uint64_t offset)
{
    uint8_t data[24] = { 1, 2, 3 };
    VfuDmaRequest *dma;

    dma = offset & 4 ? vfu_session_dma_write(dev->session, 0x1000, data, 24, dma_done, dev, NULL)
                     : vfu_session_dma_read(dev->session, 0x1000, 24, dma_done, dev, NULL);
    dev->in_dma += dma != NULL;
    if (dma && (offset & 8)) {
        vfu_dma_request_cancel(dma);
        dev->in_dma--;
    }
}

static int region_write(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                        const void *data, uint32_t count)
{
    FuzzDevice *dev = opaque;

    g_assert(index < VFU_NUM_REGIONS && offset <= 0x4000 && count <= 0x4000 - offset);
    for (uint32_t i = 0; i < count; i++) {
        dev->sum += ((const uint8_t *)data)[i];
    }
    switch (offset >> 4) {
    case 1:
        start_dma(dev, offset);
        return 0;
    case 2:
        vfu_request_answer_early(req);
        return keep(dev, req, 0);
    case 3:
        return keep(dev, req, 0);
    case 4:
        fuzz_device_complete(dev, offset & 1 ? -EIO : 0);
        return 0;
    case 5:
        vfu_session_close(dev->session, VFU_CLOSE_LOCAL);
        return 0;
    default:
        return offset & 0x800 ? -EIO : 0;
    }
}

static int reset(void *opaque, VfuRequest *req)
{
    return 0;
}

static int feature(void *opaque, uint32_t flags, void *data, size_t len, size_t room,
                   size_t *reply_len)
{
    g_assert(len <= room);
    memset(data, 0x55, room);
    *reply_len = flags & VFU_FEATURE_GET ? MIN(room, 64) : len;
    return 0;
}

/* --- before the turn --- */

static bool ready(void *opaque)
{
    return !((FuzzDevice *)opaque)->busy;
}

static void *begin(void *opaque, VfuSession *s)
{
    FuzzDevice *dev = opaque;

    g_assert(!dev->session);
    dev->stand_ins++;
    return dev;
}

static void end(void *opaque, VfuSession *s, void *stand_in)
{
    FuzzDevice *dev = stand_in;

    g_assert(opaque == stand_in && dev->stand_ins);
    dev->stand_ins--;
}

static void turn(void *opaque, VfuSession *s, void *stand_in)
{
    end(opaque, s, stand_in);
    attached(opaque, s);
}

static int aside_unmap(void *opaque, VfuRequest *req, const VfuDmaUnmap *unmap,
                       uint64_t *unmapped)
{
    *unmapped = unmap->size;
    return 0;
}

static int aside_read(void *opaque, VfuRequest *req, unsigned index, uint64_t offset, void *data,
                      uint32_t count)
{
    memset(data, offset, count);
    return index == VFU_REGION_CONFIG ? 0 : VFU_NOT_NOW;
}

static int aside_write(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                       const void *data, uint32_t count)
{
    FuzzDevice *dev = opaque;

    for (uint32_t i = 0; i < count; i++) {
        dev->sum += ((const uint8_t *)data)[i];
    }
    return index == VFU_REGION_CONFIG ? 0 : VFU_NOT_NOW;
}

static const VfuDeviceOps aside_ops = {
    .can_reset = can_reset, .get_region = get_region, .get_irq = get_irq, .dma_map = dma_map,
    .dma_unmap = aside_unmap, .set_irqs = set_irqs, .region_read = aside_read,
    .region_write = aside_write, .reset = reset, .feature = feature,
};

static const VfuWaitOps wait_ops = {
    .ready = ready, .begin = begin, .end = end, .turn = turn, .ops = &aside_ops,
};

const VfuDeviceOps fuzz_device_ops = {
    .attached = attached, .detached = detached, .can_reset = can_reset, .get_region = get_region,
    .get_irq = get_irq, .dma_map = dma_map, .dma_unmap = dma_unmap, .set_irqs = set_irqs,
    .region_read = region_read, .region_write = region_write, .reset = reset, .feature = feature,
    .waiting = &wait_ops,
};
