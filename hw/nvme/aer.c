/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asynchronous events: base 5.2. Requests of the host wait here for events, or
 * events for requests. Once one of a type has been told, no other of that type is
 * until the host has read the log page that belongs to it.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "hw/nvme/admin.h"

enum { EVENT_TYPES = 8 };

typedef struct NvmeEvent {
    uint8_t type, info, log_page;
} NvmeEvent;

struct NvmeEvents {
    NvmeRequest *requests[256];         /* AERL + 1 at most; the first is used first */
    unsigned waiting;
    NvmeEvent *queue;                   /* aer_max_queued of them */
    uint32_t queued, room;
    uint8_t masked;                     /* bit for each type */
    uint8_t mask_log[EVENT_TYPES];      /* what has to be read for a masked type */
    uint8_t changed[NVME_MAX_NAMESPACES / 8 + 1];   /* bit map for log 04h, by NSID */
};

/* ---- telling ---- */

static void remove_event(NvmeEvents *e, uint32_t index)
{
    e->queued--;
    memmove(e->queue + index, e->queue + index + 1, (e->queued - index) * sizeof(*e->queue));
}

/* The oldest event that may be told. */
static bool take_event(NvmeEvents *e, NvmeEvent *event)
{
    for (uint32_t i = 0; i < e->queued; i++) {
        if (!(e->masked & 1 << e->queue[i].type)) {
            *event = e->queue[i];
            remove_event(e, i);
            return true;
        }
    }
    return false;
}

static NvmeRequest *take_request(NvmeEvents *e, unsigned index)
{
    NvmeRequest *req = e->requests[index];

    e->waiting--;
    memmove(e->requests + index, e->requests + index + 1,
            (e->waiting - index) * sizeof(e->requests[0]));
    return req;
}

static void mask_type(NvmeEvents *e, const NvmeEvent *event)
{
    e->masked |= 1 << event->type;
    e->mask_log[event->type] = event->log_page;
}

static uint32_t event_dword(const NvmeEvent *event)
{
    return event->type | event->info << 8 | (uint32_t)event->log_page << 16;
}

static void tell(NvmeCtrl *n)
{
    NvmeEvents *e = n->events;
    NvmeEvent event;

    while (e->waiting && take_event(e, &event)) {
        NvmeRequest *req = take_request(e, 0);

        mask_type(e, &event);
        req->dw0 = event_dword(&event);
        nvme_complete(req, NVME_SUCCESS);
    }
}

/* ---- what happens ---- */

static bool is_queued(const NvmeEvents *e, const NvmeEvent *event)
{
    for (uint32_t i = 0; i < e->queued; i++) {
        if (event_dword(&e->queue[i]) == event_dword(event)) {
            return true;
        }
    }
    return false;
}

/* Feature 0Bh: which notices the host wants. Errors are always told. */
static bool is_wanted(NvmeCtrl *n, uint8_t type, uint8_t info)
{
    uint32_t config = n->features->value[NVME_FEATURE_EVENTS];

    if (type != NVME_EVENT_NOTICE) {
        return true;
    }
    return info == NVME_NOTICE_NS_CHANGED ? config & NVME_OAES_NS_ATTRIBUTES :
           info == NVME_NOTICE_FW_ACTIVATION ? config & NVME_OAES_FW_ACTIVATION : false;
}

void nvme_event(NvmeCtrl *n, uint8_t type, uint8_t info, uint8_t log_page)
{
    NvmeEvents *e = n->events;
    NvmeEvent event = { type, info, log_page };

    if (n->state != NVME_READY || !is_wanted(n, type, info) || is_queued(e, &event)) {
        return;
    }
    if (e->queued == e->room) {
        qemu_log_mask_ratelimited(LOG_GUEST_ERROR, "nvme: the event queue is full\n");
        return;
    }
    e->queue[e->queued++] = event;
    tell(n);
}

void nvme_events_seen(NvmeCtrl *n, uint8_t log_page)
{
    NvmeEvents *e = n->events;

    for (uint32_t i = e->queued; i-- > 0;) {
        if (e->queue[i].log_page == log_page) {
            remove_event(e, i);
        }
    }
    for (unsigned type = 0; type < EVENT_TYPES; type++) {
        if (e->masked & 1 << type && e->mask_log[type] == log_page) {
            e->masked &= ~(1 << type);
        }
    }
    if (log_page == NVME_LOG_CHANGED_NS) {
        memset(e->changed, 0, sizeof(e->changed));
    }
    tell(n);
}

