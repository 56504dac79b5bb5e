/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What errors become: QEMU's werror and rerror.
 *
 * Models that use blk_aio_*() ask for the action and carry it out, as they do in
 * QEMU; for requests of blk_submit() it is done here.
 */
#include "qemu/osdep.h"
#include "backend-int.h"
#include "qapi/qapi-events-block-core.h"
#include "qapi/qmp-event-limit.h"
#include "qemu/main-loop.h"

static void (*stop_hook)(AioContext *ctx);

void blk_set_stop_hook(void (*fn)(AioContext *ctx))
{
    stop_hook = fn;
}

VMChangeStateEntry *blk_set_run_state_entry(BlockBackend *blk, VMChangeStateEntry *entry)
{
    VMChangeStateEntry *before = blk->run_state;

    blk->run_state = entry;
    return before;
}

void blk_set_on_error(BlockBackend *blk, BlockdevOnError on_read_error,
                      BlockdevOnError on_write_error)
{
    blk->on_read_error = on_read_error;
    blk->on_write_error = on_write_error;
}

BlockdevOnError blk_get_on_error(BlockBackend *blk, bool is_read)
{
    return is_read ? blk->on_read_error : blk->on_write_error;
}

BlockErrorAction blk_get_error_action(BlockBackend *blk, bool is_read, int error)
{
    switch (blk_get_on_error(blk, is_read)) {
    case BLOCKDEV_ON_ERROR_IGNORE:
        return BLOCK_ERROR_ACTION_IGNORE;
    case BLOCKDEV_ON_ERROR_STOP:
        return BLOCK_ERROR_ACTION_STOP;
    case BLOCKDEV_ON_ERROR_ENOSPC:
        return error == ENOSPC ? BLOCK_ERROR_ACTION_STOP : BLOCK_ERROR_ACTION_REPORT;
    case BLOCKDEV_ON_ERROR_AUTO:
        return !is_read && error == ENOSPC ? BLOCK_ERROR_ACTION_STOP : BLOCK_ERROR_ACTION_REPORT;
    default:
        return BLOCK_ERROR_ACTION_REPORT;
    }
}

/* A guest can ask for what is not there as often as it likes; what stops it is always told. */
static bool may_send(BlockBackend *blk, BlockErrorAction action)
{
    uint64_t lost;

    return action == BLOCK_ERROR_ACTION_STOP || qmp_event_limit_pass(&blk->event_limit, &lost);
}

static void send_event(BlockBackend *blk, BlockErrorAction action, bool is_read, int error)
{
    if (!may_send(blk, action)) {
        return;
    }
    qapi_event_send_block_io_error(blk_name(blk), blk->bs ? blk->bs->node_name : NULL,
                                   is_read ? IO_OPERATION_TYPE_READ : IO_OPERATION_TYPE_WRITE,
                                   action, blk->iostatus_enabled, error == ENOSPC,
                                   g_strerror(error));
}

static void stop_machine(void *opaque)
{
    AioContext *ctx = opaque;

    if (stop_hook) {
        stop_hook(ctx);
    }
    aio_context_unref(ctx);
}

void blk_error_action(BlockBackend *blk, BlockErrorAction action, bool is_read, int error)
{
    if (action == BLOCK_ERROR_ACTION_STOP) {
        blk_iostatus_set_err(blk, error);
        send_event(blk, action, is_read, error);
        aio_context_ref(blk->ctx);
        aio_bh_schedule_oneshot(aio_context_main(), stop_machine, blk->ctx);
    } else {
        send_event(blk, action, is_read, error);
    }
}

/* ---- I/O status ---- */

void blk_iostatus_enable(BlockBackend *blk)
{
    blk->iostatus_enabled = true;
    blk->iostatus = BLOCK_DEVICE_IO_STATUS_OK;
}

void blk_iostatus_disable(BlockBackend *blk)
{
    blk->iostatus_enabled = false;
}

/* It says something only where an error can stop the machine. */
bool blk_iostatus_is_enabled(const BlockBackend *blk)
{
    return blk->iostatus_enabled &&
           (blk->on_write_error == BLOCKDEV_ON_ERROR_ENOSPC ||
            blk->on_write_error == BLOCKDEV_ON_ERROR_STOP ||
            blk->on_read_error == BLOCKDEV_ON_ERROR_STOP);
}

BlockDeviceIoStatus blk_iostatus(const BlockBackend *blk)
{
    return blk->iostatus;
}

void blk_iostatus_reset(BlockBackend *blk)
{
    if (blk_iostatus_is_enabled(blk)) {
        blk->iostatus = BLOCK_DEVICE_IO_STATUS_OK;
    }
}

void blk_iostatus_set_err(BlockBackend *blk, int error)
{
    if (blk_iostatus_is_enabled(blk) && blk->iostatus == BLOCK_DEVICE_IO_STATUS_OK) {
        blk->iostatus = error == ENOSPC ? BLOCK_DEVICE_IO_STATUS_NOSPACE :
                                          BLOCK_DEVICE_IO_STATUS_FAILED;
    }
}

/* ---- requests of blk_submit() ---- */

static void take_back_stopped(BlockRequest *req)
{
    QTAILQ_REMOVE(&req->blk->stopped, req, link);
}

/* 0 or an error: the result of the request; BLOCK_PENDING: it waits. */
static int judge(BlockBackend *blk, BlockRequest *req, int ret)
{
    bool is_read = req->op == BLOCK_OP_READ;
    BlockErrorAction action = blk_get_error_action(blk, is_read, -ret);

    /* Not an error of the guest's data: nothing is there to be tried again or ignored. */
    if (req->op == BLOCK_OP_STATUS || ret == -ENOMEDIUM || ret == -ECANCELED || ret == -EPERM) {
        return ret;
    }
    blk_error_action(blk, action, is_read, -ret);
    if (action == BLOCK_ERROR_ACTION_IGNORE) {
        return 0;
    }
    if (action == BLOCK_ERROR_ACTION_REPORT) {
        return ret;
    }
    req->take_back = take_back_stopped;
    req->state[0] = GUINT_TO_POINTER(blk->retries);
    QTAILQ_INSERT_TAIL(&blk->stopped, req, link);
    return BLOCK_PENDING;
}

int blk_submit_failed(BlockBackend *blk, BlockRequest *req, int ret)
{
    return judge(blk, req, ret);
}

void blk_request_failed(BlockRequest *req, int ret)
{
    ret = judge(req->blk, req, ret);
    if (ret != BLOCK_PENDING) {
        req->done(req, ret);
    }
}

/* Those that fail again belong to the next round. */
void blk_retry_stopped(BlockBackend *blk)
{
    unsigned round = blk->retries++;
    BlockRequest *req;

    blk_ref(blk);
    blk_iostatus_reset(blk);
    while ((req = QTAILQ_FIRST(&blk->stopped)) && GPOINTER_TO_UINT(req->state[0]) == round) {
        QTAILQ_REMOVE(&blk->stopped, req, link);
        req->offset = req->start;
        blk_restart(blk, req);
    }
    blk_unref(blk);
}

void blk_fail_stopped(BlockBackend *blk, int ret)
{
    BlockRequest *req;

    while ((req = QTAILQ_FIRST(&blk->stopped))) {
        QTAILQ_REMOVE(&blk->stopped, req, link);
        req->take_back = NULL;
        req->done(req, ret);
    }
}
