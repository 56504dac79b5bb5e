/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nbd driver's own: a node, its commands, and its four parts
 *
 *   nbd.c              what the block layer calls
 *   nbd-command.c      one command: made, sent, ended
 *   nbd-queue.c        which may be sent, and what happens when one ends
 *   nbd-link.c         the connection: its file descriptor, its loss, its return
 *   nbd-unflushed.c    writes that the server has answered but need not have kept
 *
 * A command is in one list at a time:
 *
 *   waiting -> sent -> ended -> gone, or unflushed -> (flush) -> gone
 *      ^         |                          |
 *      +---------+ connection lost          +-> replay -> sent, again
 *
 * libnbd calls back in the middle of its own work, when it must not be called.
 * So a command that the server has answered is only moved to `ended` then, and
 * looked at when libnbd has returned.
 *
 * Locking: the node's context. Only connecting (nbd-dial.h) is done by a thread.
 */
#ifndef BLOCK_NBD_INT_H
#define BLOCK_NBD_INT_H

#include "block-int.h"
#include "nbd-dial.h"

typedef struct NbdNode NbdNode;
typedef struct NbdCommand NbdCommand;
typedef QTAILQ_HEAD(NbdList, NbdCommand) NbdList;

struct NbdCommand {
    NbdNode *node;
    NbdList *list;              /* where it is */
    QTAILQ_ENTRY(NbdCommand) link;
    BlockRequest *req;          /* NULL: cancelled, or nobody's from the start */
    BlockOp op;
    BdrvRequestFlags flags;
    int64_t offset, bytes;
    int status;                 /* answer of a question: as of the request, from offset on */
    int64_t status_bytes;
    void *data;                 /* of a read or write that has been sent; never the submitter's */
    int error;                  /* the server's answer, as errno */
    bool orphan;                /* cancelled after it had been sent */
    bool replayed;              /* answered once, and sent to a new connection */
    uint64_t flushes;           /* of a flush: unflushed writes that are older than this */
    uint64_t age;               /* of an unflushed write */
};

/* What an export can do. */
typedef struct NbdFeatures {
    int64_t size;
    uint32_t min_block, opt_block, max_block;
    bool read_only, flush, fua, trim, zero, status;
} NbdFeatures;

typedef enum NbdLinkState {
    NBD_UP,
    NBD_REPLAYING,              /* connected; what was unflushed is written again first */
    NBD_RETRYING,               /* not connected, or about to close the connection */
} NbdLinkState;

struct NbdNode {
    BlockDriverState *bs;
    AioContext *ctx;            /* NULL: between two contexts */
    NbdTarget *target;
    NbdFeatures features;       /* of the first connection; later ones have them too */
    uint32_t reconnect_s;
    NbdLinkState state;
    bool overdue;               /* not up for too long: requests fail instead of waiting */

    struct nbd_handle *nbd;     /* NULL: not connected */
    int fd;                     /* its handlers are set, for: */
    unsigned direction;
    QEMUBH *bh;
    NbdDial *dial;
    unsigned attempts;          /* since the connection was lost */
    QEMUTimer retry, give_up;

    NbdList waiting, sent, ended, unflushed, replay;
    unsigned nr_sent, nr_orphans;       /* in sent; and of those */
    uint64_t data_bytes;        /* of all commands */
    uint64_t age;               /* of the next unflushed write */
    int64_t unflushed_bytes;
    unsigned nr_unflushed;
    bool own_flush;             /* one that nobody asked for is on its way */
    int lost_error;             /* for the next flush: something was lost */
};

static inline bool nbd_changes_medium(const NbdCommand *cmd)
{
    return block_op_changes_medium(cmd->op);
}

/* nbd-command.c */
NbdCommand *nbd_command_new(NbdNode *n, BlockRequest *req);
void nbd_command_free(NbdCommand *cmd);
void nbd_command_move(NbdCommand *cmd, NbdList *to);
/* To the front of another list. */
void nbd_command_move_first(NbdCommand *cmd, NbdList *to);
/* Sending it keeps within what a node may have on its way, in commands and in bytes. */
bool nbd_command_has_room(const NbdCommand *cmd);
/* Gives it to libnbd; it is in `sent` then, or in `ended` at once. */
void nbd_command_send(NbdCommand *cmd);
/* What was read, or found out, goes to the request. */
void nbd_command_deliver(NbdCommand *cmd);

/* nbd-queue.c */
int nbd_queue_submit(NbdNode *n, BlockRequest *req);
void nbd_queue_cancel(NbdNode *n, BlockRequest *req);
/* Sends what may be sent. */
void nbd_queue_send(NbdNode *n);
/* Answers what has ended. */
void nbd_queue_finish(NbdNode *n);
/* The connection has gone: what was sent waits again. */
void nbd_queue_take_back(NbdNode *n);
/* All that wait end with -EIO. */
void nbd_queue_fail(NbdNode *n);

/* nbd-unflushed.c */
/* Takes a write that the server has answered, or frees it when there is no need to keep it. */
void nbd_unflushed_add(NbdCommand *cmd);
/* Those older than age are on the medium. */
void nbd_unflushed_drop(NbdNode *n, uint64_t age);
/* It is time for a flush that nobody asked for. */
bool nbd_unflushed_wants_flush(const NbdNode *n);
/* No more writes until there was one. */
bool nbd_unflushed_is_full(const NbdNode *n);
/* All of them have to be written again. */
void nbd_unflushed_replay(NbdNode *n);

/* nbd-link.c */
void nbd_link_up(NbdNode *n, struct nbd_handle *nbd);
void nbd_link_attach(NbdNode *n, AioContext *ctx);
void nbd_link_detach(NbdNode *n);
/* After any call of libnbd: follows the direction, and sees to what has ended soon. */
void nbd_link_poke(NbdNode *n);
/* The server takes no more requests: get another connection. */
void nbd_link_give_up(NbdNode *n);
/* Everything is written again. */
void nbd_link_replayed(NbdNode *n);
/* Ends the connection; waits a moment for writes that nobody waits for any more. */
void nbd_link_close(NbdNode *n);
void nbd_features_read(struct nbd_handle *nbd, NbdFeatures *f);

#endif
