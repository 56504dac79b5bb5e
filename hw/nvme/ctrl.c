/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PCI function: properties, capabilities, and the order in which its parts come and go. */
#include "qemu/osdep.h"
#include "hw/nvme/vmstate.h"
#include "hw/pci/msix.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-properties-system.h"
#include "qapi/error.h"
#include "qemu/module.h"

enum {
    MSIX_BAR = 4,
    EXPRESS_CAP = 0x80,
    INTEL_DEVICE_ID = 0x5845,
    MAX_MSIX_QSIZE = 2048,
};

/* ---- properties ---- */

static bool check_number(const char *name, uint64_t value, uint64_t min, uint64_t max,
                         Error **errp)
{
    if (value < min || value > max) {
        error_setg(errp, "property '%s' of nvme must be %" PRIu64 " to %" PRIu64 ", not %" PRIu64,
                   name, min, max, value);
        return false;
    }
    return true;
}

static bool check_params(NvmeCtrl *n, Error **errp)
{
    NvmeParams *p = &n->params;

    if (!p->serial || !*p->serial) {
        error_setg(errp, "nvme needs a serial number: set property 'serial'");
        return false;
    }
    if (strlen(p->serial) > 20) {
        error_setg(errp, "property 'serial' of nvme has %zu characters, but at most 20 fit",
                   strlen(p->serial));
        return false;
    }
    if (p->num_queues) {
        if (!check_number("num_queues", p->num_queues, 2, NVME_MAX_IOQPAIRS + 1, errp)) {
            return false;
        }
        p->max_ioqpairs = p->num_queues - 1;
    }
    return check_number("max_ioqpairs", p->max_ioqpairs, 1, NVME_MAX_IOQPAIRS, errp)
           && check_number("msix_qsize", p->msix_qsize, 1, MAX_MSIX_QSIZE, errp)
           && check_number("mdts", p->mdts, 0, 16, errp)
           && check_number("vsl", p->vsl, 0, 16, errp)
           && check_number("zoned.zasl", p->zasl, 0, p->mdts ? p->mdts : 16, errp);
}

static Property nvme_properties[] = {
    DEFINE_BLOCK_PROPERTIES(NvmeCtrl, conf),
    DEFINE_BLOCK_ERROR_PROPERTIES(NvmeCtrl, conf),
    DEFINE_PROP_LINK("subsys", NvmeCtrl, subsys, TYPE_NVME_SUBSYS, NvmeSubsystem *),
    DEFINE_PROP_STRING("serial", NvmeCtrl, params.serial),
    DEFINE_PROP_UINT32("cmb_size_mb", NvmeCtrl, params.cmb_size_mb, 0),
    DEFINE_PROP_UINT32("num_queues", NvmeCtrl, params.num_queues, 0),
    DEFINE_PROP_UINT32("max_ioqpairs", NvmeCtrl, params.max_ioqpairs, 64),
    DEFINE_PROP_UINT16("msix_qsize", NvmeCtrl, params.msix_qsize, 65),
    DEFINE_PROP_UINT8("aerl", NvmeCtrl, params.aerl, 3),
    DEFINE_PROP_UINT32("aer_max_queued", NvmeCtrl, params.aer_max_queued, 64),
    DEFINE_PROP_UINT8("mdts", NvmeCtrl, params.mdts, 7),
    DEFINE_PROP_UINT8("vsl", NvmeCtrl, params.vsl, 7),
    DEFINE_PROP_BOOL("use-intel-id", NvmeCtrl, params.use_intel_id, false),
    DEFINE_PROP_BOOL("legacy-cmb", NvmeCtrl, params.legacy_cmb, false),
    DEFINE_PROP_BOOL("ioeventfd", NvmeCtrl, params.ioeventfd, false),
    DEFINE_PROP_UINT8("zoned.zasl", NvmeCtrl, params.zasl, 0),
    DEFINE_PROP_BOOL("zoned.auto_transition", NvmeCtrl, params.auto_transition_zones, true),
    DEFINE_PROP_BOOL("mmap-doorbells", NvmeCtrl, params.mmap_doorbells, false),
    DEFINE_PROP_BOOL("x-doorbell-wakeup", NvmeCtrl, params.doorbell_wakeup, false),
    DEFINE_PROP_BOOL("dbbuf", NvmeCtrl, params.dbbuf, true),
    DEFINE_PROP_END_OF_LIST(),
};

/* ---- PCI ---- */

