/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the server share. The public face and the locking rule
 * are in vfio-user/server.h; the theory of a session is in session.c.
 * Everything here is protected by the lock of the server's AioContext.
 *
 * Lock order: the context's lock only.
 */
#ifndef VFIO_USER_SERVER_INTERNAL_H
#define VFIO_USER_SERVER_INTERNAL_H

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/queue.h"
#include "qemu/timer.h"
#include "vfio-user/capabilities.h"
#include "vfio-user/server.h"
#include "vfio-user/validate.h"

/* Commands of one client that run or are VFU_PENDING at one time. */
#define VFU_IN_FLIGHT_MAX 32
/* Commands that wait behind those; beyond it the socket is not read. */
#define VFU_HELD_MAX 256
/* The same for what they hold: a message may be long and carry 16 descriptors. */
#define VFU_HELD_FDS_MAX 256
#define VFU_HELD_BYTES_MAX (1024 * 1024)
/* Messages handled, and bytes accessed, before the loop looks at something
 * else. A device may take long for each few bytes of them. */
#define VFU_BATCH 512
#define VFU_BATCH_BYTES (64 * 1024)
/* Batches that are still handled when the server goes: about what a socket holds. */
#define VFU_LAST_BATCHES 16
/* The same for a client that waits for its turn: it must not slow down the one
 * whose device it is. */
#define VFU_BATCH_WAITING 4
#define VFU_HELD_WAITING_MAX 64
#define VFU_DMA_OUTSTANDING_MAX 64
/* Answers that may still come for requests that were given up. */
#define VFU_DMA_ABANDONED_MAX 1024

struct VfuServer {
    AioContext *ctx;
    char *name;
    char *path;
    VfuServerConfig config;     /* strings and fd in it are not used after set-up */
    const VfuDeviceOps *ops;
    void *opaque;
    int listen_fd;              /* -1: one connected socket was given */
    bool retired;               /* no new clients */
    bool draining;              /* no new clients, and the one there is goes soon */
    bool accepting;             /* the handler is set */
    QEMUTimer retry;            /* after accept() failed for want of something */
    bool made_path;             /* bound here; removed at the end if it is still the same file */
    dev_t path_dev;
    ino_t path_ino;
    VfuSession *session;        /* the client, or the first that will be; see turn.c */
    VfuSession *next;           /* only with `session`: waits until that one has left */
    VfuServerStats stats;
    uint64_t bytes_in, bytes_out;       /* of sessions that are over */
    int64_t error_us;           /* wall clock; 0: none */
    char error[VFU_ERROR_TEXT_MAX];
    bool error_explained;       /* by the operation whose refusal is to be noted next */
    VfuLatency *latency;        /* NULL: not measured */
    LogRateLimit log_limit;
};

/*
 * State     what it means                    messages taken        set by
 * NEW       connected, VERSION not agreed    VERSION, replies: no  listener
 * READY     attached() was called, or the    all                   cmd-version.c
 *           client waits for its turn
 * CLOSING   has a reason, ends in its        none                  vfu_session_close
 *           bottom half; frames and
 *           requests may still be alive
 * CLOSED    detached() was called or runs;   none                  vfu_session_end
 *           no socket, no server
 */
typedef enum VfuSessionState {
    VFU_SESSION_NEW,
    VFU_SESSION_READY,
    VFU_SESSION_CLOSING,
    VFU_SESSION_CLOSED,
} VfuSessionState;

/* DMA by message, dma-request.c. */
typedef struct VfuDmaState {
    VfuDmaLayout layout;        /* AUTO until the probe was answered */
    bool probing;
    bool warned;                /* of a client whose answers show the other layout */
    uint16_t next_id;
    unsigned outstanding;
    GHashTable *by_id;          /* sent, not answered: live and abandoned */
    QTAILQ_HEAD(, VfuDmaRequest) live;      /* oldest first: all have one timeout */
    QTAILQ_HEAD(, VfuDmaRequest) abandoned; /* oldest first */
    unsigned nr_abandoned;
    VfuDmaAnswered *answered;
    void *answered_opaque;
    QEMUTimer timer;
} VfuDmaState;

