/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model in the manner of a plain QEMU 8.2 PCI device: properties, MMIO, a
 * worker thread, timers, DMA, MSI, an event notifier. It includes what such a
 * device includes and nothing of this project's own. Its registers exist only
 * to make test-api.c reach every call.
 *
 *     0x00 r   magic                      0x1c r   ticks of the timer
 *     0x04 rw  scratch                    0x20 w   DMA address
 *     0x08 w   n: the thread squares it   0x24 w   inverts 4 bytes there
 *     0x0c r   result                     0x28 w   doorbell (event notifier)
 *     0x10 r   status, bit 0: working     0x2c r   doorbell rung since the last read
 *     0x14 w   what to report, see below  0x30 r   now in ns, low half
 *     0x18 w   timer: n ms from now       0x34 w   1: interrupt on, 0: off
 */
#include "qemu/osdep.h"
#include "qemu/event_notifier.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "hw/hw.h"
#include "hw/pci/msi.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qom/object.h"
#include "sysemu/dma.h"
#include "sysemu/kvm.h"
#include "sysemu/runstate.h"
#include "sysemu/watchdog.h"

#define TYPE_API_PLAIN "api-plain"
OBJECT_DECLARE_SIMPLE_TYPE(ApiPlainState, API_PLAIN)
/* A second checker of the same type, in the older spelling. */
DECLARE_INSTANCE_CHECKER(ApiPlainState, API_PLAIN_OLD, TYPE_API_PLAIN)

#define PLAIN_MAGIC 0x41504930
#define PLAIN_WORKING 0x01

struct ApiPlainState {
    PCIDevice pdev;
    MemoryRegion container;
    MemoryRegion mmio;
    EventNotifier doorbell;

    uint8_t small;
    uint16_t medium;
    uint32_t large;
    uint64_t room;
    uint64_t mask;

    QemuThread thread;
    QemuMutex thr_mutex;
    QemuCond thr_cond;
    bool stopping;
    uint32_t operand;
    uint32_t result;
    uint32_t status;

    QEMUTimer tick;
    QEMUTimer *alarm;
    int32_t ticks;
    uint32_t scratch;
    uint32_t dma_addr;
};

/* ---- thread: computes outside the big lock, reports under it ---- */

static void *plain_thread(void *opaque)
{
    ApiPlainState *s = opaque;

    while (1) {
        uint32_t n, square;

        qemu_mutex_lock(&s->thr_mutex);
        while (!(qatomic_read(&s->status) & PLAIN_WORKING) && !s->stopping) {
            qemu_cond_wait(&s->thr_cond, &s->thr_mutex);
        }
        if (s->stopping) {
            qemu_mutex_unlock(&s->thr_mutex);
            break;
        }
        n = s->operand;
        qemu_mutex_unlock(&s->thr_mutex);

        square = n * n;
        qemu_mutex_lock_iothread();
        s->result = square;
        qatomic_and(&s->status, ~PLAIN_WORKING);
        smp_mb__after_rmw();
        if (msi_enabled(&s->pdev)) {
            msi_notify(&s->pdev, 0);
        }
        qemu_mutex_unlock_iothread();
    }
    return NULL;
}

static void plain_square(ApiPlainState *s, uint32_t n)
{
    qemu_mutex_lock(&s->thr_mutex);
    s->operand = n;
    qatomic_or(&s->status, PLAIN_WORKING);
    qemu_cond_signal(&s->thr_cond);
    qemu_mutex_unlock(&s->thr_mutex);
}

/* ---- timers ---- */

static void plain_tick(void *opaque)
{
    ApiPlainState *s = opaque;

    s->ticks++;
}

static void plain_alarm(void *opaque)
{
    ApiPlainState *s = opaque;

    s->ticks += 100;
}

static void plain_arm(ApiPlainState *s, uint32_t ms)
{
    if (!ms) {
        timer_del(&s->tick);
        timer_del(s->alarm);
        return;
    }
    timer_mod(&s->tick, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + ms);
    timer_mod(s->alarm, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + ms * 2000000ll);
}

/* ---- registers ---- */

