/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCI Express values that pci_regs.h leaves out: field positions, sizes of
 * capabilities, link speeds as properties see them (PCI Express Base 5.0, 7.5-7.8).
 */
#ifndef HW_PCI_PCIE_REGS_H
#define HW_PCI_PCIE_REGS_H

#include "hw/pci/pci_regs.h"

/* Generic PCI Express capability: offset of the fixed part and its sizes */
#define PCI_EXP_VER1_SIZEOF 0x14
#define PCI_EXP_VER2_SIZEOF 0x3c
#define PCI_EXT_CAP_VER_SHIFT 16
#define PCI_EXT_CAP_NEXT_SHIFT 20
#define PCI_EXT_CAP_NEXT_MASK (0xffc << PCI_EXT_CAP_NEXT_SHIFT)
#define PCI_EXT_CAP(id, ver, next)                                                                \
    ((id) | ((uint32_t)(ver) << PCI_EXT_CAP_VER_SHIFT)                                            \
     | ((uint32_t)(next) << PCI_EXT_CAP_NEXT_SHIFT))
#define PCI_EXT_CAP_ALIGN 4
#define PCI_EXT_CAP_ALIGNUP(x) (((x) + PCI_EXT_CAP_ALIGN - 1) & ~(PCI_EXT_CAP_ALIGN - 1))

#define PCI_EXP_FLAGS_VER1 1
#define PCI_EXP_FLAGS_VER2 2
#define PCI_EXP_FLAGS_TYPE_SHIFT 4
#define PCI_EXP_FLAGS_IRQ_SHIFT 9

#define QEMU_PCI_EXP_LNKCAP_MLW(width) ((width) << 4)
#define QEMU_PCI_EXP_LNKSTA_NLW(width) ((width) << 4)
#define PCI_EXP_LNKCAP_PN_SHIFT 24
#define PCI_EXP_LNKCAP_ASPMS_SHIFT 10

typedef enum PCIExpLinkSpeed {
    QEMU_PCI_EXP_LNK_2_5GT = 1,
    QEMU_PCI_EXP_LNK_5GT,
    QEMU_PCI_EXP_LNK_8GT,
    QEMU_PCI_EXP_LNK_16GT,
    QEMU_PCI_EXP_LNK_32GT,
    QEMU_PCI_EXP_LNK_64GT,
} PCIExpLinkSpeed;

typedef enum PCIExpLinkWidth {
    QEMU_PCI_EXP_LNK_X1 = 1,
    QEMU_PCI_EXP_LNK_X2 = 2,
    QEMU_PCI_EXP_LNK_X4 = 4,
    QEMU_PCI_EXP_LNK_X8 = 8,
    QEMU_PCI_EXP_LNK_X12 = 12,
    QEMU_PCI_EXP_LNK_X16 = 16,
    QEMU_PCI_EXP_LNK_X32 = 32,
} PCIExpLinkWidth;

#define PCI_EXP_SLTCAP_PSN_SHIFT 19
#define PCI_EXP_SLTCTL_IND_RESERVED 0x0
#define PCI_EXP_SLTCTL_IND_ON 0x1
#define PCI_EXP_SLTCTL_IND_BLINK 0x2
#define PCI_EXP_SLTCTL_IND_OFF 0x3
#define PCI_EXP_SLTCTL_SUPPORTED                                                                  \
    (PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_CCIE | PCI_EXP_SLTCTL_HPIE        \
     | PCI_EXP_SLTCTL_AIC | PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_EIC)
#define PCI_EXP_DEVCAP2_EFF 0x00100000
#define PCI_EXP_DEVCAP2_EETLPP 0x00200000
#define PCI_EXP_DEVCTL2_EETLPPB 0x8000

/* Extended capabilities: versions and sizes */
#define PCI_ERR_VER 2
#define PCI_ERR_SIZEOF 0x48
#define PCI_ERR_CAP_FEP_MASK 0x0000001f
#define PCI_ERR_CAP_MHRC 0x00000200
#define PCI_ERR_CAP_MHRE 0x00000400
#define PCI_ERR_CAP_TLP 0x00000800
#define PCI_ERR_HEADER_LOG_SIZE 16
#define PCI_ERR_TLP_PREFIX_LOG 0x38
#define PCI_ERR_TLP_PREFIX_LOG_SIZE 16
#define PCI_ERR_ROOT_IRQ_SHIFT 27
#define PCI_ERR_ROOT_IRQ_MAX 32
#define PCI_ERR_SRC_COR_OFFS 0
#define PCI_ERR_SRC_UNCOR_OFFS 2
#define PCI_ERR_UNC_SDN PCI_ERR_UNC_SURPDN
#define PCI_ERR_COR_HL_OVERFLOW PCI_ERR_COR_LOG_OVER
#define PCI_ERR_UNC_ATOP_EBLOCKED PCI_ERR_UNC_ATOMEG
#define PCI_ERR_UNC_TLP_PRF_BLOCKED PCI_ERR_UNC_TLPPRE
#define PCI_ERR_UNC_SUPPORTED 0x03fff030
#define PCI_ERR_UNC_SEVERITY_DEFAULT                                                              \
    (PCI_ERR_UNC_DLP | PCI_ERR_UNC_SURPDN | PCI_ERR_UNC_FCP | PCI_ERR_UNC_RX_OVER                 \
     | PCI_ERR_UNC_MALF_TLP | PCI_ERR_UNC_INTN)
#define PCI_ERR_COR_SUPPORTED 0x0000f1c1
#define PCI_ERR_COR_MASK_DEFAULT                                                                  \
    (PCI_ERR_COR_ADV_NFAT | PCI_ERR_COR_INTERNAL | PCI_ERR_COR_LOG_OVER)
#define PCI_ERR_ROOT_CMD_EN_MASK 0x7
#define PCI_ERR_ROOT_STATUS_REPORT_MASK 0x7f

#define PCI_ACS_VER 1
#define PCI_ACS_SIZEOF 8
#define PCI_ARI_VER 1
#define PCI_ARI_SIZEOF 8
#define PCI_DSN_VER 1
#define PCI_DSN_SIZEOF 0x0c
#define PCI_DSN_CAP 0x04
#define PCI_PASID_CAP_WIDTH_SHIFT 8

#endif
