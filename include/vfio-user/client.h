/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client half of vfio-user: a blocking library with deadlines, for tests,
 * tools and benchmarks.
 *
 * A VfuClient is one connection. Every call sends a command, waits for its
 * reply and meanwhile answers the server's DMA_READ and DMA_WRITE from the
 * memory that was mapped (or through VfuClientHooks, so that a test may
 * misbehave). There are no threads inside; a client is used by one thread at a
 * time, different clients by different threads freely.
 *
 * Results: 0 or a negative errno. What the server answered as an error comes
 * back as that errno (-EREMOTEIO when it gave 0). Our own findings:
 *   -ETIMEDOUT   no reply before the deadline; the connection goes on, and a
 *                reply that comes later is dropped and counted
 *   -ECONNRESET  the server closed the connection
 *   -EPROTO      the reply breaks the protocol, or would break the client
 *                whose personality is in use; vfu_client_complaint() says how
 * After the last two vfu_client_alive() is false and every call fails.
 *
 * Ownership: file descriptors passed in are borrowed unless the text says
 * "moved"; file descriptors handed out belong to the caller.
 *
 * Layouts: vfio-user/protocol.h; docs/interop/vfio-user.rst.
 */
#ifndef VFIO_USER_CLIENT_H
#define VFIO_USER_CLIENT_H

#include <sys/uio.h>
#include "qapi/error.h"
#include "vfio-user/commands.h"
#include "vfio-user/protocol.h"

typedef struct VfuClient VfuClient;

#define VFU_CLIENT_MAX_FDS 16
#define VFU_CLIENT_TIMEOUT_NS (5 * 1000000000LL)

/* --- personalities --- */

/*
 * The habits of one existing client, byte for byte as far as they are known
 * (docs/system/clients.rst). The table has "plain" (this library's own habits),
 * "qemu" (11.1), "qemu-10.1" (to 11.0: the narrow layout of DMA messages),
 * "cloud-hypervisor", "spdk", "libvfio-user".
 */
typedef struct VfuPersona {
    const char *name;
    uint16_t minor;             /* proposed version is 0.minor */
    const char *version_json;   /* NULL: VERSION carries no text at all */
    enum { VFU_ID_PER_CLIENT, VFU_ID_PER_PROCESS, VFU_ID_ALWAYS_0 } ids;
    bool retry_keeps_id;        /* second GET_REGION_INFO reuses the id */
    uint32_t get_info_argsz;
    uint32_t region_info_argsz; /* first try; also the length of the payload */
    bool set_irqs_short_argsz;  /* 20 even when fds travel along */
    unsigned irq_fd_chunk;      /* 0: what the server's max_msg_fds allows */
    bool unmap_carries_fd;      /* attaches the mapping's fd to DMA_UNMAP */
    bool posts_writes;          /* memory BAR writes by No_reply */
    bool writes_multiple;       /* several of them in one message, where the server can */
    bool answers_dma;           /* copes with commands of the server */
    bool dma_count32;           /* DMA_READ/WRITE with the 32-bit count layout */
    /* what it would not survive in a reply */
    bool reply_fits_request;    /* a reply longer than its request is fatal */
    bool exact_replies;         /* reads the size it expects, whatever comes */
    bool no_stray_fds;          /* a descriptor where none belongs is fatal */
    bool wants_version_json;
} VfuPersona;

extern const VfuPersona vfu_personas[];         /* ends with name == NULL */
const VfuPersona *vfu_persona_find(const char *name);   /* NULL: no such */

/* --- the connection --- */

typedef struct VfuClientOptions {
    const VfuPersona *persona;  /* NULL: "plain" */
    int64_t timeout_ns;         /* for each reply; 0: VFU_CLIENT_TIMEOUT_NS */
    const char *version_json;   /* replaces the persona's text; "" sends none */
    int minor;                  /* replaces the persona's when > 0 */
} VfuClientOptions;

/* What the server said in its VERSION reply, defaults where it said nothing. */
typedef struct VfuServerLimits {
    uint16_t major, minor;
    unsigned max_msg_fds;
    uint64_t max_data_xfer_size;
    uint64_t max_dma_maps;
    uint64_t pgsizes;
    bool write_multiple;
    bool migration;             /* the key was there */
    const char *json;           /* its text, NULL when it sent none */
} VfuServerLimits;

/* Connects; nothing is sent. options may be NULL. */
VfuClient *vfu_client_connect(const char *path, const VfuClientOptions *options,
                              Error **errp);
/* fd, a connected socket, is moved. */
VfuClient *vfu_client_from_fd(int fd, const VfuClientOptions *options);
/* Sends VERSION and checks the reply as the persona does. */
int vfu_client_negotiate(VfuClient *c, Error **errp);
/* Both in one: NULL with an error that names path and remedy. */
VfuClient *vfu_client_open(const char *path, const VfuClientOptions *options,
                           Error **errp);
