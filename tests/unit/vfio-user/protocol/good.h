/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A valid payload for each command, against one example device: what the
 * tests vary from.
 */
#ifndef TEST_VFIO_USER_GOOD_H
#define TEST_VFIO_USER_GOOD_H

#include "qemu/osdep.h"
#include "vfio-user/validate.h"

#define GOOD_BAR_SIZE 0x1000

static inline VfuShape good_shape(void)
{
    VfuShape shape = { .can_reset = true };

    shape.regions[0].size = GOOD_BAR_SIZE;
    shape.regions[0].flags = VFU_REGION_F_READ | VFU_REGION_F_WRITE;
    shape.regions[1].size = 64;
    shape.regions[1].flags = VFU_REGION_F_READ;
    shape.regions[2].size = 64;
    shape.regions[2].flags = VFU_REGION_F_WRITE;
    shape.regions[VFU_REGION_CONFIG].size = 4096;
    shape.regions[VFU_REGION_CONFIG].flags = VFU_REGION_F_READ | VFU_REGION_F_WRITE;
    shape.irqs[VFU_IRQ_INTX] = 1;
    shape.irqs[VFU_IRQ_MSIX] = 8;
    shape.irqs[VFU_IRQ_ERR] = 1;
    return shape;
}

static inline VfuLimits good_limits(void)
{
    return (VfuLimits) { .receive_max = 4096, .send_max = 2048, .pgsizes = 4096,
                         .write_multiple = true, .features = true };
}

typedef struct Good {
    unsigned command;
    uint8_t bytes[64];
    size_t len;
} Good;

#define GOOD_PUT(good, type, ...) do { \
        type good_value_ = { __VA_ARGS__ }; \
        memcpy((good)->bytes, &good_value_, sizeof(good_value_)); \
        (good)->len = sizeof(good_value_); \
    } while (0)

/* False for commands that a client cannot send or that are not offered. */
static inline bool good_payload(unsigned command, Good *good)
{
    *good = (Good) { .command = command };
    switch (command) {
    case VFU_VERSION:
        GOOD_PUT(good, VfuVersion, 0, 1);
        return true;
    case VFU_DMA_MAP:
        GOOD_PUT(good, VfuDmaMap, 32, VFU_DMA_F_READ | VFU_DMA_F_WRITE, 0, 0x10000, 0x2000);
        return true;
    case VFU_DMA_UNMAP:
        GOOD_PUT(good, VfuDmaUnmap, 24, 0, 0x10000, 0x2000);
        return true;
    case VFU_DEVICE_GET_INFO:
        GOOD_PUT(good, VfuDeviceInfo, 16);
        return true;
    case VFU_DEVICE_GET_REGION_INFO:
        GOOD_PUT(good, VfuRegionInfo, 32);
        return true;
    case VFU_DEVICE_GET_REGION_IO_FDS:
        GOOD_PUT(good, VfuRegionIoFds, 16);
        return true;
    case VFU_DEVICE_GET_IRQ_INFO:
        GOOD_PUT(good, VfuIrqInfo, 16, 0, VFU_IRQ_MSIX);
        return true;
    case VFU_DEVICE_SET_IRQS:
        GOOD_PUT(good, VfuSetIrqs, 20, VFU_SET_DATA_NONE | VFU_SET_ACTION_TRIGGER, VFU_IRQ_MSIX,
                 0, 1);
        return true;
    case VFU_REGION_READ:
        GOOD_PUT(good, VfuRegionAccess, 16, 0, 4);
        return true;
    case VFU_REGION_WRITE:
        GOOD_PUT(good, VfuRegionAccess, 16, 0, 4);
        good->len += 4;
        return true;
    case VFU_DEVICE_RESET:
        return true;
    case VFU_REGION_WRITE_MULTI:
        GOOD_PUT(good, VfuWriteMulti, 1);
        {
            VfuWriteMultiEntry entry = { .offset = 8, .region = 0, .count = 8 };

            memcpy(good->bytes + good->len, &entry, sizeof(entry));
            good->len += sizeof(entry);
        }
        return true;
    case VFU_DEVICE_FEATURE:
        GOOD_PUT(good, VfuDeviceFeature, 64, VFU_FEATURE_MIGRATION | VFU_FEATURE_GET);
        return true;
    default:
        return false;
    }
}

#endif
