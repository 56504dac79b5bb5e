/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the client library: the connection's state, and the one way in which
 * every command travels (vfu_client_call).
 */
#ifndef VFIO_USER_CLIENT_INTERNAL_H
#define VFIO_USER_CLIENT_INTERNAL_H

#include "frame.h"
#include "vfio-user/client.h"

/* A command whose reply has not come. */
typedef struct Pending {
    uint16_t id;
    uint16_t command;
    bool sync;                  /* a vfu_client_call() waits for it */
    bool abandoned;             /* its caller gave up: a late reply is dropped */
} Pending;

/* A range of the server's DMA address space that it was lent. */
typedef struct Lent {
    uint64_t first, last;
    uint32_t flags;
    uint8_t *host;
    int fd;                     /* borrowed from the VfuMemory */
} Lent;

struct VfuClient {
    Frame frame;
    const VfuPersona *persona;
    VfuServerLimits server;
    int64_t timeout_ns;
    char *version_json;         /* what we propose, or NULL */
    char *server_json;
    uint16_t minor;
    uint16_t next_id;
    bool alive;
    char *complaint;
    GArray *pending;            /* Pending, oldest first */
    GQueue ready;               /* VfuClientMessage: replies nobody waited for yet */
    GArray *lent;               /* Lent, in no order */
    GByteArray *scratch;        /* answers to DMA_READ */
    VfuClientStats stats;
    VfuClientHooks hooks;
    void *hooks_opaque;
};

#define VFU_ANY_SIZE SIZE_MAX

/* One command with its reply. */
typedef struct VfuCall {
    uint16_t command;
    const int *fds;             /* borrowed */
    unsigned nr_fds;
    const uint16_t *id;         /* NULL: by the persona's rule */
    void *reply;                /* room bytes; the payload is cut to that */
    size_t min, room;           /* a shorter payload is -EPROTO */
    size_t expect;              /* exact length, for personas that need it */
    size_t got;                 /* length of the payload as it came */
    uint16_t used_id;
    unsigned nr_reply_fds;
    int reply_fds[VFU_CLIENT_MAX_FDS];  /* go to the caller */
    bool takes_fds;             /* otherwise they are closed */
} VfuCall;

int vfu_client_call(VfuClient *c, VfuCall *call, const struct iovec *iov,
                    unsigned iovcnt);
/* The usual command: one struct out, the same one back. */
int vfu_client_exchange(VfuClient *c, VfuCommand command, const void *out, size_t out_len,
                        void *reply, size_t reply_len);
/* Sends a command without waiting; No_reply when flags say so. */
int vfu_client_send(VfuClient *c, uint16_t command, uint32_t flags, uint16_t id,
                    const struct iovec *iov, unsigned iovcnt, const int *fds,
                    unsigned nr_fds);
uint16_t vfu_client_new_id(VfuClient *c);
/* Marks the connection as unusable; returns err. */
int vfu_client_fail(VfuClient *c, int err, const char *fmt, ...) G_GNUC_PRINTF(3, 4);

/* dma-answer.c: a command of the server; 0 or what ends the connection. */
int vfu_client_handle_command(VfuClient *c, const FrameView *view);
const Lent *vfu_client_find_lent(VfuClient *c, uint64_t address, uint64_t size);

/* version.c */
int vfu_client_parse_version(VfuClient *c, const void *payload, size_t size, Error **errp);

#endif
