/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of a device. With the context of the back end entered.
 *
 * A device model that is written here embeds a BlockRequest and uses
 * blk_submit(); blk_aio_*() are QEMU's, one allocation each. The functions that
 * wait run other callbacks of the context meanwhile: for realize and for models
 * that know nothing else, never on the way of a guest's request.
 */
#ifndef BLOCK_BACKEND_IO_H
#define BLOCK_BACKEND_IO_H

#include "block/aio.h"
#include "sysemu/block-backend-common.h"

/*
 * ours: 0 or -errno at once, and req->done() is not called; or BLOCK_PENDING, and
 * done() once, later, from the loop. block_request_cancel() takes it back.
 *
 * Looks at the back end's error policy: what is to be ignored ends with 0, what
 * stops the machine is pending until it continues, what is reported sends
 * BLOCK_IO_ERROR. req->offset may be another one afterwards.
 */
int blk_submit(BlockBackend *blk, BlockRequest *req);

/* cb(opaque, ret) once, from the loop, never from inside. qiov->size bytes. */
BlockAIOCB *blk_aio_preadv(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov,
                           BdrvRequestFlags flags, BlockCompletionFunc *cb, void *opaque);
BlockAIOCB *blk_aio_pwritev(BlockBackend *blk, int64_t offset, QEMUIOVector *qiov,
                            BdrvRequestFlags flags, BlockCompletionFunc *cb, void *opaque);
BlockAIOCB *blk_aio_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes,
                                  BdrvRequestFlags flags, BlockCompletionFunc *cb, void *opaque);
BlockAIOCB *blk_aio_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes,
                             BlockCompletionFunc *cb, void *opaque);
BlockAIOCB *blk_aio_flush(BlockBackend *blk, BlockCompletionFunc *cb, void *opaque);
/* A request that ends with ret from the loop. */
BlockAIOCB *blk_abort_aio_request(BlockBackend *blk, BlockCompletionFunc *cb, void *opaque,
                                  int ret);
/* cb has been called, with -ECANCELED if need be, when this returns. */
void blk_aio_cancel(BlockAIOCB *acb);
/* cb comes soon, with -ECANCELED if need be. */
void blk_aio_cancel_async(BlockAIOCB *acb);
/* A BlockAIOCB for a device model's own requests, which blk_aio_cancel*() can be told of. */
void *blk_aio_get(const AIOCBInfo *aiocb_info, BlockBackend *blk, BlockCompletionFunc *cb,
                  void *opaque);

/* 0 or -errno. buf: any alignment. */
int blk_pread(BlockBackend *blk, int64_t offset, int64_t bytes, void *buf,
              BdrvRequestFlags flags);
int blk_pwrite(BlockBackend *blk, int64_t offset, int64_t bytes, const void *buf,
               BdrvRequestFlags flags);
int blk_preadv(BlockBackend *blk, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
               BdrvRequestFlags flags);
int blk_pwritev(BlockBackend *blk, int64_t offset, int64_t bytes, QEMUIOVector *qiov,
                BdrvRequestFlags flags);
int blk_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, BdrvRequestFlags flags);
int blk_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes);
int blk_flush(BlockBackend *blk);

/* Bytes, whole sectors; -ENOMEDIUM. */
int64_t blk_getlength(BlockBackend *blk);
/* In sectors of 512; 0 without a medium. */
void blk_get_geometry(BlockBackend *blk, uint64_t *nb_sectors_ptr);
int64_t blk_nb_sectors(BlockBackend *blk);
bool blk_is_available(BlockBackend *blk);
bool blk_is_inserted(BlockBackend *blk);
bool blk_is_writable(BlockBackend *blk);
bool blk_enable_write_cache(BlockBackend *blk);
void blk_eject(BlockBackend *blk, bool eject_flag);
void blk_lock_medium(BlockBackend *blk, bool locked);

BlockDriverState *blk_bs(BlockBackend *blk);
AioContext *blk_get_aio_context(BlockBackend *blk);
BlockAcctStats *blk_get_stats(BlockBackend *blk);
uint32_t blk_get_request_alignment(BlockBackend *blk);
/* Bytes that one request may have; for the guest to keep to. */
uint32_t blk_get_max_transfer(BlockBackend *blk);
/* ours: replaces zeroes by the node's limits, where it has some. */
void blk_get_io_sizes(BlockBackend *blk, uint32_t *min_io, uint32_t *opt_io);
uint64_t blk_get_max_hw_transfer(BlockBackend *blk);
int blk_get_max_iov(BlockBackend *blk);
/* Memory with the alignment that the node likes; freed by qemu_vfree(). */
void *blk_blockalign(BlockBackend *blk, size_t size);
void *blk_try_blockalign(BlockBackend *blk, size_t size);

/* What an error of the device means to the policy; the device then calls blk_error_action(). */
BlockdevOnError blk_get_on_error(BlockBackend *blk, bool is_read);
BlockErrorAction blk_get_error_action(BlockBackend *blk, bool is_read, int error);
/* Sends the event, sets the I/O status, stops the machine, as `action` has it. */
void blk_error_action(BlockBackend *blk, BlockErrorAction action, bool is_read, int error);
bool blk_iostatus_is_enabled(const BlockBackend *blk);

/* For what is under way without being a request: blk_drain() waits for it. */
void blk_inc_in_flight(BlockBackend *blk);
void blk_dec_in_flight(BlockBackend *blk);
/* ours: nothing is under way. */
bool blk_is_idle(BlockBackend *blk);

#endif
