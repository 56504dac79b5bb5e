/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Class codes in words, as the PCI Code and ID Assignment Specification has them. */
#include "qemu/osdep.h"
#include "internal.h"

static const struct {
    uint16_t class;
    const char *name;
} names[] = {
    { PCI_CLASS_STORAGE_SCSI, "SCSI controller" },
    { PCI_CLASS_STORAGE_IDE, "IDE controller" },
    { PCI_CLASS_STORAGE_FLOPPY, "Floppy controller" },
    { PCI_CLASS_STORAGE_RAID, "RAID controller" },
    { PCI_CLASS_STORAGE_SATA, "SATA controller" },
    { PCI_CLASS_STORAGE_SAS, "SAS controller" },
    { PCI_CLASS_STORAGE_EXPRESS, "NVM Express controller" },
    { PCI_CLASS_STORAGE_OTHER, "Storage controller" },
    { PCI_CLASS_NETWORK_ETHERNET, "Ethernet controller" },
    { PCI_CLASS_NETWORK_OTHER, "Network controller" },
    { PCI_CLASS_DISPLAY_VGA, "VGA controller" },
    { PCI_CLASS_DISPLAY_XGA, "XGA controller" },
    { PCI_CLASS_DISPLAY_3D, "3D controller" },
    { PCI_CLASS_DISPLAY_OTHER, "Display controller" },
    { PCI_CLASS_MULTIMEDIA_VIDEO, "Video controller" },
    { PCI_CLASS_MULTIMEDIA_AUDIO, "Audio controller" },
    { PCI_CLASS_MULTIMEDIA_HD_AUDIO, "HD Audio controller" },
    { PCI_CLASS_MEMORY_RAM, "RAM controller" },
    { PCI_CLASS_MEMORY_FLASH, "Flash controller" },
    { PCI_CLASS_MEMORY_CXL, "CXL memory device" },
    { PCI_CLASS_BRIDGE_HOST, "Host bridge" },
    { PCI_CLASS_BRIDGE_ISA, "ISA bridge" },
    { PCI_CLASS_BRIDGE_PCI, "PCI bridge" },
    { PCI_CLASS_BRIDGE_OTHER, "Bridge" },
    { PCI_CLASS_COMMUNICATION_SERIAL, "Serial port" },
    { PCI_CLASS_COMMUNICATION_PARALLEL, "Parallel port" },
    { PCI_CLASS_COMMUNICATION_OTHER, "Communication controller" },
    { PCI_CLASS_SYSTEM_PIC, "Interrupt controller" },
    { PCI_CLASS_SYSTEM_DMA, "DMA controller" },
    { PCI_CLASS_SYSTEM_TIMER, "Timer" },
    { PCI_CLASS_SYSTEM_RTC, "Real-time clock" },
    { PCI_CLASS_SYSTEM_SDHCI, "SD host controller" },
    { PCI_CLASS_SYSTEM_IOMMU, "IOMMU" },
    { PCI_CLASS_SYSTEM_OTHER, "System peripheral" },
    { PCI_CLASS_INPUT_KEYBOARD, "Keyboard" },
    { PCI_CLASS_INPUT_MOUSE, "Mouse" },
    { PCI_CLASS_INPUT_OTHER, "Input device" },
    { PCI_CLASS_SERIAL_USB, "USB controller" },
    { PCI_CLASS_SERIAL_SMBUS, "SMBus controller" },
};

const char *pci_class_name(uint16_t class)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (names[i].class == class) {
            return names[i].name;
        }
    }
    return NULL;
}
