/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "block/block.h"
#include "qapi/error.h"
#include "backend-int.h"
#include "perm.h"

typedef struct Use {
    uint64_t perm, shared;
} Use;

/* What the parents of bs but `except` do and allow; what one of a node does follows from above. */
static Use use_of_parents(const BlockDriverState *bs, const BlockParent *except);

static Use use_of(const BlockParent *parent, const BlockParent *except)
{
    return parent->node ? use_of_parents(parent->node, except) :
                          (Use) { parent->perm, parent->shared };
}

static Use use_of_parents(const BlockDriverState *bs, const BlockParent *except)
{
    Use sum = { 0, BLK_PERM_ALL };

    for (GSList *l = bs->parents; l; l = l->next) {
        if (l->data != except) {
            Use one = use_of(l->data, except);

            sum.perm |= one.perm;
            sum.shared &= one.shared;
        }
    }
    return sum;
}

static const char *perm_name(uint64_t perms)
{
    static const struct {
        uint64_t bit;
        const char *name;
    } names[] = {
        { BLK_PERM_CONSISTENT_READ, "consistent read" },
        { BLK_PERM_WRITE, "write" },
        { BLK_PERM_WRITE_UNCHANGED, "write unchanged" },
        { BLK_PERM_RESIZE, "resize" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (perms & names[i].bit) {
            return names[i].name;
        }
    }
    return "nothing";
}

static bool conflict(Use a, Use b)
{
    return (a.perm & ~b.shared) || (b.perm & ~a.shared);
}

/* Who above bs is in the way, for an error text; the caller frees. */
static char *opponent(const BlockDriverState *bs, const BlockParent *self, Use want)
{
    for (GSList *l = bs->parents; l; l = l->next) {
        const BlockParent *parent = l->data;

        if (parent != self && conflict(use_of(parent, self), want)) {
            return parent->blk ? blk_user_name(parent->blk) :
                                 g_strdup_printf("node '%s'", parent->node->node_name);
        }
    }
    g_assert_not_reached();
}

static bool check_node(const BlockDriverState *bs, const BlockParent *self, Use want, Error **errp)
{
    Use others = use_of_parents(bs, self);

    if (conflict(others, want)) {
        g_autofree char *user = opponent(bs, self, want);
        uint64_t refused = want.perm & ~others.shared;
        uint64_t what = refused ?: others.perm & ~want.shared;

        error_setg(errp, "Conflicts with use by %s, which %s '%s' on %s", user,
                   refused ? "does not allow" : "uses", perm_name(what), bs->node_name);
        if (what & BLK_PERM_WRITE) {
            error_append_hint(errp, "Give each device a node and a medium of its own, or set "
                              "share-rw=on for all of them\n");
        }
        return false;
    }
    if ((want.perm & BLK_PERM_WRITE) && bs->read_only) {
        error_setg(errp, "Node '%s' is read-only: open it with read-only=off", bs->node_name);
        return false;
    }
    return true;
}

bool block_parent_set_perm(BlockParent *parent, uint64_t perm, uint64_t shared, Error **errp)
{
    Use want = { perm, shared };

    /* The same blk is the only way from above that may change below: seen as absent. */
    for (const BlockDriverState *bs = parent->bs; bs; bs = bs->file) {
        if (!check_node(bs, parent, want, errp)) {
            return false;
        }
    }
    parent->perm = perm;
    parent->shared = shared;
    return true;
}

BlockParent *block_parent_new(BlockDriverState *bs, BlockDriverState *node, BlockBackend *blk)
{
    BlockParent *parent = g_new0(BlockParent, 1);

    *parent = (BlockParent) { .bs = bs, .node = node, .blk = blk, .shared = BLK_PERM_ALL };
    bs->refcount++;
    bs->parents = g_slist_prepend(bs->parents, parent);
    return parent;
}

void block_parent_free(BlockParent *parent)
{
    BlockDriverState *bs = parent->bs;

    bs->parents = g_slist_remove(bs->parents, parent);
    g_free(parent);
    bdrv_unref(bs);
}

bool bdrv_may_resize(const BlockDriverState *bs, Error **errp)
{
    return check_node(bs, NULL, (Use) { BLK_PERM_RESIZE, BLK_PERM_ALL }, errp);
}
