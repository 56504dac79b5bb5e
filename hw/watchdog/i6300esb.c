/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * i6300esb: the watchdog of Intel's 6300ESB I/O controller hub (data sheet
 * 300641, chapter "Watchdog timer"), PCI 8086:25ab.
 *
 * Two stages count down one after the other, each from its preload value. The
 * first one's end sets the interrupt status, the second one's is the time-out:
 * the status bit that the next boot's driver reads, and, unless the output is
 * disabled, the action that the operator chose. In free-running mode there is
 * only the first stage, over and over.
 *
 * A count is in units of 2^15 PCI clocks (about 1 kHz) or of 2^5 (about 1 MHz)
 * of the 33 MHz clock. Time is guest time: a stopped guest is not hung.
 *
 * Registers behind the lock take one write after 0x80 and 0x86 were written to
 * the reload register; anything else in between starts over.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "hw/pci/pci_device.h"
#include "migration/vmstate.h"
#include "qom/object.h"
#include "sysemu/watchdog.h"
#include "trace.h"

#define TYPE_WATCHDOG_I6300ESB_DEVICE "i6300esb"
OBJECT_DECLARE_SIMPLE_TYPE(I6300State, WATCHDOG_I6300ESB_DEVICE)

enum {
    /* config space */
    CFG_WDT_CONFIG = 0x60,          /* word */
    WDT_INT_TYPE = 3 << 0,          /* 0: APIC, 2: SMI, 3: none */
    WDT_INT_NONE = 3,
    WDT_PRESCALE_1MHZ = 1 << 2,
    WDT_OUTPUT_OFF = 1 << 5,
    WDT_CONFIG_BITS = WDT_INT_TYPE | WDT_PRESCALE_1MHZ | WDT_OUTPUT_OFF,
    CFG_WDT_LOCK = 0x68,            /* byte */
    WDT_LOCKED = 1 << 0,
    WDT_ENABLE = 1 << 1,
    WDT_FREE_RUN = 1 << 2,
    WDT_LOCK_BITS = WDT_LOCKED | WDT_ENABLE | WDT_FREE_RUN,

    /* memory BAR */
    REG_PRELOAD1 = 0x00,
    REG_PRELOAD2 = 0x04,
    REG_INT_STATUS = 0x08,
    INT_ACTIVE = 1 << 0,
    REG_RELOAD = 0x0c,
    RELOAD_COUNT = 1 << 8,
    RELOAD_TIMED_OUT = 1 << 9,
    BAR_SIZE = 0x10,

    PRELOAD_MAX = 0xfffff,          /* 20 bits */
    UNLOCK_1 = 0x80,
    UNLOCK_2 = 0x86,

    PCI_CLOCK_HZ = 33000000,
};

typedef enum UnlockState {
    UNLOCK_NONE,
    UNLOCK_SEEN_1,
    UNLOCK_OPEN,
    UNLOCK_STATES,
} UnlockState;

struct I6300State {
    PCIDevice dev;
    MemoryRegion io_mem;
    QEMUTimer *timer;

    uint32_t preload[2];
    uint32_t stage;                 /* 1 or 2 */
    uint32_t unlock;                /* UnlockState */
    uint32_t int_status;
    uint32_t timed_out;             /* survives a reset: the next boot asks for it */
};

static uint16_t wdt_config(const I6300State *d)
{
    return pci_get_word(d->dev.config + CFG_WDT_CONFIG);
}

static uint8_t wdt_lock(const I6300State *d)
{
    return d->dev.config[CFG_WDT_LOCK];
}

/* ---- counting ---- */

static int64_t stage_ns(const I6300State *d)
{
    unsigned shift = wdt_config(d) & WDT_PRESCALE_1MHZ ? 5 : 15;
    uint64_t clocks = (uint64_t)d->preload[d->stage - 1] << shift;

    /* At most 2^35 clocks: 17 minutes. A preload of 0 still takes a moment, not no time at all. */
    return MAX(muldiv64(clocks, NANOSECONDS_PER_SECOND, PCI_CLOCK_HZ), 1000);
}

static void start_stage(I6300State *d, unsigned stage)
{
    int64_t length;

    d->stage = stage;
    if (!(wdt_lock(d) & WDT_ENABLE)) {
        return;
    }
    length = stage_ns(d);
    trace_i6300esb_stage(d, stage, length);
    timer_mod(d->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + length);
}

