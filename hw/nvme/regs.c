/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The controller's registers (base 3.1.3) and its life (base 3.5, 3.6 and 3.7). A write
 * never does DMA: it takes effect in memory of ours, and the loop goes on from there.
 * Taking all commands back is synchronous, so enable and disable are done when
 * the write returns; only a shutdown lasts, until the medium has all.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "hw/nvme/core.h"
#include "hw/nvme/zns.h"
#include "trace.h"

/* ---- enable and disable ---- */

static uint32_t cc_field(const NvmeCtrl *n, unsigned shift, uint32_t mask)
{
    return n->regs->cc >> shift & mask;
}

/* AQA, 0's based: base 3.1.3.9. */
static NvmeRing admin_ring(NvmeCtrl *n, uint64_t addr, unsigned aqa_shift, uint8_t entry_shift)
{
    return (NvmeRing) {
        .addr = addr,
        .entries = (n->regs->aqa >> aqa_shift & 0xfff) + 1,
        .shift = entry_shift,
        .page_size = n->page_size,
    };
}

const char *nvme_bad_configuration(NvmeCtrl *n)
{
    struct NvmeRegs *r = n->regs;
    uint32_t css = cc_field(n, NVME_CC_CSS_SHIFT, 7);

    n->page_size = NVME_PAGE_SIZE_MIN << MIN(cc_field(n, NVME_CC_MPS_SHIFT, 15), NVME_MPSMAX);
    n->css = css;
    if (cc_field(n, NVME_CC_MPS_SHIFT, 15) > NVME_MPSMAX) {
        return "memory page size";
    }
    if (css != NVME_CSS_NVM && css != NVME_CSS_IOCS && css != NVME_CSS_ADMIN) {
        return "command set";
    }
    if (cc_field(n, NVME_CC_AMS_SHIFT, 7)) {
        return "arbitration mechanism";
    }
    if (!(r->aqa & 0xfff) || !(r->aqa >> 16 & 0xfff)) {
        return "size of an admin queue";
    }
    if ((r->asq | r->acq) & (n->page_size - 1)) {
        return "base address of an admin queue";
    }
    return NULL;
}

static void enable(NvmeCtrl *n)
{
    NvmeRing ring;
    NvmeCQueue *cq;
    const char *bad;

    bad = nvme_bad_configuration(n);
    if (bad) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "nvme: enabled with a bad %s\n", bad);
        nvme_fatal(n);
        return;
    }
    ring = admin_ring(n, n->regs->acq, 16, NVME_CQE_SHIFT);
    cq = nvme_cq_new(n, 0, 0, true, &ring);
    ring = admin_ring(n, n->regs->asq, 0, NVME_SQE_SHIFT);
    nvme_sq_new(n, 0, cq, &ring);
    n->state = NVME_READY;
    n->regs->csts |= NVME_CSTS_RDY;
    nvme_poll_update(n);
}

void nvme_fatal(NvmeCtrl *n)
{
    trace_nvme_fatal(n);
    n->state = NVME_FATAL;
    n->regs->csts |= NVME_CSTS_CFS;
    nvme_poll_update(n);
}

/* ---- reset ---- */

/* Base 3.7.2: CC.EN does not touch where the admin queues are. */
static void reset_registers(NvmeCtrl *n, NvmeResetKind kind)
{
    struct NvmeRegs *r = n->regs;

    r->cc = 0;
    r->csts = kind == NVME_RESET_SUBSYSTEM ? NVME_CSTS_NSSRO
            : kind == NVME_RESET_CONTROLLER ? r->csts & NVME_CSTS_NSSRO : 0;
    if (kind != NVME_RESET_CONTROLLER) {
        r->aqa = 0;
        r->asq = r->acq = 0;
    }
}

/* Base 3.7.1: power went and came for the namespaces, unless other controllers have them. */
static void close_zones(NvmeCtrl *n, NvmeResetKind kind)
{
    NvmeNamespace **all = n->namespaces;

    if (kind == NVME_RESET_CONTROLLER || (kind == NVME_RESET_DEVICE && !n->subsys->private)) {
        return;
    }
    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        if (all[nsid] && all[nsid]->zns) {
            nvme_zns_power_cycle(all[nsid]);
        }
    }
}