/* Closes the socket and forgets the mappings; VfuMemory objects live on. */
void vfu_client_free(VfuClient *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfuClient, vfu_client_free)

const VfuServerLimits *vfu_client_server(const VfuClient *c);
const VfuPersona *vfu_client_persona(const VfuClient *c);
bool vfu_client_alive(const VfuClient *c);
const char *vfu_client_complaint(const VfuClient *c);   /* "" when none */
int vfu_client_fd(const VfuClient *c);                  /* borrowed */
void vfu_client_set_timeout(VfuClient *c, int64_t timeout_ns);
/* Busy-wait for replies instead of sleeping. */
void vfu_client_set_spin(VfuClient *c, bool spin);

typedef struct VfuClientStats {
    uint64_t commands, replies, errors;
    uint64_t dma_reads, dma_writes, dma_refused;    /* commands of the server */
    uint64_t late_replies;
} VfuClientStats;
const VfuClientStats *vfu_client_stats(const VfuClient *c);

/* --- what the device is --- */

int vfu_client_get_info(VfuClient *c, VfuDeviceInfo *info);

typedef struct VfuClientRegion {
    uint32_t index;
    uint32_t flags;             /* VFU_REGION_F_* */
    uint64_t size;
    uint64_t offset;            /* of the region in fd */
    int fd;                     /* owned by this struct, or -1 */
    unsigned nr_areas;          /* 0 with MMAP: all of it may be mapped */
    VfuSparseArea *areas;
    bool msix_mappable;
    uint32_t type, subtype;     /* from a TYPE capability, else 0 */
} VfuClientRegion;

/* Asks once or, when capabilities need more room, twice. */
int vfu_client_get_region(VfuClient *c, uint32_t index, VfuClientRegion *region);
void vfu_client_region_clear(VfuClientRegion *region);
/*
 * Maps [offset, offset + (size - 1)] of the region, which must lie in one
 * mappable area; NULL with errno. The caller munmap()s *base, *length.
 */
void *vfu_client_region_map(const VfuClientRegion *region, uint64_t offset,
                            uint64_t size, void **base, size_t *length);

/* entries has room for *count on entry; *count becomes the number that the
 * server has. fds has room for VFU_CLIENT_MAX_FDS; fds[i] belongs to
 * entries[fd_index == i] and to the caller. */
int vfu_client_get_io_fds(VfuClient *c, uint32_t index, VfuIoEventFd *entries,
                          unsigned *count, int *fds, unsigned *nr_fds);
int vfu_client_get_irq(VfuClient *c, uint32_t index, VfuIrqInfo *info);
int vfu_client_reset(VfuClient *c);

/* --- regions --- */

int vfu_client_read(VfuClient *c, uint32_t region, uint64_t offset, void *data,
                    uint32_t count);
int vfu_client_write(VfuClient *c, uint32_t region, uint64_t offset, const void *data,
                     uint32_t count);
/* No_reply: 0 means that it was sent. */
int vfu_client_post(VfuClient *c, uint32_t region, uint64_t offset, const void *data,
                    uint32_t count);
/* posted: by No_reply, then *done is not written. */
int vfu_client_write_multi(VfuClient *c, const VfuWriteMultiEntry *entries, unsigned nr,
                           bool posted, uint64_t *done);

/* Little-endian values of 1, 2, 4 or 8 bytes; all ones after an error. */
uint64_t vfu_client_readn(VfuClient *c, uint32_t region, uint64_t offset, unsigned width);
int vfu_client_writen(VfuClient *c, uint32_t region, uint64_t offset, unsigned width,
                      uint64_t value);

/* --- interrupts --- */

/* The raw form: flags is one VFU_SET_DATA_* with one VFU_SET_ACTION_*;
 * bools holds count bytes for DATA_BOOL; nr_fds is 0 or count. */
int vfu_client_set_irqs(VfuClient *c, uint32_t flags, uint32_t index, uint32_t start,
                        uint32_t count, const uint8_t *bools, const int *fds,
                        unsigned nr_fds);
/*
 * Binds eventfds (borrowed; -1 unbinds) as trigger, in chunks of what server
 * and persona allow. Stops at the first error.
 */
int vfu_client_irq_bind(VfuClient *c, uint32_t index, uint32_t start, uint32_t count,
                        const int *fds);
int vfu_client_irq_disable(VfuClient *c, uint32_t index);           /* the whole index */
int vfu_client_irq_mask(VfuClient *c, uint32_t index, uint32_t start, uint32_t count);
int vfu_client_irq_unmask(VfuClient *c, uint32_t index, uint32_t start, uint32_t count);
int vfu_client_irq_trigger(VfuClient *c, uint32_t index, uint32_t start, uint32_t count);
/* INTx: fd whose signal unmasks. */
int vfu_client_irq_resample(VfuClient *c, uint32_t index, int fd);

