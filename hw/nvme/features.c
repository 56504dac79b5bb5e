/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Get Features and Set Features: base 5.15 and 5.27. The table says what there
 * is; most features are one dword that is kept. Nothing is saveable: the values
 * live as long as the controller is not reset, so "saved" is "default".
 */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "hw/nvme/admin.h"

enum { SELECT_CURRENT, SELECT_DEFAULT, SELECT_SAVED, SELECT_CAPABILITIES };

enum {
    CHANGES = NVME_FEATURE_CAP_CHANGEABLE,
    OF_NS = NVME_FEATURE_CAP_CHANGEABLE | NVME_FEATURE_CAP_NS,
};

/* 5.27.1.2: there is one power state. The workload hint is kept. */
static uint16_t set_power(NvmeRequest *req, uint32_t cdw11)
{
    if (cdw11 & 0x1f) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    req->ctrl->features->value[NVME_FEATURE_POWER] = cdw11 & 0xe0;
    return NVME_SUCCESS;
}

/* 5.27.1.3: the composite temperature is the only sensor. NULL: no such. */
static uint16_t *threshold_of(NvmeFeatures *f, uint32_t cdw11)
{
    unsigned sensor = extract32(cdw11, 16, 4), type = extract32(cdw11, 20, 2);

    if (type > 1 || (sensor != 0 && sensor != 0xf)) {
        return NULL;
    }
    return type ? &f->under : &f->over;
}

static uint16_t get_temperature(NvmeRequest *req, bool initial)
{
    NvmeFeatures *f = req->ctrl->features;
    uint32_t cdw11 = le32_to_cpu(req->cmd.cdw11);
    const uint16_t *threshold = extract32(cdw11, 16, 4) ? NULL : threshold_of(f, cdw11);

    if (!threshold) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    req->dw0 = !initial ? *threshold : threshold == &f->over ? NVME_TEMPERATURE_WARNING : 0;
    return NVME_SUCCESS;
}

static uint16_t set_temperature(NvmeRequest *req, uint32_t cdw11)
{
    uint16_t *threshold = threshold_of(req->ctrl->features, cdw11);

    if (!threshold) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    *threshold = cdw11;
    nvme_health_check_temperature(req->ctrl);
    return NVME_SUCCESS;
}

/*
 * NVM command set 4.1.3.2, of a namespace. DULBE is refused: no back end knows all its
 * holes at once, so Identify does not claim the error (NSFEAT, DAE).
 */
enum { ERROR_RECOVERY_DULBE = 1u << 16 };

static uint16_t get_error_recovery(NvmeRequest *req, bool initial)
{
    req->dw0 = initial ? 0 : req->ns->tler;
    return NVME_SUCCESS;
}

static uint16_t set_error_recovery(NvmeRequest *req, uint32_t cdw11)
{
    if (cdw11 & ERROR_RECOVERY_DULBE) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    req->ns->tler = cdw11;
    return NVME_SUCCESS;
}

/* 5.27.1.18: what only a host that knows of it may be shown. */
static uint16_t get_behavior(NvmeRequest *req, bool initial)
{
    uint8_t buf[512] = { 0 };

    if (!initial) {
        memcpy(buf, req->ctrl->features->behavior, sizeof(req->ctrl->features->behavior));
    }
    return nvme_send(req, buf, sizeof(buf));
}

static uint16_t behavior_received(NvmeRequest *req, const void *buf, size_t length)
{
    const uint8_t *bytes = buf;

    /* Each of them is 0 or 1: no retry delays, no telemetry areas, and extended formats. */
    if (bytes[0] > 1 || bytes[1] || bytes[2] > 1) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    memcpy(req->ctrl->features->behavior, bytes, sizeof(req->ctrl->features->behavior));
    return NVME_SUCCESS;
}

static uint16_t set_behavior(NvmeRequest *req, uint32_t cdw11)
{
    return nvme_receive(req, 512, behavior_received);
}

/* 5.27.1.21: Identify CNS 1Ch shows one combination. */
static uint16_t set_command_sets(NvmeRequest *req, uint32_t cdw11)
{
    return cdw11 & 0x1ff ? NVME_IOCS_COMBINATION_REJECTED | NVME_DNR : NVME_SUCCESS;
}