void nvme_ctrl_reset(NvmeCtrl *n, NvmeResetKind kind)
{
    /* Nor is anything lost when no host has been there. */
    bool clean = n->regs->csts >> NVME_CSTS_SHST_SHIFT & NVME_SHST_COMPLETE || !n->regs->asq;

    trace_nvme_reset(n, kind);
    n->state = NVME_DISABLED;
    nvme_shutdown_cancel(n);
    nvme_queues_reset(n);
    nvme_doorbells_reset(n);
    nvme_irq_reset(n);
    nvme_admin_reset(n);
    if (kind == NVME_RESET_DEVICE) {
        nvme_admin_power_cycle(n, clean);
        nvme_cmb_reset(n);
    }
    close_zones(n, kind);
    reset_registers(n, kind);
    n->page_size = NVME_PAGE_SIZE_MIN;
    n->css = 0;
    if (n->poller) {
        nvme_poll_update(n);
    }
}

/* ---- registers ---- */

static void write_cc(NvmeCtrl *n, uint32_t value)
{
    struct NvmeRegs *r = n->regs;
    uint32_t old = r->cc;

    trace_nvme_cc(n, old, value);
    value &= NVME_CC_WRITABLE;
    if (old & ~value & NVME_CC_EN) {
        nvme_ctrl_reset(n, NVME_RESET_CONTROLLER);
        r->cc = value;
        return;
    }
    if (old & NVME_CC_EN) {
        /* While it is enabled, only these may change: base 3.1.3.5. */
        const uint32_t live = 3u << NVME_CC_SHN_SHIFT | 0xfu << NVME_CC_IOSQES_SHIFT
                              | 0xfu << NVME_CC_IOCQES_SHIFT;
        value = (old & ~live) | (value & live);
    }
    r->cc = value;
    if (value & ~old & NVME_CC_EN) {
        enable(n);
    }
    if (value >> NVME_CC_SHN_SHIFT & 3 && !(old >> NVME_CC_SHN_SHIFT & 3)) {
        nvme_shutdown(n, value >> NVME_CC_SHN_SHIFT & 3);
    }
}

/* Base 3.7.1: of all its controllers, whoever of them was asked. */
static void reset_subsystem(NvmeSubsystem *subsys)
{
    for (unsigned i = 0; i < NVME_MAX_CONTROLLERS; i++) {
        if (subsys->ctrls[i]) {
            nvme_ctrl_reset(subsys->ctrls[i], NVME_RESET_SUBSYSTEM);
        }
    }
}

static uint64_t cap(NvmeCtrl *n)
{
    return NVME_CAP_MQES | (uint64_t)NVME_TIMEOUT << NVME_CAP_TO_SHIFT
           | NVME_CAP_NSSRS | NVME_CAP_CSS_NVM | NVME_CAP_CSS_IOCS | NVME_CAP_CSS_NONE
           | (uint64_t)NVME_MPSMAX << NVME_CAP_MPSMAX_SHIFT | NVME_CAP_CRWMS
           | (n->cmb && !n->params.legacy_cmb ? NVME_CAP_CMBS : 0);
}

static uint32_t read_register(NvmeCtrl *n, hwaddr offset)
{
    struct NvmeRegs *r = n->regs;

    switch (offset) {
    case NVME_REG_CAP:
        return cap(n);
    case NVME_REG_CAP + 4:
        return cap(n) >> 32;
    case NVME_REG_VS:
        return NVME_VERSION;
    case NVME_REG_INTMS:
    case NVME_REG_INTMC:
        return nvme_irq_mask(n);
    case NVME_REG_CC:
        return r->cc;
    case NVME_REG_CSTS:
        return r->csts;
    case NVME_REG_AQA:
        return r->aqa;
    case NVME_REG_ASQ:
        return r->asq;
    case NVME_REG_ASQ + 4:
        return r->asq >> 32;
    case NVME_REG_ACQ:
        return r->acq;
    case NVME_REG_ACQ + 4:
        return r->acq >> 32;
    case NVME_REG_CRTO:
        return NVME_TIMEOUT;
    case NVME_REG_CMBLOC:
    case NVME_REG_CMBSZ:
    case NVME_REG_CMBMSC:
    case NVME_REG_CMBMSC + 4:
    case NVME_REG_CMBSTS:
        return nvme_cmb_read(n, offset);
    default:
        return 0;
    }
}

