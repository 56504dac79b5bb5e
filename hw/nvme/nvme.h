/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The controller from inside: what the files of this folder share. One concern
 * a file; who owns what is said at each struct.
 *
 * Locking: everything under the lock of the controller's isolation domain.
 * Namespaces that several controllers of a subsystem share are in the same
 * domain. Lock order: none of its own.
 *
 * The way of a command: a doorbell (doorbell.c) schedules the controller's
 * work; squeue.c copies entries out of the queue, once, into an NvmeRequest and
 * calls the handler of its opcode; the handler answers a status at once or
 * NVME_PENDING and nvme_complete() later; cqueue.c posts the entry and, when that
 * has reached memory, tells irq.c.
 */
#ifndef HW_NVME_NVME_H
#define HW_NVME_NVME_H

#include "block/accounting.h"
#include "block/request.h"
#include "exec/shared-io.h"
#include "hw/block/block.h"
#include "hw/nvme/spec.h"
#include "hw/pci/pci_device.h"
#include "migration/vmstate.h"
#include "qemu/uuid.h"
#include "sysemu/block-backend.h"
#include "sysemu/dma.h"

typedef struct NvmeCtrl NvmeCtrl;
typedef struct NvmeSQueue NvmeSQueue;
typedef struct NvmeCQueue NvmeCQueue;
typedef struct NvmeRequest NvmeRequest;
typedef struct NvmeNamespace NvmeNamespace;
typedef struct NvmeSubsystem NvmeSubsystem;
typedef struct NvmeTask NvmeTask;
typedef struct NvmeZns NvmeZns;

#define TYPE_NVME "nvme"
#define TYPE_NVME_BUS "nvme-bus"
#define TYPE_NVME_NS "nvme-ns"
#define TYPE_NVME_SUBSYS "nvme-subsys"
OBJECT_DECLARE_SIMPLE_TYPE(NvmeCtrl, NVME)

enum {
    NVME_MAX_NAMESPACES = 256,
    NVME_MAX_IOQPAIRS = 511,            /* the doorbells of all fit one page */
    NVME_MAX_QUEUE_ENTRIES = 65536,
    NVME_PAGE_SIZE_MIN = 4096,
};

/* ---- data of a command: data.c, prp.c, sgl.c ---- */

/*
 * Host memory that a command names, or a private copy of it. In place when the
 * client's memory is mapped and nobody asked for a copy; pins are released when
 * the request ends, or when the client takes the memory back: then the request is
 * cancelled (request.c).
 */
typedef struct NvmeData {
    struct iovec *iov;                  /* `length` bytes in all, for BlockRequest.iov */
    int niov;
    uint64_t length;
    void *priv;                         /* data.c's */
    struct iovec first[4];              /* where iov points while they do */
} NvmeData;

typedef void NvmeNext(NvmeRequest *req, uint16_t status);

enum {
    NVME_DATA_IN = 1,                   /* host to controller: what a write brings */
    NVME_DATA_OUT = 2,                  /* controller to host: what a read fills */
    NVME_DATA_PRIVATE = 4,              /* a copy that the host cannot change under us; one iovec */
};

/*
 * Walks PRPs or SGLs for `length` bytes. NVME_SUCCESS: req->data is ready now;
 * an error status: the command is to end with it; NVME_PENDING: next(req, status)
 * comes later, from the loop. With NVME_DATA_IN the bytes are there when it is ready.
 */
uint16_t nvme_map_data(NvmeRequest *req, uint64_t length, unsigned how, NvmeNext *next);
/* The same by MPTR, into req->meta. */
uint16_t nvme_map_meta(NvmeRequest *req, uint64_t length, unsigned how, NvmeNext *next);
/*
 * After NVME_DATA_OUT: the first `length` bytes have been filled and shall be the
 * host's. Answers as above; nothing is left to do when they were filled in place.
 */
uint16_t nvme_data_to_host(NvmeRequest *req, NvmeData *data, uint64_t length, NvmeNext *next);

/* A copy of buf becomes the command's answer: for handlers to return with. */
uint16_t nvme_send(NvmeRequest *req, const void *buf, size_t length);
/* Calls fn with `length` bytes of the host; its status, or NVME_PENDING, is the command's. */
typedef uint16_t NvmeReceived(NvmeRequest *req, const void *buf, size_t length);
uint16_t nvme_receive(NvmeRequest *req, size_t length, NvmeReceived *fn);

/* ---- requests: request.c ---- */

struct NvmeRequest {
    NvmeCtrl *ctrl;
    NvmeSQueue *sq;
    NvmeNamespace *ns;                  /* io.c sets it */
    NvmeSqe cmd;                        /* read once; still little endian */
    uint32_t dw0, dw1;                  /* of the completion; host order, 0 at first */
    uint16_t status;

