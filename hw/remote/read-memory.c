/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x-read-memory: the bytes of an address space, for people.
 *
 * Neither the main thread nor a domain may wait for a client here. So memory
 * that only messages reach is refused, and a register whose callback wants to
 * wait for its client is told at once that the memory cannot be had
 * (remote_function_forbid_waits()). Between portions the domain does its work.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/qapi-commands-isolation.h"
#include "query-memory.h"

#define SIZE_MAX_READ (64 * 1024)
/* Registers are read four bytes at a time, each by a callback of its device. */
#define PORTION 512

typedef struct Search {
    const char *name;
    QuerySpace space;
    bool found;
} Search;

static void look(const QuerySpace *space, void *opaque)
{
    Search *s = opaque;

    if (!s->found && g_str_equal(space->name, s->name)) {
        s->space = *space;
        s->found = true;
    }
}

static bool find_space(const char *name, QuerySpace *space, Error **errp)
{
    Search s = { .name = name };

    query_foreach_space(NULL, look, &s, NULL);
    if (!s.found) {
        error_setg(errp, "Address space '%s' not found: use a name that x-query-address-spaces "
                   "lists", name);
        return false;
    }
    *space = s.space;
    space->name = name;         /* the walk's own is gone */
    return true;
}

static bool check_range(uint64_t address, uint64_t size, Error **errp)
{
    if (size < 1 || size > SIZE_MAX_READ) {
        error_setg(errp, "Parameter 'size' expects a value between 1 and %d", SIZE_MAX_READ);
        return false;
    }
    if (size - 1 > UINT64_MAX - address) {
        error_setg(errp, "0x%" PRIx64 " and %" PRIu64 " bytes are beyond the end of the address "
                   "space", address, size);
        return false;
    }
    return true;
}

/* --- what a function reaches --- */

static IOVASpace *dma_space(const QuerySpace *space, Error **errp)
{
    g_autoptr(GHashTable) servers = query_servers();
    const VfioUserServerView *view = g_hash_table_lookup(servers, space->dev);

    if (!view) {
        error_setg(errp, "%s: the function is not served, nobody lends it memory", space->name);
        return NULL;
    }
    return view->fn->space;
}

static bool read_dma(const QuerySpace *space, IOVASpace *iova, uint64_t address, void *buf,
                     uint64_t len, Error **errp)
{
    AIO_CONTEXT_VISIT(space->ctx);

    if (!space->dev->is_master) {
        error_setg(errp, "%s: bus mastering is off, the function reaches nothing", space->name);
        return false;
    }
    if (!iova_space_peek(iova, address, buf, len, errp)) {
        error_prepend(errp, "%s: ", space->name);
        return false;
    }
    return true;
}

/* --- what a domain decodes --- */

static MemTxResult access_space(const QuerySpace *space, uint64_t address, void *buf, uint64_t len)
{
    MemTxResult result;
    AIO_CONTEXT_VISIT(space->ctx);

    remote_function_forbid_waits(true);
    result = address_space_read(space->as, address, MEMTXATTRS_UNSPECIFIED, buf, len);
    remote_function_forbid_waits(false);
    return result;
}

static bool read_decoded(const QuerySpace *space, uint64_t address, void *buf, uint64_t len,
                         Error **errp)
{
    MemTxResult result = access_space(space, address, buf, len);

    if (result != MEMTX_OK) {
        error_setg(errp, "%s: 0x%" PRIx64 " to 0x%" PRIx64 " cannot be read: %s", space->name,
                   address, address + (len - 1),
                   result & MEMTX_DECODE_ERROR ? "not all of it answers" : "the device refuses");
        return false;
    }
    return true;
}

static bool read_space(const QuerySpace *space, uint64_t address, uint8_t *buf, uint64_t size,
                       Error **errp)
{
    IOVASpace *iova = NULL;

    if (space->type == ADDRESS_SPACE_TYPE_DMA) {
        iova = dma_space(space, errp);
        if (!iova) {
            return false;
        }
    }
    for (uint64_t done = 0; done < size; done += PORTION) {
        uint64_t len = MIN(PORTION, size - done);
        bool ok = iova ? read_dma(space, iova, address + done, buf + done, len, errp)
                       : read_decoded(space, address + done, buf + done, len, errp);

        if (!ok) {
            return false;
        }
    }
    return true;
}

MemoryContent *qmp_x_read_memory(const char *space, uint64_t address, uint64_t size, Error **errp)
{
    g_autofree uint8_t *buf = NULL;
    QuerySpace found;
    MemoryContent *content;

    if (!check_range(address, size, errp) || !find_space(space, &found, errp)) {
        return NULL;
    }
    buf = g_malloc0(size);
    if (!read_space(&found, address, buf, size, errp)) {
        return NULL;
    }
    content = g_new0(MemoryContent, 1);
    content->data = g_base64_encode(buf, size);
    return content;
}
