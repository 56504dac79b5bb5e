/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Cylinders, heads and sectors for disks that have none.
 *
 * ATA reports at most 16383 cylinders of 16 heads and 63 sectors, however large
 * the disk (ATA-5, annex B). A BIOS has 1024 cylinders, 256 heads and 63 sectors
 * to say the same with, and translates.
 */
#include "qemu/osdep.h"
#include "hw/block/block.h"

enum {
    ATA_HEADS = 16,
    ATA_SECTORS = 63,
    ATA_CYLINDERS_MIN = 2,
    ATA_CYLINDERS_MAX = 16383,
    BIOS_CYLINDERS_MAX = 1024,
    LARGE_CYLINDERS_MAX = BIOS_CYLINDERS_MAX * 128,     /* heads * cylinders */
};

int hd_bios_chs_auto_trans(uint32_t cyls, uint32_t heads, uint32_t secs)
{
    if (cyls <= BIOS_CYLINDERS_MAX && heads <= ATA_HEADS && secs <= ATA_SECTORS) {
        return BIOS_ATA_TRANSLATION_NONE;
    }
    return (uint64_t)cyls * heads <= LARGE_CYLINDERS_MAX ? BIOS_ATA_TRANSLATION_LARGE :
                                                           BIOS_ATA_TRANSLATION_LBA;
}

void hd_geometry_guess(BlockBackend *blk, uint32_t *pcyls, uint32_t *pheads, uint32_t *psecs,
                       int *ptrans)
{
    uint64_t sectors, cylinders;

    blk_get_geometry(blk, &sectors);
    cylinders = sectors / (ATA_HEADS * ATA_SECTORS);
    *pcyls = CLAMP(cylinders, ATA_CYLINDERS_MIN, ATA_CYLINDERS_MAX);
    *pheads = ATA_HEADS;
    *psecs = ATA_SECTORS;
    if (ptrans && *ptrans == BIOS_ATA_TRANSLATION_AUTO) {
        *ptrans = hd_bios_chs_auto_trans(*pcyls, *pheads, *psecs);
    }
}
