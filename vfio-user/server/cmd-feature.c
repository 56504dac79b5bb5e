/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEVICE_FEATURE (protocol, section 3.12): carries the payload to the device
 * and back. Only reached when the device offers features at all.
 */
#include "qemu/osdep.h"
#include "internal.h"

/* Most bytes of feature data that a reply may have. */
static size_t reply_room(const VfuSession *s, const VfuDeviceFeature *feature, size_t len)
{
    size_t room = feature->argsz - sizeof(*feature);

    return MAX(len, MIN(room, (size_t)s->limits.send_max));
}

int vfu_cmd_feature(VfuRequest *req)
{
    VfuSession *s = req->session;
    size_t len = req->msg.len - sizeof(VfuDeviceFeature);
    VfuDeviceFeature feature, *reply;
    size_t room, reply_len = len;
    int ret;

    memcpy(&feature, req->msg.payload, sizeof(feature));
    room = reply_room(s, &feature, len);
    reply = vfu_request_reply(req, sizeof(feature) + room);
    if (!reply) {
        return -ENOMEM;
    }
    memcpy(reply, req->msg.payload, req->msg.len);
    ret = s->ops->feature(s->opaque, feature.flags, reply->data, len, room, &reply_len);
    if (ret == 0) {
        g_assert(reply_len <= room);
        reply->argsz = sizeof(feature) + reply_len;
        req->reply_len = sizeof(feature) + reply_len;
    }
    return ret;
}
