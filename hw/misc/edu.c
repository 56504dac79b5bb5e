/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edu, the device that driver courses use (specification: docs/specs/edu of
 * QEMU): a register file, a slow factorial, interrupts to raise by hand, and
 * DMA (edu-dma.c).
 *
 * The factorial is taken modulo 2^32, and 34! already has 32 factors of two:
 * it needs at most 33 multiplications however large the operand. So there is
 * no thread; a bottom half computes it after the register write returned, and
 * a driver still sees the "computing" bit that it has to wait for.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/units.h"
#include "hw/pci/msi.h"
#include "migration/vmstate.h"
#include "qapi/visitor.h"
#include "edu-int.h"
#include "trace.h"

/* 0xRRrr00ed: version 1.0 */
#define EDU_ID 0x010000ed

/* ---- interrupts: the status register drives MSI or the pin ---- */

void edu_raise_irq(EduState *edu, uint32_t cause)
{
    edu->irq_status |= cause;
    trace_edu_irq(edu, edu->irq_status);
    if (!edu->irq_status) {
        return;
    }
    if (msi_enabled(&edu->pdev)) {
        msi_notify(&edu->pdev, 0);
    } else {
        pci_set_irq(&edu->pdev, 1);
    }
}

static void edu_ack_irq(EduState *edu, uint32_t causes)
{
    edu->irq_status &= ~causes;
    if (!edu->irq_status && !msi_enabled(&edu->pdev)) {
        pci_set_irq(&edu->pdev, 0);
    }
}

/* ---- factorial ---- */

static uint32_t factorial_mod_2_32(uint32_t n)
{
    uint32_t product = 1;

    if (n >= 34) {
        return 0;
    }
    while (n > 1) {
        product *= n--;
    }
    return product;
}

static void factorial_bh(void *opaque)
{
    EduState *edu = opaque;

    edu->factorial = factorial_mod_2_32(edu->factorial);
    edu->status &= ~EDU_STATUS_COMPUTING;
    if (edu->status & EDU_STATUS_WANT_IRQ) {
        edu_raise_irq(edu, EDU_IRQ_FACTORIAL);
    }
}

static void write_factorial(EduState *edu, uint64_t val)
{
    /* The operand of a running computation is not to be changed. */
    if (edu->status & EDU_STATUS_COMPUTING) {
        return;
    }
    edu->factorial = val;
    edu->status |= EDU_STATUS_COMPUTING;
    qemu_bh_schedule(edu->factorial_bh);
}

/* ---- registers ---- */

static void write_liveness(EduState *edu, uint64_t val)
{
    edu->liveness = ~val;
}

static void write_status(EduState *edu, uint64_t val)
{
    edu->status = (edu->status & ~EDU_STATUS_WANT_IRQ) | (val & EDU_STATUS_WANT_IRQ);
}

static void write_raise(EduState *edu, uint64_t val)
{
    edu_raise_irq(edu, val);
}

static void write_ack(EduState *edu, uint64_t val)
{
    edu_ack_irq(edu, val);
}

static void write_dma_cmd(EduState *edu, uint64_t val)
{
    if (val & EDU_DMA_START) {
        edu_dma_start(edu, val);
    }
}

enum {
    EDU_WIDE = 1,        /* 8-byte accesses too; a 4-byte write replaces the whole */
    EDU_IDLE_ONLY = 2,   /* not to be written while DMA is busy */
};

/* A register is a member of the state; `write` takes the place of storing. */
typedef struct EduRegister {
    uint32_t offset;
    uint8_t flags;
    uint8_t bytes;       /* of the member; 0: reads as all ones */
    uint16_t member;
    bool writable;
    void (*write)(EduState *edu, uint64_t val);
} EduRegister;

#define MEMBER(m) .member = offsetof(EduState, m), .bytes = sizeof_field(EduState, m)

static const EduRegister edu_registers[] = {
    { 0x04, .writable = true, .write = write_liveness, MEMBER(liveness) },
    { 0x08, .writable = true, .write = write_factorial, MEMBER(factorial) },
    { 0x20, .writable = true, .write = write_status, MEMBER(status) },
    { 0x24, MEMBER(irq_status) },
    { 0x60, .writable = true, .write = write_raise },
    { 0x64, .writable = true, .write = write_ack },
    { 0x80, EDU_WIDE | EDU_IDLE_ONLY, .writable = true, MEMBER(dma_src) },
    { 0x88, EDU_WIDE | EDU_IDLE_ONLY, .writable = true, MEMBER(dma_dst) },
    { 0x90, EDU_WIDE | EDU_IDLE_ONLY, .writable = true, MEMBER(dma_count) },
    { 0x98, EDU_WIDE | EDU_IDLE_ONLY, .writable = true, .write = write_dma_cmd,
      MEMBER(dma_cmd) },
};

/* NULL also when the access is wider than the register takes. */
static const EduRegister *edu_register(hwaddr addr, unsigned size)
{
    for (size_t i = 0; i < ARRAY_SIZE(edu_registers); i++) {
        const EduRegister *reg = &edu_registers[i];

        if (reg->offset == addr) {
            return size == 4 || reg->flags & EDU_WIDE ? reg : NULL;
        }
    }
    return NULL;
}

