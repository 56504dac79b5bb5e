/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A model in the manner of a classic QEMU 8.2 NIC without its network side:
 * a class of its own, descriptors in client memory in both byte orders, a
 * MAC address and an array among its properties, a receive queue as a list,
 * capabilities, MSI-X, three-phase reset, registered state, old versions of
 * its VMState.
 *
 *     BAR 0  0x00  w  copy the descriptor at this address, see nic_fetch()
 *            0x04  r  what nic_fetch() has computed
 *            0x08  w  bit 0 pin, bit 1 irq handle, 2: MSI-X vector 1, 4: lower
 *            0x0c  w  timer, ms from now; r: pending
 *            0x10  w  push n into the queue; r: sum of the queue
 *     BAR 1  alias of the first bytes of BAR 0
 *     BAR 2  MSI-X
 */
#include "qemu/osdep.h"
#include "hw/irq.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "hw/resettable.h"
#include "hw/vmstate-if.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/iov.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/queue.h"
#include "qemu/range.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "sysemu/dma.h"

#define TYPE_API_NIC_BASE "api-nic-base"
#define TYPE_API_NIC "api-nic"

typedef struct ApiNicInner {
    uint8_t phase;
    int8_t delta;
    uint16_t hash[4];
} ApiNicInner;

typedef struct ApiNicPacket {
    uint32_t value;
    QLIST_ENTRY(ApiNicPacket) next;
} ApiNicPacket;

typedef struct ApiNicState {
    PCIDevice parent_obj;
    MemoryRegion regs;
    MemoryRegion mirror;
    MemoryRegion msix;
    NetClientState *peer;        /* stays NULL: there is no network here */

    MACAddr mac;
    char *label;
    uint32_t flags;
    uint64_t serial;
    uint32_t nr_filters;
    uint32_t *filters;

    QLIST_HEAD(, ApiNicPacket) queue;
    qemu_irq pin;
    QEMUTimer *timer;
    ApiNicInner inner;
    bool link_up;
    uint8_t ring[16];
    uint8_t table[2][4];
    uint8_t bytes[4];
    uint16_t word;
    uint32_t counters[4];
    int64_t since;
    uint64_t total;
    uint8_t since_v2;
    uint32_t since_v3;
    uint32_t computed;
    uint8_t loose;               /* registered apart */
    unsigned resets;
    char fmt[64];
} ApiNicState;

typedef struct ApiNicClass {
    PCIDeviceClass parent_class;
    uint32_t seed;
} ApiNicClass;

DECLARE_OBJ_CHECKERS(ApiNicState, ApiNicClass, API_NIC, TYPE_API_NIC_BASE)

/* ---- descriptors: each order, each width ---- */

static void nic_fetch(ApiNicState *s, dma_addr_t addr)
{
    PCIDevice *d = PCI_DEVICE(s);
    const MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;
    uint32_t le = 0, be = 0;
    uint16_t half = 0;

    ldl_le_pci_dma(d, addr, &le, attrs);
    ldl_be_pci_dma(d, addr, &be, attrs);
    lduw_le_pci_dma(d, addr, &half, attrs);
    stl_le_pci_dma(d, addr + 4, le, attrs);
    stl_be_pci_dma(d, addr + 8, be, attrs);
    stw_le_pci_dma(d, addr + 12, half, attrs);
    s->computed = le ^ be ^ half;
    snprintf(s->fmt, sizeof(s->fmt), DMA_ADDR_FMT " %" HWADDR_PRIx " " HWADDR_FMT_plx, addr,
             (hwaddr)addr, (hwaddr)addr);
}

