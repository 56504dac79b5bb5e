/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the admin side share: pages of data, features, events,
 * health, formats. Locking as in nvme.h.
 */
#ifndef HW_NVME_ADMIN_H
#define HW_NVME_ADMIN_H

#include "hw/nvme/nvme.h"
#include "qemu/timer.h"

typedef struct NvmeFeatures NvmeFeatures;
typedef struct NvmeEvents NvmeEvents;
typedef struct NvmeHealth NvmeHealth;
typedef struct NvmeFirmware NvmeFirmware;
typedef struct NvmeNsStats NvmeNsStats;

/* Pages are filled by the byte offsets that the specification's figures give. */
static inline void nvme_put(uint8_t *page, size_t offset, unsigned bytes, uint64_t value)
{
    for (unsigned i = 0; i < bytes; i++, value >>= 8) {
        page[offset + i] = value;
    }
}

/* A row of a page that is the same for every controller; ends with bytes 0. */
typedef struct NvmeConstant {
    uint16_t offset;
    uint8_t bytes;
    uint32_t value;
} NvmeConstant;

static inline void nvme_put_constants(uint8_t *page, const NvmeConstant *row)
{
    for (; row->bytes; row++) {
        nvme_put(page, row->offset, row->bytes, row->value);
    }
}

enum {
    NVME_IDENTIFY_SIZE = 4096,
    NVME_CSI_NVM = 0,
    NVME_CSI_ZONED = 2,
};

/* What Identify Controller and the files that keep the promise both say. */
enum {
    NVME_ELPE = 63,                     /* error log entries, minus one */
    NVME_ACL = 3,                       /* aborts at a time, minus one */
    NVME_KAS_MS = 100,                  /* granularity of the keep alive timer */
    NVME_TEMPERATURE = 323,             /* kelvin, always */
    NVME_TEMPERATURE_WARNING = 343,
    NVME_TEMPERATURE_CRITICAL = 373,
    NVME_FW_SLOTS = 3,                  /* the first is read only */
    NVME_FW_GRANULARITY = 4096,         /* FWUG */
};

/* Optional Asynchronous Events Supported: base 5.17.2.1, and feature 0Bh. */
enum {
    NVME_OAES_NS_ATTRIBUTES = 1 << 8,
    NVME_OAES_FW_ACTIVATION = 1 << 9,
    NVME_AEC_SMART = 0xff,
    NVME_AEC_MASK = NVME_AEC_SMART | NVME_OAES_NS_ATTRIBUTES | NVME_OAES_FW_ACTIVATION,
};

/* Log page identifiers: base 5.16.1. */
enum {
    NVME_LOG_SUPPORTED = 0x00,
    NVME_LOG_ERROR = 0x01,
    NVME_LOG_SMART = 0x02,
    NVME_LOG_FIRMWARE = 0x03,
    NVME_LOG_CHANGED_NS = 0x04,
    NVME_LOG_EFFECTS = 0x05,
    NVME_LOG_FEATURE_EFFECTS = 0x12,
    NVME_LOG_MI_EFFECTS = 0x13,
};

/* Feature identifiers: base 5.27.1. */
enum {
    NVME_FEATURE_ARBITRATION = 0x01,
    NVME_FEATURE_POWER = 0x02,
    NVME_FEATURE_TEMPERATURE = 0x04,
    NVME_FEATURE_ERROR_RECOVERY = 0x05,
    NVME_FEATURE_WRITE_CACHE = 0x06,
    NVME_FEATURE_QUEUES = 0x07,
    NVME_FEATURE_COALESCING = 0x08,
    NVME_FEATURE_VECTOR = 0x09,
    NVME_FEATURE_ATOMICITY = 0x0a,
    NVME_FEATURE_EVENTS = 0x0b,
    NVME_FEATURE_TIMESTAMP = 0x0e,
    NVME_FEATURE_KEEP_ALIVE = 0x0f,
    NVME_FEATURE_HOST_BEHAVIOR = 0x16,
    NVME_FEATURE_COMMAND_SETS = 0x19,
    NVME_FEATURE_WRITE_PROTECT = 0x84,
    NVME_FEATURE_SMALL = 0x20,          /* value[] below */
};

/* ---- features*.c ---- */

struct NvmeFeatures {
    uint32_t value[NVME_FEATURE_SMALL]; /* of those that are one dword, by identifier */
    uint16_t over, under;               /* temperature thresholds, kelvin */
    uint8_t vector_plain[256];          /* bit map: coalescing disabled, by vector */
    uint8_t behavior[3];                /* 16h: ACRE, ETDAS, LBAFEE */
    bool timestamp_set;
    uint64_t timestamp;                 /* ms, at virtual time timestamp_base (ms) */
    int64_t timestamp_base;
    QEMUTimer *keep_alive;
};

enum { NVME_FEATURE_CAP_SAVEABLE = 1, NVME_FEATURE_CAP_NS = 2, NVME_FEATURE_CAP_CHANGEABLE = 4 };