    NvmeData data, meta;
    BlockRequest blk;                   /* the block request of most commands */
    BlockAcctCookie acct;

    /* The handler's, NULL at first. */
    void *opaque;
    /*
     * Takes the command back (abort, queue deletion, reset, memory revoked): on
     * return nothing of it is under way and nvme_complete() will not be called by
     * the handler. NULL: req->blk is cancelled if somebody has it (bs; NULL when a
     * handler gets the request), nothing else. Frees opaque. What request.c and
     * data.c have under way for the command themselves they take back themselves.
     */
    void (*cancel)(NvmeRequest *req);

    QTAILQ_ENTRY(NvmeRequest) link;     /* of its queue's active or completed ones */
    QTAILQ_ENTRY(NvmeRequest) tracked;  /* locks.c's: of what the medium has */
};

/* Once for each request whose handler answered NVME_PENDING. The request is gone afterwards. */
void nvme_complete(NvmeRequest *req, uint16_t status);

typedef uint16_t NvmeHandler(NvmeRequest *req);

/* What commands-supported-and-effects (log 05h) says of an opcode is its row's `effects`. */
typedef struct NvmeCommand {
    const char *name;                   /* as the specification has it; for traces */
    NvmeHandler *handler;               /* NULL: Invalid Command Opcode */
    uint32_t effects;                   /* base 5.16.1.6, figure 205; 0: not supported */
} NvmeCommand;

/* admin.c; core calls it with the queue's row. */
extern const NvmeCommand nvme_admin_commands[256];
/* io.c: the handler for a command of an I/O queue, whatever its opcode and namespace. */
uint16_t nvme_io(NvmeRequest *req);
/* io.c: rows of command set `csi` (0 NVM, 2 zoned), NULL: no such. */
const NvmeCommand *nvme_io_commands(uint8_t csi);

/*
 * request.c: every command of n that is under way on ns, admin commands that flush or
 * format it too, ends with status, now. Before it is formatted, detached or goes.
 */
void nvme_abort_ns(NvmeCtrl *n, NvmeNamespace *ns, uint16_t status);

/* irq.c: base 5.27.1.6, time in 100 us and entries minus one, 0 time: none; 5.27.1.7. */
void nvme_irq_set_coalescing(NvmeCtrl *n, uint8_t threshold, uint8_t time);
void nvme_irq_set_vector(NvmeCtrl *n, uint16_t vector, bool coalescing_disabled);
/* squeue.c: base 5.27.1.1. */
enum { NVME_BURST_NO_LIMIT = 7 };
void nvme_queues_set_burst(NvmeCtrl *n, unsigned log2_commands);
/* squeue.c: whether the host has made an I/O queue since the reset. */
bool nvme_has_io_queues(NvmeCtrl *n);

/* ---- queues: squeue.c, cqueue.c; admin commands in queue-admin.c ---- */

uint16_t nvme_admin_create_sq(NvmeRequest *req);
uint16_t nvme_admin_delete_sq(NvmeRequest *req);
uint16_t nvme_admin_create_cq(NvmeRequest *req);
uint16_t nvme_admin_delete_cq(NvmeRequest *req);
/* abort.c: by queue and command identifier. */
uint16_t nvme_admin_abort(NvmeRequest *req);
/* shadow.c */
uint16_t nvme_admin_dbbuf_config(NvmeRequest *req);

/* ---- events and health: aer.c, log-*.c ---- */

/* Base 5.2, figures 146 to 150: type, information, log page that clears it. */
void nvme_event(NvmeCtrl *n, uint8_t type, uint8_t info, uint8_t log_page);
enum {
    NVME_EVENT_ERROR = 0,
    NVME_EVENT_SMART = 1,
    NVME_EVENT_NOTICE = 2,
    NVME_EVENT_IO = 6,

    NVME_ERROR_INVALID_DOORBELL_REGISTER = 0,
    NVME_ERROR_INVALID_DOORBELL_VALUE = 1,
    NVME_ERROR_DIAGNOSTIC_FAILURE = 2,
    NVME_ERROR_PERSISTENT_INTERNAL = 3,
    NVME_ERROR_TRANSIENT_INTERNAL = 4,

    NVME_SMART_RELIABILITY = 0,
    NVME_SMART_TEMPERATURE = 1,
    NVME_SMART_SPARE = 2,

