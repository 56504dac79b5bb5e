/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connecting to an NBD server: the name is looked up, the socket connected and
 * the handshake done, which takes as long as the others like. So it is done in
 * a thread of its own (nbd_dial_start()), or by the main thread when a node is
 * made (nbd_dial_now()); never on the loop of a domain.
 *
 * A dial is shared by its owner, in the owner's context, and its thread. Its
 * lock protects the result and whether the owner is still interested. It is a
 * leaf.
 */
#ifndef BLOCK_NBD_DIAL_H
#define BLOCK_NBD_DIAL_H

#include "block/aio.h"
#include "nbd-target.h"

/* One attempt ends after this, whatever the server does. */
#define NBD_DIAL_MS 10000

typedef struct NbdDial NbdDial;
/* nbd: connected, now the callee's; or NULL, with err, which the callee may take (*err = NULL). */
typedef void NbdDialed(void *opaque, struct nbd_handle *nbd, Error **err);

/* Connected, or NULL. Waits for NBD_DIAL_MS at most, plus the look-up of a name. */
struct nbd_handle *nbd_dial_now(const NbdTarget *target, Error **errp);

/* dialed() comes from ctx's loop, once, unless nbd_dial_end() comes first. NULL: no thread. */
NbdDial *nbd_dial_start(NbdTarget *target, AioContext *ctx, NbdDialed *dialed, void *opaque);
/* After dialed() or instead of it; not from inside. In ctx. */
void nbd_dial_end(NbdDial *dial);

#endif
