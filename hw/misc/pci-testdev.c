/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci-testdev (specification: docs/specs/pci-testdev of QEMU): measures how
 * writes reach a device. BAR 0 is memory, BAR 1 is I/O, and each offers the
 * same three tests: a write that is dispatched to the model, one that signals
 * an event notifier whatever it carries, and one that does so only for the
 * right data. A header at the start of the BAR describes the test that runs:
 *
 *     0x00 byte   test       write: start test n
 *     0x01 byte   width      of the write to make; 0: no such test
 *     0x04 long   offset     where in this BAR to write
 *     0x08 long   data       what to write
 *     0x0c long   count      writes seen since the start
 *     0x10 bytes  name       zero-terminated
 *
 * Before the first test, and after one that does not exist, it reads as zero.
 * BAR 2 (property membar) is a 64-bit memory BAR of any size, for clients that
 * want to know how large BARs fare; membar-backed puts RAM behind it.
 */
#include "qemu/osdep.h"
#include "qemu/event_notifier.h"
#include "qemu/host-utils.h"
#include "qemu/module.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qom/object.h"
#include "trace.h"

#define TYPE_PCI_TEST_DEV "pci-testdev"
OBJECT_DECLARE_SIMPLE_TYPE(PCITestDevState, PCI_TEST_DEV)

enum {
    HDR_TEST = 0x00,
    HDR_WIDTH = 0x01,
    HDR_OFFSET = 0x04,
    HDR_DATA = 0x08,
    HDR_COUNT = 0x0c,
    HDR_NAME = 0x10,
    HDR_BYTES = 0x40,

    TEST_WIDTH = 1,
    TEST_NONE = -1,
};

typedef struct TestKind {
    const char *name;
    uint8_t data;
    bool notifier;       /* writes signal an event notifier ... */
    bool match_data;     /* ... when they carry `data` */
} TestKind;

static const TestKind test_kinds[] = {
    { "no-eventfd", 0xfa },
    { "wildcard-eventfd", 0xce, .notifier = true },
    { "datamatch-eventfd", 0xfa, .notifier = true, .match_data = true },
};

/* The tests live in the upper half of a BAR, a byte for each. */
static const struct TestBar {
    const char *name;
    const char *region;
    uint32_t size;
    uint8_t space;
} test_bars[] = {
    { "mmio", "pci-testdev-mmio", 4096, PCI_BASE_ADDRESS_SPACE_MEMORY },
    { "portio", "pci-testdev-portio", 256, PCI_BASE_ADDRESS_SPACE_IO },
};

/* What callbacks of one BAR get. */
typedef struct TestBarState {
    PCITestDevState *dev;
    MemoryRegion region;
    EventNotifier notifiers[ARRAY_SIZE(test_kinds)];
    uint8_t notifiers_made;      /* bit n: notifiers[n] is initialised */
} TestBarState;

struct PCITestDevState {
    PCIDevice parent_obj;
    TestBarState bars[ARRAY_SIZE(test_bars)];
    MemoryRegion membar;
    uint64_t membar_size;        /* properties */
    bool membar_backed;

    int32_t running_bar;         /* which test runs, TEST_NONE: none */
    int32_t running_kind;
    uint32_t count;
    int32_t moved_bar;           /* both as a stream has them: not to be used as indices */
    int32_t moved_kind;
};

static uint32_t test_offset(int bar, int kind)
{
    return test_bars[bar].size / 2 + kind * TEST_WIDTH;
}

static bool test_runs_on(const PCITestDevState *d, int bar)
{
    return d->running_kind != TEST_NONE && d->running_bar == bar;
}

/* ---- the notifier of the test that runs ---- */

static EventNotifier *running_notifier(PCITestDevState *d)
{
    return &d->bars[d->running_bar].notifiers[d->running_kind];
}

static void connect_notifier(PCITestDevState *d, bool connect)
{
    const TestKind *kind = &test_kinds[d->running_kind];
    void (*change)(MemoryRegion *, hwaddr, unsigned, bool, uint64_t, EventNotifier *) =
        connect ? memory_region_add_eventfd : memory_region_del_eventfd;

    if (kind->notifier) {
        change(&d->bars[d->running_bar].region, test_offset(d->running_bar, d->running_kind),
               TEST_WIDTH, kind->match_data, kind->data, running_notifier(d));
    }
}

