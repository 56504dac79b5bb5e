/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a namespace is: NVM command set 4.1.5.1 to 4.1.5.3, base 5.17.2.8 and
 * 5.17.2.3 (identification descriptors).
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "block/block-io.h"
#include "hw/nvme/admin.h"
#include "hw/nvme/zns.h"

enum {
    NS_NSZE = 0, NS_NCAP = 8, NS_NUSE = 16, NS_NSFEAT = 24, NS_NLBAF = 25, NS_FLBAS = 26,
    NS_MC = 27, NS_DPC = 28, NS_DPS = 29, NS_NMIC = 30, NS_FPI = 32, NS_DLFEAT = 33,
    NS_NVMCAP = 48, NS_NPWG = 64, NS_NPWA = 66, NS_NPDG = 68, NS_NPDA = 70, NS_NOWS = 72,
    NS_MSSRL = 74, NS_MCL = 76, NS_MSRC = 80, NS_NSATTR = 99, NS_EUI64 = 120, NS_LBAF0 = 128,
};

enum {
    NSFEAT_UIDREUSE = 1 << 3,
    NSFEAT_OPTPERF = 1 << 4,
    DLFEAT_READS_ZEROES = 1,            /* of the three bits: 0 promises nothing */
    DLFEAT_WRITE_ZEROES = 1 << 3,       /* may deallocate */
};

static void put_formats(const NvmeNamespace *ns, uint8_t *page)
{
    unsigned formats = nvme_ns_formats(ns);

    nvme_put(page, NS_NLBAF, 1, formats - 1);
    for (unsigned i = 0; i < formats; i++) {
        NvmeLbaFormat format = nvme_ns_format(ns, i);

        nvme_put(page, NS_LBAF0 + 4 * i, 2, format.ms);
        nvme_put(page, NS_LBAF0 + 4 * i + 2, 1, format.lbads);
    }
}

/* Whether the guest may rely on what it has deallocated is the back end's to say. */
static uint8_t deallocation(const NvmeNamespace *ns)
{
    BlockDriverInfo info = { 0 };

    if (ns) {
        bdrv_get_info(blk_bs(ns->blkconf.blk), &info);
    }
    return DLFEAT_WRITE_ZEROES | (info.discard_zeroes ? DLFEAT_READS_ZEROES : 0);
}

/* What every namespace here can do. */
static void put_capabilities(const NvmeNamespace *ns, uint8_t *page)
{
    nvme_put(page, NS_NSFEAT, 1, NSFEAT_OPTPERF);
    nvme_put(page, NS_MC, 1, 1 << 0 | 1 << 1);      /* extended blocks, and a buffer beside */
    nvme_put(page, NS_DPC, 1, 0x1f);                /* types 1 to 3, first and last bytes */
    nvme_put(page, NS_DLFEAT, 1, deallocation(ns));
    put_formats(ns, page);
}

/* Bytes as a count of blocks minus one; what is smaller than a block counts as one. */
static uint16_t blocks0(const NvmeNamespace *ns, uint64_t bytes)
{
    uint64_t blocks = bytes >> ns->lbads;

    return blocks ? MIN(blocks - 1, UINT16_MAX) : 0;
}

/* OPTPERF: preferred write granularity and alignment, the same for deallocation, best size. */
static void put_preferences(const NvmeNamespace *ns, uint8_t *page)
{
    const BlockConf *conf = &ns->blkconf;
    uint32_t write = MAX(conf->physical_block_size, conf->min_io_size);
    uint32_t discard = conf->discard_granularity;

    if (discard == (uint32_t)-1 || discard < conf->logical_block_size) {
        discard = MAX(write, 4096);
    }
    nvme_put(page, NS_NPWG, 2, blocks0(ns, write));
    nvme_put(page, NS_NPWA, 2, blocks0(ns, write));
    nvme_put(page, NS_NPDG, 2, blocks0(ns, discard));
    nvme_put(page, NS_NPDA, 2, blocks0(ns, discard));
    nvme_put(page, NS_NOWS, 2, blocks0(ns, conf->opt_io_size ?: write));
}

