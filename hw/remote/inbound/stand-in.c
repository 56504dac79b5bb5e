/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client's settings before its turn; see stand-in.h. */
#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/pci/pci_device.h"
#include "inbound/held.h"
#include "inbound/region.h"
#include "inbound/stand-in.h"
#include "trace.h"

/* Writes to config space that are kept; a guest's firmware makes about 100. */
#define WRITES_MAX 1024
/* Bytes of one; config space is written in registers. */
#define WRITE_BYTES_MAX 8

typedef struct ConfigWrite {
    uint16_t offset;
    uint16_t count;
    uint8_t data[WRITE_BYTES_MAX];
} ConfigWrite;

struct StandIn {
    RemoteFunction *fn;
    IOVASpace *space;
    InterruptTable irqs;
    uint8_t *config;            /* pci_config_size() bytes */
    GArray *writes;             /* of ConfigWrite */
    bool reset;                 /* asked for, before the writes */
};

static void show_config(StandIn *s, const uint8_t *config)
{
    memcpy(s->config, config, pci_config_size(s->fn->dev));
}

StandIn *stand_in_new(RemoteFunction *fn)
{
    StandIn *s = g_new0(StandIn, 1);

    s->fn = fn;
    s->config = g_malloc(pci_config_size(fn->dev));
    show_config(s, fn->keep_on_disconnect ? fn->dev->config : fn->reset_config);
    s->writes = g_array_new(false, false, sizeof(ConfigWrite));
    s->space = iova_space_new(fn->ctx, NULL, iova_space_config(fn->space), NULL, NULL);
    interrupt_table_init_aside(&s->irqs, fn->ctx, fn->dev);
    return s;
}

static void forget(StandIn *s)
{
    iova_space_detach(s->space);
    iova_space_free(s->space);
    interrupt_table_destroy(&s->irqs);
    g_array_unref(s->writes);
    g_free(s->config);
    g_free(s);
}

void stand_in_free(StandIn *s)
{
    region_take_back_next(s->fn);
    forget(s);
}

void stand_in_apply(StandIn *s)
{
    RemoteFunction *fn = s->fn;

    trace_stand_in_apply(fn->name, iova_space_nr_maps(s->space), s->writes->len);
    iova_space_adopt(fn->space, s->space);
    interrupt_table_adopt(&fn->irqs, &s->irqs);
    if (s->reset && fn->keep_on_disconnect) {
        remote_function_reset(fn);
    }
    for (guint i = 0; i < s->writes->len; i++) {
        ConfigWrite *w = &g_array_index(s->writes, ConfigWrite, i);

        held_add(fn, VFU_REGION_CONFIG, w->offset, w->data, w->count);
    }
    forget(s);
    held_replay(fn);
}

/* --- operations --- */

static bool op_can_reset(void *opaque)
{
    return true;
}

static void op_get_region(void *opaque, unsigned index, VfuRegion *region)
{
    StandIn *s = opaque;

    region_describe_next(s->fn, index, region);
}

static void op_get_irq(void *opaque, unsigned index, VfuIrq *irq)
{
    StandIn *s = opaque;

    interrupt_table_info(&s->irqs, index, irq);
}

static int op_dma_map(void *opaque, const VfuDmaMap *map, int fd)
{
    StandIn *s = opaque;

    return remote_function_map(s->fn, s->space, map, fd);
}

static int op_dma_unmap(void *opaque, VfuRequest *req, const VfuDmaUnmap *unmap,
                        uint64_t *unmapped)
{
    StandIn *s = opaque;

    /* Nobody uses what is in it, so it is never pending. */
    return remote_function_unmap(s->space, req, unmap, unmapped);
}

static int op_set_irqs(void *opaque, const VfuSetIrqs *set, const int *fds, unsigned nr_fds)
{
    StandIn *s = opaque;

    return interrupt_table_set(&s->irqs, set, fds, nr_fds);
}

static int op_region_read(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                          void *data, uint32_t count)
{
    StandIn *s = opaque;

    if (index == VFU_REGION_CONFIG) {
        memcpy(data, s->config + offset, count);
        return 0;
    }
    /* A ROM is the same for everybody. */
    return index == VFU_REGION_ROM ? region_read_now(s->fn, index, offset, data, count)
                                   : VFU_NOT_NOW;
}

static void write_image(StandIn *s, const ConfigWrite *w)
{
    for (unsigned i = 0; i < w->count; i++) {
        unsigned at = w->offset + i;
        uint8_t mask = s->fn->dev->wmask[at];

        s->config[at] = (s->config[at] & ~mask) | (w->data[i] & mask);
        s->config[at] &= ~(w->data[i] & s->fn->dev->w1cmask[at]);
    }
}

static int op_region_write(void *opaque, VfuRequest *req, unsigned index, uint64_t offset,
                           const void *data, uint32_t count)
{
    StandIn *s = opaque;
    ConfigWrite w = { .offset = offset, .count = count };

    if (index != VFU_REGION_CONFIG || count > WRITE_BYTES_MAX || s->writes->len >= WRITES_MAX) {
        return VFU_NOT_NOW;
    }
    memcpy(w.data, data, count);
    g_array_append_val(s->writes, w);
    write_image(s, &w);
    return 0;
}

static int op_reset(void *opaque, VfuRequest *req)
{
    StandIn *s = opaque;

    g_array_set_size(s->writes, 0);
    show_config(s, s->fn->reset_config);
    s->reset = true;
    return 0;
}

const VfuDeviceOps stand_in_ops = {
    .can_reset = op_can_reset,
    .get_region = op_get_region,
    .get_irq = op_get_irq,
    .dma_map = op_dma_map,
    .dma_unmap = op_dma_unmap,
    .set_irqs = op_set_irqs,
    .region_read = op_region_read,
    .region_write = op_region_write,
    .reset = op_reset,
};