/* Writes that signalled the notifier have gone past the model: fetch their number. */
static void count_signals(PCITestDevState *d)
{
    uint64_t signals;

    if (test_kinds[d->running_kind].notifier &&
        read(event_notifier_get_fd(running_notifier(d)), &signals, sizeof(signals)) ==
        sizeof(signals)) {
        d->count += signals;
    }
}

static void stop_test(PCITestDevState *d)
{
    if (d->running_kind == TEST_NONE) {
        return;
    }
    connect_notifier(d, false);
    event_notifier_test_and_clear(running_notifier(d));
    d->running_kind = TEST_NONE;
}

static void start_test(PCITestDevState *d, int bar, uint64_t kind)
{
    stop_test(d);
    d->count = 0;
    if (kind < ARRAY_SIZE(test_kinds)) {
        trace_pci_testdev_start(d, test_bars[bar].name, test_kinds[kind].name);
        d->running_bar = bar;
        d->running_kind = kind;
        connect_notifier(d, true);
    }
}

/* ---- the header ---- */

static void make_header(PCITestDevState *d, uint8_t hdr[HDR_BYTES])
{
    const TestKind *kind = &test_kinds[d->running_kind];
    uint32_t word;

    count_signals(d);
    memset(hdr, 0, HDR_BYTES);
    hdr[HDR_TEST] = d->running_kind;
    hdr[HDR_WIDTH] = TEST_WIDTH;
    word = cpu_to_le32(test_offset(d->running_bar, d->running_kind));
    memcpy(hdr + HDR_OFFSET, &word, sizeof(word));
    hdr[HDR_DATA] = kind->data;
    word = cpu_to_le32(d->count);
    memcpy(hdr + HDR_COUNT, &word, sizeof(word));
    snprintf((char *)hdr + HDR_NAME, HDR_BYTES - HDR_NAME, "%s:%s",
             test_bars[d->running_bar].name, kind->name);
}

static uint64_t testdev_read(void *opaque, hwaddr addr, unsigned size)
{
    TestBarState *bar = opaque;
    uint8_t hdr[HDR_BYTES];

    if (addr >= HDR_BYTES || !test_runs_on(bar->dev, bar - bar->dev->bars)) {
        return 0;
    }
    make_header(bar->dev, hdr);
    return hdr[addr];
}

static void testdev_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    TestBarState *bar = opaque;
    PCITestDevState *d = bar->dev;
    int index = bar - d->bars;

    if (addr == HDR_TEST) {
        start_test(d, index, val);
    } else if (test_runs_on(d, index) && addr == test_offset(index, d->running_kind)) {
        d->count++;
    }
}

static const MemoryRegionOps testdev_ops = {
    .read = testdev_read,
    .write = testdev_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 1, .max_access_size = 1 },
};

/* ---- life ---- */

static bool make_notifiers(TestBarState *bar, Error **errp)
{
    for (size_t i = 0; i < ARRAY_SIZE(test_kinds); i++) {
        int ret = event_notifier_init(&bar->notifiers[i], 0);

        if (ret < 0) {
            error_setg_errno(errp, -ret, "pci-testdev: no event notifier");
            return false;
        }
        bar->notifiers_made |= 1 << i;
    }
    return true;
}

static bool make_membar(PCITestDevState *d, Error **errp)
{
    PCIDevice *dev = PCI_DEVICE(d);

    if (!d->membar_size) {
        return true;
    }
    if (!is_power_of_2(d->membar_size) || d->membar_size < 16) {
        error_setg(errp, "property 'membar' must be a power of two of at least 16, not %" PRIu64,
                   d->membar_size);
        return false;
    }
    if (!d->membar_backed) {
        memory_region_init(&d->membar, OBJECT(d), "pci-testdev-membar", d->membar_size);
    } else if (!memory_region_init_ram(&d->membar, OBJECT(d), "pci-testdev-membar",
                                       d->membar_size, errp)) {
        return false;
    }
    pci_register_bar(dev, 2, PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_PREFETCH |
                     PCI_BASE_ADDRESS_MEM_TYPE_64, &d->membar);
    return true;
}

