/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A server that has answered a write may still lose it when it is killed before
 * a flush (qemu-nbd keeps tables of qcow2 in its memory). The guest, though, has
 * seen no server go away: it takes the next flush that succeeds for a promise
 * about that write, too. So answered writes are kept here until a flush, and are
 * written again, in the order of their answers, when there is a new connection.
 *
 * What is kept is bounded: past half of the limit a flush is sent that nobody
 * asked for, past the limit writes wait for it.
 */
#include "qemu/osdep.h"
#include "nbd-int.h"
#include "qemu/units.h"

#define UNFLUSHED_BYTES (64 * MiB)
#define UNFLUSHED_COUNT 16384

void nbd_unflushed_add(NbdCommand *cmd)
{
    NbdNode *n = cmd->node;

    /*
     * What came with FUA is on the medium; but when older writes are written
     * again, it has to be done after them once more.
     */
    if (!n->features.flush || (cmd->flags & BDRV_REQ_FUA && !n->nr_unflushed)) {
        nbd_command_free(cmd);
        return;
    }
    cmd->age = n->age++;
    cmd->replayed = false;
    n->nr_unflushed++;
    n->unflushed_bytes += cmd->data ? cmd->bytes : 0;
    nbd_command_move(cmd, &n->unflushed);
}

static void forget(NbdCommand *cmd)
{
    cmd->node->nr_unflushed--;
    cmd->node->unflushed_bytes -= cmd->data ? cmd->bytes : 0;
}

void nbd_unflushed_drop(NbdNode *n, uint64_t age)
{
    NbdCommand *cmd;

    while ((cmd = QTAILQ_FIRST(&n->unflushed)) && cmd->age < age) {
        forget(cmd);
        nbd_command_free(cmd);
    }
}

bool nbd_unflushed_wants_flush(const NbdNode *n)
{
    return !n->own_flush && (n->unflushed_bytes > UNFLUSHED_BYTES / 2 ||
                             n->nr_unflushed > UNFLUSHED_COUNT / 2);
}

bool nbd_unflushed_is_full(const NbdNode *n)
{
    return n->unflushed_bytes > UNFLUSHED_BYTES || n->nr_unflushed > UNFLUSHED_COUNT;
}

void nbd_unflushed_replay(NbdNode *n)
{
    NbdCommand *cmd;

    /* In front of what is there already: that has been answered later. */
    while ((cmd = QTAILQ_LAST(&n->unflushed))) {
        forget(cmd);
        cmd->replayed = true;
        nbd_command_move_first(cmd, &n->replay);
    }
}
