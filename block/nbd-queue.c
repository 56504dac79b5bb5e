/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which commands of an NBD node may be sent, and what happens when one ends. */
#include "qemu/osdep.h"
#include "nbd-int.h"
#include "qemu/error-report.h"

static bool overlap(const NbdCommand *a, const NbdCommand *b)
{
    return a->offset < b->offset ? b->offset - a->offset < a->bytes
                                 : a->offset - b->offset < b->bytes;
}

/* An earlier write that nobody waits for must not arrive after a later request. */
static bool meets_orphan(const NbdCommand *cmd)
{
    NbdCommand *other;

    if (!cmd->node->nr_orphans) {
        return false;
    }
    QTAILQ_FOREACH(other, &cmd->node->sent, link) {
        if (other->orphan && overlap(cmd, other)) {
            return true;
        }
    }
    return false;
}

static bool may_send(const NbdCommand *cmd)
{
    return !meets_orphan(cmd) &&
           !(nbd_changes_medium(cmd) && nbd_unflushed_is_full(cmd->node));
}

static bool replay_meets_sent(const NbdCommand *cmd)
{
    NbdCommand *other;

    QTAILQ_FOREACH(other, &cmd->node->sent, link) {
        if (overlap(cmd, other)) {
            return true;
        }
    }
    return false;
}

/* In order; one that overlaps an earlier one waits, and those behind it with it. */
static void send_replay(NbdNode *n)
{
    NbdCommand *cmd;

    while ((cmd = QTAILQ_FIRST(&n->replay)) && !replay_meets_sent(cmd)) {
        nbd_command_send(cmd);
    }
    if (QTAILQ_EMPTY(&n->replay) && QTAILQ_EMPTY(&n->sent) && QTAILQ_EMPTY(&n->ended)) {
        nbd_link_replayed(n);
    }
}

void nbd_queue_send(NbdNode *n)
{
    NbdCommand *cmd, *next;

    if (n->state == NBD_REPLAYING) {
        send_replay(n);
    }
    if (n->state != NBD_UP) {
        return;
    }
    if (nbd_unflushed_wants_flush(n)) {
        n->own_flush = true;
        nbd_command_send(nbd_command_new(n, NULL));
    }
    QTAILQ_FOREACH_SAFE(cmd, &n->waiting, link, next) {
        if (!nbd_command_has_room(cmd)) {
            break;
        }
        if (may_send(cmd)) {
            nbd_command_send(cmd);
        }
    }
}

int nbd_queue_submit(NbdNode *n, BlockRequest *req)
{
    if (n->overdue) {
        return -EIO;
    }
    req->state[0] = nbd_command_new(n, req);
    nbd_queue_send(n);
    nbd_link_poke(n);
    return BLOCK_PENDING;
}

void nbd_queue_cancel(NbdNode *n, BlockRequest *req)
{
    NbdCommand *cmd = req->state[0];

    cmd->req = NULL;
    if (cmd->list == &n->waiting) {
        nbd_command_free(cmd);
    } else if (cmd->list == &n->sent && nbd_changes_medium(cmd)) {
        cmd->orphan = true;
        n->nr_orphans++;
    }
}

/* --- ends --- */

static void unorphan(NbdCommand *cmd)
{
    cmd->node->nr_orphans -= cmd->orphan;
    cmd->orphan = false;
}

/* It was sent, and the connection ended before the answer. */
static void take_back(NbdCommand *cmd)
{
    NbdNode *n = cmd->node;

    unorphan(cmd);
    if (cmd->replayed) {
        nbd_command_move_first(cmd, &n->replay);
    } else if (cmd->req) {
        nbd_command_move_first(cmd, &n->waiting);
    } else {
        n->own_flush &= cmd->op != BLOCK_OP_FLUSH;
        nbd_command_free(cmd);
    }
}

/* The error of a flush that nobody asked for is told to the next who asks. */
static int flush_result(NbdCommand *cmd)
{
    NbdNode *n = cmd->node;
    int error = cmd->error;

    nbd_unflushed_drop(n, cmd->flushes);
    if (!cmd->req) {
        n->own_flush = false;
        n->lost_error = n->lost_error ?: error;
    } else if (n->lost_error) {
        error = n->lost_error;
        n->lost_error = 0;
    }
    return error;
}

static void replay_result(NbdCommand *cmd)
{
    if (cmd->error) {
        error_report("nbd: node '%s': a write of %" PRId64 " bytes at %" PRId64 " that had been"
                     " done before the server went away cannot be done again: %s",
                     cmd->node->bs->node_name, cmd->bytes, cmd->offset, strerror(cmd->error));
        cmd->node->lost_error = cmd->error;
    }
}

static void answer(NbdCommand *cmd)
{
    BlockRequest *req = cmd->req;
    int error = cmd->op == BLOCK_OP_FLUSH ? flush_result(cmd) : cmd->error;

    if (cmd->replayed) {
        replay_result(cmd);
    }
    if (req && !error) {
        nbd_command_deliver(cmd);
    }
    cmd->req = NULL;
    unorphan(cmd);
    if (!error && nbd_changes_medium(cmd)) {
        nbd_unflushed_add(cmd);
    } else {
        nbd_command_free(cmd);
    }
    if (req) {
        block_request_done(req, -error);
    }
}

void nbd_queue_finish(NbdNode *n)
{
    NbdCommand *cmd;

    while ((cmd = QTAILQ_FIRST(&n->ended))) {
        switch (cmd->error) {
        case ESHUTDOWN:         /* the server's: it is about to go */
        case ENOTCONN:          /* libnbd's: it has gone */
            nbd_command_move(cmd, &n->sent);
            nbd_link_give_up(n);
            break;
        default:
            answer(cmd);
        }
    }
}

void nbd_queue_take_back(NbdNode *n)
{
    NbdCommand *cmd;

    while ((cmd = QTAILQ_LAST(&n->sent))) {
        take_back(cmd);
    }
    nbd_unflushed_replay(n);
}

void nbd_queue_fail(NbdNode *n)
{
    NbdCommand *cmd;

    while ((cmd = QTAILQ_FIRST(&n->waiting))) {
        BlockRequest *req = cmd->req;

        nbd_command_free(cmd);
        block_request_done(req, -EIO);
    }
}
