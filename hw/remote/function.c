/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a served function, and the operations that a session asks of it.
 *
 * Suspended callbacks make three things wait for their end, in settle(): held
 * writes, a reset, and the reset after a disconnect. Whoever has to wait sets
 * aborting first, which fails the DMA that the callbacks wait for, so the wait
 * is short.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "hw/qdev-core.h"
#include "inbound/held.h"
#include "inbound/region.h"
#include "inbound/stand-in.h"
#include "function.h"
#include "trace.h"

/* --- waiting for the client inside a callback --- */

static __thread bool waits_forbidden;

void remote_function_forbid_waits(bool forbid)
{
    waits_forbidden = forbid;
}

static bool may_wait(void *opaque, int64_t *deadline_ns)
{
    RemoteFunction *fn = opaque;
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_REALTIME);

    *deadline_ns = MIN(*deadline_ns, region_op_deadline(fn));
    return fn->session && !fn->aborting && !waits_forbidden && *deadline_ns > now;
}

static void suspended(void *opaque)
{
    RemoteFunction *fn = opaque;
    VfuRequest *req = vfu_request_current();

    fn->suspended++;
    if (req && !vfu_request_is_read(req)) {
        vfu_request_answer_early(req);
    }
}

static void resumed(void *opaque)
{
    RemoteFunction *fn = opaque;

    if (--fn->suspended == 0) {
        qemu_bh_schedule(fn->settle_bh);
        if (fn->quiet) {
            aio_waiter_wake(fn->quiet);
        }
    }
}

static const IOVAWaitOps wait_ops = {
    .may_wait = may_wait, .suspended = suspended, .resumed = resumed,
};

static void reset_now(RemoteFunction *fn)
{
    VfuRequest *req = g_steal_pointer(&fn->reset_request);

    trace_function_reset(fn->name);
    fn->reset_wanted = false;
    if (!fn->replaying) {       /* those that are left then came after the reset */
        held_discard(fn);
    }
    pci_device_reset(fn->dev);
    memcpy(fn->reset_config, fn->dev->config, pci_config_size(fn->dev));
    fn->aborting = false;
    if (req) {
        vfu_request_complete(req, 0);
    }
}

static void settle(void *opaque)
{
    RemoteFunction *fn = opaque;

    if (fn->suspended) {
        return;
    }
    if (fn->reset_wanted) {
        reset_now(fn);
    }
    held_replay(fn);
    if (!fn->session && remote_function_is_settled(fn)) {
        fn->settled(fn);
    }
}

void remote_function_wait_quiet(RemoteFunction *fn)
{
    AioWaiter waiter;

    aio_waiter_init(&waiter, fn->ctx);
    fn->quiet = &waiter;
    while (fn->suspended && aio_waiter_wait(&waiter, -1)) {
    }
    fn->quiet = NULL;
    aio_waiter_destroy(&waiter);
    settle(fn);
}

bool remote_function_is_settled(const RemoteFunction *fn)
{
    return !fn->suspended && !fn->reset_wanted && !held_needed(fn);
}

void remote_function_reset(RemoteFunction *fn)
{
    iova_space_abort_waits(fn->space);
    if (fn->suspended) {
        fn->reset_wanted = true;
        fn->aborting = true;
    } else {
        reset_now(fn);
    }
}

/* Function level reset, asked for by config space. */
static void on_flr(PCIDevice *dev, void *opaque)
{
    remote_function_reset(opaque);
}

/* --- operations --- */

static bool op_can_reset(void *opaque)
{
    return true;
}

static void op_get_region(void *opaque, unsigned index, VfuRegion *region)
{
    region_describe(opaque, index, region);
}

static void op_get_irq(void *opaque, unsigned index, VfuIrq *irq)
{
    RemoteFunction *fn = opaque;

    interrupt_table_info(&fn->irqs, index, irq);
}

static unsigned op_get_io_fds(void *opaque, unsigned index, VfuIoFd *fds, unsigned max)
{
    return region_io_fds(opaque, index, fds, max);
}

/* Firmware and the like come without a file too, but small or read-only. */
static bool is_unshared_ram(const VfuDmaMap *map, int fd)
{
    return fd < 0 && (map->flags & VFU_DMA_F_WRITE) && map->size >= 16 * MiB;
}

static void tell_unshared(RemoteFunction *fn)
{
    if (!fn->told_unshared) {
        fn->told_unshared = true;
        warn_report_ratelimited("%s: guest RAM is not shared, every DMA is a message: start the "
                                "client with -object memory-backend-memfd,share=on", fn->name);
    }
}

static void tell_refused_map(RemoteFunction *fn, int err, const char *why)
{
    if (fn->map_refused) {
        fn->map_refused(fn, err, why);
    }
}

int remote_function_map(RemoteFunction *fn, IOVASpace *space, const VfuDmaMap *map, int fd)
{
    g_autoptr(Error) err = NULL;
    int ret;

    if (is_unshared_ram(map, fd)) {
        tell_unshared(fn);
    }
    ret = iova_space_map(space, map, fd, &err);
    if (ret) {
        trace_dma_map_refused(fn->name, map->address, map->size, -ret, error_get_pretty(err));
        warn_report_ratelimited("%s: DMA_MAP of 0x%" PRIx64 "+0x%" PRIx64 " refused: %s",
                                fn->name, map->address, map->size, error_get_pretty(err));
        tell_refused_map(fn, -ret, error_get_pretty(err));
    }
    return ret;
}

