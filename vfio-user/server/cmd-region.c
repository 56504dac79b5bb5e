/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Region access: REGION_READ, REGION_WRITE and REGION_WRITE_MULTI (protocol,
 * sections 3.8 and 3.9). An access of no bytes succeeds and reaches nobody.
 */
#include "qemu/osdep.h"
#include "internal.h"

/*
 * Before the operation, which may take long and end the session. One that is
 * put off (VFU_NOT_NOW, the session is there) is taken back: it comes again.
 */
static void count(VfuSession *s, uint64_t *total, uint32_t bytes)
{
    s->accessed += bytes;
    *total += bytes;
}

int vfu_cmd_region_read(VfuRequest *req)
{
    VfuSession *s = req->session;
    VfuRegionAccess access, *reply;
    int ret;

    if (s->deaf) {
        return 0;               /* nobody will know */
    }
    memcpy(&access, req->msg.payload, sizeof(access));
    reply = vfu_request_reply(req, sizeof(access) + access.count);
    if (!reply) {
        return -ENOMEM;
    }
    memcpy(reply, &access, sizeof(access));
    if (!access.count) {
        return 0;
    }
    count(s, &s->server->stats.read_bytes, access.count);
    ret = s->ops->region_read(s->opaque, req, access.region, access.offset, reply->data,
                              access.count);
    if (ret == VFU_NOT_NOW) {
        s->server->stats.read_bytes -= access.count;
    }
    return ret;
}

int vfu_cmd_region_write(VfuRequest *req)
{
    VfuSession *s = req->session;
    VfuRegionAccess access;
    int ret;

    memcpy(&access, req->msg.payload, sizeof(access));
    memcpy(vfu_request_reply(req, sizeof(access)), &access, sizeof(access));
    if (!access.count) {
        return 0;
    }
    count(s, &s->server->stats.written_bytes, access.count);
    ret = s->ops->region_write(s->opaque, req, access.region, access.offset,
                               req->msg.payload + sizeof(access), access.count);
    if (ret == VFU_NOT_NOW) {
        s->server->stats.written_bytes -= access.count;
    }
    return ret;
}

/* The entry's place in the parent's payload travels in the child's message. */
static int write_entry(VfuRequest *req)
{
    VfuSession *s = req->session;
    VfuWriteMultiEntry entry;

    memcpy(&entry, req->msg.payload, sizeof(entry));
    s->server->stats.written_bytes += entry.count;
    return s->ops->region_write(s->opaque, req, entry.region, entry.offset,
                                req->msg.payload + offsetof(VfuWriteMultiEntry, data),
                                entry.count);
}

/*
 * Each entry is a posted write of its own, so one that is slow does not hold
 * up the others, and one that fails is only not counted.
 */
int vfu_cmd_write_multi(VfuRequest *req)
{
    const uint8_t *entry = req->msg.payload + sizeof(VfuWriteMulti);
    VfuWriteMulti multi;

    if (req->session->waiting) {
        return VFU_NOT_NOW;
    }
    memcpy(&multi, req->msg.payload, sizeof(multi));
    vfu_request_reply(req, sizeof(multi));
    req->children = 1;
    for (uint64_t i = 0; i < multi.wr_cnt; i++) {
        VfuRequest *child;

        if (!req->session || !vfu_session_open(req->session)) {
            break;              /* the last entry has ended the session */
        }
        child = vfu_request_new_child(req);
        child->msg.payload = entry + i * sizeof(VfuWriteMultiEntry);
        child->msg.len = sizeof(VfuWriteMultiEntry);
        vfu_request_invoke(child, write_entry);
    }
    return --req->children ? VFU_PENDING : 0;
}
