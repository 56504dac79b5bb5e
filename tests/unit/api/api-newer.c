/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same API in the spelling of QEMU 10.x, where one header can serve both:
 * new header paths, constant tables without terminator, class data that is
 * constant, reset by phases with a type and by the legacy setter, the big
 * lock's new name, VMState with errp, power management by one call.
 *
 *     0x00 rw  scratch      0x08 w  run work under the lock, from a thread
 *     0x04 r   resets       0x0c w  interrupt line n
 */
#include "qemu/osdep.h"
#include "qemu/aio.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "hw/core/hw-error.h"
#include "hw/core/irq.h"
#include "hw/core/qdev.h"
#include "hw/core/qdev-properties.h"
#include "hw/core/qdev-properties-system.h"
#include "hw/core/resettable.h"
#include "hw/core/vmstate-if.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_device.h"
#include "migration/qemu-file.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qom/object.h"
#include "standard-headers/misc/pvpanic.h"
#include "system/address-spaces.h"
#include "system/dma.h"
#include "system/memory.h"
#include "system/reset.h"
#include "system/runstate.h"
#include "system/watchdog.h"

#define TYPE_API_NEWER "api-newer-base"
OBJECT_DECLARE_SIMPLE_TYPE(ApiNewerState, API_NEWER)

struct ApiNewerState {
    PCIDevice parent_obj;
    MemoryRegion regs;
    MemoryRegion ram;
    IRQState lines[2];
    uint32_t lines_seen;
    uint32_t scratch;
    uint32_t resets;
    uint32_t kind;
    uint32_t width;
    uint8_t extra;
};

/* ---- interrupts: embedded lines ---- */

static void newer_line(void *opaque, int n, int level)
{
    ApiNewerState *s = opaque;

    s->lines_seen |= level << n;
}

/* ---- the big lock by its new name ---- */

static void *newer_work(void *opaque)
{
    ApiNewerState *s = opaque;

    bql_lock();
    s->scratch *= 2;
    bql_unlock();
    return NULL;
}

static void newer_run_work(ApiNewerState *s)
{
    QemuThread thread;
    uint8_t scratch[16] QEMU_UNINITIALIZED;

    memset(scratch, 0, sizeof(scratch));
    qemu_thread_create(&thread, "api-newer", newer_work, s, QEMU_THREAD_JOINABLE);
    /* The thread wants the lock that this callback holds. */
    bql_unlock();
    qemu_thread_join(&thread);
    bql_lock();
    s->scratch += scratch[15];
}

static uint64_t newer_read(void *opaque, hwaddr addr, unsigned size)
{
    ApiNewerState *s = opaque;

    return addr == 0 ? s->scratch : addr == 4 ? s->resets : s->lines_seen;
}

static void newer_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    ApiNewerState *s = opaque;

    switch (addr) {
    case 0x00:
        s->scratch = val;
        break;
    case 0x08:
        newer_run_work(s);
        break;
    case 0x0c:
        qemu_set_irq(&s->lines[val & 1], 1);
        break;
    }
}

static const MemoryRegionOps newer_ops = {
    .read = newer_read,
    .write = newer_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
};

/* ---- migration ---- */

static bool newer_extra_needed(void *opaque)
{
    ApiNewerState *s = opaque;

    return s->extra != 0;
}

static const VMStateDescription vmstate_newer_extra = {
    .name = "api-newer/extra",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = newer_extra_needed,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(extra, ApiNewerState),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_newer = {
    .name = "api-newer",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, ApiNewerState),
        VMSTATE_UINT32(scratch, ApiNewerState),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *const []) {
        &vmstate_newer_extra,
        NULL
    }
};

extern int api_newer_copy(DeviceState *from, DeviceState *to, Error **errp);

