/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced error reporting of a function: it records. Who reports is the root
 * port, and that one is the client's: an error injected here shows in the
 * function's registers, and no message leaves.
 *
 * One header fits the registers. Errors that come while it is taken wait in
 * aer_log and move up when the client clears the one that is shown.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "migration/vmstate.h"
#include "internal.h"

static uint8_t *aer(const PCIDevice *dev)
{
    return dev->config + dev->exp.aer_cap;
}

int pcie_aer_init(PCIDevice *dev, uint8_t cap_ver, uint16_t offset, uint16_t size, Error **errp)
{
    uint8_t *wmask;
    uint8_t *w1cmask;

    if (!pci_is_express(dev) || dev->exp.aer_log.log_max > PCIE_AER_LOG_MAX_LIMIT) {
        error_setg(errp, "%s: aer_log_max is at most %d, on an express device", dev->name,
                   PCIE_AER_LOG_MAX_LIMIT);
        return -EINVAL;
    }
    pcie_add_capability(dev, PCI_EXT_CAP_ID_ERR, cap_ver, offset, size);
    dev->exp.aer_cap = offset;
    if (!dev->exp.aer_log.log_max) {
        dev->exp.aer_log.log_max = PCIE_AER_LOG_MAX_DEFAULT;
    }
    dev->exp.aer_log.log = g_new0(PCIEAERErr, dev->exp.aer_log.log_max);
    wmask = dev->wmask + offset;
    w1cmask = dev->w1cmask + offset;
    pci_set_long(w1cmask + PCI_ERR_UNCOR_STATUS, PCI_ERR_UNC_SUPPORTED);
    pci_set_long(wmask + PCI_ERR_UNCOR_MASK, PCI_ERR_UNC_SUPPORTED);
    if (dev->cap_present & QEMU_PCIE_ERR_UNC_MASK) {
        pci_set_long(aer(dev) + PCI_ERR_UNCOR_MASK, PCI_ERR_UNC_INTN);
    }
    pci_set_long(aer(dev) + PCI_ERR_UNCOR_SEVER, PCI_ERR_UNC_SEVERITY_DEFAULT);
    pci_set_long(wmask + PCI_ERR_UNCOR_SEVER, PCI_ERR_UNC_SUPPORTED);
    pci_set_long(w1cmask + PCI_ERR_COR_STATUS, PCI_ERR_COR_SUPPORTED);
    pci_set_long(aer(dev) + PCI_ERR_COR_MASK, PCI_ERR_COR_MASK_DEFAULT);
    pci_set_long(wmask + PCI_ERR_COR_MASK, PCI_ERR_COR_SUPPORTED);
    pci_set_long(aer(dev) + PCI_ERR_CAP, PCI_ERR_CAP_ECRC_GENC | PCI_ERR_CAP_ECRC_CHKC
                                             | PCI_ERR_CAP_MHRC);
    /* The header log and the number of the error it belongs to come and go. */
    memset(dev->cmask + offset + PCI_ERR_HEADER_LOG, 0, PCI_ERR_HEADER_LOG_SIZE);
    pci_long_test_and_clear_mask(dev->cmask + offset + PCI_ERR_CAP, PCI_ERR_CAP_FEP_MASK);
    pci_set_long(wmask + PCI_ERR_CAP,
                 PCI_ERR_CAP_ECRC_GENE | PCI_ERR_CAP_ECRC_CHKE | PCI_ERR_CAP_MHRE);
    return 0;
}

void pcie_aer_exit(PCIDevice *dev)
{
    g_clear_pointer(&dev->exp.aer_log.log, g_free);
    dev->exp.aer_log.log_num = 0;
}

static bool header_shown(const PCIDevice *dev)
{
    uint32_t status = pci_get_long(aer(dev) + PCI_ERR_UNCOR_STATUS);
    unsigned first = PCI_ERR_CAP_FEP(pci_get_long(aer(dev) + PCI_ERR_CAP));

    return status & (1u << first);
}

static void show_header(PCIDevice *dev, const PCIEAERErr *err)
{
    pci_set_long_by_mask(aer(dev) + PCI_ERR_CAP, PCI_ERR_CAP_FEP_MASK, ctz32(err->status));
    for (int i = 0; i < 4; i++) {
        uint32_t dword = err->flags & PCIE_AER_ERR_HEADER_VALID ? err->header[i] : 0;

        stl_be_p(aer(dev) + PCI_ERR_HEADER_LOG + 4 * i, dword);
    }
}

static void queue_error(PCIDevice *dev, const PCIEAERErr *err)
{
    PCIEAERLog *log = &dev->exp.aer_log;

    if (log->log_num == log->log_max) {
        pci_long_test_and_set_mask(aer(dev) + PCI_ERR_COR_STATUS, PCI_ERR_COR_LOG_OVER);
        return;
    }
    log->log[log->log_num++] = *err;
}

