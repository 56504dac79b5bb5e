/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Features of queues and their interrupts: base 5.27.1.1, 5.27.1.5 to 5.27.1.7. */
#include "qemu/osdep.h"
#include "hw/nvme/admin.h"

enum { ARBITRATION_BURST = 0x7, ARBITRATION_WEIGHTS = 0xffffff00 };

static void set_burst(NvmeCtrl *n)
{
    nvme_queues_set_burst(n, n->features->value[NVME_FEATURE_ARBITRATION] & ARBITRATION_BURST);
}

/* There are no weighted turns: the weights are only kept. */
uint16_t nvme_feature_set_arbitration(NvmeRequest *req, uint32_t cdw11)
{
    req->ctrl->features->value[NVME_FEATURE_ARBITRATION] =
        cdw11 & (ARBITRATION_BURST | ARBITRATION_WEIGHTS);
    set_burst(req->ctrl);
    return NVME_SUCCESS;
}

/* As many as there can be, whatever is asked for; minus one, in both halves. */
uint16_t nvme_feature_get_queues(NvmeRequest *req, bool initial)
{
    uint32_t most = req->ctrl->params.max_ioqpairs - 1;

    req->dw0 = most | most << 16;
    return NVME_SUCCESS;
}

uint16_t nvme_feature_set_queues(NvmeRequest *req, uint32_t cdw11)
{
    if ((cdw11 & 0xffff) == 0xffff || cdw11 >> 16 == 0xffff) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    if (nvme_has_io_queues(req->ctrl)) {
        return NVME_SEQUENCE_ERROR | NVME_DNR;
    }
    return nvme_feature_get_queues(req, false);
}

uint16_t nvme_feature_set_coalescing(NvmeRequest *req, uint32_t cdw11)
{
    req->ctrl->features->value[NVME_FEATURE_COALESCING] = cdw11 & 0xffff;
    nvme_irq_set_coalescing(req->ctrl, cdw11 & 0xff, extract32(cdw11, 8, 8));
    return NVME_SUCCESS;
}

static bool vector_is_plain(const NvmeFeatures *f, unsigned vector)
{
    return f->vector_plain[vector / 8] >> vector % 8 & 1;
}

static bool vector_exists(NvmeCtrl *n, unsigned vector)
{
    return vector < n->params.msix_qsize && vector / 8 < sizeof(n->features->vector_plain);
}

/* The admin queue's vector is never held back. */
uint16_t nvme_feature_get_vector(NvmeRequest *req, bool initial)
{
    unsigned vector = le32_to_cpu(req->cmd.cdw11) & 0xffff;
    bool plain;

    if (!vector_exists(req->ctrl, vector)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    plain = vector == 0 || (!initial && vector_is_plain(req->ctrl->features, vector));
    req->dw0 = vector | (uint32_t)plain << 16;
    return NVME_SUCCESS;
}

uint16_t nvme_feature_set_vector(NvmeRequest *req, uint32_t cdw11)
{
    unsigned vector = cdw11 & 0xffff;
    bool plain = extract32(cdw11, 16, 1);
    uint8_t *byte;

    if (!vector_exists(req->ctrl, vector)) {
        return NVME_INVALID_FIELD | NVME_DNR;
    }
    byte = &req->ctrl->features->vector_plain[vector / 8];
    *byte = deposit32(*byte, vector % 8, 1, plain);
    nvme_irq_set_vector(req->ctrl, vector, plain);
    return NVME_SUCCESS;
}

void nvme_features_apply(NvmeCtrl *n)
{
    uint32_t coalescing = n->features->value[NVME_FEATURE_COALESCING];

    set_burst(n);
    nvme_irq_set_coalescing(n, coalescing & 0xff, extract32(coalescing, 8, 8));
    for (unsigned vector = 0; vector_exists(n, vector); vector++) {
        nvme_irq_set_vector(n, vector, vector_is_plain(n->features, vector));
    }
}