static const NvmeFeature features[256] = {
    [NVME_FEATURE_ARBITRATION] = { "Arbitration", CHANGES, .initial = NVME_BURST_NO_LIMIT,
                                   .set = nvme_feature_set_arbitration },
    [NVME_FEATURE_POWER] = { "Power Management", CHANGES, .set = set_power },
    [NVME_FEATURE_TEMPERATURE] = { "Temperature Threshold", CHANGES, .get = get_temperature,
                                   .set = set_temperature },
    [NVME_FEATURE_ERROR_RECOVERY] = { "Error Recovery", OF_NS, .get = get_error_recovery,
                                      .set = set_error_recovery },
    [NVME_FEATURE_WRITE_CACHE] = { "Volatile Write Cache", CHANGES,
                                   .get = nvme_feature_get_cache, .set = nvme_feature_set_cache },
    [NVME_FEATURE_QUEUES] = { "Number of Queues", CHANGES, .get = nvme_feature_get_queues,
                              .set = nvme_feature_set_queues },
    [NVME_FEATURE_COALESCING] = { "Interrupt Coalescing", CHANGES,
                                  .set = nvme_feature_set_coalescing },
    [NVME_FEATURE_VECTOR] = { "Interrupt Vector Configuration", CHANGES,
                              .get = nvme_feature_get_vector, .set = nvme_feature_set_vector },
    [NVME_FEATURE_ATOMICITY] = { "Write Atomicity Normal", CHANGES, .mask = 1 },
    [NVME_FEATURE_EVENTS] = { "Asynchronous Event Configuration", CHANGES,
                              .mask = NVME_AEC_MASK },
    [NVME_FEATURE_TIMESTAMP] = { "Timestamp", CHANGES, .get = nvme_feature_get_timestamp,
                                 .set = nvme_feature_set_timestamp },
    [NVME_FEATURE_KEEP_ALIVE] = { "Keep Alive Timer", CHANGES,
                                  .set = nvme_feature_set_keep_alive },
    [NVME_FEATURE_HOST_BEHAVIOR] = { "Host Behavior Support", CHANGES, .get = get_behavior,
                                     .set = set_behavior },
    [NVME_FEATURE_COMMAND_SETS] = { "I/O Command Set Profile", CHANGES,
                                    .set = set_command_sets },
    [NVME_FEATURE_WRITE_PROTECT] = { "Namespace Write Protection", OF_NS,
                                     .get = nvme_feature_get_protect,
                                     .set = nvme_feature_set_protect },
};

const NvmeFeature *nvme_feature(uint8_t fid)
{
    return features[fid].caps ? &features[fid] : NULL;
}

/* ---- whose feature it is ---- */

static uint16_t find_for_get(NvmeRequest *req, const NvmeFeature *feature)
{
    uint16_t status = NVME_SUCCESS;

    if (feature->caps & NVME_FEATURE_CAP_NS) {
        req->ns = nvme_find_ns(req->ctrl, le32_to_cpu(req->cmd.nsid), &status);
    }
    return status;
}

/* 5.27, "NSID": a namespace may be named only where that makes a difference. */
static uint16_t check_not_of_ns(NvmeRequest *req)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);

    if (nsid == 0 || nsid == NVME_NSID_BROADCAST) {
        return NVME_SUCCESS;
    }
    return (nsid > NVME_MAX_NAMESPACES ? NVME_INVALID_NSID : NVME_FEATURE_NOT_NS_SPECIFIC) |
           NVME_DNR;
}

static uint16_t set_for_each_ns(NvmeRequest *req, const NvmeFeature *feature, uint32_t cdw11)
{
    NvmeCtrl *n = req->ctrl;

    for (req->ns = nvme_next_ns(n->namespaces, 0); req->ns;
         req->ns = nvme_next_ns(n->namespaces, req->ns->nsid)) {
        uint16_t status = feature->set(req, cdw11);

        if (status != NVME_SUCCESS) {
            return status;
        }
    }
    return NVME_SUCCESS;
}

