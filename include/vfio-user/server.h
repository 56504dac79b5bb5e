/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server half of vfio-user: a listening socket, the session of the client
 * whose device it is, and that of the next one, which waits for its turn.
 *
 * The library speaks the protocol and knows no device: what a command means is
 * asked of a VfuDeviceOps. Every message is validated completely before an
 * operation is called (vfio-user/protocol), so operations get numbers that are
 * in range: region index and irq index exist, offset and count lie inside the
 * region and the region's flags permit the access, counts match, flags are
 * known. An operation may rely on that and says so by asserting nothing.
 *
 * Locking: a server belongs to one AioContext. Every function here is called
 * with that context's lock held, and every operation is called with it held.
 * An operation may suspend inside aio_waiter_wait(): the session then goes on
 * with later messages on another thread, so it keeps nothing in its frames
 * that a later message may change. Lock order: the context's lock only.
 *
 * Results are 0 or a negative errno; VFU_PENDING says that the operation keeps
 * the request and will end it with vfu_request_complete(), once. VFU_NOT_NOW,
 * from the operations of a stand-in only, says that nothing was done and the
 * command has to wait for its client's turn.
 *
 * Protocol: docs/interop/vfio-user.rst.
 */
#ifndef VFIO_USER_SERVER_H
#define VFIO_USER_SERVER_H

#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "vfio-user/commands.h"
#include "vfio-user/dma-message.h"
#include "vfio-user/latency.h"
#include "vfio-user/protocol.h"
#include "vfio-user/region-info.h"
#include "vfio-user/transport.h"

typedef struct VfuServer VfuServer;
typedef struct VfuSession VfuSession;
/* One command that has not been answered yet. */
typedef struct VfuRequest VfuRequest;
/* One DMA_READ or DMA_WRITE of ours that the client has not answered yet. */
typedef struct VfuDmaRequest VfuDmaRequest;

#define VFU_PENDING 1
#define VFU_NOT_NOW 2

typedef struct VfuIrq {
    uint32_t flags;             /* VFU_IRQ_F_* */
    uint32_t count;
} VfuIrq;

typedef struct VfuIoFd {
    VfuIoEventFd entry;         /* fd_index is filled in by the session */
    int fd;                     /* borrowed */
} VfuIoFd;

/* Why a session ended, for logs and events. */
typedef enum VfuCloseReason {
    VFU_CLOSE_HANGUP,           /* the client left */
    VFU_CLOSE_PROTOCOL,         /* it broke the protocol */
    VFU_CLOSE_TIMEOUT,          /* a handshake, message or write took too long */
    VFU_CLOSE_LOCAL,            /* we ended it */
} VfuCloseReason;

typedef struct VfuWaitOps VfuWaitOps;

typedef struct VfuDeviceOps {
    /* A client completed VERSION / its session is over. Between the two all
     * other operations may come. detached() must leave nothing of the client
     * behind; requests that are still pending get -ECANCELED completions from
     * the owner before detached() returns, or are dropped by the session. */
    void (*attached)(void *opaque, VfuSession *s);
    void (*detached)(void *opaque, VfuSession *s, VfuCloseReason reason);
    /* Optional: the client is dropped for what it did (VFU_CLOSE_PROTOCOL or
     * _TIMEOUT), attached or not yet. why is text of ours, valid for the call. */
    void (*client_fault)(void *opaque, const char *why);

    bool (*can_reset)(void *opaque);
    void (*get_region)(void *opaque, unsigned index, VfuRegion *region);
    void (*get_irq)(void *opaque, unsigned index, VfuIrq *irq);
    /* Fills at most max entries, returns how many there are. */
    unsigned (*get_io_fds)(void *opaque, unsigned index, VfuIoFd *fds, unsigned max);

    /* fd is -1 or one file descriptor, moved: the operation closes it on
     * every path. Nothing changes on error. */
    int (*dma_map)(void *opaque, const VfuDmaMap *map, int fd);
    /* Range is [unmap->address, unmap->address + (size - 1)], or everything
     * with VFU_UNMAP_F_ALL; *unmapped is in bytes. May return VFU_PENDING while
     * transfers drain (then the count goes to vfu_request_complete_unmap()).
     * The session holds back later DMA_MAP, DMA_UNMAP and DEVICE_RESET
     * commands of the same client until then. */
    int (*dma_unmap)(void *opaque, VfuRequest *req, const VfuDmaUnmap *unmap,
                     uint64_t *unmapped);

    /* nr_fds is 0 or set->count; fds are moved: close or keep every one. */
    int (*set_irqs)(void *opaque, const VfuSetIrqs *set, const int *fds, unsigned nr_fds);

    /* data has room for / holds count bytes and stays valid until return or,
     * with VFU_PENDING, until the request is completed. */
    int (*region_read)(void *opaque, VfuRequest *req, unsigned index,
                       uint64_t offset, void *data, uint32_t count);
    int (*region_write)(void *opaque, VfuRequest *req, unsigned index,
                        uint64_t offset, const void *data, uint32_t count);
    int (*reset)(void *opaque, VfuRequest *req);

    /* Optional rows (NULL: answered as not offered): DEVICE_FEATURE and
     * migration data, see docs/interop. data/len is the feature payload; the
     * reply replaces it in place, at most room bytes. */
    int (*feature)(void *opaque, uint32_t flags, void *data, size_t len, size_t room,
                   size_t *reply_len);

    /* Optional: without it a second client is turned away. */
    const VfuWaitOps *waiting;
} VfuDeviceOps;