/* Host-side byte order helpers: returns 0 when each of them keeps its promise. */
static int nic_check_byte_order(void)
{
    uint8_t raw[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    uint16_t half = cpu_to_le16(0x1234);
    uint32_t word = cpu_to_le32(0x12345678);
    uint8_t out[4];

    le16_to_cpus(&half);
    le32_to_cpus(&word);
    if (half != 0x1234 || word != 0x12345678 || bswap16(0x1234) != 0x3412) {
        return 1;
    }
    if (lduw_le_p(raw) != 0x0201 || lduw_be_p(raw) != 0x0102 || ldl_le_p(raw) != 0x04030201 ||
        ldl_be_p(raw) != 0x01020304 || ldq_le_p(raw) != 0x0807060504030201ull) {
        return 2;
    }
    stw_le_p(out, 0x1122);
    if (out[0] != 0x22) {
        return 3;
    }
    stw_be_p(out, 0x1122);
    stl_le_p(raw, 0x55667788);
    stl_be_p(raw + 4, 0x55667788);
    if (out[0] != 0x11 || raw[0] != 0x88 || raw[4] != 0x55) {
        return 4;
    }
    return be16_to_cpu(cpu_to_be16(7)) != 7 || le16_to_cpu(cpu_to_le16(7)) != 7 ||
           le64_to_cpu(cpu_to_le64(7)) != 7 || le32_to_cpu(cpu_to_le32(7)) != 7 ? 5 : 0;
}

static int nic_check_util(ApiNicState *s)
{
    char a[3] = "abc", b[5] = "defgh", flat[8];
    struct iovec iov[] = { { a, sizeof(a) }, { b, sizeof(b) } };
    ApiNicInner *inner = &s->inner;

    if (iov_size(iov, ARRAY_SIZE(iov)) != 8 || iov_to_buf(iov, 2, 1, flat, 4) != 4 ||
        memcmp(flat, "bcde", 4)) {
        return 11;
    }
    if (iov_from_buf(iov, 2, 2, "XY", 2) != 2 || a[2] != 'X' || b[0] != 'Y') {
        return 12;
    }
    if (MIN(3, 4) != 3 || MAX(3, 4) != 4 || BIT(5) != 32 || 2 * KiB != 2048) {
        return 13;
    }
    if (muldiv64(1ull << 40, 1000000, 1 << 20) != (1ull << 20) * 1000000) {
        return 14;
    }
    if (!range_covers_byte(0x10, 4, 0x13) || range_covers_byte(0x10, 4, 0x14)) {
        return 15;
    }
    return container_of(inner, ApiNicState, inner) != s ||
           DO_UPCAST(ApiNicState, parent_obj, PCI_DEVICE(s)) != s ? 16 : 0;
}

/* ---- registers ---- */

static void nic_interrupt(ApiNicState *s, uint64_t how)
{
    PCIDevice *d = PCI_DEVICE(s);

    if (how & 1) {
        pci_irq_assert(d);
    }
    if (how & 2) {
        qemu_set_irq(s->pin, 1);
    }
    if (how & 4) {
        msix_notify(d, 1);
    }
    if (how & 8) {
        pci_irq_deassert(d);
    }
}

static uint64_t nic_read(void *opaque, hwaddr addr, unsigned size)
{
    ApiNicState *s = opaque;
    ApiNicPacket *p;
    uint32_t sum = 0;

    switch (addr) {
    case 0x04:
        return s->computed;
    case 0x0c:
        return timer_pending(s->timer);
    case 0x10:
        QLIST_FOREACH(p, &s->queue, next) {
            sum = sum * 10 + p->value;
        }
        return sum;
    case 0x14:
        return nic_check_byte_order() ?: nic_check_util(s);
    default:
        qemu_log_mask(LOG_UNIMP, "api-nic: read of 0x%" HWADDR_PRIx "\n", addr);
        return 0;
    }
}

static void nic_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    ApiNicState *s = opaque;
    ApiNicPacket *p;

    switch (addr) {
    case 0x00:
        nic_fetch(s, val);
        break;
    case 0x08:
        nic_interrupt(s, val);
        break;
    case 0x0c:
        timer_mod(s->timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + val);
        break;
    case 0x10:
        p = g_new0(ApiNicPacket, 1);
        p->value = val;
        QLIST_INSERT_HEAD(&s->queue, p, next);
        break;
    }
}

