/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client that the test plays: it takes the DMA messages of an IOVA space and
 * answers when and how the test says.
 */
#ifndef TESTS_HW_REMOTE_FAKE_SESSION_H
#define TESTS_HW_REMOTE_FAKE_SESSION_H

#include "qemu/osdep.h"
#include "vfio-user/server.h"

typedef struct FakeMessage {
    uint64_t address;
    size_t count;
    bool is_write;
    bool cancelled;             /* or answered: done is not called any more */
    bool answered;              /* the space has been told that no answer is due any more */
    uint8_t *data;              /* of a write */
    VfuDmaDone *done;
    void *opaque;
} FakeMessage;

/* Messages that have not been answered, oldest first; FakeMessage, owned. */
extern GPtrArray *fake_messages;
extern unsigned fake_room;      /* how many may be outstanding */
extern uint32_t fake_max_xfer;
extern int fake_completed_err;  /* of the last completed request */

VfuSession *fake_session_new(void);
void fake_session_free(void);
/* Answers the oldest message that was not cancelled; -ETIMEDOUT: it was given up. */
void fake_answer(int err, const void *data, size_t count);
/* The answer to the oldest of those that were cancelled or given up. */
void fake_answer_late(void);
/* Bytes that answers to reads which are due have, to cancelled ones too. */
size_t fake_answers_due(void);
unsigned fake_pending(void);

#endif
