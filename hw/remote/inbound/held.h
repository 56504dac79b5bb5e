/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes that arrive while a callback of the function is suspended.
 *
 * A model that reads client memory by message in the middle of a register
 * callback waits for the client (outbound/transfer.c). Meanwhile the client's
 * reads are served, since a vCPU may be stopped in one; its writes are held,
 * since the model is in the middle of another one, and performed in order when
 * it is out of it. They are answered when they are held: a client that waits
 * for the answer could not answer us. A read may thus overtake a held write;
 * with mapped client memory nothing is ever held.
 *
 * Locking: the lock of the function's AioContext.
 */
#ifndef HW_REMOTE_INBOUND_HELD_H
#define HW_REMOTE_INBOUND_HELD_H

#include "function.h"

struct HeldWrite {
    unsigned index;
    uint64_t offset;
    uint32_t count;
    QSIMPLEQ_ENTRY(HeldWrite) next;
    uint8_t data[];
};

/* A write has to be held now. */
bool held_needed(const RemoteFunction *fn);
/* 0; -EBUSY when the client has run too far ahead. */
int held_add(RemoteFunction *fn, unsigned index, uint64_t offset, const void *data,
             uint32_t count);
/* Performs what is held until something is suspended again. */
void held_replay(RemoteFunction *fn);
void held_discard(RemoteFunction *fn);

#endif