static const MemoryRegionOps nic_ops = {
    .read = nic_read,
    .write = nic_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

static void nic_timer(void *opaque)
{
    ApiNicState *s = opaque;

    s->since = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

/* ---- migration ---- */

static bool nic_is_old(void *opaque, int version_id)
{
    return version_id < 3;
}

static const VMStateDescription vmstate_nic_inner = {
    .name = "api-nic-inner",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(phase, ApiNicInner),
        VMSTATE_INT8(delta, ApiNicInner),
        VMSTATE_UINT16_ARRAY(hash, ApiNicInner, 4),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_nic = {
    .name = "api-nic",
    .version_id = 3,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, ApiNicState),
        VMSTATE_STRUCT(inner, ApiNicState, 0, vmstate_nic_inner, ApiNicInner),
        VMSTATE_BOOL(link_up, ApiNicState),
        VMSTATE_BUFFER(ring, ApiNicState),
        VMSTATE_PARTIAL_BUFFER(bytes, ApiNicState, 2),
        VMSTATE_UINT8_ARRAY(bytes, ApiNicState, 4),
        VMSTATE_UINT8_2DARRAY(table, ApiNicState, 2, 4),
        VMSTATE_UINT16(word, ApiNicState),
        VMSTATE_UINT32_ARRAY(counters, ApiNicState, 4),
        VMSTATE_UINT32_SUB_ARRAY(counters, ApiNicState, 1, 2),
        VMSTATE_INT64(since, ApiNicState),
        VMSTATE_UINT64(total, ApiNicState),
        VMSTATE_UINT8_V(since_v2, ApiNicState, 2),
        VMSTATE_UINT32_V(since_v3, ApiNicState, 3),
        VMSTATE_UNUSED(3),
        VMSTATE_UNUSED_TEST(nic_is_old, 5),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_nic_loose = {
    .name = "api-nic-loose",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(loose, ApiNicState),
        VMSTATE_END_OF_LIST()
    }
};

/* ---- life ---- */

static bool nic_init_msix(ApiNicState *s, Error **errp)
{
    PCIDevice *d = PCI_DEVICE(s);
    int ret;

    memory_region_init(&s->msix, OBJECT(s), "api-nic-msix", 4 * KiB);
    pci_register_bar(d, 2, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->msix);
    ret = msix_init(d, 2, &s->msix, 2, 0, &s->msix, 2, 0x800, 0, errp);
    if (ret < 0) {
        return false;
    }
    msix_vector_use(d, 0);
    msix_vector_use(d, 1);
    msix_vector_unuse(d, 0);
    return true;
}

static void nic_realize(PCIDevice *d, Error **errp)
{
    ApiNicState *s = API_NIC(d);
    ApiNicClass *nc = API_NIC_GET_CLASS(s);
    Error *local_err = NULL;

    pci_config_set_interrupt_pin(d->config, 1);
    if (pci_add_capability(d, PCI_CAP_ID_PM, 0xdc, PCI_PM_SIZEOF, errp) < 0) {
        return;
    }
    if (!nic_init_msix(s, &local_err)) {
        error_propagate(errp, local_err);
        return;
    }
    s->computed = nc->seed;
    s->pin = pci_allocate_irq(d);
    s->timer = timer_new_ms(QEMU_CLOCK_VIRTUAL, nic_timer, s);
    memory_region_init_io(&s->regs, OBJECT(s), &nic_ops, s, "api-nic-regs", 4 * KiB);
    memory_region_add_coalescing(&s->regs, 0, 0x20);
    memory_region_init_alias(&s->mirror, OBJECT(s), "api-nic-mirror", &s->regs, 0, 256);
    pci_register_bar(d, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->regs);
    pci_register_bar(d, 1, PCI_BASE_ADDRESS_SPACE_IO, &s->mirror);
    vmstate_register_any(VMSTATE_IF(d), &vmstate_nic_loose, s);
}

static void nic_exit(PCIDevice *d)
{
    ApiNicState *s = API_NIC(d);
    ApiNicPacket *p;

    vmstate_unregister(VMSTATE_IF(d), &vmstate_nic_loose, s);
    while ((p = QLIST_FIRST(&s->queue))) {
        QLIST_REMOVE(p, next);
        g_free(p);
    }
    timer_free(s->timer);
    qemu_free_irq(s->pin);
    msix_uninit(d, &s->msix, &s->msix);
}

/* 8.2's form: the object alone. */
static void nic_reset_hold(Object *obj)
{
    ApiNicState *s = API_NIC(obj);

    s->resets++;
    s->link_up = true;
}

static void nic_unparent(Object *obj)
{
    /* What a device with children of its own does when it goes. */
    Object *child = object_resolve_path_component(obj, "helper");

    if (child) {
        object_unparent(child);
    }
}

static Property nic_properties[] = {
    DEFINE_PROP_MACADDR("mac", ApiNicState, mac),
    DEFINE_PROP_STRING("label", ApiNicState, label),
    DEFINE_PROP_BIT("turbo", ApiNicState, flags, 3, true),
    DEFINE_PROP_UINT64("serial", ApiNicState, serial, 0x1122334455667788ull),
    DEFINE_PROP_ARRAY("filters", ApiNicState, nr_filters, filters, qdev_prop_uint32, uint32_t),
    DEFINE_PROP("netdev", ApiNicState, peer, qdev_prop_netdev, NetClientState *),
    DEFINE_PROP_END_OF_LIST(),
};

static void nic_base_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    k->realize = nic_realize;
    k->exit = nic_exit;
    k->vendor_id = PCI_VENDOR_ID_INTEL;
    k->class_id = PCI_CLASS_NETWORK_ETHERNET;
    rc->phases.hold = nic_reset_hold;
    klass->unparent = nic_unparent;
    dc->vmsd = &vmstate_nic;
    dc->user_creatable = !qdev_machine_modified();
    device_class_set_props(dc, nic_properties);
    set_bit(DEVICE_CATEGORY_NETWORK, dc->categories);
}

static void nic_class_init(ObjectClass *klass, void *data)
{
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);
    const uint16_t *device_id = data;

    k->device_id = *device_id;
    API_NIC_CLASS(klass)->seed = strlen(object_class_get_name(klass));
}

