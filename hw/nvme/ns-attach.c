/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespace Attachment: base 5.22. All controllers of the list, or none. */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

enum { SELECT_ATTACH, SELECT_DETACH };

/* Figure "Controller List": a count, then identifiers in ascending order. */
enum { LIST_BYTES = 4096, LIST_MAX = 2047 };

static unsigned list_count(const void *list)
{
    return lduw_le_p(list);
}

static unsigned list_id(const void *list, unsigned i)
{
    return lduw_le_p((const uint8_t *)list + 2 + 2 * i);
}

static uint16_t check_list(const NvmeSubsystem *subsys, const void *list)
{
    unsigned count = list_count(list);

    if (!count || count > LIST_MAX) {
        return NVME_INVALID_CONTROLLER_LIST | NVME_DNR;
    }
    for (unsigned i = 0; i < count; i++) {
        unsigned id = list_id(list, i);

        if (id >= NVME_MAX_CONTROLLERS || !subsys->ctrls[id] ||
            (i && id <= list_id(list, i - 1))) {
            return NVME_INVALID_CONTROLLER_LIST | NVME_DNR;
        }
    }
    return NVME_SUCCESS;
}

static unsigned attached_count(const NvmeNamespace *ns)
{
    unsigned count = 0;

    for (unsigned id = 0; id < NVME_MAX_CONTROLLERS; id++) {
        NvmeCtrl *n = ns->subsys->ctrls[id];

        count += n && nvme_ns_is_attached(n, ns);
    }
    return count;
}

static uint16_t check_attach(NvmeNamespace *ns, const void *list)
{
    unsigned count = list_count(list);

    for (unsigned i = 0; i < count; i++) {
        if (nvme_ns_is_attached(ns->subsys->ctrls[list_id(list, i)], ns)) {
            return NVME_NS_ALREADY_ATTACHED | NVME_DNR;
        }
    }
    return ns->shared || attached_count(ns) + count <= 1 ? NVME_SUCCESS
                                                         : NVME_NS_PRIVATE | NVME_DNR;
}

static uint16_t check_detach(NvmeNamespace *ns, const void *list)
{
    for (unsigned i = 0; i < list_count(list); i++) {
        if (!nvme_ns_is_attached(ns->subsys->ctrls[list_id(list, i)], ns)) {
            return NVME_NS_NOT_ATTACHED | NVME_DNR;
        }
    }
    return ns->busy;
}

static uint16_t list_received(NvmeRequest *req, const void *list, size_t length)
{
    bool attach = (le32_to_cpu(req->cmd.cdw10) & 0xf) == SELECT_ATTACH;
    uint16_t status;
    NvmeNamespace *ns = nvme_find_allocated(req->ctrl, le32_to_cpu(req->cmd.nsid), &status);

    if (!ns) {
        return status;
    }
    status = check_list(ns->subsys, list);
    if (status == NVME_SUCCESS) {
        status = attach ? check_attach(ns, list) : check_detach(ns, list);
    }
    for (unsigned i = 0; status == NVME_SUCCESS && i < list_count(list); i++) {
        (attach ? nvme_ns_attach : nvme_ns_detach)(ns->subsys->ctrls[list_id(list, i)], ns);
    }
    return status;
}

uint16_t nvme_admin_ns_attachment(NvmeRequest *req)
{
    uint16_t status;

    if ((le32_to_cpu(req->cmd.cdw10) & 0xf) > SELECT_DETACH) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (!nvme_find_allocated(req->ctrl, le32_to_cpu(req->cmd.nsid), &status)) {
        return status;
    }
    return nvme_receive(req, LIST_BYTES, list_received);
}
