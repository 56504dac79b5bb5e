/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfu info: what a server and its device say of themselves.
 */
#include "qemu/osdep.h"
#include "args.h"
#include "config-space.h"
#include "vfu.h"

/* A server may say any number; nobody has more than this to show. */
#define MAX_SHOWN 100

typedef struct Info {
    VfuTool *tool;
    VfuClient *c;
    VfuOut *o;
    VfuDeviceInfo device;
    ConfigSpace config;
    uint64_t config_size;
} Info;

static void print_server(Info *i)
{
    const VfuServerLimits *s = vfu_client_server(i->c);

    out_text(i->o, "Protocol %u.%u as seen by a client like \"%s\"\n", s->major, s->minor,
             vfu_client_persona(i->c)->name);
    out_text(i->o, "  max_msg_fds %u, max_data_xfer_size %" PRIu64 ", max_dma_maps %" PRIu64
             ", pgsizes 0x%" PRIx64 "%s%s\n", s->max_msg_fds, s->max_data_xfer_size,
             s->max_dma_maps, s->pgsizes, s->write_multiple ? ", write_multiple" : "",
             s->migration ? ", migration" : "");
    out_object(i->o, "protocol");
    out_int(i->o, "major", s->major);
    out_int(i->o, "minor", s->minor);
    out_int(i->o, "max_msg_fds", s->max_msg_fds);
    out_int(i->o, "max_data_xfer_size", s->max_data_xfer_size);
    out_int(i->o, "max_dma_maps", s->max_dma_maps);
    out_hex(i->o, "pgsizes", s->pgsizes);
    out_bool(i->o, "write_multiple", s->write_multiple);
    out_bool(i->o, "migration", s->migration);
    if (s->json) {
        out_string(i->o, "text", s->json);
    }
    out_object_end(i->o);
}

static void print_device(Info *i)
{
    out_text(i->o, "Device:%s%s, %u regions, %u interrupt types\n",
             i->device.flags & VFU_DEVICE_F_PCI ? " PCI" : "",
             i->device.flags & VFU_DEVICE_F_RESET ? " resettable" : " without reset",
             i->device.num_regions, i->device.num_irqs);
    out_bool(i->o, "pci", i->device.flags & VFU_DEVICE_F_PCI);
    out_bool(i->o, "resettable", i->device.flags & VFU_DEVICE_F_RESET);
    out_int(i->o, "num_regions", i->device.num_regions);
    out_int(i->o, "num_irqs", i->device.num_irqs);
}

static void print_areas(Info *i, const VfuClientRegion *r)
{
    out_list(i->o, "areas");
    for (unsigned n = 0; n < r->nr_areas; n++) {
        out_object(i->o, NULL);
        out_hex(i->o, "offset", r->areas[n].offset);
        out_hex(i->o, "size", r->areas[n].size);
        out_object_end(i->o);
        out_text(i->o, "           may be mapped: 0x%" PRIx64 " bytes at 0x%" PRIx64 "\n",
                 r->areas[n].size, r->areas[n].offset);
    }
    out_list_end(i->o);
}

static void print_region(Info *i, const VfuClientRegion *r)
{
    const char *name = region_name(r->index);

    out_object(i->o, NULL);
    out_int(i->o, "index", r->index);
    out_string(i->o, "name", name ? name : "");
    out_int(i->o, "size", r->size);
    out_bool(i->o, "read", r->flags & VFU_REGION_F_READ);
    out_bool(i->o, "write", r->flags & VFU_REGION_F_WRITE);
    out_bool(i->o, "mmap", r->flags & VFU_REGION_F_MMAP);
    if (r->size) {
        out_text(i->o, "  %2u %-6s 0x%-10" PRIx64 " %s%s%s%s\n", r->index, name ? name : "",
                 r->size, r->flags & VFU_REGION_F_READ ? "r" : "-",
                 r->flags & VFU_REGION_F_WRITE ? "w" : "-",
                 r->flags & VFU_REGION_F_MMAP ? " mmap" : "",
                 r->flags & VFU_REGION_F_MMAP && r->fd < 0 ? " (but no descriptor)" : "");
        print_areas(i, r);
    }
    out_object_end(i->o);
}

