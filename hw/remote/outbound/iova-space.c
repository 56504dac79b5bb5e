/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The map table of a function: what DMA_MAP adds and DMA_UNMAP removes.
 *
 * Intervals are kept as first and inclusive last, so that a range may end at
 * the top of the address space. Regions never overlap, which makes an ordered
 * tree by first address an interval map: the candidate for an address is the
 * last region that starts at or before it.
 *
 * Adding is two-phase: the file is checked, mapped and the record allocated
 * before the tree is touched; putting it in cannot fail. Removal starts by
 * taking regions out of the tree: from then on nothing finds them, and what
 * found them before is waited for in drain.c.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qapi/error.h"
#include "outbound/iova-internal.h"
#include "trace.h"

static gint compare_first(gconstpointer a, gconstpointer b, gpointer unused)
{
    const IOVARegion *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* The first region that starts above addr, as a tree node. */
static GTreeNode *node_above(IOVASpace *space, hwaddr addr)
{
    IOVARegion key = { .first = addr };

    return g_tree_upper_bound(space->tree, &key);
}

static IOVARegion *region_of(GTreeNode *node)
{
    return node ? g_tree_node_key(node) : NULL;
}

/* The last region that starts at or below addr. */
static GTreeNode *node_at_or_below(IOVASpace *space, hwaddr addr)
{
    GTreeNode *above = node_above(space, addr);

    return above ? g_tree_node_previous(above) : g_tree_node_last(space->tree);
}

IOVARegion *iova_region_find(IOVASpace *space, hwaddr addr)
{
    IOVARegion *r = region_of(node_at_or_below(space, addr));

    return iova_region_has(r, addr) ? r : NULL;
}

const char *iova_region_judge(const IOVARegion *r, hwaddr addr, bool is_write, hwaddr *avail)
{
    if (!r) {
        return "not mapped";
    }
    if (!(is_write ? r->writable : r->readable)) {
        return is_write ? "mapped read-only" : "mapped write-only";
    }
    /* A region that is the whole 64-bit space has 2^64 bytes. */
    *avail = r->last - addr == HWADDR_MAX ? HWADDR_MAX : r->last - addr + 1;
    return NULL;
}

void iova_region_forget_hits(IOVASpace *space)
{
    memset(space->hits, 0, sizeof(space->hits));
}

static IOVARegion *find_and_cache(IOVASpace *space, hwaddr addr)
{
    IOVARegion *r = iova_region_find(space, addr);

    if (r) {
        memmove(space->hits + 1, space->hits, sizeof(space->hits) - sizeof(*space->hits));
        space->hits[0] = r;
    }
    return r;
}

IOVARegion *iova_region_find_cached(IOVASpace *space, hwaddr addr)
{
    for (unsigned i = 0; i < IOVA_NR_HITS; i++) {
        if (iova_region_has(space->hits[i], addr)) {
            return space->hits[i];
        }
    }
    return find_and_cache(space, addr);
}

IOVARegion *iova_region_peek(IOVASpace *space, hwaddr addr, bool is_write, hwaddr *avail)
{
    IOVARegion *r = iova_region_find_cached(space, addr);
    const char *why = iova_region_judge(r, addr, is_write, avail);

    if (why) {
        iova_fault(space, addr, 0, is_write, why);
        return NULL;
    }
    return r;
}

IOVARegion *iova_region_get(IOVASpace *space, hwaddr addr, bool is_write, hwaddr *avail)
{
    const char *why;
    IOVARegion *r;

    qemu_mutex_lock(&space->lock);
    r = iova_region_find(space, addr);
    why = iova_region_judge(r, addr, is_write, avail);
    if (!why) {
        r->users++;
    }
    qemu_mutex_unlock(&space->lock);
    if (why) {
        iova_fault(space, addr, 0, is_write, why);
        return NULL;
    }
    return r;
}

IOVARegion *iova_region_point(IOVASpace *space, hwaddr addr, bool is_write, hwaddr *avail,
                              IOVAPointer *p)
{
    const char *why;
    IOVARegion *r;

    qemu_mutex_lock(&space->lock);
    r = iova_region_find(space, addr);
    why = iova_region_judge(r, addr, is_write, avail);
    if (!why && r->kind == IOVA_MAPPED && !sigbus_window_torn(r->mapping->window)) {
        r->users++;
        p->mapping = client_mapping_ref(r->mapping);
        p->host = r->host + (addr - r->first);
        QLIST_INSERT_HEAD(&space->pointers, p, next);
    } else {
        r = NULL;
    }
    qemu_mutex_unlock(&space->lock);
    if (why) {
        iova_fault(space, addr, 0, is_write, why);
    }
    return r;
}

void iova_region_put(IOVASpace *space, IOVARegion *r)
{
    bool idle;

    qemu_mutex_lock(&space->lock);
    g_assert(r->users > 0);
    idle = --r->users == 0 && r->dying;
    qemu_mutex_unlock(&space->lock);
    if (idle) {
        iova_drain_region_idle(space);
    }
}

void iova_region_free(IOVASpace *space, IOVARegion *r)
{
    client_mapping_unref(r->mapping);
    g_slist_free_full(r->left_mappings, (GDestroyNotify)client_mapping_unref);
    if (r->file) {
        client_file_put(r->file, iova_region_size(r));
    }
    g_free(r);
}

/* --- map --- */

static bool range_is_free(IOVASpace *space, hwaddr first, hwaddr last)
{
    IOVARegion *below = region_of(node_at_or_below(space, last));

    return !below || below->last < first;
}

static IOVAKind wanted_kind(IOVASpace *space, const VfuDmaMap *map, bool has_fd)
{
    if (!has_fd || space->config.access == IOVA_ACCESS_MESSAGE) {
        return IOVA_MESSAGE;
    }
    if ((map->flags & VFU_DMA_F_FILE_IO) || space->config.access == IOVA_ACCESS_FILE) {
        return IOVA_FILE;
    }
    return IOVA_MAPPED;
}

/* Without a file the region is reached by messages alone. */
static int region_open_file(IOVASpace *space, IOVARegion *r, const VfuDmaMap *map, int fd,
                            Error **errp)
{
    ClientFileWant want = {
        .write = r->writable, .map = r->kind == IOVA_MAPPED,
        .sealed = space->config.require_shrink_seal,
        .offset = map->offset, .size = map->size,
    };
    int ret = client_file_get(space->files, fd, &want, &r->file, &r->mapping, errp);

    if (!ret && r->mapping) {
        r->host = r->mapping->base + (map->offset - r->mapping->offset);
    }
    return ret;
}

static int check_map(IOVASpace *space, const VfuDmaMap *map, Error **errp)
{
    if (g_tree_nnodes(space->tree) >= space->config.max_maps) {
        error_setg(errp, "more than max-dma-maps=%u mappings", space->config.max_maps);
        return -ENOSPC;
    }
    if (!range_is_free(space, map->address, map->address + (map->size - 1))) {
        error_setg(errp, "the range overlaps an existing mapping");
        return -EEXIST;
    }
    return 0;
}

int iova_space_map(IOVASpace *space, const VfuDmaMap *map, int fd, Error **errp)
{
    g_autofree IOVARegion *r = g_new0(IOVARegion, 1);
    int ret = check_map(space, map, errp);

    r->first = map->address;
    r->last = map->address + (map->size - 1);
    r->readable = map->flags & VFU_DMA_F_READ;
    r->writable = map->flags & VFU_DMA_F_WRITE;
    r->kind = wanted_kind(space, map, fd >= 0);
    r->offset = map->offset;
    if (!ret && r->kind != IOVA_MESSAGE) {
        ret = region_open_file(space, r, map, fd, errp);    /* takes fd */
    } else if (fd >= 0) {
        close(fd);
    }
    if (ret) {
        return ret;
    }
    trace_iova_map(space->config.name, r->first, r->last, map->flags, r->kind);
    qemu_mutex_lock(&space->lock);
    g_tree_insert(space->tree, r, r);
    space->nr_kind[r->kind]++;
    qemu_mutex_unlock(&space->lock);
    r = NULL;                   /* the tree's now */
    return 0;
}

/* --- unmap --- */

/* A region that lies on one end of the range only must not be cut. */
static bool would_split(IOVASpace *space, hwaddr first, hwaddr last)
{
    IOVARegion *at_first = region_of(node_at_or_below(space, first));
    IOVARegion *at_last = region_of(node_at_or_below(space, last));

    return (iova_region_has(at_first, first) && at_first->first < first) ||
           (iova_region_has(at_last, last) && at_last->last > last);
}

/* Out of the tree and marked dying: nothing new can find them. */
static GPtrArray *take_regions(IOVASpace *space, hwaddr first, hwaddr last, uint64_t *bytes)
{
    GPtrArray *taken = g_ptr_array_new();
    GTreeNode *node;

    *bytes = 0;
    iova_region_forget_hits(space);
    qemu_mutex_lock(&space->lock);
    node = first ? node_above(space, first - 1) : g_tree_node_first(space->tree);
    while (node && region_of(node)->first <= last) {
        IOVARegion *r = region_of(node);

        node = g_tree_node_next(node);
        g_tree_remove(space->tree, r);
        space->nr_kind[r->kind]--;
        r->dying = true;
        *bytes += iova_region_size(r);
        g_ptr_array_add(taken, r);
    }
    qemu_mutex_unlock(&space->lock);
    return taken;
}

static void tell_revoked(IOVASpace *space, hwaddr first, hwaddr last)
{
    MemoryRegionDMANotifier *n, *next;

    QLIST_FOREACH_SAFE(n, &space->notifiers, next, next) {
        n->revoke(n, first, last);
    }
}

int iova_space_unmap(IOVASpace *space, hwaddr first, hwaddr last, uint64_t *unmapped,
                     IOVAUnmapDone *done, void *opaque)
{
    GPtrArray *taken;
    uint64_t bytes;

    if (would_split(space, first, last)) {
        return -EINVAL;
    }
    taken = take_regions(space, first, last, &bytes);
    trace_iova_unmap(space->config.name, first, last, taken->len);
    if (!taken->len) {
        g_ptr_array_unref(taken);
        *unmapped = 0;
        return space->config.unmap_missing_is_error ? -ENOENT : 0;
    }
    tell_revoked(space, first, last);
    for (guint i = 0; i < taken->len; i++) {
        iova_transfers_cancel_region(space, g_ptr_array_index(taken, i));
    }
    return iova_drain_start(space, taken, bytes, unmapped, done, opaque);
}

/* --- life --- */

IOVASpace *iova_space_new(AioContext *ctx, Object *owner, const IOVASpaceConfig *config,
                          const IOVAWaitOps *wait_ops, void *opaque)
{
    IOVASpace *space = g_new0(IOVASpace, 1);

    space->ctx = ctx;
    space->config = *config;
    space->wait_ops = wait_ops;
    space->wait_opaque = opaque;
    qemu_mutex_init(&space->lock);
    space->tree = g_tree_new_full(compare_first, NULL, NULL, NULL);
    space->files = client_file_table_new(config->max_bytes);
    space->drain_bh = aio_bh_new(ctx, iova_drain_bh, space);
    QTAILQ_INIT(&space->stalled);
    space->room_bh = aio_bh_new(ctx, iova_transfers_resume, space);
    space->silence = aio_timer_new(ctx, QEMU_CLOCK_REALTIME, SCALE_NS, iova_transfers_give_up,
                                   space);
    if (wait_ops) {
        memory_region_init_dma(&space->mr, owner, &iova_dma_ops, space, "iova-space", UINT64_MAX);
    }
    return space;
}

void iova_space_free(IOVASpace *space)
{
    if (!space) {
        return;
    }
    g_assert(g_tree_nnodes(space->tree) == 0);
    if (space->wait_ops) {
        object_unparent(OBJECT(&space->mr));
    }
    space->abandoned = true;
    if (!space->pins) {
        iova_space_free_now(space);
    }
}

void iova_space_free_now(IOVASpace *space)
{
    iova_drain_bh(space);
    g_assert(QLIST_EMPTY(&space->drains));
    qemu_bh_delete(space->drain_bh);
    qemu_bh_delete(space->room_bh);
    timer_free(space->silence);
    g_tree_unref(space->tree);
    client_file_table_free(space->files);
    qemu_mutex_destroy(&space->lock);
    g_free(space);
}

MemoryRegion *iova_space_region(IOVASpace *space)
{
    return &space->mr;
}

void iova_space_attach(IOVASpace *space, VfuSession *session)
{
    space->session = session;
    iova_answers_attach(space);
}

void iova_space_detach(IOVASpace *space)
{
    VfuSession *session = g_steal_pointer(&space->session);
    uint64_t unused;

    iova_transfers_cancel_all(space);
    iova_answers_detach(space, session);
    iova_space_unmap(space, 0, HWADDR_MAX, &unused, NULL, NULL);
    iova_drains_force(space);
}

/* Regions know nothing of their space; their files go with the table of them,
 * which lives until the last of its files has gone. */
void iova_space_adopt(IOVASpace *space, IOVASpace *from)
{
    ClientFileTable *files = space->files;
    GTree *empty = space->tree;

    g_assert(g_tree_nnodes(empty) == 0);
    space->files = from->files;
    from->files = files;
    qemu_mutex_lock(&space->lock);
    space->tree = from->tree;
    qemu_mutex_unlock(&space->lock);
    from->tree = empty;
    iova_region_forget_hits(space);
    iova_region_forget_hits(from);
}

void iova_space_abort_waits(IOVASpace *space)
{
    iova_transfers_cancel_all(space);
}

const IOVASpaceConfig *iova_space_config(const IOVASpace *space)
{
    return &space->config;
}

const IOVASpaceStats *iova_space_stats(const IOVASpace *space)
{
    return &space->stats;
}

unsigned iova_space_nr_maps(const IOVASpace *space)
{
    return g_tree_nnodes(space->tree);
}