static void stage1_over(I6300State *d)
{
    unsigned type = wdt_config(d) & WDT_INT_TYPE;

    if (type == WDT_INT_NONE) {
        return;
    }
    d->int_status |= INT_ACTIVE;
    /* The chip wires this to its own I/O APIC or to SMI, which are not part of the function. */
    qemu_log_mask(LOG_UNIMP, "i6300esb: first stage over; interrupt type %u leads out of the "
                  "PCI function, only the status bit is set\n", type);
}

static void stage2_over(I6300State *d)
{
    trace_i6300esb_timeout(d);
    d->timed_out = 1;
    if (wdt_config(d) & WDT_OUTPUT_OFF) {
        return;
    }
    watchdog_perform_action();
}

static void timer_expired_cb(void *opaque)
{
    I6300State *d = opaque;

    if (d->stage == 2) {
        stage2_over(d);
        /* The counter stands until the driver reloads it. */
        return;
    }
    stage1_over(d);
    start_stage(d, wdt_lock(d) & WDT_FREE_RUN ? 1 : 2);
}

static void stop(I6300State *d)
{
    timer_del(d->timer);
    d->stage = 1;
}

/* ---- config space: the core applies the write mask, then its effect follows ---- */

static void i6300esb_config_write(PCIDevice *dev, uint32_t addr, uint32_t data, int len)
{
    I6300State *d = WATCHDOG_I6300ESB_DEVICE(dev);
    uint8_t before = wdt_lock(d);
    uint8_t after;

    pci_default_write_config(dev, addr, data, len);
    after = wdt_lock(d);
    if (after & WDT_LOCKED) {
        dev->wmask[CFG_WDT_LOCK] = 0;
    }
    if (!(after & WDT_ENABLE)) {
        stop(d);
    } else if (!(before & WDT_ENABLE)) {
        trace_i6300esb_enable(d, after);
        start_stage(d, 1);
    }
}

static uint32_t i6300esb_config_read(PCIDevice *dev, uint32_t addr, int len)
{
    return pci_default_read_config(dev, addr, len);
}

/* ---- registers ---- */

static uint32_t register_value(const I6300State *d, hwaddr reg)
{
    switch (reg) {
    case REG_PRELOAD1:
    case REG_PRELOAD2:
        return d->preload[reg / 4];
    case REG_INT_STATUS:
        return d->int_status;
    default:
        return d->timed_out ? RELOAD_TIMED_OUT : 0;
    }
}

static uint64_t i6300esb_mem_read(void *opaque, hwaddr addr, unsigned size)
{
    const I6300State *d = opaque;

    return register_value(d, addr & ~(hwaddr)3) >> 8 * (addr & 3) &
           (UINT32_MAX >> (32 - 8 * size));
}

/* The two magic writes. true: this write was one of them. */
static bool unlock_step(I6300State *d, hwaddr reg, uint32_t val)
{
    if (reg != REG_RELOAD) {
        return false;
    }
    if (val == UNLOCK_1) {
        d->unlock = UNLOCK_SEEN_1;
        return true;
    }
    if (val == UNLOCK_2 && d->unlock == UNLOCK_SEEN_1) {
        d->unlock = UNLOCK_OPEN;
        return true;
    }
    return false;
}

static void write_reload(I6300State *d, uint32_t val)
{
    if (val & RELOAD_TIMED_OUT) {
        d->timed_out = 0;
    }
    if (val & RELOAD_COUNT) {
        start_stage(d, 1);
    }
}

static void i6300esb_mem_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    I6300State *d = opaque;
    hwaddr reg = addr & ~(hwaddr)3;
    unsigned shift = 8 * (addr & 3);
    uint32_t lanes = (UINT32_MAX >> (32 - 8 * size)) << shift;
    uint32_t bits = (uint32_t)val << shift & lanes;

    if (unlock_step(d, reg, bits)) {
        return;
    }
    if (reg == REG_INT_STATUS) {
        d->int_status &= ~(bits & INT_ACTIVE);
        return;
    }
    if (d->unlock != UNLOCK_OPEN) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR,
                                  "i6300esb: register 0x%" HWADDR_PRIx " is locked\n", reg);
        d->unlock = UNLOCK_NONE;
        return;
    }
    d->unlock = UNLOCK_NONE;
    if (reg == REG_RELOAD) {
        write_reload(d, bits);
    } else {
        d->preload[reg / 4] = ((d->preload[reg / 4] & ~lanes) | bits) & PRELOAD_MAX;
    }
}

