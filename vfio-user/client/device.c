/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the device is: GET_INFO, GET_REGION_INFO with its capabilities, region
 * mappings, GET_REGION_IO_FDS, GET_IRQ_INFO, RESET.
 *
 * The server is not trusted: capability offsets and counts are checked against
 * the bytes that really came.
 */
#include "qemu/osdep.h"
#include <sys/mman.h>
#include "internal.h"

/* More than any device needs; a server's argsz above it is not believed. */
#define MAX_REGION_INFO (64 * 1024)
#define MAX_IO_FDS 1024

int vfu_client_get_info(VfuClient *c, VfuDeviceInfo *info)
{
    VfuDeviceInfo ask = { .argsz = c->persona->get_info_argsz };

    return vfu_client_exchange(c, VFU_DEVICE_GET_INFO, &ask, sizeof(ask), info,
                               sizeof(*info));
}

int vfu_client_reset(VfuClient *c)
{
    return vfu_client_exchange(c, VFU_DEVICE_RESET, NULL, 0, NULL, 0);
}

int vfu_client_get_irq(VfuClient *c, uint32_t index, VfuIrqInfo *info)
{
    VfuIrqInfo ask = { .argsz = sizeof(ask), .index = index };

    return vfu_client_exchange(c, VFU_DEVICE_GET_IRQ_INFO, &ask, sizeof(ask), info,
                               sizeof(*info));
}

/* --- regions --- */

void vfu_client_region_clear(VfuClientRegion *region)
{
    if (region->fd >= 0) {
        close(region->fd);
    }
    g_free(region->areas);
    *region = (VfuClientRegion) { .fd = -1 };
}

static int take_sparse(VfuClientRegion *region, const uint8_t *cap, size_t left)
{
    VfuCapSparse head;

    if (left < sizeof(head)) {
        return -EPROTO;
    }
    memcpy(&head, cap, sizeof(head));
    if (head.nr_areas > (left - sizeof(head)) / sizeof(VfuSparseArea)) {
        return -EPROTO;
    }
    g_free(region->areas);
    region->nr_areas = head.nr_areas;
    region->areas = g_memdup2(cap + sizeof(head), head.nr_areas * sizeof(VfuSparseArea));
    for (unsigned i = 0; i < region->nr_areas; i++) {
        const VfuSparseArea *a = &region->areas[i];
        if (a->offset > region->size || a->size > region->size - a->offset) {
            return -EPROTO;
        }
    }
    return 0;
}

static int take_type(VfuClientRegion *region, const uint8_t *cap, size_t left)
{
    struct {
        VfuCapHeader header;
        uint32_t type, subtype;
    } t;

    if (left < sizeof(t)) {
        return -EPROTO;
    }
    memcpy(&t, cap, sizeof(t));
    region->type = t.type;
    region->subtype = t.subtype;
    return 0;
}

static int take_cap(VfuClientRegion *region, unsigned id, const uint8_t *cap, size_t left)
{
    switch (id) {
    case VFU_CAP_SPARSE_MMAP:
        return take_sparse(region, cap, left);
    case VFU_CAP_TYPE:
        return take_type(region, cap, left);
    case VFU_CAP_MSIX_MAPPABLE:
        region->msix_mappable = true;
        return 0;
    }
    return 0;                   /* unknown ones are skipped */
}

static int take_caps(VfuClientRegion *region, const uint8_t *payload, size_t size,
                     uint32_t offset)
{
    /* Every capability is at least a header long, which bounds the chain. */
    for (size_t n = size / sizeof(VfuCapHeader); offset; n--) {
        VfuCapHeader head;
        int ret;

        if (n == 0 || offset < sizeof(VfuRegionInfo) || offset > size ||
            size - offset < sizeof(head)) {
            return -EPROTO;
        }
        memcpy(&head, payload + offset, sizeof(head));
        ret = take_cap(region, head.id, payload + offset, size - offset);
        if (ret) {
            return ret;
        }
        offset = head.next;
    }
    return 0;
}

static void drop_fds(VfuCall *call)
{
    frame_close_fds(call->reply_fds, call->nr_reply_fds);
    call->nr_reply_fds = 0;
}

/* One GET_REGION_INFO with room for argsz bytes. */
static int ask_region(VfuClient *c, uint32_t index, uint32_t argsz, uint8_t *reply,
                      VfuCall *call)
{
    bool wide = c->persona->region_info_argsz > sizeof(VfuRegionInfo);
    g_autofree uint8_t *ask = g_malloc0(MAX(argsz, sizeof(VfuRegionInfo)));
    VfuRegionInfo *info = (VfuRegionInfo *)ask;
    struct iovec iov = { ask, wide ? argsz : sizeof(VfuRegionInfo) };

    info->argsz = argsz;
    info->index = index;
    call->command = VFU_DEVICE_GET_REGION_INFO;
    call->reply = reply;
    call->room = argsz;
    call->min = sizeof(VfuRegionInfo);
    /* rust-vmm reads the struct first and then what argsz says is missing. */
    call->expect = argsz;
    call->takes_fds = true;
    return vfu_client_call(c, call, &iov, 1);
}

