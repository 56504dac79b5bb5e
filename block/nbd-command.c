/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One command of an NBD node. */
#include "qemu/osdep.h"
#include "nbd-int.h"
#include "qemu/iov.h"
#include "qemu/units.h"

/*
 * A guest may have any number of requests, and a server may take any time. More on the
 * way than this makes no server faster; the rest wait without memory of their own.
 */
#define DATA_BYTES (128 * MiB)
enum {
    SENT_COUNT = 1024,
    STATUS_MAX = GiB,           /* in one question */
};

static void enter(NbdCommand *cmd, NbdList *list)
{
    cmd->list = list;
    cmd->node->nr_sent += list == &cmd->node->sent;
}

static void leave(NbdCommand *cmd)
{
    QTAILQ_REMOVE(cmd->list, cmd, link);
    cmd->node->nr_sent -= cmd->list == &cmd->node->sent;
}

static bool moves_data(const NbdCommand *cmd)
{
    return cmd->op == BLOCK_OP_READ || cmd->op == BLOCK_OP_WRITE;
}

/* Questions are for whole blocks, too: those around what is asked. */
static void set_range(NbdCommand *cmd)
{
    const BlockRequest *req = cmd->req;
    uint32_t block = req->op == BLOCK_OP_STATUS ? cmd->node->features.min_block : 1;
    int64_t bytes = req->op == BLOCK_OP_STATUS ? MIN(req->bytes, STATUS_MAX) : req->bytes;

    cmd->offset = ROUND_DOWN(req->offset, block);
    cmd->bytes = ROUND_UP(req->offset + bytes, block) - cmd->offset;
    cmd->status = BDRV_BLOCK_DATA;
    cmd->status_bytes = cmd->bytes;
}

NbdCommand *nbd_command_new(NbdNode *n, BlockRequest *req)
{
    NbdCommand *cmd = g_new0(NbdCommand, 1);

    cmd->node = n;
    cmd->op = BLOCK_OP_FLUSH;
    if (req) {
        cmd->req = req;
        cmd->op = req->op;
        cmd->flags = req->flags;
        set_range(cmd);
    }
    enter(cmd, &n->waiting);
    QTAILQ_INSERT_TAIL(&n->waiting, cmd, link);
    return cmd;
}

void nbd_command_free(NbdCommand *cmd)
{
    leave(cmd);
    cmd->node->data_bytes -= cmd->data ? cmd->bytes : 0;
    g_free(cmd->data);
    g_free(cmd);
}

void nbd_command_move(NbdCommand *cmd, NbdList *to)
{
    leave(cmd);
    enter(cmd, to);
    QTAILQ_INSERT_TAIL(to, cmd, link);
}

void nbd_command_move_first(NbdCommand *cmd, NbdList *to)
{
    leave(cmd);
    enter(cmd, to);
    QTAILQ_INSERT_HEAD(to, cmd, link);
}

void nbd_command_deliver(NbdCommand *cmd)
{
    BlockRequest *req = cmd->req;

    if (cmd->op == BLOCK_OP_READ) {
        iov_from_buf(req->iov, req->niov, 0, cmd->data, cmd->bytes);
    } else if (cmd->op == BLOCK_OP_STATUS) {
        req->status = cmd->status;
        req->status_bytes = MIN(cmd->offset + cmd->status_bytes - req->offset, req->bytes);
    }
}

/*
 * Inside of libnbd. NBD protocol, "base:allocation metadata context". Pairs of
 * length and flags: the first will do. What is no whole block, or more than was
 * asked for, says nothing.
 */
