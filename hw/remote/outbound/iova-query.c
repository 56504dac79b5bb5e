/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a monitor may see of an IOVA space. Nothing here changes or counts anything. */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "outbound/iova-internal.h"

unsigned iova_space_nr_kind(const IOVASpace *space, IOVAKind kind)
{
    return space->nr_kind[kind];
}

static IOVAMapInfo describe(const IOVARegion *r)
{
    return (IOVAMapInfo) {
        .first = r->first, .size = iova_region_size(r), .kind = r->kind,
        .readable = r->readable, .writable = r->writable, .torn = iova_region_torn(r),
        .inode = r->file ? client_file_inode(r->file) : 0, .offset = r->offset,
    };
}

unsigned iova_space_copy_maps(IOVASpace *space, hwaddr from, IOVAMapInfo *maps, unsigned max)
{
    IOVARegion key = { .first = from };
    GTreeNode *node = g_tree_lower_bound(space->tree, &key);
    unsigned n = 0;

    while (node && n < max) {
        maps[n++] = describe(g_tree_node_key(node));
        node = g_tree_node_next(node);
    }
    return n;
}

static bool peek_piece(IOVASpace *space, hwaddr addr, void *buf, hwaddr len, hwaddr *done,
                       Error **errp)
{
    IOVARegion *r = iova_region_find(space, addr);
    hwaddr avail;
    const char *why = iova_region_judge(r, addr, false, &avail);

    if (why) {
        error_setg(errp, "0x%" PRIx64 ": %s", addr, why);
        return false;
    }
    if (r->kind == IOVA_MESSAGE) {
        error_setg(errp, "0x%" PRIx64 " is reached by messages to the client alone, which a "
                   "monitor does not send", addr);
        return false;
    }
    *done = MIN(avail, len);
    if (!iova_direct_copy(r, addr, buf, *done, false)) {
        error_setg(errp, "0x%" PRIx64 ": the client's memory is gone", addr);
        return false;
    }
    return true;
}

bool iova_space_peek(IOVASpace *space, hwaddr addr, void *buf, hwaddr len, Error **errp)
{
    while (len) {
        hwaddr done;

        if (!peek_piece(space, addr, buf, len, &done, errp)) {
            return false;
        }
        addr += done;           /* past the top: 0, where len is 0 too, or not mapped */
        buf = (uint8_t *)buf + done;
        len -= done;
    }
    return true;
}
