/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The server's own commands: DMA_READ and DMA_WRITE, answered from lent memory
 * as a hypervisor would from guest memory.
 *
 * Two layouts exist. The protocol's has a 64-bit count and data at 16; QEMU
 * 10.1 to 11.0 take a 32-bit count and data at 12, and answer DMA_WRITE with
 * the header alone.
 */
#include "qemu/osdep.h"
#include "internal.h"

#define COUNT32_DATA 12
#define COUNT64_DATA 16

/* Larger than what we announced as max_data_xfer_size is the server's fault. */
#define MAX_TRANSFER (1024 * 1024)

int vfu_client_answer(VfuClient *c, const VfuHeader *to, int error, const void *payload,
                      size_t size)
{
    VfuHeader h = {
        .id = to->id, .command = to->command, .flags = VFU_TYPE_REPLY,
        .size = sizeof(h) + (error ? 0 : size),
    };
    struct iovec iov[2] = { { &h, sizeof(h) }, { (void *)payload, size } };
    int ret;

    if (to->flags & VFU_NO_REPLY) {
        return 0;
    }
    if (error) {
        h.flags |= VFU_ERROR;
        h.error = error;
    }
    /* No drain here: this may run below a receive already. */
    ret = frame_send(&c->frame, iov, error || !size ? 1 : 2, NULL, 0,
                     frame_now() + c->timeout_ns, NULL, NULL);
    return ret ? vfu_client_fail(c, ret, "answering the server: %s", strerror(-ret)) : 0;
}

typedef struct DmaRequest {
    uint64_t address, count;
    const uint8_t *data;        /* of a DMA_WRITE */
    const Lent *lent;
} DmaRequest;

/* 0 or a positive errno for the reply. */
static int parse(VfuClient *c, const FrameView *v, bool is_write, DmaRequest *r)
{
    bool narrow = c->persona->dma_count32;
    uint32_t count32;

    if (v->size < COUNT64_DATA) {
        return EINVAL;
    }
    memcpy(&r->address, v->payload, 8);
    memcpy(&r->count, v->payload + 8, 8);
    memcpy(&count32, v->payload + 8, 4);
    r->count = narrow ? count32 : r->count;
    r->data = v->payload + (narrow ? COUNT32_DATA : COUNT64_DATA);
    if (r->count > MAX_TRANSFER || (is_write && r->count > v->size - COUNT64_DATA)) {
        return E2BIG;
    }
    r->lent = vfu_client_find_lent(c, r->address, r->count);
    if (r->count && !r->lent) {
        return ENODEV;
    }
    if (r->count && !(r->lent->flags & (is_write ? VFU_DMA_F_WRITE : VFU_DMA_F_READ))) {
        return EPERM;
    }
    return 0;
}

static int answer_read(VfuClient *c, const VfuHeader *h, const DmaRequest *r)
{
    size_t at = c->persona->dma_count32 ? COUNT32_DATA : COUNT64_DATA;
    uint8_t *out;

    /* The length is the same in both layouts: the narrow one pads its tail. */
    g_byte_array_set_size(c->scratch, COUNT64_DATA + r->count);
    out = c->scratch->data;
    memset(out, 0, COUNT64_DATA);
    memcpy(out, &r->address, 8);
    memcpy(out + 8, &r->count, c->persona->dma_count32 ? 4 : 8);
    if (r->count) {
        memcpy(out + at, r->lent->host + (r->address - r->lent->first), r->count);
        memset(out + at + r->count, 0, COUNT64_DATA - at);
    }
    return vfu_client_answer(c, h, 0, out, COUNT64_DATA + r->count);
}

static int answer_write(VfuClient *c, const VfuHeader *h, const DmaRequest *r)
{
    uint64_t echo[2] = { r->address, r->count };

    if (r->count) {
        memcpy(r->lent->host + (r->address - r->lent->first), r->data, r->count);
    }
    return vfu_client_answer(c, h, 0, echo, c->persona->dma_count32 ? 0 : sizeof(echo));
}

/* Returns VFU_HOOK_DEFAULT when the library has to answer. */
static int ask_hook(VfuClient *c, const FrameView *v)
{
    VfuClientMessage msg = { .header = v->header, .size = v->size, .payload = v->payload };
    int ret;

    if (!c->hooks.command) {
        return VFU_HOOK_DEFAULT;
    }
    ret = c->hooks.command(c->hooks_opaque, c, &msg);
    if (ret < 0) {
        return vfu_client_answer(c, &v->header, -ret, NULL, 0);
    }
    return ret == VFU_HOOK_SILENT ? 0 : ret;
}

int vfu_client_handle_command(VfuClient *c, const FrameView *v)
{
    bool is_write = v->header.command == VFU_DMA_WRITE;
    DmaRequest r = { 0 };
    int ret = ask_hook(c, v);

    if (ret != VFU_HOOK_DEFAULT) {
        return ret;
    }
    if (!c->persona->answers_dma) {
        return vfu_client_fail(c, -EPROTO, "the server sent command %u, which the %s client "
                               "takes for its reply", v->header.command, c->persona->name);
    }
    if (!is_write && v->header.command != VFU_DMA_READ) {
        c->stats.dma_refused++;
        return vfu_client_answer(c, &v->header, ENOSYS, NULL, 0);
    }
    ret = parse(c, v, is_write, &r);
    if (ret) {
        c->stats.dma_refused++;
        return vfu_client_answer(c, &v->header, ret, NULL, 0);
    }
    if (is_write) {
        c->stats.dma_writes++;
        return answer_write(c, &v->header, &r);
    }
    c->stats.dma_reads++;
    return answer_read(c, &v->header, &r);
}