static int print_regions(Info *i)
{
    out_text(i->o, "Regions:\n");
    out_list(i->o, "regions");
    for (unsigned n = 0; n < MIN(i->device.num_regions, MAX_SHOWN); n++) {
        VfuClientRegion r;
        int ret = vfu_client_get_region(i->c, n, &r);

        if (ret) {
            return vfu_failed(i->tool, i->c, ret, "DEVICE_GET_REGION_INFO");
        }
        print_region(i, &r);
        if (n <= VFU_REGION_ROM) {
            i->config.region_sizes[n] = r.size;
        } else if (n == VFU_REGION_CONFIG) {
            i->config_size = r.size;
        }
        vfu_client_region_clear(&r);
    }
    out_list_end(i->o);
    return 0;
}

static int print_irqs(Info *i)
{
    out_text(i->o, "Interrupts:\n");
    out_list(i->o, "irqs");
    for (unsigned n = 0; n < MIN(i->device.num_irqs, MAX_SHOWN); n++) {
        const char *name = irq_name(n);
        VfuIrqInfo irq;
        int ret = vfu_client_get_irq(i->c, n, &irq);

        if (ret) {
            return vfu_failed(i->tool, i->c, ret, "DEVICE_GET_IRQ_INFO");
        }
        out_object(i->o, NULL);
        out_int(i->o, "index", n);
        out_string(i->o, "name", name ? name : "");
        out_int(i->o, "count", irq.count);
        out_int(i->o, "flags", irq.flags);
        out_object_end(i->o);
        if (irq.count) {
            out_text(i->o, "  %2u %-6s %u%s%s%s%s\n", n, name ? name : "", irq.count,
                     irq.flags & VFU_IRQ_F_EVENTFD ? " eventfd" : "",
                     irq.flags & VFU_IRQ_F_MASKABLE ? " maskable" : "",
                     irq.flags & VFU_IRQ_F_AUTOMASKED ? " automasked" : "",
                     irq.flags & VFU_IRQ_F_NORESIZE ? " noresize" : "");
        }
    }
    out_list_end(i->o);
    return 0;
}

static int print_config(Info *i)
{
    size_t size = MIN(i->config_size, 4096);
    g_autofree uint8_t *bytes = g_malloc0(MAX(size, 64));
    g_autoptr(PciIds) ids = pci_ids_load(NULL);
    size_t step = MIN(size, vfu_client_server(i->c)->max_data_xfer_size);

    if (!size || !(i->device.flags & VFU_DEVICE_F_PCI)) {
        return 0;
    }
    for (size_t at = 0; at < size; at += step) {
        int ret;

        step = MIN(step, size - at);
        ret = step ? vfu_client_read(i->c, VFU_REGION_CONFIG, at, bytes + at, step) : -EINVAL;
        if (ret) {
            return vfu_failed(i->tool, i->c, ret, "REGION_READ of the config space");
        }
    }
    i->config.bytes = bytes;
    i->config.size = size;
    out_object(i->o, "config");
    config_print(i->o, &i->config, ids);
    out_object_end(i->o);
    return 0;
}

static int run_info(VfuTool *tool, int argc, char **argv)
{
    Info i = { .tool = tool };
    g_autoptr(VfuClient) c = NULL;
    int status, ret;

    if (!vfu_options(tool, &argc, &argv, NULL, 1, 1, &status)) {
        return status;
    }
    i.c = c = vfu_connect(tool, argv[1]);
    if (!c) {
        return 1;
    }
    i.o = tool->out;
    ret = vfu_client_get_info(c, &i.device);
    if (ret) {
        return vfu_failed(tool, c, ret, "DEVICE_GET_INFO");
    }
    out_begin(i.o);
    print_server(&i);
    print_device(&i);
    if (print_regions(&i) || print_irqs(&i) || print_config(&i)) {
        return 1;
    }
    out_end(i.o, false);
    return 0;
}

const VfuSubcommand vfu_cmd_info = {
    "info", "SOCK", "shows what a server and its device say of themselves",
    "Version and limits, regions, interrupts, and the decoded configuration space\n"
    "in the manner of lspci -vv. Reading it changes nothing in the device, but a\n"
    "server takes one client at a time: a connected VM keeps this one out.\n\n"
    "  vfu info /run/user/1000/d0.sock\n"
    "  vfu info --json --client=qemu d0.sock\n",
    run_info,
};
