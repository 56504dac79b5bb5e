/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bench for one PCI function without any client: an isolated root bus, a
 * client memory that is an array, and an interrupt sink that counts. The
 * memory can be mapped or only reached by requests, requests can be answered
 * at once or when the test says so, ranges can be revoked or write-protected.
 * Time stands still and moves when the test moves it.
 */
#ifndef TESTS_UNIT_HW_MISC_PCI_RIG_H
#define TESTS_UNIT_HW_MISC_PCI_RIG_H

#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "migration/qemu-file.h"
#include "migration/vmstate.h"
#include "qapi/error.h"

#define RIG_RAM_BASE 0x100000
#define RIG_RAM_SIZE 0x400000
#define RIG_VECTORS 32

typedef struct RigRequest RigRequest;

typedef struct PCIRig {
    PCIBus *bus;
    PCIDevice *dev;
    MemoryRegion region;
    uint8_t *ram;                /* at RIG_RAM_BASE */
    bool mappable;               /* else requests only */
    bool slow;                   /* requests wait for rig_answer() */
    bool read_only;
    unsigned lossy;              /* so many pins from now on turn out to be lost at unpin */
    GQueue requests;             /* of RigRequest, oldest first */
    unsigned maps, pins, cancels, requests_made, sync_accesses;
    QLIST_HEAD(, MemoryRegionDMANotifier) notifiers;

    int intx;
    unsigned msi[RIG_VECTORS], msix[RIG_VECTORS];
} PCIRig;

/* Once in main(): event loop, types, clock stopped. */
void rig_setup(int *argc, char ***argv);

/* props: "name=value,..." or NULL. The device is realized, memory and bus master on. */
PCIRig *rig_new(const char *type, const char *props);
/* Expects realize to fail; the caller frees the text. */
char *rig_realize_error(const char *type, const char *props);
void rig_free(PCIRig *rig);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PCIRig, rig_free)

uint32_t rig_config_read(PCIRig *rig, unsigned offset, unsigned size);
void rig_config_write(PCIRig *rig, unsigned offset, uint32_t val, unsigned size);
/* The access must succeed; rig_try_* report how it went. */
uint64_t rig_read(PCIRig *rig, int bar, hwaddr offset, unsigned size);
void rig_write(PCIRig *rig, int bar, hwaddr offset, uint64_t val, unsigned size);
MemTxResult rig_try_read(PCIRig *rig, int bar, hwaddr offset, unsigned size);
/* Enables MSI or MSI-X in config space, as a driver does. */
void rig_enable_msi(PCIRig *rig);
void rig_enable_msix(PCIRig *rig);

/* Runs all that is due; then moves time on by ns and runs what falls due meanwhile. */
void rig_run(void);
void rig_advance(int64_t ns);
/* Answers the oldest request. */
void rig_answer(PCIRig *rig, MemTxResult res);
/* Takes [first, last] away from the device, as DMA_UNMAP does. */
void rig_revoke(PCIRig *rig, hwaddr first, hwaddr last);
void rig_reset(PCIRig *rig);
uint8_t *rig_ram(PCIRig *rig, hwaddr iova);

/* The state of the device as its vmsd has it. */
GBytes *rig_save(PCIRig *rig);
int rig_load(PCIRig *rig, GBytes *bytes);
/* Every truncation of `bytes` is refused and leaves a device that resets and works on. */
void rig_truncate_everywhere(PCIRig *rig, GBytes *bytes);
/* Flips bits all over; nothing may be worse than an error. `rounds` streams. */
void rig_corrupt(PCIRig *rig, GBytes *bytes, unsigned rounds);

#endif