static uint64_t edu_mmio_read(void *opaque, hwaddr addr, unsigned size)
{
    EduState *edu = opaque;
    const EduRegister *reg = edu_register(addr, size);
    const void *member = (const char *)edu + (reg ? reg->member : 0);

    if (addr == 0 && size == 4) {
        return EDU_ID;
    }
    if (!reg || !reg->bytes) {
        return UINT64_MAX;
    }
    return reg->bytes == 8 ? *(const uint64_t *)member : *(const uint32_t *)member;
}

static void edu_mmio_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    EduState *edu = opaque;
    const EduRegister *reg = edu_register(addr, size);

    if (!reg || !reg->writable ||
        (reg->flags & EDU_IDLE_ONLY && edu->dma_cmd & EDU_DMA_START)) {
        return;
    }
    if (reg->write) {
        reg->write(edu, val);
    } else {
        *(uint64_t *)((char *)edu + reg->member) = val;
    }
}

static const MemoryRegionOps edu_mmio_ops = {
    .read = edu_mmio_read,
    .write = edu_mmio_write,
    .endianness = DEVICE_NATIVE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 8 },
};

/* ---- life ---- */

static void pci_edu_realize(PCIDevice *pdev, Error **errp)
{
    EduState *edu = PCI_EDU_DEVICE(pdev);

    pci_config_set_interrupt_pin(pdev->config, 1);
    if (msi_init(pdev, 0, 1, true, false, errp)) {
        return;
    }
    edu_dma_init(edu);
    edu->factorial_bh = qemu_bh_new_guarded(factorial_bh, edu,
                                            &DEVICE(pdev)->mem_reentrancy_guard);
    memory_region_init_io(&edu->mmio, OBJECT(edu), &edu_mmio_ops, edu, "edu-mmio", 1 * MiB);
    pci_register_bar(pdev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &edu->mmio);
}

static void pci_edu_exit(PCIDevice *pdev)
{
    EduState *edu = PCI_EDU_DEVICE(pdev);

    edu_dma_stop(edu);
    g_clear_pointer(&edu->factorial_bh, qemu_bh_delete);
    msi_uninit(pdev);
}

static void edu_reset(DeviceState *dev)
{
    EduState *edu = PCI_EDU_DEVICE(dev);

    edu_dma_stop(edu);
    qemu_bh_cancel(edu->factorial_bh);
    edu->liveness = edu->factorial = edu->status = 0;
    edu->dma_src = edu->dma_dst = edu->dma_count = edu->dma_cmd = 0;
    memset(edu->window, 0, sizeof(edu->window));
    edu->irq_status = 0;
    pci_set_irq(&edu->pdev, 0);
}

static void edu_instance_init(Object *obj)
{
    EduState *edu = PCI_EDU_DEVICE(obj);

    /* 28 address lines unless the user says otherwise: drivers have to set their mask. */
    edu->dma_mask = (1ull << 28) - 1;
    object_property_add_uint64_ptr(obj, "dma_mask", &edu->dma_mask, OBJ_PROP_FLAG_READWRITE);
}

static int edu_post_load(void *opaque, int version_id)
{
    EduState *edu = opaque;

    if (edu->status & EDU_STATUS_COMPUTING) {
        qemu_bh_schedule(edu->factorial_bh);
    }
    edu_dma_resume(edu);
    return 0;
}

static const VMStateDescription vmstate_edu = {
    .name = "edu",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = edu_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(pdev, EduState),
        VMSTATE_UINT32(liveness, EduState),
        VMSTATE_UINT32(factorial, EduState),
        VMSTATE_UINT32(status, EduState),
        VMSTATE_UINT32(irq_status, EduState),
        VMSTATE_UINT64(dma_src, EduState),
        VMSTATE_UINT64(dma_dst, EduState),
        VMSTATE_UINT64(dma_count, EduState),
        VMSTATE_UINT64(dma_cmd, EduState),
        VMSTATE_TIMER(dma_timer, EduState),
        VMSTATE_BUFFER(window, EduState),
        VMSTATE_END_OF_LIST()
    }
};

static void edu_class_init(ObjectClass *class, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(class);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(class);

    k->realize = pci_edu_realize;
    k->exit = pci_edu_exit;
    k->vendor_id = PCI_VENDOR_ID_QEMU;
    k->device_id = 0x11e8;
    k->revision = 0x10;
    k->class_id = PCI_CLASS_OTHERS;
    dc->desc = "Educational device";
    dc->reset = edu_reset;
    dc->vmsd = &vmstate_edu;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo edu_types[] = {
    {
        .name = TYPE_PCI_EDU_DEVICE,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(EduState),
        .instance_init = edu_instance_init,
        .class_init = edu_class_init,
        .interfaces = (InterfaceInfo[]) {
            { INTERFACE_CONVENTIONAL_PCI_DEVICE },
            { },
        },
    },
};

DEFINE_TYPES(edu_types)