static const TypeInfo nic_base_info = {
    .name = TYPE_API_NIC_BASE,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(ApiNicState),
    .class_size = sizeof(ApiNicClass),
    .class_init = nic_base_class_init,
    .abstract = true,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { },
    },
};

/* One type for each of a family of ids, as old NIC models register them. */
static void nic_register_types(void)
{
    static uint16_t ids[] = {
        PCI_DEVICE_ID_INTEL_82557, PCI_DEVICE_ID_INTEL_82551IT, PCI_DEVICE_ID_REALTEK_8029,
        PCI_DEVICE_ID_REDHAT_ROCKER,
    };

    type_register_static(&nic_base_info);
    for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
        g_autofree char *name = g_strdup_printf("%s-%zu", TYPE_API_NIC, i);
        TypeInfo info = {
            .name = name,
            .parent = TYPE_API_NIC_BASE,
            .class_init = nic_class_init,
            .class_data = &ids[i],
        };

        type_register(&info);
    }
}
type_init(nic_register_types)

/* ---- what test-api.c looks at behind the device's back ---- */

extern uint32_t api_nic_summary(DeviceState *dev, char **text);

uint32_t api_nic_summary(DeviceState *dev, char **text)
{
    ApiNicState *s = API_NIC(dev);
    PCIDeviceClass *pc = PCI_DEVICE_GET_CLASS(s);

    *text = g_strdup_printf("%s %04x label=%s flags=%x serial=%" PRIx64 " mac=%02x:%02x "
                            "filters=%u/%u resets=%u last=%s", object_get_typename(OBJECT(s)),
                            pc->device_id, s->label, s->flags, s->serial, s->mac.a[0],
                            s->mac.a[5], s->nr_filters, s->nr_filters ? s->filters[0] : 0,
                            s->resets, s->fmt);
    return s->link_up;
}