static void drop_notifiers(PCITestDevState *d)
{
    for (size_t i = 0; i < ARRAY_SIZE(test_bars); i++) {
        for (size_t k = 0; k < ARRAY_SIZE(test_kinds); k++) {
            if (d->bars[i].notifiers_made & 1 << k) {
                event_notifier_cleanup(&d->bars[i].notifiers[k]);
            }
        }
        d->bars[i].notifiers_made = 0;
    }
}

static void testdev_realize(PCIDevice *pci_dev, Error **errp)
{
    PCITestDevState *d = PCI_TEST_DEV(pci_dev);

    d->running_kind = TEST_NONE;
    if (!make_membar(d, errp)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(test_bars); i++) {
        TestBarState *bar = &d->bars[i];

        bar->dev = d;
        if (!make_notifiers(bar, errp)) {
            drop_notifiers(d);
            return;
        }
        memory_region_init_io(&bar->region, OBJECT(d), &testdev_ops, bar, test_bars[i].region,
                              test_bars[i].size);
        pci_register_bar(pci_dev, i, test_bars[i].space, &bar->region);
    }
}

static void testdev_exit(PCIDevice *pci_dev)
{
    PCITestDevState *d = PCI_TEST_DEV(pci_dev);

    stop_test(d);
    drop_notifiers(d);
}

static void testdev_reset(DeviceState *dev)
{
    PCITestDevState *d = PCI_TEST_DEV(dev);

    stop_test(d);
    d->count = 0;
}

/* The counter travels; signals that nobody fetched yet are fetched first. */
static int testdev_pre_save(void *opaque)
{
    PCITestDevState *d = opaque;

    if (d->running_kind != TEST_NONE) {
        count_signals(d);
    }
    d->moved_bar = d->running_bar;
    d->moved_kind = d->running_kind;
    return 0;
}

static int testdev_pre_load(void *opaque)
{
    stop_test(opaque);
    return 0;
}

static int testdev_post_load(void *opaque, int version_id)
{
    PCITestDevState *d = opaque;

    if (d->moved_kind == TEST_NONE) {
        return 0;
    }
    if (d->moved_kind < 0 || d->moved_kind >= (int)ARRAY_SIZE(test_kinds) ||
        d->moved_bar < 0 || d->moved_bar >= (int)ARRAY_SIZE(test_bars)) {
        return -EINVAL;
    }
    d->running_bar = d->moved_bar;
    d->running_kind = d->moved_kind;
    connect_notifier(d, true);
    return 0;
}

static const VMStateDescription vmstate_testdev = {
    .name = "pci-testdev",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = testdev_pre_save,
    .pre_load = testdev_pre_load,
    .post_load = testdev_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, PCITestDevState),
        VMSTATE_INT32(moved_bar, PCITestDevState),
        VMSTATE_INT32(moved_kind, PCITestDevState),
        VMSTATE_UINT32(count, PCITestDevState),
        VMSTATE_END_OF_LIST()
    }
};

static Property testdev_properties[] = {
    DEFINE_PROP_SIZE("membar", PCITestDevState, membar_size, 0),
    DEFINE_PROP_BOOL("membar-backed", PCITestDevState, membar_backed, false),
    DEFINE_PROP_END_OF_LIST(),
};

static void testdev_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);

    k->realize = testdev_realize;
    k->exit = testdev_exit;
    k->vendor_id = PCI_VENDOR_ID_REDHAT;
    k->device_id = PCI_DEVICE_ID_REDHAT_TEST;
    k->revision = 0x00;
    k->class_id = PCI_CLASS_OTHERS;
    dc->desc = "PCI Test Device";
    dc->reset = testdev_reset;
    dc->vmsd = &vmstate_testdev;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, testdev_properties);
}

static const TypeInfo testdev_info = {
    .name = TYPE_PCI_TEST_DEV,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(PCITestDevState),
    .class_init = testdev_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { },
    },
};

static void testdev_register_types(void)
{
    type_register_static(&testdev_info);
}

type_init(testdev_register_types)
