/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Namespaces: on a drive, allocated in a subsystem (they have an NSID), attached
 * to controllers (base 3.2.1). Which medium is which namespace's is for ever; a
 * deleted namespace leaves its medium unallocated.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "hw/nvme/format.h"
#include "hw/nvme/zns.h"

/* ---- finding ---- */

NvmeNamespace *nvme_next_ns(NvmeNamespace **array, uint32_t after)
{
    for (uint32_t nsid = after; nsid < NVME_MAX_NAMESPACES; nsid++) {
        if (array[nsid + 1]) {
            return array[nsid + 1];
        }
    }
    return NULL;
}

static NvmeNamespace *find(NvmeNamespace **array, uint32_t nsid, uint16_t if_absent,
                           uint16_t *status)
{
    bool valid = nsid >= 1 && nsid <= NVME_MAX_NAMESPACES;
    NvmeNamespace *ns = valid ? array[nsid] : NULL;

    *status = ns ? NVME_SUCCESS : (valid ? if_absent : NVME_INVALID_NSID) | NVME_DNR;
    return ns;
}

/* Base 3.2.1.5: a command on an inactive namespace has an invalid field. */
NvmeNamespace *nvme_find_ns(NvmeCtrl *n, uint32_t nsid, uint16_t *status)
{
    return find(n->namespaces, nsid, NVME_INVALID_FIELD, status);
}

NvmeNamespace *nvme_find_allocated(NvmeCtrl *n, uint32_t nsid, uint16_t *status)
{
    return find(n->subsys->namespaces, nsid, NVME_INVALID_NSID, status);
}

/* ---- attachment ---- */

bool nvme_ns_is_attached(const NvmeCtrl *n, const NvmeNamespace *ns)
{
    return ns->nsid && n->namespaces[ns->nsid] == ns;
}

void nvme_ns_attach(NvmeCtrl *n, NvmeNamespace *ns)
{
    n->namespaces[ns->nsid] = ns;
    nvme_event_ns_changed(n, ns->nsid);
}

void nvme_ns_detach(NvmeCtrl *n, NvmeNamespace *ns)
{
    nvme_abort_ns(n, ns, NVME_INVALID_NSID | NVME_DNR);
    n->namespaces[ns->nsid] = NULL;
    nvme_event_ns_changed(n, ns->nsid);
}

void nvme_ns_changed(NvmeNamespace *ns)
{
    for (unsigned id = 0; ns->subsys && id < NVME_MAX_CONTROLLERS; id++) {
        NvmeCtrl *n = ns->subsys->ctrls[id];

        if (n && nvme_ns_is_attached(n, ns)) {
            nvme_event_ns_changed(n, ns->nsid);
        }
    }
}

/* ---- allocation ---- */

static uint32_t free_nsid(const NvmeSubsystem *subsys)
{
    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        if (!subsys->namespaces[nsid]) {
            return nsid;
        }
    }
    return 0;
}

static bool choose_nsid(const NvmeSubsystem *subsys, uint32_t wish, uint32_t *nsid, Error **errp)
{
    *nsid = wish ?: free_nsid(subsys);
    if (!*nsid) {
        error_setg(errp, "all %u namespace identifiers of the subsystem are in use",
                   NVME_MAX_NAMESPACES);
    } else if (*nsid > NVME_MAX_NAMESPACES) {
        error_setg(errp, "property 'nsid' of nvme-ns must be 1 to %u, not %u",
                   NVME_MAX_NAMESPACES, wish);
    } else if (subsys->namespaces[*nsid]) {
        error_setg(errp, "nsid=%u is in use already; choose another, or none for the next free "
                   "one", *nsid);
    } else {
        return true;
    }
    return false;
}

/*
 * A namespace has at least one identifier that is its own (base 4.5.1). Without one
 * from the user: a name-based UUID (RFC 4122, version 5), the same at each start.
 */
static void make_uuid(NvmeNamespace *ns)
{
    g_autofree char *name = g_strdup_printf("%s/%u/%u", ns->subsys->nqn, ns->nsid,
                                            ns->generation);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
    uint8_t digest[20];
    gsize length = sizeof(digest);

    g_checksum_update(sum, (const guchar *)name, -1);
    g_checksum_get_digest(sum, digest, &length);
    digest[6] = (digest[6] & 0x0f) | 0x50;
    digest[8] = (digest[8] & 0x3f) | 0x80;
    memcpy(ns->uuid.data, digest, sizeof(ns->uuid.data));
}