static int fill_region(VfuClientRegion *region, const uint8_t *reply, VfuCall *call)
{
    size_t size = MIN(call->got, call->room);
    VfuRegionInfo info;
    int ret = 0;

    memcpy(&info, reply, sizeof(info));
    *region = (VfuClientRegion) {
        .index = info.index, .flags = info.flags, .size = info.size,
        .offset = info.offset, .fd = -1,
    };
    if ((info.flags & VFU_REGION_F_CAPS) && info.cap_offset) {
        ret = take_caps(region, reply, size, info.cap_offset);
    }
    if (ret == 0 && call->nr_reply_fds) {
        region->fd = call->reply_fds[0];
        call->reply_fds[0] = -1;        /* moved */
    }
    drop_fds(call);
    if (ret) {
        vfu_client_region_clear(region);
    }
    return ret;
}

int vfu_client_get_region(VfuClient *c, uint32_t index, VfuClientRegion *region)
{
    uint32_t argsz = MAX(c->persona->region_info_argsz, sizeof(VfuRegionInfo));
    g_autofree uint8_t *reply = g_malloc0(argsz);
    VfuCall call = { 0 };
    VfuRegionInfo info;
    int ret;

    *region = (VfuClientRegion) { .fd = -1 };
    ret = ask_region(c, index, argsz, reply, &call);
    if (ret) {
        return ret;
    }
    memcpy(&info, reply, sizeof(info));
    if (info.argsz > argsz) {
        uint16_t id = call.used_id;

        drop_fds(&call);
        if (info.argsz > MAX_REGION_INFO) {
            return vfu_client_fail(c, -EPROTO, "region %u needs %u bytes of description",
                                   index, info.argsz);
        }
        g_free(reply);
        reply = g_malloc0(info.argsz);
        call = (VfuCall) { .id = c->persona->retry_keeps_id ? &id : NULL };
        ret = ask_region(c, index, info.argsz, reply, &call);
        if (ret) {
            return ret;
        }
    }
    ret = fill_region(region, reply, &call);
    return ret ? vfu_client_fail(c, ret, "region %u: broken capability chain", index) : 0;
}

static bool may_map(const VfuClientRegion *r, uint64_t offset, uint64_t size)
{
    if (!(r->flags & VFU_REGION_F_MMAP) || r->fd < 0 || !size || offset > r->size ||
        size > r->size - offset) {
        return false;
    }
    for (unsigned i = 0; i < r->nr_areas; i++) {
        const VfuSparseArea *a = &r->areas[i];
        if (offset >= a->offset && offset - a->offset <= a->size &&
            size <= a->size - (offset - a->offset)) {
            return true;
        }
    }
    return r->areas == NULL;
}

void *vfu_client_region_map(const VfuClientRegion *region, uint64_t offset,
                            uint64_t size, void **base, size_t *length)
{
    uint64_t page = sysconf(_SC_PAGESIZE), start, lead;
    int prot = (region->flags & VFU_REGION_F_READ ? PROT_READ : 0) |
               (region->flags & VFU_REGION_F_WRITE ? PROT_WRITE : 0);

    if (!may_map(region, offset, size) || region->offset > INT64_MAX - offset ||
        size > SIZE_MAX - page) {
        errno = EINVAL;
        return NULL;
    }
    start = region->offset + offset;
    lead = start % page;
    *length = size + lead;
    *base = mmap(NULL, *length, prot, MAP_SHARED, region->fd, start - lead);
    return *base == MAP_FAILED ? NULL : (uint8_t *)*base + lead;
}

/* --- ioeventfds --- */

int vfu_client_get_io_fds(VfuClient *c, uint32_t index, VfuIoEventFd *entries,
                          unsigned *count, int *fds, unsigned *nr_fds)
{
    unsigned room = MIN(*count, MAX_IO_FDS);
    size_t len = sizeof(VfuRegionIoFds) + room * sizeof(*entries);
    g_autofree uint8_t *reply = g_malloc0(len);
    VfuRegionIoFds head = { .argsz = len, .index = index };
    struct iovec iov = { &head, sizeof(head) };
    VfuCall call = {
        .command = VFU_DEVICE_GET_REGION_IO_FDS, .reply = reply, .room = len,
        .min = sizeof(head), .expect = VFU_ANY_SIZE, .takes_fds = true,
    };
    int ret = vfu_client_call(c, &call, &iov, 1);
    size_t came;

    *nr_fds = 0;
    if (ret) {
        return ret;
    }
    memcpy(&head, reply, sizeof(head));
    came = (MIN(call.got, len) - sizeof(head)) / sizeof(*entries);
    memcpy(entries, reply + sizeof(head), MIN(came, room) * sizeof(*entries));
    *count = head.count;
    *nr_fds = call.nr_reply_fds;
    memcpy(fds, call.reply_fds, call.nr_reply_fds * sizeof(int));
    return 0;
}