static int on_extents(void *opaque, const char *context, uint64_t offset, uint32_t *entries,
                      size_t nr_entries, int *error)
{
    NbdCommand *cmd = opaque;
    int64_t bytes = nr_entries >= 2 ? entries[0] : 0;

    bytes = ROUND_DOWN(MIN(bytes, cmd->bytes), cmd->node->features.min_block);
    if (bytes && offset == (uint64_t)cmd->offset) {
        cmd->status = (entries[1] & LIBNBD_STATE_HOLE ? 0 : BDRV_BLOCK_DATA) |
                      (entries[1] & LIBNBD_STATE_ZERO ? BDRV_BLOCK_ZERO : 0);
        cmd->status_bytes = bytes;
    }
    return 0;
}

/* Inside of libnbd. 1: libnbd may forget it. */
static int on_answer(void *opaque, int *error)
{
    NbdCommand *cmd = opaque;

    cmd->error = *error;
    nbd_command_move(cmd, &cmd->node->ended);
    return 1;
}

static uint32_t wire_flags(const NbdCommand *cmd)
{
    uint32_t flags = 0;

    if (cmd->flags & BDRV_REQ_FUA && nbd_changes_medium(cmd)) {
        flags |= LIBNBD_CMD_FLAG_FUA;
    }
    if (cmd->op == BLOCK_OP_WRITE_ZEROES && !(cmd->flags & BDRV_REQ_MAY_UNMAP)) {
        flags |= LIBNBD_CMD_FLAG_NO_HOLE;
    }
    return flags;
}

static int64_t hand_over(NbdCommand *cmd)
{
    struct nbd_handle *nbd = cmd->node->nbd;
    nbd_completion_callback done = { .callback = on_answer, .user_data = cmd };
    nbd_extent_callback extents = { .callback = on_extents, .user_data = cmd };
    uint32_t flags = wire_flags(cmd);

    switch (cmd->op) {
    case BLOCK_OP_READ:
        return nbd_lib.aio_pread(nbd, cmd->data, cmd->bytes, cmd->offset, done, 0);
    case BLOCK_OP_WRITE:
        return nbd_lib.aio_pwrite(nbd, cmd->data, cmd->bytes, cmd->offset, done, flags);
    case BLOCK_OP_FLUSH:
        return nbd_lib.aio_flush(nbd, done, 0);
    case BLOCK_OP_STATUS:
        return nbd_lib.aio_block_status(nbd, cmd->bytes, cmd->offset, extents, done,
                                        LIBNBD_CMD_FLAG_REQ_ONE);
    case BLOCK_OP_DISCARD:
        return nbd_lib.aio_trim(nbd, cmd->bytes, cmd->offset, done, flags);
    default:
        return nbd_lib.aio_zero(nbd, cmd->bytes, cmd->offset, done, flags);
    }
}

bool nbd_command_has_room(const NbdCommand *cmd)
{
    const NbdNode *n = cmd->node;
    uint64_t more = moves_data(cmd) && !cmd->data ? cmd->bytes : 0;

    return n->nr_sent < SENT_COUNT && (!more || n->data_bytes + more <= DATA_BYTES);
}

/* One that is sent again, after the connection was lost, has its data already. */
static void take_data(NbdCommand *cmd)
{
    if (!moves_data(cmd) || cmd->data) {
        return;
    }
    cmd->data = g_malloc(cmd->bytes);
    cmd->node->data_bytes += cmd->bytes;
    if (cmd->op == BLOCK_OP_WRITE) {
        iov_to_buf(cmd->req->iov, cmd->req->niov, 0, cmd->data, cmd->bytes);
    }
}

void nbd_command_send(NbdCommand *cmd)
{
    take_data(cmd);
    cmd->error = 0;
    cmd->flushes = cmd->node->age;
    nbd_command_move(cmd, &cmd->node->sent);
    if (hand_over(cmd) < 0) {
        cmd->error = nbd_lib.get_errno() ?: EIO;
        /* Not the request's fault: it waits for the next connection. */
        if (nbd_lib.aio_is_dead(cmd->node->nbd) || nbd_lib.aio_is_closed(cmd->node->nbd)) {
            cmd->error = ENOTCONN;
        }
        nbd_command_move(cmd, &cmd->node->ended);
    }
}
