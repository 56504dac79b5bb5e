/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an address shows: overlaps, priorities, aliases, loops, and random
 * trees under random changes against a naive model that looks every byte up
 * from the root.
 */
#include "common.h"

#define NODES 24
#define SPACE 512

typedef enum { CONTAINER, LEAF, ALIAS } Kind;

typedef struct Node {
    MemoryRegion mr;
    Kind kind;
    int id;
    int parent; /* -1: not in the tree */
    int target;
    uint64_t addr, size, offset;
    int prio;
    uint64_t age;
    bool on;
} Node;

typedef struct World {
    Object *owner;
    Node node[NODES];
    uint64_t clock;
} World;

static uint64_t leaf_read(void *opaque, hwaddr addr, unsigned size)
{
    return ((Node *)opaque)->id;
}

static void leaf_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
}

static const MemoryRegionOps leaf_ops = {
    .read = leaf_read,
    .write = leaf_write,
    .valid.min_access_size = 1,
    .valid.max_access_size = 1,
};

/* ---- the naive model ---- */

static int model_at(World *w, int n, uint64_t addr, int depth, uint64_t *where);

static int best_child(World *w, int n, uint64_t addr, int depth, uint64_t *where)
{
    bool tried[NODES] = { false };

    for (;;) {
        int best = -1;

        for (int c = 0; c < NODES; c++) {
            Node *k = &w->node[c];

            if (k->parent == n && !tried[c]
                && (best < 0 || k->prio > w->node[best].prio
                    || (k->prio == w->node[best].prio && k->age > w->node[best].age))) {
                best = c;
            }
        }
        if (best < 0) {
            return -1;
        }
        tried[best] = true;
        if (addr >= w->node[best].addr) {
            int hit = model_at(w, best, addr - w->node[best].addr, depth, where);

            if (hit >= 0) {
                return hit;
            }
        }
    }
}

static int model_at(World *w, int n, uint64_t addr, int depth, uint64_t *where)
{
    Node *k = &w->node[n];
    int hit;

    if (!k->on || addr >= k->size) {
        return -1;
    }
    hit = best_child(w, n, addr, depth + 1, where);
    if (hit >= 0) {
        return hit;
    }
    if (k->kind == ALIAS) {
        return model_at(w, k->target, addr + k->offset, depth + 1, where);
    }
    if (k->kind == LEAF) {
        *where = addr;
        return n;
    }
    return -1;
}

/* ---- random worlds ---- */

static uint64_t pick(GRand *r, uint64_t below)
{
    return g_rand_int_range(r, 0, below);
}

static void place(World *w, int n, int parent, uint64_t addr, int prio)
{
    Node *k = &w->node[n];

    k->parent = parent;
    k->addr = addr;
    k->prio = prio;
    k->age = ++w->clock;
    memory_region_add_subregion_overlap(&w->node[parent].mr, addr, &k->mr, prio);
}

/* Children and the targets of aliases have higher numbers: no loops here. */
static void make_node(World *w, int n, GRand *r)
{
    Node *k = &w->node[n];
    static int serial;
    g_autofree char *name = g_strdup_printf("n%d", serial++);

    k->id = n + 1;
    k->kind = n == 0 ? CONTAINER : pick(r, 3);
    k->size = n == 0 ? SPACE : 1 + pick(r, SPACE);
    k->on = true;
    k->parent = -1;
    if (k->kind == ALIAS && n == NODES - 1) {
        k->kind = LEAF;
    }
    if (k->kind == ALIAS) {
        k->target = n + 1 + pick(r, NODES - n - 1);
        k->offset = pick(r, SPACE);
    }
    switch (k->kind) {
    case CONTAINER:
        memory_region_init(&k->mr, w->owner, name, k->size);
        break;
    case LEAF:
        memory_region_init_io(&k->mr, w->owner, &leaf_ops, k, name, k->size);
        break;
    case ALIAS:
        memory_region_init_alias(&k->mr, w->owner, name, &w->node[k->target].mr, k->offset,
                                 k->size);
        break;
    }
}

static bool can_parent(World *w, int parent, int child)
{
    return parent < child && w->node[parent].kind != ALIAS;
}

