/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEVICE_FEATURE and the migration data commands.
 */
#include "qemu/osdep.h"
#include "internal.h"

int vfu_client_feature(VfuClient *c, uint32_t flags, const void *data, size_t len,
                       void *reply, size_t room, size_t *got)
{
    VfuDeviceFeature ask = { .argsz = sizeof(ask) + MAX(len, room), .flags = flags };
    size_t whole = sizeof(ask) + room;
    g_autofree uint8_t *buf = g_malloc0(whole);
    struct iovec iov[2] = { { &ask, sizeof(ask) }, { (void *)data, len } };
    VfuCall call = {
        .command = VFU_DEVICE_FEATURE, .reply = buf, .room = whole, .min = sizeof(ask),
        .expect = VFU_ANY_SIZE,
    };
    int ret = vfu_client_call(c, &call, iov, len ? 2 : 1);

    if (ret) {
        return ret;
    }
    *got = MIN(call.got, whole) - sizeof(ask);
    if (*got) {
        memcpy(reply, buf + sizeof(ask), *got);
    }
    return 0;
}

int vfu_client_mig_read(VfuClient *c, void *data, uint32_t size, uint32_t *got)
{
    size_t whole = sizeof(VfuMigData) + size;
    g_autofree uint8_t *buf = g_malloc0(whole);
    VfuMigData head = { .argsz = whole, .size = size };
    struct iovec iov = { &head, sizeof(head) };
    VfuCall call = {
        .command = VFU_MIG_DATA_READ, .reply = buf, .room = whole, .min = sizeof(head),
        .expect = VFU_ANY_SIZE,
    };
    int ret = vfu_client_call(c, &call, &iov, 1);

    if (ret) {
        return ret;
    }
    memcpy(&head, buf, sizeof(head));
    if (head.size > size || head.size > call.got - sizeof(head)) {
        return vfu_client_fail(c, -EPROTO, "MIG_DATA_READ: %u bytes for %u, %zu came",
                               head.size, size, call.got - sizeof(head));
    }
    memcpy(data, buf + sizeof(head), head.size);
    *got = head.size;
    return 0;
}

int vfu_client_mig_write(VfuClient *c, const void *data, uint32_t size)
{
    VfuMigData head = { .argsz = sizeof(head) + size, .size = size };
    struct iovec iov[2] = { { &head, sizeof(head) }, { (void *)data, size } };
    /* Released servers answer with the header alone, a draft with the struct. */
    VfuCall call = { .command = VFU_MIG_DATA_WRITE, .expect = VFU_ANY_SIZE };

    return vfu_client_call(c, &call, iov, 2);
}
