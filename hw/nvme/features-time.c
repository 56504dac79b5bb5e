/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timestamp and keep alive: base 5.27.1.10, 5.27.1.11, 3.9 and 5.20. */
#include "qemu/osdep.h"
#include "qemu/timer.h"
#include "hw/nvme/admin.h"

#define TIMESTAMP_MASK ((1ULL << 48) - 1)

static int64_t now_ms(void)
{
    return qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL);
}

/* Synch 0: it does not stop while the controller runs. Origin 1: by Set Features. */
uint16_t nvme_feature_get_timestamp(NvmeRequest *req, bool initial)
{
    NvmeFeatures *f = req->ctrl->features;
    uint64_t value = 0;

    if (!initial) {
        value = (f->timestamp + (now_ms() - f->timestamp_base)) & TIMESTAMP_MASK;
        value |= (uint64_t)f->timestamp_set << 49;
    }
    value = cpu_to_le64(value);
    return nvme_send(req, &value, sizeof(value));
}

static uint16_t timestamp_received(NvmeRequest *req, const void *buf, size_t length)
{
    NvmeFeatures *f = req->ctrl->features;

    f->timestamp = ldq_le_p(buf) & TIMESTAMP_MASK;
    f->timestamp_base = now_ms();
    f->timestamp_set = true;
    return NVME_SUCCESS;
}

uint16_t nvme_feature_set_timestamp(NvmeRequest *req, uint32_t cdw11)
{
    return nvme_receive(req, sizeof(uint64_t), timestamp_received);
}

/* ---- keep alive ---- */

/* 3.9: over memory the controller stops, with an entry in the error log. */
static void keep_alive_expired(void *opaque)
{
    NvmeCtrl *n = opaque;

    if (n->state != NVME_READY) {
        return;
    }
    nvme_log_error(n, NULL, NVME_KEEP_ALIVE_EXPIRED);
    nvme_fatal(n);
}

void nvme_keep_alive_new(NvmeCtrl *n)
{
    n->features->keep_alive = timer_new_ms(QEMU_CLOCK_VIRTUAL, keep_alive_expired, n);
}

void nvme_keep_alive_restart(NvmeCtrl *n)
{
    uint32_t timeout = n->features->value[NVME_FEATURE_KEEP_ALIVE];

    if (timeout) {
        timer_mod(n->features->keep_alive, now_ms() + timeout);
    } else {
        timer_del(n->features->keep_alive);
    }
}

uint16_t nvme_feature_set_keep_alive(NvmeRequest *req, uint32_t cdw11)
{
    uint64_t rounded = QEMU_ALIGN_UP((uint64_t)cdw11, NVME_KAS_MS);

    req->ctrl->features->value[NVME_FEATURE_KEEP_ALIVE] = MIN(rounded, UINT32_MAX);
    nvme_keep_alive_restart(req->ctrl);
    return NVME_SUCCESS;
}

uint16_t nvme_admin_keep_alive(NvmeRequest *req)
{
    nvme_keep_alive_restart(req->ctrl);
    return NVME_SUCCESS;
}