static uint16_t set_of_ns(NvmeRequest *req, const NvmeFeature *feature, uint32_t cdw11)
{
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);
    uint16_t status;

    if (nsid == NVME_NSID_BROADCAST) {
        return set_for_each_ns(req, feature, cdw11);
    }
    req->ns = nvme_find_ns(req->ctrl, nsid, &status);
    return req->ns ? feature->set(req, cdw11) : status;
}

/* ---- the commands ---- */

uint16_t nvme_admin_get_features(NvmeRequest *req)
{
    uint32_t cdw10 = le32_to_cpu(req->cmd.cdw10);
    uint8_t fid = cdw10;
    unsigned select = extract32(cdw10, 8, 3);
    const NvmeFeature *feature = nvme_feature(fid);
    uint16_t status;

    if (!feature || select > SELECT_CAPABILITIES) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    status = find_for_get(req, feature);
    if (status != NVME_SUCCESS) {
        return status;
    }
    if (select == SELECT_CAPABILITIES) {
        req->dw0 = feature->caps;
        return NVME_SUCCESS;
    }
    if (feature->get) {
        return feature->get(req, select != SELECT_CURRENT);
    }
    req->dw0 = select == SELECT_CURRENT ? req->ctrl->features->value[fid] : feature->initial;
    return NVME_SUCCESS;
}

uint16_t nvme_admin_set_features(NvmeRequest *req)
{
    uint32_t cdw10 = le32_to_cpu(req->cmd.cdw10), cdw11 = le32_to_cpu(req->cmd.cdw11);
    uint8_t fid = cdw10;
    const NvmeFeature *feature = nvme_feature(fid);
    uint16_t status;

    if (!feature) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (extract32(cdw10, 31, 1)) {
        return NVME_FID_NOT_SAVEABLE | NVME_DNR;
    }
    if (feature->caps & NVME_FEATURE_CAP_NS) {
        return set_of_ns(req, feature, cdw11);
    }
    status = check_not_of_ns(req);
    if (status != NVME_SUCCESS) {
        return status;
    }
    if (feature->set) {
        return feature->set(req, cdw11);
    }
    req->ctrl->features->value[fid] = cdw11 & feature->mask;
    return NVME_SUCCESS;
}

/* ---- life ---- */

static void set_initial(NvmeFeatures *f)
{
    for (unsigned fid = 0; fid < NVME_FEATURE_SMALL; fid++) {
        f->value[fid] = features[fid].initial;
    }
    f->over = NVME_TEMPERATURE_WARNING;
    f->under = 0;
    memset(f->vector_plain, 0, sizeof(f->vector_plain));
    memset(f->behavior, 0, sizeof(f->behavior));
    f->timestamp_set = false;
    f->timestamp = 0;
    f->timestamp_base = qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL);
}

void nvme_features_new(NvmeCtrl *n)
{
    n->features = g_new0(NvmeFeatures, 1);
    nvme_keep_alive_new(n);
    set_initial(n->features);
}

void nvme_features_free(NvmeCtrl *n)
{
    timer_free(n->features->keep_alive);
    g_clear_pointer(&n->features, g_free);
}

void nvme_features_reset(NvmeCtrl *n)
{
    timer_del(n->features->keep_alive);
    set_initial(n->features);
    nvme_features_apply(n);
}

static int features_post_load(void *opaque, int version_id)
{
    NvmeCtrl *n = opaque;

    nvme_features_apply(n);
    nvme_keep_alive_restart(n);
    return 0;
}

static const VMStateDescription vmstate_values = {
    .name = "nvme/features/values",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(value, NvmeFeatures, NVME_FEATURE_SMALL),
        VMSTATE_UINT16(over, NvmeFeatures),
        VMSTATE_UINT16(under, NvmeFeatures),
        VMSTATE_BUFFER(vector_plain, NvmeFeatures),
        VMSTATE_BUFFER(behavior, NvmeFeatures),
        VMSTATE_BOOL(timestamp_set, NvmeFeatures),
        VMSTATE_UINT64(timestamp, NvmeFeatures),
        VMSTATE_INT64(timestamp_base, NvmeFeatures),
        VMSTATE_END_OF_LIST()
    }
};

const VMStateDescription nvme_vmstate_features = {
    .name = "nvme/features",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = features_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_POINTER(features, NvmeCtrl, vmstate_values, NvmeFeatures),
        VMSTATE_END_OF_LIST()
    }
};