static int op_dma_map(void *opaque, const VfuDmaMap *map, int fd)
{
    RemoteFunction *fn = opaque;

    return remote_function_map(fn, fn->space, map, fd);
}

static void unmap_done(void *opaque, uint64_t unmapped)
{
    vfu_request_complete_unmap(opaque, 0, unmapped);
}

int remote_function_unmap(IOVASpace *space, VfuRequest *req, const VfuDmaUnmap *unmap,
                          uint64_t *unmapped)
{
    bool all = unmap->flags & VFU_UNMAP_F_ALL;
    hwaddr first = all ? 0 : unmap->address;
    hwaddr last = all ? HWADDR_MAX : unmap->address + (unmap->size - 1);

    return iova_space_unmap(space, first, last, unmapped, unmap_done, req);
}

static int op_dma_unmap(void *opaque, VfuRequest *req, const VfuDmaUnmap *unmap,
                        uint64_t *unmapped)
{
    RemoteFunction *fn = opaque;

    return remote_function_unmap(fn->space, req, unmap, unmapped);
}

static int op_set_irqs(void *opaque, const VfuSetIrqs *set, const int *fds, unsigned nr_fds)
{
    RemoteFunction *fn = opaque;

    return interrupt_table_set(&fn->irqs, set, fds, nr_fds);
}

static int op_region_read(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                          void *data, uint32_t count)
{
    return region_read_now(opaque, index, offset, data, count);
}

static int op_region_write(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                           const void *data, uint32_t count)
{
    RemoteFunction *fn = opaque;

    if (held_needed(fn)) {
        return held_add(fn, index, offset, data, count);
    }
    return region_write_now(fn, index, offset, data, count);
}

static int op_reset(void *opaque, VfuRequest *req)
{
    RemoteFunction *fn = opaque;

    remote_function_reset(fn);
    if (!fn->reset_wanted) {
        return 0;
    }
    if (fn->reset_request) {
        return -EBUSY;          /* one is under way */
    }
    fn->reset_request = req;
    return VFU_PENDING;
}

const VfuDeviceOps remote_function_ops = {
    .can_reset = op_can_reset,
    .get_region = op_get_region,
    .get_irq = op_get_irq,
    .get_io_fds = op_get_io_fds,
    .dma_map = op_dma_map,
    .dma_unmap = op_dma_unmap,
    .set_irqs = op_set_irqs,
    .region_read = op_region_read,
    .region_write = op_region_write,
    .reset = op_reset,
};

/* --- life --- */

void remote_function_attach(RemoteFunction *fn, VfuSession *session, StandIn *stand_in)
{
    fn->session = session;
    fn->told_unshared = false;
    iova_space_attach(fn->space, session);
    if (stand_in) {
        stand_in_apply(stand_in);
    }
}

void remote_function_detach(RemoteFunction *fn)
{
    VfuRequest *req = g_steal_pointer(&fn->reset_request);

    if (req) {
        vfu_request_complete(req, -ECANCELED);
    }
    fn->session = NULL;
    interrupt_table_unbind_all(&fn->irqs);
    iova_space_detach(fn->space);
    region_take_back(fn);
    if (!fn->keep_on_disconnect) {
        remote_function_reset(fn);
    }
}

static void make_bar_spaces(RemoteFunction *fn)
{
    for (unsigned i = 0; i < PCI_ROM_SLOT; i++) {
        PCIIORegion *r = &fn->dev->io_regions[i];

        if (r->size) {
            g_autofree char *name = g_strdup_printf("%s-bar%u", fn->name, i);

            address_space_init(&fn->bar_as[i], r->memory, name);
            address_space_set_client_side(&fn->bar_as[i]);
            fn->bar_as_ready[i] = true;
        }
    }
}

RemoteFunction *remote_function_new(PCIDevice *dev, Object *owner, const IOVASpaceConfig *dma,
                                    bool keep_on_disconnect)
{
    RemoteFunction *fn = g_new0(RemoteFunction, 1);

    fn->dev = PCI_DEVICE(object_ref(OBJECT(dev)));
    fn->ctx = qdev_get_aio_context(DEVICE(dev));
    fn->name = dma->name;
    fn->keep_on_disconnect = keep_on_disconnect;
    fn->reset_config = g_memdup2(dev->config, pci_config_size(dev));
    QSIMPLEQ_INIT(&fn->held);
    fn->settle_bh = aio_bh_new(fn->ctx, settle, fn);
    fn->space = iova_space_new(fn->ctx, owner, dma, &wait_ops, fn);
    interrupt_table_init(&fn->irqs, fn->ctx, dev);
    make_bar_spaces(fn);
    region_find_lent(fn);
    fn->unserved = dev->dma_region;
    pci_device_set_dma_region(dev, iova_space_region(fn->space));
    pci_device_set_flr_handler(dev, on_flr, fn);
    return fn;
}

void remote_function_free(RemoteFunction *fn)
{
    if (!fn) {
        return;
    }
    pci_device_set_flr_handler(fn->dev, NULL, NULL);
    pci_device_set_dma_region(fn->dev, fn->unserved);
    for (unsigned i = 0; i < PCI_ROM_SLOT; i++) {
        if (fn->bar_as_ready[i]) {
            address_space_destroy(&fn->bar_as[i]);
        }
    }
    held_discard(fn);
    region_forget_lent(fn);
    interrupt_table_destroy(&fn->irqs);
    iova_space_free(fn->space);
    qemu_bh_delete(fn->settle_bh);
    object_unref(OBJECT(fn->dev));
    g_free(fn->reset_config);
    g_free(fn);
}