/* Both walks in the form that ends with errp. */
int api_newer_copy(DeviceState *from, DeviceState *to, Error **errp)
{
    g_autoptr(QEMUFile) out = qemu_file_new_writer(0);
    g_autoptr(QEMUFile) in = NULL;
    g_autoptr(GBytes) bytes = NULL;
    int ret;

    API_NEWER(from)->extra = 7;
    ret = vmstate_save_state(out, &vmstate_newer, from, NULL, errp);
    if (ret) {
        return ret;
    }
    bytes = qemu_file_take_bytes(out);
    in = qemu_file_new_reader(bytes);
    ret = vmstate_load_state(in, &vmstate_newer, to, vmstate_newer.version_id, errp);
    return ret ? ret : API_NEWER(to)->extra;
}

/* ---- life ---- */

static void newer_realize(PCIDevice *dev, Error **errp)
{
    ERRP_GUARD();
    ApiNewerState *s = API_NEWER(dev);

    if (pci_pm_init(dev, 0, errp) < 0) {
        return;
    }
    if (!memory_region_init_ram(&s->ram, OBJECT(dev), "api-newer-ram", 64 * KiB, errp)) {
        error_prepend(errp, "api-newer: ");
        return;
    }
    qemu_init_irqs(s->lines, ARRAY_SIZE(s->lines), newer_line, s);
    memory_region_init_io(&s->regs, OBJECT(dev), &newer_ops, s, "api-newer-regs", 256);
    pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->regs);
    pci_register_bar(dev, 1, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->ram);
    qemu_register_resettable(OBJECT(dev));
}

static void newer_exit(PCIDevice *dev)
{
    ApiNewerState *s = API_NEWER(dev);

    qemu_unregister_resettable(OBJECT(dev));
    for (size_t i = 0; i < ARRAY_SIZE(s->lines); i++) {
        object_unref(OBJECT(&s->lines[i]));
    }
}

static void newer_reset_hold(Object *obj, ResetType type)
{
    ApiNewerState *s = API_NEWER(obj);

    s->resets += type == RESET_TYPE_WAKEUP ? 0 : 1;
}

static void newer_legacy_reset(DeviceState *dev)
{
    API_NEWER(dev)->resets += 100;
}

static int newer_sync_config(DeviceState *dev, Error **errp)
{
    return 0;
}

/* No terminator, and constant. */
static const Property newer_properties[] = {
    DEFINE_PROP_UINT32("kind", ApiNewerState, kind, PVPANIC_SHUTDOWN),
    DEFINE_PROP_UINT32("width", ApiNewerState, width, 4),
};

/* The other way to hand them over: a pointer and a count. */
static const Property newer_no_width[] = {
    DEFINE_PROP_UINT32("kind", ApiNewerState, kind, 9),
    DEFINE_PROP_UINT32("unseen", ApiNewerState, width, 4),
};

static void newer_class_init(ObjectClass *klass, const void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);

    k->realize = newer_realize;
    k->exit = newer_exit;
    k->vendor_id = PCI_VENDOR_ID_QEMU;
    k->device_id = *(const uint16_t *)data;
    k->class_id = PCI_CLASS_OTHERS;
    dc->vmsd = &vmstate_newer;
    dc->sync_config = newer_sync_config;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    if (k->device_id == 1) {
        RESETTABLE_CLASS(klass)->phases.hold = newer_reset_hold;
        device_class_set_props(dc, newer_properties);
    } else {
        device_class_set_legacy_reset(dc, newer_legacy_reset);
        device_class_set_props_n(dc, newer_no_width, 1);
    }
}

static const uint16_t newer_ids[] = { 1, 2 };

static const TypeInfo newer_types[] = {
    {
        .name = TYPE_API_NEWER,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(ApiNewerState),
        .abstract = true,
        .interfaces = (const InterfaceInfo[]) {
            { INTERFACE_CONVENTIONAL_PCI_DEVICE },
            { },
        },
    }, {
        .name = "api-newer",
        .parent = TYPE_API_NEWER,
        .class_init = newer_class_init,
        .class_data = &newer_ids[0],
    }, {
        .name = "api-newer-legacy-reset",
        .parent = TYPE_API_NEWER,
        .class_init = newer_class_init,
        .class_data = &newer_ids[1],
    },
};

DEFINE_TYPES(newer_types)
