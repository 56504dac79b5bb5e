/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REGION_READ, REGION_WRITE (waiting or posted) and REGION_WRITE_MULTI.
 */
#include "qemu/osdep.h"
#include "internal.h"

int vfu_client_read(VfuClient *c, uint32_t region, uint64_t offset, void *data,
                    uint32_t count)
{
    VfuRegionAccess ask = { .offset = offset, .region = region, .count = count };
    struct iovec iov = { &ask, sizeof(ask) };
    size_t len = sizeof(VfuRegionAccess) + count;
    uint8_t small[sizeof(VfuRegionAccess) + 64];
    g_autofree uint8_t *big = len > sizeof(small) ? g_malloc(len) : NULL;
    VfuRegionAccess echo;
    VfuCall call = {
        .command = VFU_REGION_READ, .reply = big ? big : small, .room = len, .min = len,
        .expect = len,
    };
    int ret = vfu_client_call(c, &call, &iov, 1);

    if (ret) {
        return ret;
    }
    memcpy(&echo, call.reply, sizeof(echo));
    if (echo.offset != offset || echo.region != region || echo.count != count ||
        call.got != len) {
        return vfu_client_fail(c, -EPROTO, "REGION_READ: the reply is about something else");
    }
    memcpy(data, (uint8_t *)call.reply + sizeof(echo), count);
    return 0;
}

int vfu_client_write(VfuClient *c, uint32_t region, uint64_t offset, const void *data,
                     uint32_t count)
{
    VfuRegionAccess ask = { .offset = offset, .region = region, .count = count }, echo;
    struct iovec iov[2] = { { &ask, sizeof(ask) }, { (void *)data, count } };
    VfuCall call = {
        .command = VFU_REGION_WRITE, .reply = &echo, .room = sizeof(echo),
        .min = sizeof(echo), .expect = sizeof(echo),
    };
    int ret = vfu_client_call(c, &call, iov, 2);

    if (ret == 0 && (echo.offset != offset || echo.region != region)) {
        return vfu_client_fail(c, -EPROTO, "REGION_WRITE: the reply is about something else");
    }
    return ret;
}

int vfu_client_post(VfuClient *c, uint32_t region, uint64_t offset, const void *data,
                    uint32_t count)
{
    VfuRegionAccess ask = { .offset = offset, .region = region, .count = count };
    struct iovec iov[2] = { { &ask, sizeof(ask) }, { (void *)data, count } };

    return vfu_client_send(c, VFU_REGION_WRITE, VFU_NO_REPLY, vfu_client_new_id(c), iov, 2,
                           NULL, 0);
}

int vfu_client_write_multi(VfuClient *c, const VfuWriteMultiEntry *entries, unsigned nr,
                           bool posted, uint64_t *done)
{
    uint64_t wr_cnt = nr;
    struct iovec iov[2] = {
        { &wr_cnt, sizeof(wr_cnt) }, { (void *)entries, nr * sizeof(*entries) },
    };
    VfuCall call = {
        .command = VFU_REGION_WRITE_MULTI, .reply = done, .room = sizeof(*done),
        .min = sizeof(*done), .expect = sizeof(*done),
    };

    if (posted) {
        return vfu_client_send(c, VFU_REGION_WRITE_MULTI, VFU_NO_REPLY,
                               vfu_client_new_id(c), iov, 2, NULL, 0);
    }
    return vfu_client_call(c, &call, iov, 2);
}

uint64_t vfu_client_readn(VfuClient *c, uint32_t region, uint64_t offset, unsigned width)
{
    uint64_t value = 0;

    if (width > sizeof(value) || vfu_client_read(c, region, offset, &value, width) < 0) {
        return UINT64_MAX >> (64 - 8 * CLAMP(width, 1, 8));
    }
    return GUINT64_FROM_LE(value);
}

int vfu_client_writen(VfuClient *c, uint32_t region, uint64_t offset, unsigned width,
                      uint64_t value)
{
    value = GUINT64_TO_LE(value);
    return width > sizeof(value) ? -EINVAL
                                 : vfu_client_write(c, region, offset, &value, width);
}
