/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The guest's own VFIO (type 1 behind a vIOMMU): what a user-space driver sees. */
#include "tool.h"
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static void bind_driver(const char *bdf)
{
    char path[256], target[256] = "";

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", bdf);
    if (readlink(path, target, sizeof(target) - 1) > 0) {
        if (strstr(target, "vfio-pci")) {
            return;
        }
        write_file(bdf, "/sys/bus/pci/devices/%s/driver/unbind", bdf);
    }
    write_file("vfio-pci", "/sys/bus/pci/devices/%s/driver_override", bdf);
    write_file(bdf, "/sys/bus/pci/drivers/vfio-pci/bind");
}

static int group_number(const char *bdf)
{
    char path[256], target[256] = "";
    char *slash;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", bdf);
    if (readlink(path, target, sizeof(target) - 1) <= 0) {
        fail("%s is in no IOMMU group: is there a vIOMMU?", bdf);
    }
    slash = strrchr(target, '/');
    return atoi(slash ? slash + 1 : target);
}

static struct vfio_region_info region_info(Device *dev, unsigned index)
{
    struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

    if (ioctl(dev->vfio, VFIO_DEVICE_GET_REGION_INFO, &info)) {
        fail("VFIO region %u: %m", index);
    }
    return info;
}

void vfio_open(Device *dev)
{
    char path[64];

    bind_driver(dev->bdf);
    snprintf(path, sizeof(path), "/dev/vfio/%d", group_number(dev->bdf));
    dev->container = open("/dev/vfio/vfio", O_RDWR);
    dev->group = open(path, O_RDWR);
    if (dev->container < 0 || dev->group < 0) {
        fail("%s: %m", path);
    }
    if (ioctl(dev->group, VFIO_GROUP_SET_CONTAINER, &dev->container) ||
        ioctl(dev->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)) {
        fail("VFIO container: %m");
    }
    dev->vfio = ioctl(dev->group, VFIO_GROUP_GET_DEVICE_FD, dev->bdf);
    if (dev->vfio < 0) {
        fail("VFIO device %s: %m", dev->bdf);
    }
    dev->config_fd = dev->vfio;
    dev->config_base = region_info(dev, VFIO_PCI_CONFIG_REGION_INDEX).offset;
}

void vfio_bar(Device *dev, unsigned bar)
{
    struct vfio_region_info info = region_info(dev, bar);
    void *map = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, dev->vfio, info.offset);

    if (map == MAP_FAILED) {
        fail("VFIO BAR %u: %m", bar);
    }
    dev->bar[bar] = map;
}

uint64_t vfio_map(Device *dev, void *host, size_t size)
{
    struct vfio_iommu_type1_dma_map map = {
        .argsz = sizeof(map), .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
        .vaddr = (uintptr_t)host, .iova = dev->next_iova, .size = size,
    };

    if (ioctl(dev->container, VFIO_IOMMU_MAP_DMA, &map)) {
        fail("VFIO_IOMMU_MAP_DMA: %m");
    }
    dev->next_iova += size;
    return map.iova;
}

void vfio_irqs(Irq *irq)
{
    struct vfio_irq_set *set;
    unsigned index = irq->kind == IRQ_INTX ? VFIO_PCI_INTX_IRQ_INDEX :
                     irq->kind == IRQ_MSI ? VFIO_PCI_MSI_IRQ_INDEX : VFIO_PCI_MSIX_IRQ_INDEX;
    size_t size = sizeof(*set) + irq->count * sizeof(int);

    if (irq->dev->via != VIA_VFIO || irq->count > 32) {
        fail("this kind of interrupt needs vfio, and at most 32 vectors");
    }
    set = calloc(1, size);
    set->argsz = size;
    set->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
    set->index = index;
    set->count = irq->count;
    for (unsigned i = 0; i < irq->count; i++) {
        irq->fd[i] = eventfd(0, EFD_NONBLOCK);
    }
    memcpy(set->data, irq->fd, irq->count * sizeof(int));
    if (ioctl(irq->dev->vfio, VFIO_DEVICE_SET_IRQS, set)) {
        fail("VFIO_DEVICE_SET_IRQS: %m");
    }
    free(set);
}

void vfio_unmask_intx(Device *dev)
{
    struct vfio_irq_set set = {
        .argsz = sizeof(set), .flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK,
        .index = VFIO_PCI_INTX_IRQ_INDEX, .count = 1,
    };

    if (ioctl(dev->vfio, VFIO_DEVICE_SET_IRQS, &set)) {
        fail("VFIO unmask: %m");
    }
}