/*
 * get: into req->dw0, or nvme_send(); initial: what it is after a reset. NULL: value[].
 * set: NULL: value[] becomes CDW11 & mask. For features of a namespace req->ns is the
 * one in question, and set is called once for each when all are meant.
 */
typedef struct NvmeFeature {
    const char *name;
    uint8_t caps;                       /* 0: no such feature */
    uint32_t initial, mask;
    uint16_t (*get)(NvmeRequest *req, bool initial);
    uint16_t (*set)(NvmeRequest *req, uint32_t cdw11);
} NvmeFeature;

const NvmeFeature *nvme_feature(uint8_t fid);
void nvme_features_new(NvmeCtrl *n);
void nvme_features_free(NvmeCtrl *n);
void nvme_features_reset(NvmeCtrl *n);
NvmeHandler nvme_admin_get_features, nvme_admin_set_features;

/* features-queue.c, features-cache.c, features-time.c: rows of the table */
uint16_t nvme_feature_get_queues(NvmeRequest *req, bool initial);
uint16_t nvme_feature_set_queues(NvmeRequest *req, uint32_t cdw11);
uint16_t nvme_feature_set_arbitration(NvmeRequest *req, uint32_t cdw11);
uint16_t nvme_feature_set_coalescing(NvmeRequest *req, uint32_t cdw11);
uint16_t nvme_feature_get_vector(NvmeRequest *req, bool initial);
uint16_t nvme_feature_set_vector(NvmeRequest *req, uint32_t cdw11);
uint16_t nvme_feature_get_cache(NvmeRequest *req, bool initial);
uint16_t nvme_feature_set_cache(NvmeRequest *req, uint32_t cdw11);
uint16_t nvme_feature_get_protect(NvmeRequest *req, bool initial);
uint16_t nvme_feature_set_protect(NvmeRequest *req, uint32_t cdw11);
uint16_t nvme_feature_get_timestamp(NvmeRequest *req, bool initial);
uint16_t nvme_feature_set_timestamp(NvmeRequest *req, uint32_t cdw11);
uint16_t nvme_feature_set_keep_alive(NvmeRequest *req, uint32_t cdw11);
/* Tells irq.c what is in force. */
void nvme_features_apply(NvmeCtrl *n);
void nvme_keep_alive_new(NvmeCtrl *n);
/* The timer of feature 0Fh starts again, if it is set. */
void nvme_keep_alive_restart(NvmeCtrl *n);
NvmeHandler nvme_admin_keep_alive;

/* ---- identify*.c ---- */

NvmeHandler nvme_admin_identify;
void nvme_fill_ctrl(NvmeCtrl *n, uint8_t *page);
/* CNS 00h and 11h; ns NULL: what all have in common. */
void nvme_fill_ns(NvmeCtrl *n, NvmeNamespace *ns, uint8_t *page);
uint16_t nvme_identify_ctrl(NvmeRequest *req);
uint16_t nvme_identify_ctrl_csi(NvmeRequest *req);
uint16_t nvme_identify_ns(NvmeRequest *req);
uint16_t nvme_identify_ns_allocated(NvmeRequest *req);
uint16_t nvme_identify_ns_csi(NvmeRequest *req);
uint16_t nvme_identify_ns_csi_allocated(NvmeRequest *req);
uint16_t nvme_identify_ns_independent(NvmeRequest *req);
uint16_t nvme_identify_ns_of_format(NvmeRequest *req);
uint16_t nvme_identify_ns_csi_of_format(NvmeRequest *req);
uint16_t nvme_identify_ns_list(NvmeRequest *req);
uint16_t nvme_identify_ns_list_csi(NvmeRequest *req);
uint16_t nvme_identify_ns_list_allocated(NvmeRequest *req);
uint16_t nvme_identify_ns_list_csi_allocated(NvmeRequest *req);
uint16_t nvme_identify_descriptors(NvmeRequest *req);
uint16_t nvme_identify_ctrls_of_ns(NvmeRequest *req);
uint16_t nvme_identify_ctrls(NvmeRequest *req);
uint16_t nvme_identify_command_sets(NvmeRequest *req);

/* ---- log-*.c ---- */

NvmeHandler nvme_admin_get_log_page;
/* Fill `page`, which is zeroed and as long as the row of log-page.c says. */
uint16_t nvme_log_fill_supported(NvmeRequest *req, uint8_t *page);
uint16_t nvme_log_fill_error(NvmeRequest *req, uint8_t *page);
uint16_t nvme_log_fill_smart(NvmeRequest *req, uint8_t *page);
uint16_t nvme_log_fill_firmware(NvmeRequest *req, uint8_t *page);
uint16_t nvme_log_fill_changed_ns(NvmeRequest *req, uint8_t *page);
uint16_t nvme_log_fill_effects(NvmeRequest *req, uint8_t *page);
uint16_t nvme_log_fill_feature_effects(NvmeRequest *req, uint8_t *page);
uint16_t nvme_log_fill_mi_effects(NvmeRequest *req, uint8_t *page);
/* The effects of an admin command on this very controller; 0: not supported. */
uint32_t nvme_admin_effects(NvmeCtrl *n, uint8_t opcode);