struct VfuSession {
    unsigned refs;              /* server, requests, frames that dispatch */
    VfuServer *server;          /* NULL once CLOSED */
    AioContext *ctx;
    const VfuDeviceOps *ops;    /* the device's, or those of the stand-in */
    void *opaque;
    VfuSessionState state;
    bool attached;
    bool waiting;               /* READY, not its turn: opaque is a stand-in */
    bool deaf;                  /* it reads nothing any more: only its writes count */
    bool rv_client;             /* protocol, T-RV1: needs full-size error replies */
    VfuCloseReason close_reason;
    const char *close_detail;   /* static text */

    VfuSocket socket;
    VfuRx rx;
    int rx_status;              /* result of a receive call made by io_poll, if not positive */
    VfuTx tx;
    uint64_t tx_seen;           /* tx.sent when the write timer was armed */
    bool handles_read, handles_write;       /* what the loop was told */
    bool paused;
    uint64_t accessed;          /* bytes of regions, all in all */
    bool input_armed, output_armed;
    uint64_t input_position;    /* of the message that input_timer waits for */
    QEMUTimer input_timer, output_timer;
    QEMUBH *bh;                 /* goes on with buffered messages; ends the session */

    VfuPeer peer;
    VfuLimits limits;
    VfuShape shape;

    QLIST_HEAD(, VfuRequest) requests;
    unsigned in_flight;
    unsigned serial;            /* unfinished VFU_CMD_SERIAL commands */
    GQueue held;                /* of HeldMessage, in order of arrival */
    unsigned held_serial;       /* how many of them are VFU_CMD_SERIAL */
    unsigned held_fds;
    size_t held_bytes;
    QEMUTimer turn_timer;       /* for the oldest of them, while waiting */
    VfuDmaState dma;
};

/* Replies up to this payload need no allocation. */
#define VFU_REPLY_INLINE 112

struct VfuRequest {
    VfuSession *session;        /* NULL: the session is over */
    VfuMessage msg;
    const VfuCommandInfo *info;
    VfuRequest *parent;         /* an entry of REGION_WRITE_MULTI */
    unsigned children;          /* entries not done, and 1 for the command itself */
    int64_t began;              /* 0: nobody measures */
    bool answered;
    bool no_reply;
    uint8_t *heap;              /* reply with its header when it is not inline */
    size_t reply_len;           /* payload of a successful reply */
    unsigned nr_reply_fds;
    int reply_fds[VFU_MSG_FDS_MAX];         /* borrowed until the reply is sent */
    QLIST_ENTRY(VfuRequest) link;
    _Alignas(8) uint8_t small[sizeof(VfuHeader) + VFU_REPLY_INLINE];
};

/* --- session.c --- */
VfuSession *vfu_session_new(VfuServer *server, int fd);
void vfu_session_ref(VfuSession *s);
void vfu_session_unref(VfuSession *s);
/* Does what an attached client has sent already, within bounds. */
void vfu_session_run_out(VfuSession *s);
/* Tears down now: CLOSED, detached(), everything freed but what frames hold. */
void vfu_session_end(VfuSession *s);
static inline bool vfu_session_open(const VfuSession *s)
{
    return s->state == VFU_SESSION_NEW || s->state == VFU_SESSION_READY;
}
/* close_detail is static text for the log. Does nothing on a session that is not open. */
void vfu_session_fail(VfuSession *s, VfuCloseReason reason, const char *detail);
/* Sends one message; a broken connection closes the session. */
void vfu_session_send(VfuSession *s, const struct iovec *iov, unsigned iovcnt,
                      const int *fds, unsigned nr_fds);
/* Something that may have held messages back has changed. */
void vfu_session_kick(VfuSession *s);
const char *vfu_session_name(const VfuSession *s);
/* The client has closed its end (perhaps with messages still to read). */
bool vfu_session_hung_up(const VfuSession *s);
/* A line about the client, rate-limited. */
#define vfu_session_warn(s, fmt, ...) do { \
        if ((s)->server) { \
            warn_report_ratelimited_by(&(s)->server->log_limit, "vfio-user server '%s': " fmt, \
                                       vfu_session_name(s), ##__VA_ARGS__); \
        } \
    } while (0)

/* --- drain.c --- */
/* While the server drains: ends an open session that waits for nothing. */
void vfu_drain_check(VfuSession *s);

/* --- latency.c --- */
/* The time now, or 0 when nobody measures. */
int64_t vfu_latency_begin(const VfuServer *server);
/* Adds what has passed and clears *began, so that it is counted once. */
void vfu_latency_end(VfuServer *server, unsigned command, int64_t *began);