static void record_uncorrectable(PCIDevice *dev, const PCIEAERErr *err)
{
    bool taken = header_shown(dev);
    uint32_t severity = pci_get_long(aer(dev) + PCI_ERR_UNCOR_SEVER);

    pci_long_test_and_set_mask(aer(dev) + PCI_ERR_UNCOR_STATUS, err->status);
    if (dev->exp.exp_cap) {
        pci_word_test_and_set_mask(dev->config + dev->exp.exp_cap + PCI_EXP_DEVSTA,
                                   severity & err->status ? PCI_EXP_DEVSTA_FED
                                                          : PCI_EXP_DEVSTA_NFED);
    }
    if (pci_get_long(aer(dev) + PCI_ERR_UNCOR_MASK) & err->status) {
        return;
    }
    if (taken) {
        queue_error(dev, err);
    } else {
        show_header(dev, err);
    }
}

int pcie_aer_inject_error(PCIDevice *dev, const PCIEAERErr *err)
{
    if (!is_power_of_2(err->status)) {
        return -EINVAL;
    }
    if (!dev->exp.aer_cap) {
        return -ENOSYS;
    }
    if (!(err->flags & PCIE_AER_ERR_IS_CORRECTABLE)) {
        record_uncorrectable(dev, err);
        return 0;
    }
    pci_long_test_and_set_mask(aer(dev) + PCI_ERR_COR_STATUS, err->status);
    if (dev->exp.exp_cap) {
        pci_word_test_and_set_mask(dev->config + dev->exp.exp_cap + PCI_EXP_DEVSTA,
                                   PCI_EXP_DEVSTA_CED);
    }
    return 0;
}

void pcie_aer_write_config(PCIDevice *dev, uint32_t addr, uint32_t val, int len)
{
    PCIEAERLog *log = &dev->exp.aer_log;

    if (!dev->exp.aer_cap
        || !pci_touches(addr, len, dev->exp.aer_cap + PCI_ERR_UNCOR_STATUS, 4)
        || header_shown(dev) || !log->log_num) {
        return;
    }
    pci_long_test_and_set_mask(aer(dev) + PCI_ERR_UNCOR_STATUS, log->log[0].status);
    show_header(dev, &log->log[0]);
    log->log_num--;
    memmove(&log->log[0], &log->log[1], log->log_num * sizeof(log->log[0]));
}

/* ---- root ports: registers for completeness, see the head of the file ---- */

void pcie_aer_root_set_vector(PCIDevice *dev, unsigned int vector)
{
    pci_set_long_by_mask(aer(dev) + PCI_ERR_ROOT_STATUS, PCI_ERR_ROOT_AER_IRQ, vector);
}

void pcie_aer_root_init(PCIDevice *dev)
{
    pci_set_long(dev->wmask + dev->exp.aer_cap + PCI_ERR_ROOT_COMMAND, PCI_ERR_ROOT_CMD_EN_MASK);
    pci_set_long(dev->w1cmask + dev->exp.aer_cap + PCI_ERR_ROOT_STATUS,
                 PCI_ERR_ROOT_STATUS_REPORT_MASK);
}

void pcie_aer_root_reset(PCIDevice *dev)
{
    pci_set_long(aer(dev) + PCI_ERR_ROOT_COMMAND, 0);
}

void pcie_aer_root_write_config(PCIDevice *dev, uint32_t addr, uint32_t val, int len,
                                uint32_t root_cmd_prev)
{
    /* Enabling reports would raise interrupts for pending errors: a server's port has none. */
}

static int log_post_load(void *opaque, int version_id)
{
    PCIEAERLog *log = opaque;

    return log->log_num <= log->log_max ? 0 : -EINVAL;
}

static const VMStateDescription vmstate_aer_err = {
    .name = "PCIE_AER_ERROR",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(status, PCIEAERErr),
        VMSTATE_UINT16(source_id, PCIEAERErr),
        VMSTATE_UINT16(flags, PCIEAERErr),
        VMSTATE_UINT32_ARRAY(header, PCIEAERErr, 4),
        VMSTATE_UINT32_ARRAY(prefix, PCIEAERErr, 4),
        VMSTATE_END_OF_LIST()
    },
};

static bool log_max_agrees(void *opaque, int version_id)
{
    PCIEAERLog *log = opaque;

    return log->log_num <= log->log_max;
}

const VMStateDescription vmstate_pcie_aer_log = {
    .name = "PCIE_AER_ERROR_LOG",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = log_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT16(log_num, PCIEAERLog),
        VMSTATE_UINT16_EQUAL(log_max, PCIEAERLog, NULL),
        VMSTATE_VALIDATE("log_num <= log_max", log_max_agrees),
        VMSTATE_STRUCT_VARRAY_POINTER_UINT16(log, PCIEAERLog, log_num, vmstate_aer_err,
                                             PCIEAERErr),
        VMSTATE_END_OF_LIST()
    },
};