    NVME_NOTICE_NS_CHANGED = 0,
    NVME_NOTICE_FW_ACTIVATION = 1,
    NVME_NOTICE_ENDURANCE_GROUP = 5,
};
/* An entry of the error log (base 5.16.1.2) for a command that ends with status. */
void nvme_log_error(NvmeCtrl *n, const NvmeRequest *req, uint16_t status);
/* The SMART log counts a read, write or compare of `bytes` that host and controller exchanged. */
void nvme_count_io(NvmeNamespace *ns, BlockOp op, uint64_t bytes);
/* The medium could not keep or give back what it was asked for: SMART counts it. */
void nvme_count_media_error(NvmeNamespace *ns);

/* ---- the admin side as a whole, for ctrl.c and regs.c: admin.c ---- */

/* In instance_init: properties that tests and operators set while it runs (health.c). */
void nvme_admin_add_properties(Object *obj);
/* In realize and exit, after n->params are there. Features, events, health, firmware. */
void nvme_admin_new(NvmeCtrl *n);
void nvme_admin_free(NvmeCtrl *n);
/* Any controller reset (base 3.7.2), when no request is left. */
void nvme_admin_reset(NvmeCtrl *n);
/* Power went and came (reset of the device); clean: CSTS.SHST said that all was safe. */
void nvme_admin_power_cycle(NvmeCtrl *n, bool clean);
/* Subsections of the controller's state; their opaque is the NvmeCtrl. */
extern const VMStateDescription nvme_vmstate_features, nvme_vmstate_events,
                                nvme_vmstate_health, nvme_vmstate_firmware,
                                nvme_vmstate_namespaces;

/* ---- the controller: ctrl.c, regs.c ---- */

typedef struct NvmeParams {
    char *serial;
    uint32_t num_queues;                /* deprecated: with the admin queue */
    uint32_t max_ioqpairs;
    uint16_t msix_qsize;
    uint32_t cmb_size_mb;
    uint8_t aerl;
    uint32_t aer_max_queued;
    uint8_t mdts;                       /* powers of two of the smallest page; 0: no limit */
    uint8_t vsl;
    uint8_t zasl;
    bool use_intel_id;
    bool auto_transition_zones;
    bool legacy_cmb;
    bool ioeventfd;
    bool mmap_doorbells;
    bool doorbell_wakeup;
    bool dbbuf;                         /* doorbell buffer config is offered */
} NvmeParams;

/* The life of the controller, regs.c: base 3.5. */
typedef enum NvmeState {
    NVME_DISABLED,                      /* CC.EN = 0 */
    NVME_ENABLING,
    NVME_READY,
    NVME_DISABLING,
    NVME_FATAL,                         /* CSTS.CFS */
} NvmeState;

/*
 * Private parts are separately allocated structs, each known to one file, so
 * that files do not meet here: X_new() in nvme_realize(), X_free() in exit,
 * X_reset() when the controller is reset (base 3.7).
 */
struct NvmeCtrl {
    PCIDevice parent_obj;
    NvmeParams params;
    BusState *bus;                      /* of nvme-ns devices */
    BlockConf conf;                     /* drive= on the controller itself */
    NvmeSubsystem *subsys;              /* never NULL after realize */
    uint16_t cntlid;
    NvmeState state;
    uint32_t page_size;                 /* CC.MPS, bytes */
    uint8_t css;                        /* CC.CSS */
    uint32_t max_transfer;              /* bytes, by MDTS; UINT32_MAX: no limit */
    NvmeNamespace *namespaces[NVME_MAX_NAMESPACES + 1];     /* attached ones, by NSID */
    NvmeNamespace *implicit;            /* that of drive= on the controller */

    MemoryRegion bar0, regs_region, doorbell_region, cmb_region;
    struct NvmeDma *dma;                /* dma.c */
    struct NvmeRegs *regs;              /* regs.c */
    struct NvmeShutdown *shutdown;      /* shutdown.c: while one lasts */
    struct NvmeQueues *queues;          /* squeue.c */
    struct NvmeIrq *irq;                /* irq.c */
    struct NvmeDoorbells *doorbells;    /* doorbell.c */
    struct NvmeShadow *shadow;          /* shadow.c: while the host has set it up */
    AioPoller *poller;                  /* poll.c */
    SharedWakeup *wakeup;               /* of its sleep; NULL: it looks now and then */
    struct NvmeSaved *saved;            /* vmstate.c: while a stream is written or read */
    struct NvmeCmb *cmb;                /* cmb.c: NULL without one */
    struct NvmeTransfers *transfers;    /* data.c */
    struct NvmeFeatures *features;      /* features.c */
    struct NvmeEvents *events;          /* aer.c */
    struct NvmeHealth *health;          /* health.c: SMART, error log */
    struct NvmeFirmware *firmware;      /* firmware.c */
    NvmeTask *fused;                    /* fused.c: first halves that wait for the second */
};