void nvme_event_ns_changed(NvmeCtrl *n, uint32_t nsid)
{
    if (n->state != NVME_READY || !is_wanted(n, NVME_EVENT_NOTICE, NVME_NOTICE_NS_CHANGED)) {
        return;
    }
    n->events->changed[nsid / 8] |= 1 << nsid % 8;
    nvme_event(n, NVME_EVENT_NOTICE, NVME_NOTICE_NS_CHANGED, NVME_LOG_CHANGED_NS);
}

uint16_t nvme_log_fill_changed_ns(NvmeRequest *req, uint8_t *page)
{
    const uint8_t *changed = req->ctrl->events->changed;
    size_t offset = 0;

    for (uint32_t nsid = 1; nsid <= NVME_MAX_NAMESPACES; nsid++) {
        if (changed[nsid / 8] >> nsid % 8 & 1) {
            nvme_put(page, offset, 4, nsid);
            offset += 4;
        }
    }
    return NVME_SUCCESS;
}

/* ---- the command ---- */

static void cancel_request(NvmeRequest *req)
{
    NvmeEvents *e = req->ctrl->events;

    for (unsigned i = 0; i < e->waiting; i++) {
        if (e->requests[i] == req) {
            take_request(e, i);
            return;
        }
    }
}

uint16_t nvme_admin_async_event(NvmeRequest *req)
{
    NvmeCtrl *n = req->ctrl;
    NvmeEvents *e = n->events;
    NvmeEvent event;

    if (e->waiting > n->params.aerl) {
        return NVME_AER_LIMIT_EXCEEDED;
    }
    if (take_event(e, &event)) {
        mask_type(e, &event);
        req->dw0 = event_dword(&event);
        return NVME_SUCCESS;
    }
    req->cancel = cancel_request;
    e->requests[e->waiting++] = req;
    return NVME_PENDING;
}

/* ---- life ---- */

void nvme_events_new(NvmeCtrl *n)
{
    NvmeEvents *e = n->events = g_new0(NvmeEvents, 1);

    e->room = n->params.aer_max_queued;
    e->queue = g_new0(NvmeEvent, e->room);
}

void nvme_events_free(NvmeCtrl *n)
{
    g_free(n->events->queue);
    g_clear_pointer(&n->events, g_free);
}

void nvme_events_reset(NvmeCtrl *n)
{
    NvmeEvents *e = n->events;

    e->queued = 0;
    e->masked = 0;
    memset(e->changed, 0, sizeof(e->changed));
}

static int events_pre_load(void *opaque)
{
    NvmeEvents *e = opaque;

    e->queued = e->room;
    return 0;
}

static int events_post_load(void *opaque, int version_id)
{
    NvmeEvents *e = opaque;

    for (uint32_t i = 0; i < e->queued; i++) {
        if (e->queue[i].type >= EVENT_TYPES) {
            e->queued = 0;
            return -EINVAL;
        }
    }
    return 0;
}

static const VMStateDescription vmstate_event = {
    .name = "nvme/event",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(type, NvmeEvent),
        VMSTATE_UINT8(info, NvmeEvent),
        VMSTATE_UINT8(log_page, NvmeEvent),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_queue = {
    .name = "nvme/events/queue",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = events_pre_load,
    .post_load = events_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(queued, NvmeEvents),
        VMSTATE_STRUCT_VARRAY_POINTER_UINT32(queue, NvmeEvents, queued, vmstate_event, NvmeEvent),
        VMSTATE_UINT8(masked, NvmeEvents),
        VMSTATE_BUFFER(mask_log, NvmeEvents),
        VMSTATE_BUFFER(changed, NvmeEvents),
        VMSTATE_END_OF_LIST()
    }
};

const VMStateDescription nvme_vmstate_events = {
    .name = "nvme/events",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_POINTER(events, NvmeCtrl, vmstate_queue, NvmeEvents),
        VMSTATE_END_OF_LIST()
    }
};