static void make_identity(NvmeNamespace *ns)
{
    static uint64_t eui64_defaults;     /* atomic */

    ns->uuid = ns->params.uuid;
    ns->eui64 = ns->params.eui64;
    if (!ns->eui64 && ns->params.eui64_default) {
        ns->eui64 = 0x5254000000000000ULL + qatomic_fetch_inc(&eui64_defaults) + 1;
    }
    if (!ns->eui64 && qemu_uuid_is_null(&ns->uuid)) {
        make_uuid(ns);
    }
}

bool nvme_ns_allocate(NvmeNamespace *ns, NvmeSubsystem *subsys, uint32_t wish, Error **errp)
{
    uint32_t nsid;

    if (!choose_nsid(subsys, wish, &nsid, errp)) {
        return false;
    }
    ns->nsid = nsid;
    make_identity(ns);
    subsys->namespaces[nsid] = ns;
    return true;
}

void nvme_ns_release(NvmeNamespace *ns)
{
    for (unsigned id = 0; id < NVME_MAX_CONTROLLERS; id++) {
        NvmeCtrl *n = ns->subsys->ctrls[id];

        if (n && nvme_ns_is_attached(n, ns)) {
            nvme_ns_detach(n, ns);
        }
    }
    if (ns->nsid) {
        ns->subsys->namespaces[ns->nsid] = NULL;
        ns->nsid = 0;
        ns->created = 0;
        ns->generation++;
    }
}

/* ---- the drive ---- */

/* Where metadata lies depends on the size: those namespaces keep theirs until formatted. */
static void resized(void *opaque)
{
    NvmeNamespace *ns = opaque;
    int64_t bytes = blk_getlength(ns->blkconf.blk);
    uint64_t before = ns->nsze;

    if (bytes < 0) {
        return;
    }
    ns->medium = bytes;
    if (ns->ms || ns->zns) {
        warn_report("nvme namespace %u has %s: its size follows that of its drive when it "
                    "is formatted", ns->nsid, ns->ms ? "metadata" : "zones");
        return;
    }
    if (nvme_ns_layout(ns) && ns->nsze != before) {
        nvme_ns_changed(ns);
    }
}

static const BlockDevOps ns_block_ops = { .resize_cb = resized };

static bool open_medium(NvmeNamespace *ns, Error **errp)
{
    BlockConf *conf = &ns->blkconf;
    int64_t bytes;

    ns->writable = blk_supports_write_perm(conf->blk);
    if (!blkconf_blocksizes(conf, errp) ||
        !blkconf_apply_backend_options(conf, !ns->writable, true, errp)) {
        return false;
    }
    bytes = blk_getlength(conf->blk);
    if (bytes < 0) {
        error_setg_errno(errp, -bytes, "could not get the size of the drive");
        return false;
    }
    ns->medium = bytes;
    ns->write_protected = !ns->writable;
    return true;
}

/*
 * The end of a drive must not be out of the guest's sight without anybody noticing.
 * With metadata there is no length that leaves nothing over.
 */
static bool check_size(NvmeNamespace *ns, Error **errp)
{
    unsigned block = 1u << ns->lbads;

    if (!nvme_zns_check(ns, errp)) {
        return false;
    }
    if (!nvme_ns_layout(ns)) {
        error_setg(errp, "the drive has %" PRIu64 " bytes: not one block of %u bytes and %u of "
                   "metadata fits; make it larger", ns->medium, block, ns->ms);
        return false;
    }
    if (!ns->ms && !ns->zns && ns->medium % block) {
        error_setg(errp, "the drive has %" PRIu64 " bytes, no multiple of logical_block_size=%u: "
                   "change its size, or use smaller blocks", ns->medium, block);
        return false;
    }
    return true;
}

bool nvme_ns_open(NvmeNamespace *ns, NvmeSubsystem *subsys, Error **errp)
{
    if (!open_medium(ns, errp) || !nvme_ns_first_format(ns, errp) || !check_size(ns, errp)) {
        nvme_zns_free(ns);
        return false;
    }
    ns->subsys = subsys;
    ns->shared = ns->params.shared && !subsys->private;
    ns->csi = ns->zns ? NVME_CSI_ZONED : NVME_CSI_NVM;
    nvme_ns_io_new(ns);
    nvme_stats_new(ns);
    g_ptr_array_add(subsys->media, ns);
    blk_set_dev_ops(ns->blkconf.blk, &ns_block_ops, ns);
    return true;
}

void nvme_ns_close(NvmeNamespace *ns)
{
    nvme_format_stop(ns);
    blk_set_dev_ops(ns->blkconf.blk, NULL, NULL);
    g_ptr_array_remove(ns->subsys->media, ns);
    nvme_stats_free(ns);
    nvme_ns_io_free(ns);
    nvme_zns_free(ns);
    ns->subsys = NULL;
}
