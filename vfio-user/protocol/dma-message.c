/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two layouts of DMA_READ and DMA_WRITE, see the header.
 */
#include "qemu/osdep.h"
#include "vfio-user/dma-message.h"

#define QEMU28_HEAD 12          /* u64 address, u32 count; then the data */
#define QEMU28_TAIL 4           /* sizeof their struct is 16 */

size_t vfu_dma_request_head(VfuDmaLayout layout, uint64_t address, uint64_t count,
                            uint8_t head[16], size_t *padding)
{
    uint32_t count32 = count;

    memcpy(head, &address, 8);
    if (layout == VFU_DMA_LAYOUT_QEMU28) {
        memcpy(head + 8, &count32, 4);
        *padding = QEMU28_TAIL;
        return QEMU28_HEAD;
    }
    memcpy(head + 8, &count, 8);
    *padding = 0;
    return sizeof(VfuDmaAccess);
}

static bool read_reply(VfuDmaLayout layout, uint64_t count, const uint8_t *payload,
                       size_t len, VfuDmaReply *reply)
{
    bool old = layout == VFU_DMA_LAYOUT_QEMU28;
    uint64_t got = 0;

    if (len < sizeof(VfuDmaAccess)) {
        return false;
    }
    memcpy(&got, payload + 8, old ? 4 : 8);
    if (got > count || len - sizeof(VfuDmaAccess) != got) {
        return false;
    }
    reply->data = payload + (old ? QEMU28_HEAD : sizeof(VfuDmaAccess));
    reply->count = got;
    return true;
}

/* Old clients send a bare header, older texts a 32-bit count: all are taken. */
static bool write_reply(uint64_t count, const uint8_t *payload, size_t len, VfuDmaReply *reply)
{
    uint64_t got = 0;

    if (len == 0) {
        reply->bare = true;
        reply->count = count;
        return true;
    }
    if (len != 12 && len != 16) {
        return false;
    }
    memcpy(&got, payload + 8, len - 8);
    reply->count = got;
    return got <= count;
}

bool vfu_dma_reply_parse(VfuDmaLayout layout, bool read, uint64_t address, uint64_t count,
                         const uint8_t *payload, size_t len, VfuDmaReply *reply)
{
    uint64_t echoed;

    *reply = (VfuDmaReply) { 0 };
    if (len) {
        if (len < 8) {
            return false;
        }
        memcpy(&echoed, payload, 8);
        if (echoed != address) {
            return false;
        }
    }
    return read ? read_reply(layout, count, payload, len, reply)
                : write_reply(count, payload, len, reply);
}
