/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a traced connection: takes whole messages from one socket
 * and passes them on to the other with their file descriptors, in one
 * sendmsg() as the first receiver would have got them.
 */
#ifndef TOOLS_VFU_TRACE_PIPE_H
#define TOOLS_VFU_TRACE_PIPE_H

#include "vfio-user/protocol.h"

#define PIPE_MAX_FDS 253

typedef struct PipeMessage {
    VfuHeader header;
    size_t got;                 /* bytes of the header: fewer than 16 at an EOF */
    bool sane;                  /* the length can be followed */
    GByteArray *payload;
    unsigned nr_fds;
    int fds[PIPE_MAX_FDS];
} PipeMessage;

void pipe_message_init(PipeMessage *m);
void pipe_message_clear(PipeMessage *m);
/* 1: a message; 0: end of the stream; -1: errno. Not sane: only the header is
 * there, and the rest has to be passed on by pipe_copy(). */
int pipe_receive(int fd, PipeMessage *m);
/* Closes the descriptors on every path. 0, or -1 with errno. */
int pipe_send(int fd, PipeMessage *m);
/* Bytes without a meaning, until the end of the stream. */
void pipe_copy(int from, int to);

#endif