/* --- memory that the device may use --- */

/* Guest memory: an anonymous file, mapped here for reading and writing. */
typedef struct VfuMemory VfuMemory;
VfuMemory *vfu_memory_new(size_t size, Error **errp);
void vfu_memory_free(VfuMemory *m);     /* after the clients that map it */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfuMemory, vfu_memory_free)
void *vfu_memory_data(VfuMemory *m);
size_t vfu_memory_size(const VfuMemory *m);
int vfu_memory_fd(const VfuMemory *m);  /* borrowed */

/*
 * Lends [offset, offset + size) of m at IOVA address. flags: VFU_DMA_F_READ and
 * VFU_DMA_F_WRITE say what the device may do. share: the server gets the file;
 * otherwise it has to send messages, which this library answers from m.
 */
int vfu_client_dma_map(VfuClient *c, VfuMemory *m, uint64_t offset, uint64_t address,
                       uint64_t size, uint32_t flags, bool share);
/* The raw form, for tests: fd -1 sends none; nothing is remembered. */
int vfu_client_dma_map_raw(VfuClient *c, const VfuDmaMap *map, int fd);
/* Forgets what lies in the range also when the server refuses. */
int vfu_client_dma_unmap(VfuClient *c, uint64_t address, uint64_t size,
                         uint64_t *unmapped);
int vfu_client_dma_unmap_all(VfuClient *c);
int vfu_client_dma_unmap_raw(VfuClient *c, const VfuDmaUnmap *unmap, VfuDmaUnmap *reply);

/* --- features and migration --- */

/* data/len goes out; up to room bytes of the answer come back in reply. */
int vfu_client_feature(VfuClient *c, uint32_t flags, const void *data, size_t len,
                       void *reply, size_t room, size_t *got);
/* *got is less than size at the end of the stream. */
int vfu_client_mig_read(VfuClient *c, void *data, uint32_t size, uint32_t *got);
int vfu_client_mig_write(VfuClient *c, const void *data, uint32_t size);

/* --- single messages --- */

typedef struct VfuClientMessage {
    VfuHeader header;
    size_t size;                /* of the payload */
    uint8_t *payload;           /* owned */
    unsigned nr_fds;
    int fds[VFU_CLIENT_MAX_FDS];/* owned; take one by g_steal_fd-like -1 */
} VfuClientMessage;
void vfu_client_message_free(VfuClientMessage *msg);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VfuClientMessage, vfu_client_message_free)
int vfu_client_message_error(const VfuClientMessage *msg);   /* 0 or -errno of a reply */

/*
 * Pipelining: submit any number of commands, then collect the replies in the
 * order in which they come. *id (may be NULL) is the message's id.
 */
int vfu_client_submit(VfuClient *c, VfuCommand command, const struct iovec *iov,
                      unsigned iovcnt, const int *fds, unsigned nr_fds, uint16_t *id);
int vfu_client_submit_read(VfuClient *c, uint32_t region, uint64_t offset,
                           uint32_t count, uint16_t *id);
/* timeout_ns: 0 looks only, -1 uses the client's own; -EAGAIN: nothing yet. */
int vfu_client_poll(VfuClient *c, int64_t timeout_ns, VfuClientMessage **reply);
unsigned vfu_client_outstanding(const VfuClient *c);

/* Messages without fds are gathered until uncork or the next wait. */
void vfu_client_cork(VfuClient *c);
int vfu_client_uncork(VfuClient *c);

/* Answers the server's commands for so long. */
int vfu_client_serve(VfuClient *c, int64_t timeout_ns);

/* Any bytes, as one sendmsg; nothing is checked or remembered. */
int vfu_client_send_raw(VfuClient *c, const void *bytes, size_t size, const int *fds,
                        unsigned nr_fds);
/* The next message of either kind, not interpreted. */
int vfu_client_recv_raw(VfuClient *c, int64_t timeout_ns, VfuClientMessage **msg);

/* --- answering the server's DMA oneself --- */

#define VFU_HOOK_DEFAULT 1      /* go on as if there were no hook */
#define VFU_HOOK_SILENT  2      /* send nothing now; vfu_client_answer() may */

typedef struct VfuClientHooks {
    /* A command of the server, before the library looks at it: returns 0 when
     * the hook answered, -errno for an error reply, or VFU_HOOK_*. */
    int (*command)(void *opaque, VfuClient *c, const VfuClientMessage *msg);
} VfuClientHooks;
void vfu_client_set_hooks(VfuClient *c, const VfuClientHooks *hooks, void *opaque);
/* Answers a command of the server: error is 0 or a positive errno. */
int vfu_client_answer(VfuClient *c, const VfuHeader *to, int error, const void *payload,
                      size_t size);

#endif