/* ---- aer.c ---- */

void nvme_events_new(NvmeCtrl *n);
void nvme_events_free(NvmeCtrl *n);
void nvme_events_reset(NvmeCtrl *n);
NvmeHandler nvme_admin_async_event;
/* The host has read that log page without retaining its event. */
void nvme_events_seen(NvmeCtrl *n, uint8_t log_page);
/* Namespace `nsid` has come, gone or changed: log 04h and its event. */
void nvme_event_ns_changed(NvmeCtrl *n, uint32_t nsid);

/* ---- health.c ---- */

/* What hosts moved, by namespace; SMART sums them up. */
struct NvmeNsStats {
    uint64_t commands[2], bytes[2];     /* 0 read and compare, 1 write */
    uint64_t media_errors;
};

void nvme_health_new(NvmeCtrl *n);
void nvme_health_free(NvmeCtrl *n);
void nvme_health_reset(NvmeCtrl *n);
void nvme_health_power_cycle(NvmeCtrl *n, bool clean);
void nvme_health_add_properties(Object *obj);
/* After a threshold or the temperature has changed: base 5.27.1.3. */
void nvme_health_check_temperature(NvmeCtrl *n);
void nvme_stats_new(NvmeNamespace *ns);
/* The subsystem keeps what the namespace has counted. */
void nvme_stats_free(NvmeNamespace *ns);

/* ---- firmware.c ---- */

void nvme_firmware_new(NvmeCtrl *n);
void nvme_firmware_free(NvmeCtrl *n);
void nvme_firmware_reset(NvmeCtrl *n);
/* Of the image that runs: 8 characters, no NUL. */
const char *nvme_firmware_revision(NvmeCtrl *n);
NvmeHandler nvme_admin_fw_download, nvme_admin_fw_commit;

/* ---- format.c, ns-manage.c, ns-attach.c ---- */

NvmeHandler nvme_admin_format, nvme_admin_ns_management, nvme_admin_ns_attachment;

/* ---- subsys.c ---- */

/* Bytes of all media, and of those that are no namespace now. */
void nvme_subsys_capacity(NvmeSubsystem *subsys, uint64_t *total, uint64_t *unallocated);

/* ---- ns-format.c ---- */

typedef struct NvmeLbaFormat {
    uint16_t ms;
    uint8_t lbads;
} NvmeLbaFormat;

/* Formats that ns can have; those that ours all have when it is NULL. */
unsigned nvme_ns_formats(const NvmeNamespace *ns);
NvmeLbaFormat nvme_ns_format(const NvmeNamespace *ns, unsigned index);
/* Bytes of a protection tuple in formats of ns, which then have that much metadata. */
unsigned nvme_pi_bytes(const NvmeNamespace *ns);
/* Whether DPS makes sense in that format. */
bool nvme_protection_fits(const NvmeNamespace *ns, unsigned index, uint8_t dps);
/* From params and block sizes. */
bool nvme_ns_first_format(NvmeNamespace *ns, Error **errp);
void nvme_ns_set_format(NvmeNamespace *ns, unsigned index, bool extended, uint8_t dps);
/* Blocks that it has in that format. */
uint64_t nvme_ns_blocks(const NvmeNamespace *ns, unsigned index);
/* nsze and moff, by the format and the medium; false: not one block fits. */
bool nvme_ns_layout(NvmeNamespace *ns);

/* ---- ns.c ---- */

/* Takes the drive of ns->blkconf; nothing is left behind on failure. */
bool nvme_ns_open(NvmeNamespace *ns, NvmeSubsystem *subsys, Error **errp);
void nvme_ns_close(NvmeNamespace *ns);
/* Gives it an NSID, `wish` or the next free one. */
bool nvme_ns_allocate(NvmeNamespace *ns, NvmeSubsystem *subsys, uint32_t wish, Error **errp);
/* Detaches it from all controllers, and takes the NSID back. */
void nvme_ns_release(NvmeNamespace *ns);
void nvme_ns_attach(NvmeCtrl *n, NvmeNamespace *ns);
void nvme_ns_detach(NvmeCtrl *n, NvmeNamespace *ns);
bool nvme_ns_is_attached(const NvmeCtrl *n, const NvmeNamespace *ns);
/* Every controller that has it hears that it is another one now. */
void nvme_ns_changed(NvmeNamespace *ns);
/* An allocated one, attached or not; NULL and *status otherwise. */
NvmeNamespace *nvme_find_allocated(NvmeCtrl *n, uint32_t nsid, uint16_t *status);
/* The next one above `after`, 0 at first; NULL: no more. Of the controller, or of the subsystem. */
NvmeNamespace *nvme_next_ns(NvmeNamespace **array, uint32_t after);

#endif