static void mutate(World *w, GRand *r)
{
    int n = 1 + pick(r, NODES - 1);
    Node *k = &w->node[n];

    switch (pick(r, 5)) {
    case 0:
        k->on = !k->on;
        memory_region_set_enabled(&k->mr, k->on);
        break;
    case 1:
        if (k->parent >= 0) {
            uint64_t addr = pick(r, SPACE);

            if (addr != k->addr) {
                k->age = ++w->clock;
            }
            k->addr = addr;
            memory_region_set_address(&k->mr, addr);
        }
        break;
    case 2:
        k->size = pick(r, SPACE);
        memory_region_set_size(&k->mr, k->size);
        break;
    case 3:
        if (k->parent >= 0) {
            memory_region_del_subregion(&w->node[k->parent].mr, &k->mr);
            k->parent = -1;
        } else {
            int parent = pick(r, n);

            if (can_parent(w, parent, n)) {
                place(w, n, parent, pick(r, SPACE), (int)pick(r, 5) - 2);
            }
        }
        break;
    default:
        if (k->kind == ALIAS) {
            k->offset = pick(r, SPACE);
            memory_region_set_alias_offset(&k->mr, k->offset);
        }
        break;
    }
}

static void compare(World *w, AddressSpace *as)
{
    for (uint64_t a = 0; a < SPACE + 16; a++) {
        uint64_t where = 0;
        int want = model_at(w, 0, a, 0, &where);
        uint8_t got = 0;
        MemTxResult res = address_space_read(as, a, MEMTXATTRS_UNSPECIFIED, &got, 1);

        if (want < 0) {
            g_assert_cmpuint(res, ==, MEMTX_DECODE_ERROR);
        } else {
            g_assert_cmpuint(res, ==, MEMTX_OK);
            g_assert_cmpuint(got, ==, w->node[want].id);
        }
        if (a % 37 == 0) {
            MemoryRegionSection s = memory_region_find(&w->node[0].mr, a, 1);

            g_assert_true(s.mr == (want < 0 ? NULL : &w->node[want].mr));
            if (s.mr) {
                g_assert_cmpuint(s.offset_within_region, ==, where);
                memory_region_unref(s.mr);
            }
        }
    }
}

static void random_world(uint32_t seed)
{
    GRand *r = g_rand_new_with_seed(seed);
    World *w = g_new0(World, 1);
    AddressSpace as;

    w->owner = test_owner_new();
    for (int n = NODES - 1; n >= 0; n--) {
        make_node(w, n, r);
    }
    address_space_init(&as, &w->node[0].mr, "world");
    memory_region_transaction_begin();
    for (int n = 1; n < NODES; n++) {
        int parent = pick(r, n);

        if (can_parent(w, parent, n)) {
            place(w, n, parent, pick(r, SPACE), (int)pick(r, 5) - 2);
        }
    }
    memory_region_transaction_commit();
    compare(w, &as);
    for (int i = 0; i < 40; i++) {
        mutate(w, r);
        compare(w, &as);
    }
    address_space_destroy(&as);
    object_unref(w->owner);
    g_free(w);
    g_rand_free(r);
}

static void test_random(void)
{
    for (uint32_t seed = 1; seed <= 40; seed++) {
        random_world(seed);
    }
}

/* ---- by hand ---- */

static uint8_t byte_at(AddressSpace *as, hwaddr a)
{
    uint8_t v = 0;

    address_space_read(as, a, MEMTXATTRS_UNSPECIFIED, &v, 1);
    return v;
}

static void test_priorities(void)
{
    Object *owner = test_owner_new();
    Node low = { .id = 1 }, high = { .id = 2 }, young = { .id = 3 };
    MemoryRegion root;
    AddressSpace as;

    memory_region_init(&root, owner, "root", UINT64_MAX);
    memory_region_init_io(&low.mr, owner, &leaf_ops, &low, "low", 100);
    memory_region_init_io(&high.mr, owner, &leaf_ops, &high, "high", 10);
    memory_region_init_io(&young.mr, owner, &leaf_ops, &young, "young", 10);
    address_space_init(&as, &root, "as");
    memory_region_add_subregion_overlap(&root, 0, &high.mr, 5);
    memory_region_add_subregion_overlap(&root, 0, &low.mr, 0);
    memory_region_add_subregion_overlap(&root, 5, &young.mr, 5);
    g_assert_cmpuint(byte_at(&as, 0), ==, 2);
    g_assert_cmpuint(byte_at(&as, 4), ==, 2);
    g_assert_cmpuint(byte_at(&as, 5), ==, 3);
    g_assert_cmpuint(byte_at(&as, 14), ==, 3);
    g_assert_cmpuint(byte_at(&as, 15), ==, 1);
    memory_region_set_address(&young.mr, UINT64_MAX - 9); /* up to the very last byte */
    g_assert_cmpuint(byte_at(&as, UINT64_MAX), ==, 3);
    g_assert_cmpuint(byte_at(&as, UINT64_MAX - 9), ==, 3);
    g_assert_cmpuint(byte_at(&as, UINT64_MAX - 10), ==, 0);
    g_assert_cmpuint(byte_at(&as, 5), ==, 2);
    address_space_destroy(&as);
    object_unref(owner);
}

