/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dma-engine: a deterministic DMA engine for tests of everything that lies
 * between a device and a client's memory (specification and register map:
 * docs/specs/dma-engine.rst). This file: the PCI function, interrupts, reset
 * and migration; the channels' work is in dma-engine-channel.c.
 */
#include "qemu/osdep.h"
#include "qemu/module.h"
#include "hw/pci/msix.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "dma-engine-int.h"

/* ---- interrupts ---- */

void dma_engine_update_irq(DMAEngineState *s)
{
    PCIDevice *dev = PCI_DEVICE(s);

    pci_set_irq(dev, !msix_enabled(dev) && (s->int_status & s->int_enable));
}

void dma_engine_raise(DMAEngineState *s, unsigned channel)
{
    PCIDevice *dev = PCI_DEVICE(s);

    s->int_status |= 1u << channel;
    if (msix_enabled(dev) && s->int_enable & 1u << channel) {
        msix_notify(dev, channel);
    }
    dma_engine_update_irq(s);
}

/* ---- life ---- */

static void revoke_range(MemoryRegionDMANotifier *n, hwaddr first, hwaddr last)
{
    DMAEngineState *s = container_of(n, DMAEngineState, revoke);

    for (unsigned i = 0; i < s->nr_channels; i++) {
        dma_channel_revoke(&s->channel[i], first, last);
    }
}

void dma_engine_reset(DMAEngineState *s)
{
    for (unsigned i = 0; i < s->nr_channels; i++) {
        dma_channel_reset(&s->channel[i]);
    }
    s->hold = s->int_status = 0;
    s->int_enable = dma_engine_channel_mask(s);
    memset(s->buffer, 0, DMA_ENGINE_BUFFER_SIZE);
    dma_engine_update_irq(s);
}

static void dma_engine_device_reset(DeviceState *dev)
{
    dma_engine_reset(DMA_ENGINE(dev));
}

static bool check_property(const char *name, uint32_t value, uint32_t max, Error **errp)
{
    if (value < 1 || value > max) {
        error_setg(errp, "property '%s' of dma-engine must be 1 to %u, not %u", name, max, value);
        return false;
    }
    return true;
}

static bool make_bars(DMAEngineState *s, Error **errp)
{
    PCIDevice *dev = PCI_DEVICE(s);

    if (!memory_region_init_ram(&s->buffer_region, OBJECT(s), "dma-engine-buffer",
                                DMA_ENGINE_BUFFER_SIZE, errp)) {
        return false;
    }
    s->buffer = memory_region_get_ram_ptr(&s->buffer_region);
    memory_region_init_io(&s->regs, OBJECT(s), &dma_engine_regs_ops, s, "dma-engine-regs",
                          DMA_ENGINE_REGS_SIZE);
    pci_register_bar(dev, DMA_ENGINE_REGS_BAR, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->regs);
    pci_register_bar(dev, DMA_ENGINE_BUFFER_BAR,
                     PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64 |
                     PCI_BASE_ADDRESS_MEM_PREFETCH, &s->buffer_region);
    return msix_init_exclusive_bar(dev, s->nr_channels, DMA_ENGINE_MSIX_BAR, errp) == 0;
}

static void dma_engine_realize(PCIDevice *dev, Error **errp)
{
    DMAEngineState *s = DMA_ENGINE(dev);

    if (!check_property("channels", s->nr_channels, DMA_ENGINE_MAX_CHANNELS, errp) ||
        !check_property("max-descriptors", s->max_descriptors, DMA_ENGINE_MAX_DESCRIPTORS,
                        errp)) {
        return;
    }
    pci_config_set_interrupt_pin(dev->config, 1);
    if (!make_bars(s, errp)) {
        return;
    }
    /* What cannot be mapped is to be requested: a bounced map would wait for the client. */
    pci_get_address_space(dev)->max_bounce_buffer_size = 0;
    s->revoke.revoke = revoke_range;
    for (unsigned i = 0; i < s->nr_channels; i++) {
        msix_vector_use(dev, i);
        dma_channel_init(s, i);
    }
}

static void dma_engine_exit(PCIDevice *dev)
{
    DMAEngineState *s = DMA_ENGINE(dev);

    for (unsigned i = 0; i < s->nr_channels; i++) {
        dma_channel_cleanup(&s->channel[i]);
    }
    msix_uninit_exclusive_bar(dev);
}

/* ---- migration ---- */

static const VMStateDescription vmstate_dma_segment = {
    .name = "dma-engine-segment",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(src, DMASegment),
        VMSTATE_UINT64(dst, DMASegment),
        VMSTATE_UINT32(length, DMASegment),
        VMSTATE_UINT32(op, DMASegment),
        VMSTATE_UINT32(pattern, DMASegment),
        VMSTATE_END_OF_LIST()
    }
};

