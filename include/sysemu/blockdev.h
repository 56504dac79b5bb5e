/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * -drive: a node and a block back end with a name, in one option. Main context.
 *
 * Only if=none is made here; the machine has no connectors of its own, so boards
 * that ask for a drive of another interface find none.
 */
#ifndef BLOCKDEV_H
#define BLOCKDEV_H

#include <json-glib/json-glib.h>

#include "block/block-common.h"
#include "qapi/error.h"
#include "qemu/queue.h"

typedef enum {
    IF_DEFAULT = -1,
    IF_NONE = 0,
    IF_IDE, IF_SCSI, IF_FLOPPY, IF_PFLASH, IF_MTD, IF_SD, IF_VIRTIO, IF_XEN,
    IF_COUNT,
} BlockInterfaceType;

struct DriveInfo {
    BlockInterfaceType type;
    int bus, unit;
    bool is_default;
    bool media_cd;
    QTAILQ_ENTRY(DriveInfo) next;
};

DriveInfo *drive_get(BlockInterfaceType type, int bus, int unit);
/* The index-th of that interface, over all buses; NULL: there is none. */
DriveInfo *drive_get_by_index(BlockInterfaceType type, int index);
int drive_get_max_bus(BlockInterfaceType type);
DriveInfo *blk_legacy_dinfo(BlockBackend *blk);
BlockBackend *blk_by_legacy_dinfo(DriveInfo *dinfo);
BlockBackend *blk_set_legacy_dinfo(BlockBackend *blk, DriveInfo *dinfo);

/* ours: the members are those of -drive; values may be text. Members of opts may go. */
bool drive_add_json(JsonObject *opts, Error **errp);
/* ours: at exit, after devices and before nodes: all drives go. */
void drive_remove_all(void);

#endif
