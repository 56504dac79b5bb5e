/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a client talks to before its turn, while another has the function.
 *
 * A client sets itself up in an order of its own: memory, descriptions, config
 * space, interrupts, a reset. None of it needs the function itself, so the
 * stand-in keeps it: mappings in a space of their own, eventfds in a table of
 * their own, and config space as an image that is read and written by its
 * masks. When the turn comes, mappings and eventfds become the function's and
 * the writes are done again, in order. Whatever else a client wants - BARs - has
 * to wait for its turn.
 *
 * The image begins as the function will be found: as its reset leaves it, or as
 * it is now if it is kept when clients change. A reset puts it back, and the
 * writes before it are forgotten. The file of a mappable BAR is the one
 * that the BAR will have when the turn comes: the present one is the other client's.
 *
 * Locking: the lock of the function's AioContext.
 */
#ifndef HW_REMOTE_INBOUND_STAND_IN_H
#define HW_REMOTE_INBOUND_STAND_IN_H

#include "function.h"

/* The function is borrowed; it outlives its sessions. */
StandIn *stand_in_new(RemoteFunction *fn);
/* Leaves nothing of its client. */
void stand_in_free(StandIn *s);
/* The function has a new client and nothing of the old one: gives it all that was
 * kept, and goes. The writes may suspend. */
void stand_in_apply(StandIn *s);

/* opaque is the StandIn. */
extern const VfuDeviceOps stand_in_ops;

#endif