/*
 * The next client (same-host migration attaches the new one before the old one
 * leaves). It agrees on VERSION, then a stand-in answers its commands until
 * its turn comes: when the session before it is over and ready() is true. The
 * stand-in may touch nothing that the device's client could notice.
 */
struct VfuWaitOps {
    /* A client may be attached now. When this has become true again, call
     * vfu_server_turn(). */
    bool (*ready)(void *opaque);
    /* A client begins to wait; the result is the stand-in, opaque of `ops`. */
    void *(*begin)(void *opaque, VfuSession *s);
    /* Either it leaves before its turn, */
    void (*end)(void *opaque, VfuSession *s, void *stand_in);
    /* or its turn has come: in place of attached(). Both free the stand-in. */
    void (*turn)(void *opaque, VfuSession *s, void *stand_in);
    /* Those that a stand-in does not have to have: attached, detached, waiting. */
    const VfuDeviceOps *ops;
};

typedef struct VfuServerConfig {
    const char *name;           /* for logs: the id of the server object */
    const char *path;           /* socket path, or NULL with fd */
    int fd;                     /* listening or connected socket, moved; or -1 */
    mode_t mode;                /* of the socket file */
    bool check_peer_uid;        /* only clients of the user peer_uid are accepted */
    uid_t peer_uid;
    unsigned max_msg_fds;       /* 1..16 */
    uint32_t max_data_xfer_size;/* bytes, 4096..64 MiB */
    uint32_t max_dma_maps;      /* 1..65535 */
    uint64_t pgsizes;           /* bitmap, lowest >= 4096 */
    bool write_multiple;        /* offer REGION_WRITE_MULTI */
    int64_t message_timeout_ns; /* first to last byte of a message, and VERSION */
    int64_t write_timeout_ns;   /* a client that does not read */
    int64_t dma_timeout_ns;     /* a DMA message that is not answered */
    int64_t turn_timeout_ns;    /* a command that waits for its client's turn: then EBUSY */
    size_t output_high_water;   /* bytes queued for a client before reading stops */
    bool poll;                  /* register io_poll (adaptive polling of the context) */
    VfuDmaLayout dma_layout;
    const VfuSocketOps *socket_ops;     /* NULL: plain system calls; tests put faults here */
    void *socket_opaque;
} VfuServerConfig;

/* Figures for monitors; counted since the server was made. */
typedef struct VfuServerStats {
    uint64_t connections, refused, protocol_errors;
    uint64_t refused_peers;     /* of those refused: because of peer_uid */
    uint64_t waits, turns;      /* clients that had to wait, and whose turn came */
    uint64_t turn_timeouts;     /* commands refused because it did not come in time */
    uint64_t messages[VFU_COMMAND_COUNT];      /* by command number */
    uint64_t errors[VFU_COMMAND_COUNT];       /* error replies by command number */
    uint64_t read_bytes, written_bytes;        /* of regions, asked for by the client */
    uint64_t dma_reads, dma_writes, dma_failures, late_replies;
} VfuServerStats;

void vfu_server_config_init(VfuServerConfig *config);   /* the defaults */
/*
 * Binds and listens. A socket file that nobody listens on is
 * replaced; any other file, or a live listener, is an error that names path
 * and remedy. ops and opaque must outlive the server.
 */
VfuServer *vfu_server_new(AioContext *ctx, const VfuServerConfig *config,
                          const VfuDeviceOps *ops, void *opaque, Error **errp);
/* Does what the client has sent before, ends the session (VFU_CLOSE_LOCAL,
 * detached() is called), stops listening,
 * removes the socket file it made. */
void vfu_server_free(VfuServer *server);
/*
 * Takes no new clients, removes the socket file, and ends the session
 * (VFU_CLOSE_LOCAL) as soon as its client waits for nothing. Returns at once.
 */
void vfu_server_drain(VfuServer *server);
VfuSession *vfu_server_session(VfuServer *server);      /* borrowed, or NULL */
VfuSession *vfu_server_next_session(VfuServer *server); /* the one that waits, or NULL */
/* No client but the one that is attached: others are closed, and those that come are
 * turned away, until it is called with false. */
void vfu_server_retire(VfuServer *server, bool retire);
/* VfuWaitOps.ready() may have become true. */
void vfu_server_turn(VfuServer *server);
const VfuServerStats *vfu_server_stats(VfuServer *server);
/* Why the operation that is running is about to fail, for monitors. The text is
 * ours: nothing of a client. */