/* Base 9.5: CSTS.CFS, and nothing works until the controller is reset. */
void nvme_fatal(NvmeCtrl *n);
/* An attached namespace; NULL and *status otherwise (invalid, inactive). */
NvmeNamespace *nvme_find_ns(NvmeCtrl *n, uint32_t nsid, uint16_t *status);

/* ---- namespaces and subsystems: ns.c, nvme-ns.c, subsys.c ---- */

enum { NVME_MAX_CONTROLLERS = 32 };     /* of one subsystem */

/* One of the user's, or one made by join for a controller that names none. */
struct NvmeSubsystem {
    DeviceState parent_obj;
    char *nqn_suffix;                   /* property nqn */
    char nqn[256];                      /* base 4.5 */
    bool private;                       /* made by join: goes with its controller */
    AioContext *ctx;                    /* the domain of its controllers; NULL: none yet */
    GPtrArray *media;                   /* all its NvmeNamespace, allocated or not */
    struct NvmeNsStats *retired;        /* what namespaces that have gone had counted */
    NvmeCtrl *ctrls[NVME_MAX_CONTROLLERS];                  /* by CNTLID */
    NvmeNamespace *namespaces[NVME_MAX_NAMESPACES + 1];     /* allocated ones, by NSID */
};
OBJECT_DECLARE_SIMPLE_TYPE(NvmeSubsystem, NVME_SUBSYS)

/*
 * Last in realize, when nothing else can fail: n gets its cntlid, n->subsys and
 * the shared namespaces that are there. Property subsys has been set or is NULL.
 */
bool nvme_subsys_join(NvmeCtrl *n, Error **errp);
/* Takes its private namespaces along. */
void nvme_subsys_leave(NvmeCtrl *n);
/* The namespace of drive= on the controller, from n->conf; after join. Freed by leave. */
bool nvme_ns_add_implicit(NvmeCtrl *n, Error **errp);

/* io.c: the private part of a namespace; format: all blocks are new ones. */
void nvme_ns_io_new(NvmeNamespace *ns);
void nvme_ns_io_free(NvmeNamespace *ns);
void nvme_ns_io_format(NvmeNamespace *ns);

typedef struct NvmeNsParams {
    bool detached, shared;
    uint32_t nsid;                      /* 0: the next */
    QemuUUID uuid;
    uint64_t eui64;
    bool eui64_default;
    uint16_t ms;                        /* metadata bytes for each block */
    uint8_t mset;                       /* 1: extended LBA */
    uint8_t pi, pil;                    /* protection type; 1: first bytes of the metadata */
    uint8_t pif;
    uint16_t mssrl;
    uint32_t mcl;
    uint8_t msrc;
    bool zoned;
    bool cross_zone_read;
    uint64_t zone_size_bs, zone_cap_bs;
    uint32_t max_active_zones, max_open_zones, zd_extension_size;
    uint32_t numzrwa;
    uint64_t zrwas, zrwafg;
} NvmeNsParams;

/* The LBA format in use, and where blocks lie: data first, behind it the metadata. */
struct NvmeNamespace {
    DeviceState *dev;                   /* nvme-ns, or the controller that has drive= */
    NvmeSubsystem *subsys;
    NvmeNsParams params;
    BlockConf blkconf;
    uint32_t nsid;                      /* 0: not allocated */
    uint8_t csi;
    QemuUUID uuid;                      /* what it is known by; 0: not by that */
    uint64_t eui64;
    uint32_t generation;                /* how often it was deleted */
    uint64_t medium;                    /* bytes of the drive */
    uint64_t created;                   /* bytes of data that a host made it for; 0: all that fit */
    bool shared;                        /* several controllers may have it; NMIC */
    uint16_t busy;                      /* 0, or what I/O commands end with now: formatting */
    NvmeRequest *formatter;             /* format.c: the command that does it */
    uint8_t format_left;                /* percent of a format under way; 0: none */
    bool write_protected;               /* by feature 84h or a read-only back end: writes end
                                           with NVME_NS_WRITE_PROTECTED */
    bool writable;                      /* the back end is */
    uint16_t tler;                      /* time limited error recovery, 100 ms; for information */

    /* NVM command set 4.1.5; formats change them */
    uint8_t lbaf;                       /* index of the format in use */
    uint8_t lbads;                      /* 2^n bytes of data */
    uint16_t ms;
    bool extended;                      /* FLBAS bit 4: metadata follows each block */
    uint8_t dps;                        /* as Identify Namespace has it: type and place */
    uint64_t nsze;                      /* blocks */
    uint64_t moff;                      /* byte offset of the metadata of block 0 */

    struct NvmeNsIo *io;                /* io.c: uncorrectable blocks, ... */
    struct NvmeNsStats *stats;          /* health.c */
    NvmeZns *zns;                       /* zns.h; NULL: it has no zones */
};

#endif
