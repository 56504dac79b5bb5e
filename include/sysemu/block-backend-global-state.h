/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life and settings of block back ends. Main context, with that of the back end
 * entered where its device may be using it.
 */
#ifndef BLOCK_BACKEND_GLOBAL_STATE_H
#define BLOCK_BACKEND_GLOBAL_STATE_H

#include "sysemu/block-backend-common.h"

/* One reference for the caller; without a node. perm, shared_perm: BLK_PERM_... */
BlockBackend *blk_new(AioContext *ctx, uint64_t perm, uint64_t shared_perm);
/* The same on a node, which comes to ctx. NULL with errp set. */
BlockBackend *blk_new_with_bs(BlockDriverState *bs, uint64_t perm, uint64_t shared_perm,
                              Error **errp);
void blk_ref(BlockBackend *blk);
/* Legal with a domain entered only: what concerns the main context happens there, soon. */
void blk_unref(BlockBackend *blk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BlockBackend, blk_unref)

/* The id of -drive; "" for others. Borrowed. */
const char *blk_name(const BlockBackend *blk);
BlockBackend *blk_by_name(const char *name);
/* Those with a name, in order; NULL: the first. */
BlockBackend *blk_next(BlockBackend *blk);
/* All that exist; NULL: the first. */
BlockBackend *blk_all_next(BlockBackend *blk);

DriveInfo *blk_legacy_dinfo(BlockBackend *blk);
BlockBackend *blk_by_legacy_dinfo(DriveInfo *dinfo);

/* The node, which the back end then refers to. -errno and errp: it is not there. */
int blk_insert_bs(BlockBackend *blk, BlockDriverState *bs, Error **errp);
/* What is under way is cancelled. */
void blk_remove_bs(BlockBackend *blk);
int blk_set_perm(BlockBackend *blk, uint64_t perm, uint64_t shared_perm, Error **errp);
void blk_get_perm(BlockBackend *blk, uint64_t *perm, uint64_t *shared_perm);
/* Whether blk_set_perm() with BLK_PERM_WRITE can succeed: its node can be written. */
bool blk_supports_write_perm(BlockBackend *blk);

/* The device that uses it: one. -EBUSY when there is another. */
int blk_attach_dev(BlockBackend *blk, DeviceState *dev);
void blk_detach_dev(BlockBackend *blk, DeviceState *dev);
DeviceState *blk_get_attached_dev(BlockBackend *blk);
/* Its id, or where it is in the tree; "": none. The caller frees. */
char *blk_get_attached_dev_id(BlockBackend *blk);
/* Where it is in the tree; NULL: none. The caller frees. */
char *blk_get_attached_dev_path(BlockBackend *blk);
BlockBackend *blk_by_dev(void *dev);
void blk_set_dev_ops(BlockBackend *blk, const BlockDevOps *ops, void *opaque);
int blk_set_aio_context(BlockBackend *blk, AioContext *new_context, Error **errp);

bool blk_dev_has_removable_media(BlockBackend *blk);
bool blk_dev_has_tray(BlockBackend *blk);
bool blk_dev_is_tray_open(BlockBackend *blk);
bool blk_dev_is_medium_locked(BlockBackend *blk);
void blk_dev_eject_request(BlockBackend *blk, bool force);
void blk_dev_change_media_cb(BlockBackend *blk, bool load, Error **errp);

/* What errors become: `auto` is report for reads, enospc for writes. */
void blk_set_on_error(BlockBackend *blk, BlockdevOnError on_read_error,
                      BlockdevOnError on_write_error);
/* Off: every write is on the medium before it completes. */
void blk_set_enable_write_cache(BlockBackend *blk, bool wce);

void blk_iostatus_enable(BlockBackend *blk);
void blk_iostatus_disable(BlockBackend *blk);
void blk_iostatus_reset(BlockBackend *blk);
void blk_iostatus_set_err(BlockBackend *blk, int error);
BlockDeviceIoStatus blk_iostatus(const BlockBackend *blk);

/*
 * Until nothing is under way. New requests wait meanwhile. Other callbacks of the
 * context run. What `stop` of an error policy holds back is not waited for.
 */
void blk_drain(BlockBackend *blk);
/* Of all block back ends; with a domain entered and not the main context: of the domain's. */
void blk_drain_all(void);

/*
 * ours: the machine continues: what `stop` of the error policy holds back is tried
 * again. Context of the back end entered.
 */
void blk_retry_stopped(BlockBackend *blk);
/* ours: kept for whoever calls that; returns the one before. */
VMChangeStateEntry *blk_set_run_state_entry(BlockBackend *blk, VMChangeStateEntry *entry);
/* ours: how an error stops the machine; fn is called in the main context. */
void blk_set_stop_hook(void (*fn)(AioContext *ctx));

#endif