static void test_alias_chain(void)
{
    Object *owner = test_owner_new();
    Node leaf = { .id = 7 };
    MemoryRegion root;
    MemoryRegion *alias = g_new0(MemoryRegion, 40);
    AddressSpace as;

    memory_region_init(&root, owner, "root", 4096);
    memory_region_init_io(&leaf.mr, owner, &leaf_ops, &leaf, "leaf", 4096);
    for (int i = 0; i < 40; i++) {
        memory_region_init_alias(&alias[i], owner, "alias", i ? &alias[i - 1] : &leaf.mr, 1,
                                 4096);
    }
    address_space_init(&as, &root, "as");
    memory_region_add_subregion(&root, 0, &alias[39]);
    g_assert_cmpuint(byte_at(&as, 4096 - 41), ==, 7);
    g_assert_cmpuint(byte_at(&as, 4096 - 40), ==, 0); /* beyond the leaf's end */
    memory_region_set_enabled(&leaf.mr, false);        /* a change far down the chain arrives */
    g_assert_cmpuint(byte_at(&as, 0), ==, 0);
    address_space_destroy(&as);
    object_unref(owner);
    g_free(alias);
}

static void test_alias_loop(void)
{
    Object *owner = test_owner_new();
    Node leaf = { .id = 9 };
    MemoryRegion root, a, b;
    AddressSpace as;
    uint64_t v;

    memory_region_init(&root, owner, "root", 4096);
    memory_region_init_alias(&a, owner, "a", &root, 64, 4096);
    memory_region_init_io(&leaf.mr, owner, &leaf_ops, &leaf, "leaf", 16);
    address_space_init(&as, &root, "as");
    memory_region_add_subregion(&root, 128, &a);
    memory_region_add_subregion_overlap(&root, 0, &leaf.mr, 1);
    g_assert_cmpuint(byte_at(&as, 3), ==, 9);
    /* an alias of an alias of itself, entered directly */
    memory_region_init_alias(&b, owner, "b", &a, 0, 4096);
    a.alias = &b;
    g_assert_cmpuint(memory_region_dispatch_read(&b, 0, &v, MO_8, MEMTXATTRS_UNSPECIFIED), ==,
                     MEMTX_DECODE_ERROR);
    a.alias = &root;
    address_space_destroy(&as);
    object_unref(owner);
}

/* Only spaces that see the region get a new view. */
static void test_targeted(void)
{
    Object *owner = test_owner_new();
    Node leaf = { .id = 1 };
    MemoryRegion one, two;
    AddressSpace as1, as2;
    FlatView *before1, *before2;

    memory_region_init(&one, owner, "one", 4096);
    memory_region_init(&two, owner, "two", 4096);
    memory_region_init_io(&leaf.mr, owner, &leaf_ops, &leaf, "leaf", 16);
    address_space_init(&as1, &one, "as1");
    address_space_init(&as2, &two, "as2");
    memory_region_add_subregion(&one, 0, &leaf.mr);
    before1 = as1.current_map;
    before2 = as2.current_map;
    memory_region_transaction_begin();
    memory_region_set_address(&leaf.mr, 8);
    memory_region_set_address(&leaf.mr, 16);
    g_assert_true(as1.current_map == before1); /* not before the commit */
    memory_region_transaction_commit();
    g_assert_true(as1.current_map != before1);
    g_assert_true(as2.current_map == before2);
    g_assert_cmpuint(byte_at(&as1, 16), ==, 1);
    address_space_destroy(&as1);
    address_space_destroy(&as2);
    object_unref(owner);
}

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    g_test_add_func("/memory/flatview/priorities", test_priorities);
    g_test_add_func("/memory/flatview/alias-chain", test_alias_chain);
    g_test_add_func("/memory/flatview/alias-loop", test_alias_loop);
    g_test_add_func("/memory/flatview/targeted", test_targeted);
    g_test_add_func("/memory/flatview/random", test_random);
    return g_test_run();
}