static void set_half(uint64_t *reg, bool high, uint32_t value)
{
    *reg = high ? (uint32_t)*reg | (uint64_t)value << 32
                : (*reg & ~(uint64_t)UINT32_MAX) | (value & ~0xfffu);
}

static void write_register(NvmeCtrl *n, hwaddr offset, uint32_t value)
{
    struct NvmeRegs *r = n->regs;

    switch (offset) {
    case NVME_REG_INTMS:
        nvme_irq_set_mask(n, nvme_irq_mask(n) | value);
        break;
    case NVME_REG_INTMC:
        nvme_irq_set_mask(n, nvme_irq_mask(n) & ~value);
        break;
    case NVME_REG_CC:
        write_cc(n, value);
        break;
    case NVME_REG_CSTS:
        r->csts &= ~(value & NVME_CSTS_NSSRO);
        break;
    case NVME_REG_NSSR:
        if (value == NVME_NSSR_KEY) {
            reset_subsystem(n->subsys);
        }
        break;
    case NVME_REG_AQA:
        r->aqa = value & 0x0fff0fff;
        break;
    case NVME_REG_ASQ:
    case NVME_REG_ASQ + 4:
        set_half(&r->asq, offset & 4, value);
        break;
    case NVME_REG_ACQ:
    case NVME_REG_ACQ + 4:
        set_half(&r->acq, offset & 4, value);
        break;
    case NVME_REG_CMBMSC:
    case NVME_REG_CMBMSC + 4:
        nvme_cmb_write(n, offset, value);
        break;
    default:
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "nvme: write of 0x%x to register 0x%x\n",
                                  value, (unsigned)offset);
        break;
    }
}

/* Base 3.1.3: other accesses than of whole words are undefined; here they read what is there. */
static uint64_t regs_read(void *opaque, hwaddr offset, unsigned size)
{
    hwaddr word = offset & ~(hwaddr)3;
    uint64_t value = read_register(opaque, word);

    if (offset - word + size > 4) {
        value |= (uint64_t)read_register(opaque, word + 4) << 32;
    }
    return value >> (offset - word) * 8;
}

static void regs_write(void *opaque, hwaddr offset, uint64_t value, unsigned size)
{
    if (offset & 3 || size < 4) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "nvme: write of %u bytes at 0x%x\n", size,
                                  (unsigned)offset);
        return;
    }
    /* The upper half first: of CMBMSC the lower one has the enable bits. */
    if (size == 8) {
        write_register(opaque, offset + 4, value >> 32);
    }
    write_register(opaque, offset, value);
}

static const MemoryRegionOps regs_ops = {
    .read = regs_read,
    .write = regs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

void nvme_regs_new(NvmeCtrl *n)
{
    n->regs = g_new0(struct NvmeRegs, 1);
    n->page_size = NVME_PAGE_SIZE_MIN;
    memory_region_init(&n->bar0, OBJECT(n), "nvme-bar0", NVME_BAR0_SIZE);
    memory_region_init_io(&n->regs_region, OBJECT(n), &regs_ops, n, "nvme-regs", NVME_DOORBELLS);
    memory_region_add_subregion(&n->bar0, 0, &n->regs_region);
    pci_register_bar(PCI_DEVICE(n), 0,
                     PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64,
                     &n->bar0);
}

void nvme_regs_free(NvmeCtrl *n)
{
    g_clear_pointer(&n->regs, g_free);
}