static void put_identity(const NvmeNamespace *ns, uint8_t *page)
{
    stq_be_p(page + NS_EUI64, ns->eui64);
}

static uint8_t progress(const NvmeNamespace *ns)
{
    return 1 << 7 | (ns->format_left & 0x7f);
}

static uint64_t capacity(const NvmeNamespace *ns)
{
    return ns->zns ? (uint64_t)ns->zns->nr_zones * ns->zns->capacity : ns->nsze;
}

void nvme_fill_ns(NvmeCtrl *n, NvmeNamespace *ns, uint8_t *page)
{
    put_capabilities(ns, page);
    if (!ns) {
        return;
    }
    nvme_put(page, NS_NSZE, 8, ns->nsze);
    nvme_put(page, NS_NCAP, 8, capacity(ns));
    nvme_put(page, NS_NUSE, 8, capacity(ns));
    nvme_put(page, NS_FLBAS, 1, (ns->lbaf & 0xf) | ns->extended << 4 | (ns->lbaf >> 4 & 3) << 5);
    nvme_put(page, NS_DPS, 1, ns->dps);
    nvme_put(page, NS_NMIC, 1, ns->shared);
    nvme_put(page, NS_FPI, 1, progress(ns));
    nvme_put(page, NS_NVMCAP, 8, ns->nsze << ns->lbads);
    put_preferences(ns, page);
    nvme_put(page, NS_MSSRL, 2, ns->params.mssrl);
    nvme_put(page, NS_MCL, 4, ns->params.mcl);
    nvme_put(page, NS_MSRC, 1, ns->params.msrc);
    nvme_put(page, NS_NSATTR, 1, ns->write_protected);
    put_identity(ns, page);
}

static uint16_t send_ns(NvmeRequest *req, NvmeNamespace *ns)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);

    nvme_fill_ns(req->ctrl, ns, page);
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}

static uint16_t send_zeroes(NvmeRequest *req)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);

    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}

/*
 * The namespace that NSID names. Where an inactive one is no error its page is all
 * zeroes: *status NVME_SUCCESS and NULL.
 */
static NvmeNamespace *named_ns(NvmeRequest *req, bool allocated, uint16_t *status)
{
    NvmeCtrl *n = req->ctrl;
    uint32_t nsid = le32_to_cpu(req->cmd.nsid);

    if (nsid == 0 || nsid > NVME_MAX_NAMESPACES) {
        *status = NVME_INVALID_NSID | NVME_DNR;
        return NULL;
    }
    *status = NVME_SUCCESS;
    return (allocated ? n->subsys->namespaces : n->namespaces)[nsid];
}

static uint8_t csi_of(const NvmeRequest *req)
{
    return le32_to_cpu(req->cmd.cdw11) >> 24;
}

static uint16_t identify_named(NvmeRequest *req, bool allocated)
{
    uint16_t status;
    NvmeNamespace *ns = named_ns(req, allocated, &status);

    if (status != NVME_SUCCESS) {
        return status;
    }
    return ns ? send_ns(req, ns) : send_zeroes(req);
}

uint16_t nvme_identify_ns(NvmeRequest *req)
{
    if (le32_to_cpu(req->cmd.nsid) == NVME_NSID_BROADCAST) {
        return send_ns(req, NULL);
    }
    return identify_named(req, false);
}

uint16_t nvme_identify_ns_allocated(NvmeRequest *req)
{
    return identify_named(req, true);
}

/* ---- what belongs to a command set ---- */

enum { NVM_ELBAF0 = 12, ELBAF_PIF_SHIFT = 7 };

/* NVM command set 4.1.5.3: no storage tags; the guard's size where a tuple fits. */
static void fill_nvm(const NvmeNamespace *ns, uint8_t *page)
{
    for (unsigned i = 0; i < nvme_ns_formats(ns); i++) {
        bool fits = nvme_ns_format(ns, i).ms >= nvme_pi_bytes(ns);

        nvme_put(page, NVM_ELBAF0 + 4 * i, 4, fits ? ns->params.pif << ELBAF_PIF_SHIFT : 0);
    }
}