void vfu_server_note_error(VfuServer *server, const char *fmt, ...) G_GNUC_PRINTF(2, 3);
/* Begins with empty histograms; what was measured is dropped when it is switched off. */
void vfu_server_measure_latency(VfuServer *server, bool on);
const VfuLatency *vfu_server_latency(VfuServer *server);        /* NULL: not measured */

/* --- the session, valid from attached() to the end of detached() --- */
typedef struct VfuPeer {
    pid_t pid; uid_t uid; gid_t gid;            /* SO_PEERCRED */
    unsigned minor;
    unsigned max_msg_fds;                       /* it takes with one message, at most 16 */
    uint32_t max_data_xfer_size;                /* smaller of the client's and ours */
    uint64_t pgsizes;
} VfuPeer;
const VfuPeer *vfu_session_peer(VfuSession *s);
/* From any operation; detached() follows soon after return, from the loop. */
void vfu_session_close(VfuSession *s, VfuCloseReason reason);

/* --- for monitors: a copy of everything, without allocation --- */
#define VFU_ERROR_TEXT_MAX 192

typedef enum VfuSessionPhase {
    VFU_PHASE_NEGOTIATING,      /* connected, VERSION not agreed */
    VFU_PHASE_WAITING,          /* agreed, its turn has not come */
    VFU_PHASE_ATTACHED,
    VFU_PHASE_CLOSING,          /* over; its end has not been carried out yet */
} VfuSessionPhase;

typedef struct VfuSessionInfo {
    VfuSessionPhase phase;
    VfuPeer peer;               /* while negotiating the credentials alone */
    VfuDmaLayout dma_layout;    /* AUTO: not known yet */
    unsigned in_flight;         /* commands that run or are pending */
    unsigned held;              /* commands that wait for their turn */
    unsigned dma_in_flight;     /* DMA messages that the client has not answered */
    uint64_t bytes_in, bytes_out;
    size_t queued;              /* bytes that the client has not taken */
    bool paused;                /* its socket is not read at the moment */
} VfuSessionInfo;

typedef struct VfuServerInfo {
    const char *path;           /* borrowed; NULL: a socket that was given */
    bool listening;
    unsigned nr_sessions;       /* the client, or who will be it, and the next one */
    VfuSessionInfo sessions[2];
    VfuServerStats stats;
    uint64_t bytes_in, bytes_out;       /* of all sessions, these too */
    int64_t error_us;           /* wall clock; 0: nothing went wrong yet */
    char error[VFU_ERROR_TEXT_MAX];
} VfuServerInfo;

void vfu_server_query(VfuServer *server, VfuServerInfo *info);

/* --- requests --- */
/* Ends a request that returned VFU_PENDING; err is 0 or -errno. After the
 * session has gone this only frees the request. */
void vfu_request_complete(VfuRequest *req, int err);
void vfu_request_complete_unmap(VfuRequest *req, int err, uint64_t unmapped);
/*
 * Sends the successful reply of a REGION_WRITE now although its operation is
 * still running; what the operation returns later is not sent. No effect on a
 * posted write or on one that is answered already. Used when the operation is
 * about to wait for the client itself (design: the two deadlines).
 */
void vfu_request_answer_early(VfuRequest *req);
/* The request whose operation is running on the calling thread, or NULL. */
VfuRequest *vfu_request_current(void);
bool vfu_request_is_read(const VfuRequest *req);

/* --- DMA by message --- */
/*
 * err is 0 or -errno (-ECANCELED after a disconnect, -ETIMEDOUT, what the
 * client answered, -EPROTO for a wrong answer). data holds count bytes for a
 * successful read. Called once, from the loop, never from inside the call that
 * started the request.
 */
typedef void VfuDmaDone(void *opaque, int err, const void *data, size_t count);
/* count is 1..the peer's max_data_xfer_size. Any number may be outstanding up
 * to 64; NULL (with errp) when there are more or the session is closing. */
VfuDmaRequest *vfu_session_dma_read(VfuSession *s, uint64_t address, size_t count,
                                    VfuDmaDone *done, void *opaque, Error **errp);
VfuDmaRequest *vfu_session_dma_write(VfuSession *s, uint64_t address, const void *data,
                                     size_t count, VfuDmaDone *done, void *opaque, Error **errp);
/* done is not called any more; a late answer is recognised and dropped. */
void vfu_dma_request_cancel(VfuDmaRequest *req);
/*
 * Once for each request, cancelled and timed out ones among them: the client owes no
 * answer to it any more. It came, or the request never went out, or the session is over
 * or has forgotten it. Before done, if that is called; also from within a call that
 * cancels. It starts and cancels no request. fn NULL: nobody wants to know.
 */
typedef void VfuDmaAnswered(void *opaque, bool read, size_t count);
void vfu_session_on_dma_answered(VfuSession *s, VfuDmaAnswered *fn, void *opaque);

#endif