/* --- timeouts.c --- */
void vfu_timeouts_init(VfuSession *s);
void vfu_timeouts_deinit(VfuSession *s);
void vfu_timeouts_update(VfuSession *s);

/* --- held.c: messages that wait behind others --- */
bool vfu_held_wanted(const VfuSession *s, const VfuMessage *msg);
/* Nothing more is to be received until some are taken. */
bool vfu_held_full(const VfuSession *s);
void vfu_held_add(VfuSession *s, VfuMessage *msg);
/* Next message whose turn has come; false: none. */
bool vfu_held_take(VfuSession *s, VfuMessage *msg);
/* The oldest, when its time to wait for the turn is over. */
bool vfu_held_take_late(VfuSession *s, int64_t now, VfuMessage *msg);
/* When the oldest has waited too long for the turn; -1: there is none. */
int64_t vfu_held_deadline(const VfuSession *s);
void vfu_held_clear(VfuSession *s);

/* --- turn.c: whose device it is --- */
/* There is a place for one more connection. */
bool vfu_turn_has_place(const VfuServer *server);
void vfu_turn_init(VfuSession *s);
void vfu_turn_deinit(VfuSession *s);
/* VERSION is agreed on: the client is attached or begins to wait. */
void vfu_turn_agreed(VfuSession *s);
/* The session is over: the device and the place are free for others. */
void vfu_turn_leave(VfuSession *s);
/* One more command waits for the turn. */
void vfu_turn_watch(VfuSession *s);

/* --- request.c --- */
/* Judges and runs one command; takes the message. */
void vfu_request_run(VfuSession *s, VfuMessage *msg);
/* Answers a command that was not run with an error; takes the message. */
void vfu_request_refuse(VfuSession *s, VfuMessage *msg, int err);
/* Zeroed payload of the reply; NULL: no memory for it. */
void *vfu_request_reply(VfuRequest *req, size_t len);
/* Sends the successful reply now; the end of the request sends nothing then. */
void vfu_request_send_reply(VfuRequest *req);
/* A posted write of its own inside REGION_WRITE_MULTI. */
VfuRequest *vfu_request_new_child(VfuRequest *parent);
/* Runs fn with req as the current request and ends it unless it is pending. */
typedef int VfuHandler(VfuRequest *req);
void vfu_request_invoke(VfuRequest *req, VfuHandler *fn);
/* Cuts every request loose from a session that is over. */
void vfu_requests_orphan(VfuSession *s);

/* --- query.c --- */
/* A client was dropped. */
void vfu_server_note_drop(VfuServer *server, const char *detail);
/* A command failed with err, below 0. Keeps what its operation has noted itself. */
void vfu_server_note_refusal(VfuServer *server, unsigned command, int err);
/* pid, uid and gid of whoever connected fd; unchanged when they cannot be had. */
void vfu_peer_credentials(int fd, VfuPeer *peer);

/* --- commands.c and cmd-*.c --- */
VfuHandler *vfu_command_handler(unsigned number);
VfuHandler vfu_cmd_version;
VfuHandler vfu_cmd_dma_map, vfu_cmd_dma_unmap;
VfuHandler vfu_cmd_device_get_info, vfu_cmd_get_region_info, vfu_cmd_get_region_io_fds;
VfuHandler vfu_cmd_get_irq_info, vfu_cmd_device_reset;
VfuHandler vfu_cmd_set_irqs;
VfuHandler vfu_cmd_region_read, vfu_cmd_region_write, vfu_cmd_write_multi;
VfuHandler vfu_cmd_feature;

/* --- dma-request.c --- */
void vfu_dma_init(VfuSession *s);
/* Every request ends with -ECANCELED, those not answered are forgotten. */
void vfu_dma_fail_all(VfuSession *s);
void vfu_dma_deinit(VfuSession *s);
/* A reply came; takes the message. */
void vfu_dma_reply(VfuSession *s, VfuMessage *msg);

/* --- listener.c --- */
bool vfu_listener_start(VfuServer *server, Error **errp);
void vfu_listener_stop(VfuServer *server);
/* The session is over: look at the backlog again. */
void vfu_listener_resume(VfuServer *server);

/* --- socket-path.c --- */
bool vfu_socket_path_listen(VfuServer *server, Error **errp);
/* The file goes, if it is still the one that was made. */
void vfu_socket_path_remove(VfuServer *server);

#endif