static void set_identity(NvmeCtrl *n)
{
    uint8_t *config = PCI_DEVICE(n)->config;

    pci_config_set_interrupt_pin(config, 1);
    pci_config_set_prog_interface(config, 2);   /* NVM Express I/O controller */
    if (n->params.use_intel_id) {
        pci_config_set_vendor_id(config, PCI_VENDOR_ID_INTEL);
        pci_config_set_device_id(config, INTEL_DEVICE_ID);
    }
}

static bool add_capabilities(NvmeCtrl *n, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(n);

    if (msix_init_exclusive_bar(pci, n->params.msix_qsize, MSIX_BAR, errp) < 0) {
        return false;
    }
    for (unsigned i = 0; i < n->params.msix_qsize; i++) {
        msix_vector_use(pci, i);
    }
    if (pcie_endpoint_cap_init(pci, EXPRESS_CAP) < 0) {
        error_setg(errp, "nvme: no room for the PCI Express capability");
        return false;
    }
    pcie_cap_flr_init(pci);
    return pci_pm_init(pci, 0, errp) >= 0;
}

/* ---- life ---- */

static void free_parts(NvmeCtrl *n)
{
    nvme_saved_free(n);
    nvme_poll_free(n);
    nvme_shutdown_cancel(n);
    nvme_queues_free(n);
    nvme_dma_free(n);
    nvme_admin_free(n);
    nvme_irq_free(n);
    nvme_doorbells_free(n);
    nvme_cmb_free(n);
    nvme_data_free(n);
    nvme_regs_free(n);
}

static bool new_parts(NvmeCtrl *n, Error **errp)
{
    n->max_transfer = n->params.mdts ? NVME_PAGE_SIZE_MIN << n->params.mdts : UINT32_MAX;
    nvme_regs_new(n);
    nvme_data_new(n);
    nvme_irq_new(n);
    nvme_queues_new(n);
    nvme_admin_new(n);
    nvme_dma_new(n);
    return nvme_doorbells_new(n, errp) && nvme_cmb_new(n, errp) && add_capabilities(n, errp) &&
           nvme_poll_new(n, errp);
}

static void nvme_realize(PCIDevice *pci, Error **errp)
{
    NvmeCtrl *n = NVME(pci);

    if (!check_params(n, errp)) {
        return;
    }
    set_identity(n);
    /* What cannot be pinned is asked for: a bounced map would wait for the client. */
    pci_get_address_space(pci)->max_bounce_buffer_size = 0;
    n->bus = qbus_new(TYPE_NVME_BUS, DEVICE(n), DEVICE(n)->id);
    if (!new_parts(n, errp)) {
        goto fail;
    }
    if (!nvme_subsys_join(n, errp)) {
        goto fail;
    }
    if (n->conf.blk && !nvme_ns_add_implicit(n, errp)) {
        nvme_subsys_leave(n);
        goto fail;
    }
    return;
fail:
    msix_uninit_exclusive_bar(pci);
    free_parts(n);
}

static void nvme_exit(PCIDevice *pci)
{
    NvmeCtrl *n = NVME(pci);

    nvme_ctrl_reset(n, NVME_RESET_DEVICE);
    nvme_subsys_leave(n);
    free_parts(n);
    msix_uninit_exclusive_bar(pci);
}

static void nvme_device_reset(DeviceState *dev)
{
    nvme_ctrl_reset(NVME(dev), NVME_RESET_DEVICE);
}

/* The pin is silent while MSI-X is enabled, and says what it has to when it is not any more. */
static void nvme_config_write(PCIDevice *pci, uint32_t address, uint32_t value, int len)
{
    pci_default_write_config(pci, address, value, len);
    nvme_irq_update(NVME(pci));
}

static void nvme_instance_init(Object *obj)
{
    nvme_admin_add_properties(obj);
}

static void nvme_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(klass);

    k->realize = nvme_realize;
    k->exit = nvme_exit;
    k->config_write = nvme_config_write;
    k->vendor_id = PCI_VENDOR_ID_REDHAT;
    k->device_id = PCI_DEVICE_ID_REDHAT_NVME;
    k->class_id = PCI_CLASS_STORAGE_EXPRESS;
    k->revision = 2;
    dc->reset = nvme_device_reset;
    dc->vmsd = &nvme_vmstate;
    dc->desc = "Non-Volatile Memory Express";
    device_class_set_props(dc, nvme_properties);
    set_bit(DEVICE_CATEGORY_STORAGE, dc->categories);
}

static const TypeInfo nvme_types[] = {
    {
        .name = TYPE_NVME,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(NvmeCtrl),
        .instance_init = nvme_instance_init,
        .class_init = nvme_class_init,
        .interfaces = (InterfaceInfo[]) {
            { INTERFACE_PCIE_DEVICE },
            { },
        },
    },
};

DEFINE_TYPES(nvme_types)