/* Formats are those of the NVM command set in a zoned namespace, too. */
static void (*const fillers[])(const NvmeNamespace *ns, uint8_t *page) = {
    [NVME_CSI_NVM] = fill_nvm,
    [NVME_CSI_ZONED] = nvme_zns_fill_ns,
};

static uint16_t identify_csi(NvmeRequest *req, bool allocated)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);
    uint8_t csi = csi_of(req);
    uint16_t status;
    NvmeNamespace *ns;

    if (!nvme_io_commands(csi)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (le32_to_cpu(req->cmd.nsid) == NVME_NSID_BROADCAST && csi == NVME_CSI_NVM && !allocated) {
        return send_zeroes(req);
    }
    ns = named_ns(req, allocated, &status);
    if (status != NVME_SUCCESS) {
        return status;
    }
    if (ns && csi == NVME_CSI_ZONED && !ns->zns) {
        return NVME_INVALID_IOCS | NVME_DNR;
    }
    if (ns) {
        fillers[csi](ns, page);
    }
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}

uint16_t nvme_identify_ns_csi(NvmeRequest *req)
{
    return identify_csi(req, false);
}

uint16_t nvme_identify_ns_csi_allocated(NvmeRequest *req)
{
    return identify_csi(req, true);
}

/* Base 5.17.2.8: the same for every command set. */
uint16_t nvme_identify_ns_independent(NvmeRequest *req)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);
    uint16_t status;
    NvmeNamespace *ns = named_ns(req, false, &status);

    if (status != NVME_SUCCESS) {
        return status;
    }
    if (ns) {
        nvme_put(page, 1, 1, ns->shared);               /* NMIC */
        nvme_put(page, 3, 1, progress(ns));             /* FPI */
        nvme_put(page, 8, 1, ns->write_protected);      /* NSATTR */
        nvme_put(page, 14, 1, !ns->busy);               /* NSTAT: ready */
    }
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}

/* ---- a user data format instead of a namespace: CNS 09h, 0Ah ---- */

static uint16_t check_format_index(NvmeRequest *req)
{
    uint32_t cdw11 = le32_to_cpu(req->cmd.cdw11);

    return (cdw11 & 0xffff) < nvme_ns_formats(NULL) && cdw11 >> 24 == NVME_CSI_NVM ?
           NVME_SUCCESS : NVME_INVALID_FIELD | NVME_DNR;
}

uint16_t nvme_identify_ns_of_format(NvmeRequest *req)
{
    uint16_t status = check_format_index(req);

    return status == NVME_SUCCESS ? send_ns(req, NULL) : status;
}

uint16_t nvme_identify_ns_csi_of_format(NvmeRequest *req)
{
    uint16_t status = check_format_index(req);

    return status == NVME_SUCCESS ? send_zeroes(req) : status;
}

/* ---- identification descriptors ---- */

enum { NIDT_EUI64 = 1, NIDT_UUID = 3, NIDT_CSI = 4 };

static uint8_t *put_descriptor(uint8_t *at, uint8_t type, const void *value, uint8_t bytes)
{
    at[0] = type;
    at[1] = bytes;
    memcpy(at + 4, value, bytes);
    return at + 4 + bytes;
}

uint16_t nvme_identify_descriptors(NvmeRequest *req)
{
    g_autofree uint8_t *page = g_malloc0(NVME_IDENTIFY_SIZE);
    uint8_t *at = page, eui64[8];
    uint16_t status;
    NvmeNamespace *ns = nvme_find_ns(req->ctrl, le32_to_cpu(req->cmd.nsid), &status);

    if (!ns) {
        return status;
    }
    if (ns->eui64) {
        stq_be_p(eui64, ns->eui64);
        at = put_descriptor(at, NIDT_EUI64, eui64, sizeof(eui64));
    }
    if (!qemu_uuid_is_null(&ns->uuid)) {
        at = put_descriptor(at, NIDT_UUID, ns->uuid.data, sizeof(ns->uuid.data));
    }
    put_descriptor(at, NIDT_CSI, &ns->csi, 1);
    return nvme_send(req, page, NVME_IDENTIFY_SIZE);
}
