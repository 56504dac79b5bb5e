/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced error reporting (PCI Express Base 5.0, 6.2 and 7.8.4): the
 * registers of a function and its queue of header logs.
 */
#ifndef HW_PCI_PCIE_AER_H
#define HW_PCI_PCIE_AER_H

typedef struct PCIDevice PCIDevice;

#define PCIE_AER_LOG_MAX_DEFAULT 8
#define PCIE_AER_LOG_MAX_LIMIT 128

typedef struct PCIEAERErr {
    uint32_t status; /* exactly one bit of the status register */
    uint16_t source_id;
#define PCIE_AER_ERR_IS_CORRECTABLE 0x1
#define PCIE_AER_ERR_MAYBE_ADVISORY 0x2
#define PCIE_AER_ERR_HEADER_VALID 0x4
#define PCIE_AER_ERR_TLP_PREFIX_PRESENT 0x8
    uint16_t flags;
    uint32_t header[4];
    uint32_t prefix[4];
} PCIEAERErr;

/* Errors whose header waits for the one in the registers to be cleared. */
typedef struct PCIEAERLog {
    uint16_t log_num;
    uint16_t log_max;
    PCIEAERErr *log;
} PCIEAERLog;

int pcie_aer_init(PCIDevice *dev, uint8_t cap_ver, uint16_t offset, uint16_t size, Error **errp);
void pcie_aer_exit(PCIDevice *dev);
void pcie_aer_write_config(PCIDevice *dev, uint32_t addr, uint32_t val, int len);
/* 0 when recorded, -EINVAL for an error that is not one bit, -ENOSYS without the capability. */
int pcie_aer_inject_error(PCIDevice *dev, const PCIEAERErr *err);

void pcie_aer_root_set_vector(PCIDevice *dev, unsigned int vector);
void pcie_aer_root_init(PCIDevice *dev);
void pcie_aer_root_reset(PCIDevice *dev);
void pcie_aer_root_write_config(PCIDevice *dev, uint32_t addr, uint32_t val, int len,
                                uint32_t root_cmd_prev);

extern const VMStateDescription vmstate_pcie_aer_log;

#endif
