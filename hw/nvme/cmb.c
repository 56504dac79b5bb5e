/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Controller memory buffer (base 3.1.3.11 to 3.1.3.19 and 8.5): BAR 2, memory that
 * queues, lists and data may lie in. Where it is in the controller's own address
 * space the host says in CMBMSC; legacy-cmb: where the BAR is.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "qemu/units.h"
#include "hw/nvme/core.h"

enum {
    CMB_BAR = 2,
    CMB_MAX_MIB = 1024,
    CMBMSC_CRE = 1,             /* registers say what there is */
    CMBMSC_CMSE = 2,            /* and the address is in use */
    CMBSTS_CBAI = 1,
    /* figure 42, and CDPCILS and CDPMLS of figure 41: everything may be there, mixed */
    CMBSZ_ALL = 0x1f,
    CMBSZ_MIB_SHIFT = 8,
    CMBSZ_MIB = 2,
    CMBSZ_SIZE_SHIFT = 12,
    CMBLOC_MIXED = 0x38,        /* CQMMS, CQPDS, CDPMLS */
    CMBLOC_MORE = 0x1c0,        /* CDPCILS, CDMMMS, CQDA */
};

struct NvmeCmb {
    uint8_t *host;
    uint32_t size;
    uint64_t msc;
    bool invalid;
};

bool nvme_cmb_new(NvmeCtrl *n, Error **errp)
{
    uint64_t mib = n->params.cmb_size_mb;
    struct NvmeCmb *cmb;

    if (!mib) {
        return true;
    }
    if (!is_power_of_2(mib) || mib > CMB_MAX_MIB) {
        error_setg(errp, "property 'cmb_size_mb' of nvme must be a power of two up to %u, not %"
                   PRIu64, CMB_MAX_MIB, mib);
        return false;
    }
    if (!memory_region_init_ram(&n->cmb_region, OBJECT(n), "nvme-cmb", mib * MiB, errp)) {
        return false;
    }
    cmb = n->cmb = g_new0(struct NvmeCmb, 1);
    cmb->size = mib * MiB;
    cmb->host = memory_region_get_ram_ptr(&n->cmb_region);
    pci_register_bar(PCI_DEVICE(n), CMB_BAR,
                     PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64
                     | PCI_BASE_ADDRESS_MEM_PREFETCH, &n->cmb_region);
    return true;
}

void nvme_cmb_free(NvmeCtrl *n)
{
    g_clear_pointer(&n->cmb, g_free);
}

/* A controller reset leaves CMBMSC as it is (base 3.7.2); the next client gets zeroes. */
void nvme_cmb_reset(NvmeCtrl *n)
{
    if (n->cmb) {
        n->cmb->msc = 0;
        n->cmb->invalid = false;
        memset(n->cmb->host, 0, n->cmb->size);
    }
}

/* ---- where it is ---- */

static bool base_of(NvmeCtrl *n, uint64_t *base)
{
    if (n->params.legacy_cmb) {
        *base = pci_get_bar_addr(PCI_DEVICE(n), CMB_BAR);
        return *base != PCI_BAR_UNMAPPED;
    }
    *base = n->cmb->msc & ~0xfffull;
    return n->cmb->msc & CMBMSC_CMSE;
}

void *nvme_cmb_at(NvmeCtrl *n, uint64_t addr, uint64_t *len)
{
    uint64_t base;

    if (!base_of(n, &base) || addr < base || addr - base >= n->cmb->size) {
        return NULL;
    }
    *len = MIN(*len, n->cmb->size - (addr - base));
    return n->cmb->host + (addr - base);
}

/* ---- registers ---- */

static void set_msc(struct NvmeCmb *cmb, uint64_t value)
{
    cmb->msc = value & ~0xffcull;
    cmb->invalid = cmb->msc & CMBMSC_CMSE && (cmb->msc & ~0xfffull) > UINT64_MAX - (cmb->size - 1);
    if (cmb->invalid) {
        cmb->msc &= ~(uint64_t)CMBMSC_CMSE;
    }
}

uint32_t nvme_cmb_read(NvmeCtrl *n, uint32_t offset)
{
    struct NvmeCmb *cmb = n->cmb;
    bool shown = cmb && (n->params.legacy_cmb || cmb->msc & CMBMSC_CRE);

    switch (offset) {
    case NVME_REG_CMBLOC:
        return shown ? CMB_BAR | CMBLOC_MIXED | CMBLOC_MORE : 0;
    case NVME_REG_CMBSZ:
        return shown ? CMBSZ_ALL | CMBSZ_MIB << CMBSZ_MIB_SHIFT
                       | n->params.cmb_size_mb << CMBSZ_SIZE_SHIFT : 0;
    case NVME_REG_CMBMSC:
        return cmb ? cmb->msc : 0;
    case NVME_REG_CMBMSC + 4:
        return cmb ? cmb->msc >> 32 : 0;
    default:
        return cmb && cmb->invalid ? CMBSTS_CBAI : 0;
    }
}

void nvme_cmb_write(NvmeCtrl *n, uint32_t offset, uint32_t value)
{
    struct NvmeCmb *cmb = n->cmb;

    if (!cmb || n->params.legacy_cmb) {
        return;
    }
    set_msc(cmb, offset & 4 ? (uint32_t)cmb->msc | (uint64_t)value << 32
                            : (cmb->msc & ~(uint64_t)UINT32_MAX) | value);
}

/* ---- migration ---- */

static bool has_cmb(void *opaque)
{
    return ((NvmeCtrl *)opaque)->cmb;
}

static int cmb_post_load(void *opaque, int version_id)
{
    struct NvmeCmb *cmb = opaque;

    set_msc(cmb, cmb->msc);
    return 0;
}

static const VMStateDescription vmstate_buffer = {
    .name = "nvme-cmb-buffer",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = cmb_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(msc, struct NvmeCmb),
        VMSTATE_VBUFFER_UINT32(host, struct NvmeCmb, 1, NULL, size),
        VMSTATE_END_OF_LIST()
    }
};

const VMStateDescription nvme_vmstate_cmb = {
    .name = "nvme/cmb",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = has_cmb,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_POINTER(cmb, NvmeCtrl, vmstate_buffer, struct NvmeCmb),
        VMSTATE_END_OF_LIST()
    }
};