static const MemoryRegionOps i6300esb_ops = {
    .read = i6300esb_mem_read,
    .write = i6300esb_mem_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 4 },
    .impl = { .min_access_size = 1, .max_access_size = 4 },
};

/* ---- life ---- */

static void i6300esb_reset(DeviceState *dev)
{
    I6300State *d = WATCHDOG_I6300ESB_DEVICE(dev);

    stop(d);
    d->preload[0] = d->preload[1] = PRELOAD_MAX;
    d->unlock = UNLOCK_NONE;
    d->int_status = 0;
    pci_set_word(d->dev.config + CFG_WDT_CONFIG, 0);
    d->dev.config[CFG_WDT_LOCK] = 0;
    d->dev.wmask[CFG_WDT_LOCK] = WDT_LOCK_BITS;
}

static void i6300esb_realize(PCIDevice *dev, Error **errp)
{
    I6300State *d = WATCHDOG_I6300ESB_DEVICE(dev);

    pci_set_word(dev->wmask + CFG_WDT_CONFIG, WDT_CONFIG_BITS);
    dev->wmask[CFG_WDT_LOCK] = WDT_LOCK_BITS;
    d->stage = 1;
    d->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, timer_expired_cb, d);
    memory_region_init_io(&d->io_mem, OBJECT(d), &i6300esb_ops, d, "i6300esb", BAR_SIZE);
    pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &d->io_mem);
}

static void i6300esb_exit(PCIDevice *dev)
{
    I6300State *d = WATCHDOG_I6300ESB_DEVICE(dev);

    g_clear_pointer(&d->timer, timer_free);
}

/* `stage` selects a preload register: a stream may not say anything else than 1 or 2. */
static int i6300esb_post_load(void *opaque, int version_id)
{
    I6300State *d = opaque;
    bool sane = d->stage >= 1 && d->stage <= 2 && d->unlock < UNLOCK_STATES;

    if (!sane) {
        stop(d);
        d->unlock = UNLOCK_NONE;
    }
    d->preload[0] &= PRELOAD_MAX;
    d->preload[1] &= PRELOAD_MAX;
    d->dev.wmask[CFG_WDT_LOCK] = wdt_lock(d) & WDT_LOCKED ? 0 : WDT_LOCK_BITS;
    return sane ? 0 : -EINVAL;
}

static const VMStateDescription vmstate_i6300esb = {
    .name = "i6300esb_wdt",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = i6300esb_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(dev, I6300State),
        VMSTATE_UINT32_ARRAY(preload, I6300State, 2),
        VMSTATE_UINT32(stage, I6300State),
        VMSTATE_UINT32(unlock, I6300State),
        VMSTATE_UINT32(int_status, I6300State),
        VMSTATE_UINT32(timed_out, I6300State),
        VMSTATE_TIMER_PTR(timer, I6300State),
        VMSTATE_END_OF_LIST()
    }
};

static void i6300esb_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);

    k->config_read = i6300esb_config_read;
    k->config_write = i6300esb_config_write;
    k->realize = i6300esb_realize;
    k->exit = i6300esb_exit;
    k->vendor_id = PCI_VENDOR_ID_INTEL;
    k->device_id = PCI_DEVICE_ID_INTEL_ESB_9;
    k->class_id = PCI_CLASS_SYSTEM_OTHER;
    dc->reset = i6300esb_reset;
    dc->vmsd = &vmstate_i6300esb;
    dc->desc = "Intel 6300ESB";
    set_bit(DEVICE_CATEGORY_WATCHDOG, dc->categories);
}

static const TypeInfo i6300esb_info = {
    .name = TYPE_WATCHDOG_I6300ESB_DEVICE,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(I6300State),
    .class_init = i6300esb_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { },
    },
};

static void i6300esb_register_types(void)
{
    type_register_static(&i6300esb_info);
}

type_init(i6300esb_register_types)