/* A list that is still being fetched has a length, but no segments yet. */
static int channel_pre_save(void *opaque)
{
    DMAChannel *ch = opaque;

    ch->moved_segments = ch->segments ? ch->nr_segments : 0;
    return 0;
}

const VMStateDescription vmstate_dma_channel = {
    .name = "dma-engine-channel",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = channel_pre_save,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(src, DMAChannel),
        VMSTATE_UINT64(dst, DMAChannel),
        VMSTATE_UINT64(delay, DMAChannel),
        VMSTATE_UINT32(length, DMAChannel),
        VMSTATE_UINT32(pattern, DMAChannel),
        VMSTATE_UINT32(command, DMAChannel),
        VMSTATE_UINT32(error, DMAChannel),
        VMSTATE_UINT32(error_index, DMAChannel),
        VMSTATE_UINT32(done, DMAChannel),
        VMSTATE_UINT64(fault_addr, DMAChannel),
        VMSTATE_UINT64(bytes, DMAChannel),
        VMSTATE_UINT64(transfers, DMAChannel),
        VMSTATE_UINT64(errors, DMAChannel),
        VMSTATE_UINT32(phase, DMAChannel),
        VMSTATE_UINT32(latched_command, DMAChannel),
        VMSTATE_UINT64(list_addr, DMAChannel),
        VMSTATE_INT32(nr_segments, DMAChannel),
        VMSTATE_INT32(moved_segments, DMAChannel),
        VMSTATE_STRUCT_VARRAY_ALLOC(segments, DMAChannel, moved_segments, 0,
                                    vmstate_dma_segment, DMASegment),
        VMSTATE_UINT32(segment, DMAChannel),
        VMSTATE_UINT32(progress, DMAChannel),
        VMSTATE_TIMER_PTR(timer, DMAChannel),
        VMSTATE_END_OF_LIST()
    }
};

/* What runs here now must not meet the numbers of a stream. */
static int dma_engine_pre_load(void *opaque)
{
    dma_engine_reset(opaque);
    return 0;
}

static int dma_engine_post_load(void *opaque, int version_id)
{
    DMAEngineState *s = opaque;
    bool sane = true;

    s->hold &= dma_engine_channel_mask(s);
    s->int_status &= dma_engine_channel_mask(s);
    s->int_enable &= dma_engine_channel_mask(s);
    for (unsigned i = 0; i < s->nr_channels; i++) {
        sane &= dma_channel_resume(&s->channel[i]);
    }
    dma_engine_update_irq(s);
    return sane ? 0 : -EINVAL;
}

static const VMStateDescription vmstate_dma_engine = {
    .name = "dma-engine",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = dma_engine_pre_load,
    .post_load = dma_engine_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, DMAEngineState),
        VMSTATE_MSIX(parent_obj, DMAEngineState),
        VMSTATE_UINT32_EQUAL(nr_channels, DMAEngineState, "property 'channels' differs"),
        VMSTATE_UINT32_EQUAL(max_descriptors, DMAEngineState,
                             "property 'max-descriptors' differs"),
        VMSTATE_UINT32(hold, DMAEngineState),
        VMSTATE_UINT32(int_status, DMAEngineState),
        VMSTATE_UINT32(int_enable, DMAEngineState),
        VMSTATE_STRUCT_VARRAY_UINT32(channel, DMAEngineState, nr_channels, 1,
                                     vmstate_dma_channel, DMAChannel),
        VMSTATE_BUFFER_POINTER_UNSAFE(buffer, DMAEngineState, 1, DMA_ENGINE_BUFFER_SIZE),
        VMSTATE_END_OF_LIST()
    }
};

static Property dma_engine_properties[] = {
    DEFINE_PROP_UINT32("channels", DMAEngineState, nr_channels, 4),
    DEFINE_PROP_UINT32("max-descriptors", DMAEngineState, max_descriptors, 256),
    DEFINE_PROP_END_OF_LIST(),
};

static void dma_engine_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);

    k->realize = dma_engine_realize;
    k->exit = dma_engine_exit;
    k->vendor_id = DMA_ENGINE_VENDOR_ID;
    k->device_id = DMA_ENGINE_DEVICE_ID;
    k->revision = 1;
    k->class_id = PCI_CLASS_SYSTEM_DMA;
    dc->reset = dma_engine_device_reset;
    dc->vmsd = &vmstate_dma_engine;
    dc->desc = "Deterministic DMA engine for tests";
    device_class_set_props(dc, dma_engine_properties);
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo dma_engine_types[] = {
    {
        .name = TYPE_DMA_ENGINE,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(DMAEngineState),
        .class_init = dma_engine_class_init,
        .interfaces = (InterfaceInfo[]) {
            { INTERFACE_CONVENTIONAL_PCI_DEVICE },
            { },
        },
    },
};

DEFINE_TYPES(dma_engine_types)