static void plain_report(ApiPlainState *s, uint64_t what)
{
    switch (what) {
    case 1:
        qemu_system_guest_panicked(NULL);
        break;
    case 2:
        qemu_system_guest_crashloaded(NULL);
        break;
    case 3:
        watchdog_perform_action();
        break;
    case 4:
        qemu_log_mask(LOG_GUEST_ERROR, "api-plain: the guest asked for this line\n");
        break;
    default:
        hw_error("api-plain: impossible report %" PRIu64, what);
    }
}

static void plain_invert(ApiPlainState *s)
{
    dma_addr_t addr = s->dma_addr;
    uint32_t word = 0;

    if (pci_dma_read(&s->pdev, addr, &word, sizeof(word))) {
        return;
    }
    word = cpu_to_le32(~le32_to_cpu(word));
    pci_dma_write(&s->pdev, addr, &word, sizeof(word));
}

static uint64_t plain_read(void *opaque, hwaddr addr, unsigned size)
{
    ApiPlainState *s = opaque;

    switch (addr) {
    case 0x00:
        return PLAIN_MAGIC;
    case 0x04:
        return s->scratch;
    case 0x0c:
        return s->result;
    case 0x10:
        return qatomic_read(&s->status);
    case 0x1c:
        return s->ticks;
    case 0x2c:
        return event_notifier_test_and_clear(&s->doorbell);
    case 0x30:
        return (uint32_t)qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    default:
        return ~0ULL;
    }
}

static void plain_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    ApiPlainState *s = opaque;

    switch (addr) {
    case 0x04:
        s->scratch = val;
        break;
    case 0x08:
        plain_square(s, val);
        break;
    case 0x14:
        plain_report(s, val);
        break;
    case 0x18:
        plain_arm(s, val);
        break;
    case 0x20:
        s->dma_addr = val;
        break;
    case 0x24:
        plain_invert(s);
        break;
    case 0x34:
        pci_set_irq(&s->pdev, val);
        break;
    }
}

static const MemoryRegionOps plain_ops = {
    .read = plain_read,
    .write = plain_write,
    .endianness = DEVICE_NATIVE_ENDIAN,
    .valid = {
        .min_access_size = 4,
        .max_access_size = 4,
    },
};

/* ---- config space ---- */

static uint32_t plain_config_read(PCIDevice *dev, uint32_t addr, int len)
{
    uint32_t val = pci_default_read_config(dev, addr, len);

    return addr == 0xf0 ? val ^ 0x55 : val;
}

static void plain_config_write(PCIDevice *dev, uint32_t addr, uint32_t val, int len)
{
    pci_default_write_config(dev, addr, val, len);
}

/* ---- life ---- */

static void plain_realize(PCIDevice *pdev, Error **errp)
{
    ApiPlainState *s = API_PLAIN(pdev);
    uint8_t *conf = pdev->config;

    if (s->large == 0xdead) {
        error_setg(errp, "api-plain: large=0x%x cannot be", s->large);
        return;
    }
    pci_config_set_interrupt_pin(conf, 1);
    pci_config_set_prog_interface(conf, DEVICE(pdev)->hotplugged ? 0x43 : 0x42);
    pci_set_byte(conf + 0xf0, 0xaa);
    pci_set_word(conf + 0xf2, 0xbbcc);
    if (msi_init(pdev, 0, 1, true, false, errp)) {
        return;
    }
    if (event_notifier_init(&s->doorbell, 0) < 0) {
        error_setg(errp, "api-plain: no event notifier");
        msi_uninit(pdev);
        return;
    }
    timer_init_ms(&s->tick, QEMU_CLOCK_VIRTUAL, plain_tick, s);
    s->alarm = timer_new_ns(QEMU_CLOCK_VIRTUAL, plain_alarm, s);

    qemu_mutex_init(&s->thr_mutex);
    qemu_cond_init(&s->thr_cond);
    qemu_thread_create(&s->thread, "api-plain", plain_thread, s, QEMU_THREAD_JOINABLE);

    memory_region_init(&s->container, OBJECT(s), "api-plain", 1 * MiB);
    memory_region_init_io(&s->mmio, OBJECT(s), &plain_ops, s, "api-plain-regs", 256);
    memory_region_add_subregion(&s->container, 0, &s->mmio);
    memory_region_add_eventfd(&s->mmio, 0x28, 4, false, 0, &s->doorbell);
    pci_register_bar(pdev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->container);
}

static void plain_exit(PCIDevice *pdev)
{
    ApiPlainState *s = API_PLAIN_OLD(pdev);

    qemu_mutex_lock(&s->thr_mutex);
    s->stopping = true;
    qemu_mutex_unlock(&s->thr_mutex);
    qemu_cond_signal(&s->thr_cond);
    qemu_thread_join(&s->thread);
    qemu_cond_destroy(&s->thr_cond);
    qemu_mutex_destroy(&s->thr_mutex);

    timer_del(&s->tick);
    timer_free(s->alarm);
    memory_region_del_eventfd(&s->mmio, 0x28, 4, false, 0, &s->doorbell);
    event_notifier_cleanup(&s->doorbell);
    msi_uninit(pdev);
}

static void plain_reset(DeviceState *dev)
{
    ApiPlainState *s = API_PLAIN(dev);

    s->scratch = 0x600d;
    plain_arm(s, 0);
}

static void plain_instance_init(Object *obj)
{
    ApiPlainState *s = API_PLAIN(obj);

    s->mask = 0xff;
    object_property_add_uint64_ptr(obj, "mask", &s->mask, OBJ_PROP_FLAG_READWRITE);
}

static const VMStateDescription vmstate_plain = {
    .name = "api-plain",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_PCI_DEVICE(pdev, ApiPlainState),
        VMSTATE_TIMER_PTR(alarm, ApiPlainState),
        VMSTATE_INT32(ticks, ApiPlainState),
        VMSTATE_UINT32(scratch, ApiPlainState),
        VMSTATE_END_OF_LIST()
    }
};

static Property plain_properties[] = {
    DEFINE_PROP_UINT8("small", ApiPlainState, small, 8),
    DEFINE_PROP_UINT16("medium", ApiPlainState, medium, 16),
    DEFINE_PROP_UINT32("large", ApiPlainState, large, 32),
    DEFINE_PROP_SIZE("room", ApiPlainState, room, 64 * MiB),
    DEFINE_PROP_END_OF_LIST(),
};

static void plain_class_init(ObjectClass *class, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(class);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(class);

    k->realize = plain_realize;
    k->exit = plain_exit;
    k->config_read = plain_config_read;
    k->config_write = plain_config_write;
    k->vendor_id = PCI_VENDOR_ID_QEMU;
    k->device_id = 0x0a50;
    k->revision = 0x03;
    k->class_id = PCI_CLASS_OTHERS;
    dc->reset = plain_reset;
    dc->vmsd = &vmstate_plain;
    device_class_set_props(dc, plain_properties);
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static void plain_register_types(void)
{
    static InterfaceInfo interfaces[] = {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { },
    };
    static const TypeInfo plain_info = {
        .name = TYPE_API_PLAIN,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(ApiPlainState),
        .instance_init = plain_instance_init,
        .class_init = plain_class_init,
        .interfaces = interfaces,
    };

    type_register_static(&plain_info);
}
type_init(plain_register_types)

/* ---- two classes that name the other ids and categories of their stage ---- */

static void id_only_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);
    const bool panic = data != NULL;

    pc->vendor_id = PCI_VENDOR_ID_REDHAT;
    pc->device_id = panic ? PCI_DEVICE_ID_REDHAT_PVPANIC : PCI_DEVICE_ID_REDHAT_TEST;
    set_bit(panic ? DEVICE_CATEGORY_WATCHDOG : DEVICE_CATEGORY_MISC, dc->categories);
}

static const MemoryRegionOps id_only_ops = {
    .endianness = DEVICE_LITTLE_ENDIAN,
};

static const TypeInfo id_only_infos[] = {
    {
        .name = "api-id-panic",
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(PCIDevice),
        .class_init = id_only_class_init,
        .class_data = (void *)&id_only_ops,
        .interfaces = (InterfaceInfo[]) { { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { } },
    }, {
        .name = "api-id-test",
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(PCIDevice),
        .class_init = id_only_class_init,
        .interfaces = (InterfaceInfo[]) { { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { } },
    },
};

DEFINE_TYPES(id_only_infos)
