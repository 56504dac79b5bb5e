/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bitmaps, scratch structs, lists and trees: round trips, order, truncation,
 * and streams that promise elements without end.
 */
#include "qemu/osdep.h"
#include "qemu/queue.h"
#include "stream.h"

typedef struct Node {
    uint8_t v;
    QTAILQ_ENTRY(Node) tail;
    QLIST_ENTRY(Node) list;
} Node;

typedef struct Box {
    QTAILQ_HEAD(, Node) tails;
    QLIST_HEAD(, Node) lists;
    GTree *tree;
    int32_t bits;
    unsigned long *map;
    int value;
} Box;

static const VMStateDescription vmsd_node = {
    .name = "node",
    .version_id = 1,
    .fields = (const VMStateField[]) { VMSTATE_UINT8(v, Node), VMSTATE_END_OF_LIST() }
};

static Node *node_new(uint8_t v)
{
    Node *n = g_new0(Node, 1);

    n->v = v;
    return n;
}

static void box_clear(void *opaque)
{
    Box *box = opaque;
    Node *n;

    while ((n = QTAILQ_FIRST(&box->tails))) {
        QTAILQ_REMOVE(&box->tails, n, tail);
        g_free(n);
    }
    while ((n = QLIST_FIRST(&box->lists))) {
        QLIST_REMOVE(n, list);
        g_free(n);
    }
}

static void box_init(Box *box)
{
    *box = (Box) { 0 };
    QTAILQ_INIT(&box->tails);
    QLIST_INIT(&box->lists);
}

/* ---- lists ---- */

static const VMStateDescription vmsd_lists = {
    .name = "lists",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_QTAILQ_V(tails, Box, 1, vmsd_node, Node, tail),
        VMSTATE_QLIST_V(lists, Box, 1, vmsd_node, Node, list),
        VMSTATE_END_OF_LIST()
    }
};

static void test_lists(void)
{
    Box in, out;
    g_autoptr(GBytes) bytes = NULL;
    Node *n;
    int sum = 0;

    box_init(&in);
    box_init(&out);
    for (int i = 1; i <= 3; i++) {
        n = node_new(i);
        QTAILQ_INSERT_TAIL(&in.tails, n, tail);
        n = node_new(i);
        QLIST_INSERT_HEAD(&in.lists, n, list);
    }
    bytes = stream_save(&vmsd_lists, &in);
    stream_expect(bytes, "01010102010300" "01030102010100");
    g_assert_cmpint(stream_load(&vmsd_lists, &out, bytes), ==, 0);
    QTAILQ_FOREACH(n, &out.tails, tail) {
        sum = sum * 10 + n->v;
    }
    g_assert_cmpint(sum, ==, 123);
    g_assert_cmpint(QTAILQ_LAST(&out.tails)->v, ==, 3);
    sum = 0;
    QLIST_FOREACH(n, &out.lists, list) {
        sum = sum * 10 + n->v;
    }
    g_assert_cmpint(sum, ==, 321);
    box_clear(&out);
    stream_truncate_everywhere(&vmsd_lists, &out, bytes, box_clear);
    box_clear(&in);
}

/* More elements than the budget has memory for: an error, and what was made is the device's. */
static void test_endless_list(void)
{
    const VMStateDescription vmsd_empty = {
        .name = "nothing",
        .fields = (const VMStateField[]) { VMSTATE_END_OF_LIST() }
    };
    VMStateField fields[] = {
        VMSTATE_QTAILQ_V(tails, Box, 0, vmsd_empty, Node, tail), VMSTATE_END_OF_LIST()
    };
    VMStateDescription vmsd = { .name = "endless", .fields = fields };
    Box out;
    g_autofree uint8_t *ones = g_malloc(1000);

    memset(ones, 1, 1000);
    box_init(&out);
    g_assert_cmpint(stream_load_bytes(&vmsd, &out, 0, ones, 1000, NULL), ==, -EIO);
    g_assert_nonnull(QTAILQ_FIRST(&out.tails));
    box_clear(&out);
    fields[0].size = 32 * 1024 * 1024;
    g_assert_cmpint(stream_load_bytes(&vmsd, &out, 0, ones, 1000, NULL), ==, -ENOMEM);
    box_clear(&out);
}

/* ---- trees ---- */

typedef struct Key {
    uint16_t k;
} Key;

static const VMStateDescription vmsd_value_and_key[] = {
    {
        .name = "value",
        .fields = (const VMStateField[]) { VMSTATE_UINT8(v, Node), VMSTATE_END_OF_LIST() }
    }, {
        .name = "key",
        .fields = (const VMStateField[]) { VMSTATE_UINT16(k, Key), VMSTATE_END_OF_LIST() }
    },
};

static gint key_order(gconstpointer a, gconstpointer b, gpointer unused)
{
    return ((const Key *)a)->k - ((const Key *)b)->k;
}

static gint direct_order(gconstpointer a, gconstpointer b, gpointer unused)
{
    return a < b ? -1 : a > b;
}

static GTree *key_tree(void)
{
    return g_tree_new_full(key_order, NULL, g_free, g_free);
}

static GTree *direct_tree(void)
{
    return g_tree_new_full(direct_order, NULL, NULL, g_free);
}

static const VMStateDescription vmsd_tree = {
    .name = "tree",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_GTREE_V(tree, Box, 1, vmsd_value_and_key, Key, Node), VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmsd_direct = {
    .name = "direct",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_GTREE_DIRECT_KEY_V(tree, Box, 1, vmsd_value_and_key, Node), VMSTATE_END_OF_LIST()
    }
};

static void wipe_tree(void *opaque)
{
    Box *box = opaque;

    g_tree_destroy(box->tree);
    box->tree = key_tree();
}

static void test_tree(void)
{
    Box in = { .tree = key_tree() };
    Box out = { .tree = key_tree() };
    g_autoptr(GBytes) bytes = NULL;

    for (int i = 3; i > 0; i--) {
        Key key = { i };

        g_tree_insert(in.tree, g_memdup2(&key, sizeof(key)), node_new(i * 16));
    }
    bytes = stream_save(&vmsd_tree, &in);
    stream_expect(bytes, "00000003" "01000110" "01000220" "01000330" "00");
    g_assert_cmpint(stream_load(&vmsd_tree, &out, bytes), ==, 0);
    g_assert_cmpint(g_tree_nnodes(out.tree), ==, 3);
    g_assert_cmpint(((Node *)g_tree_lookup(out.tree, &(Key) { 2 }))->v, ==, 0x20);
    stream_truncate_everywhere(&vmsd_tree, &out, bytes, wipe_tree);
    /* more nodes than announced, fewer, and one twice */
    g_assert_cmpint(stream_load_bytes(&vmsd_tree, &out, 1, "\0\0\0\0\1\0\1\1\0", 9, NULL), <, 0);
    g_assert_cmpint(stream_load_bytes(&vmsd_tree, &out, 1, "\0\0\0\1\0", 5, NULL), <, 0);
    g_assert_cmpint(stream_load_bytes(&vmsd_tree, &out, 1, "\0\0\0\2\1\0\1\1\1\0\1\1\0", 13, NULL),
                    <, 0);
    g_tree_destroy(in.tree);
    g_tree_destroy(out.tree);
}

static void test_direct_tree(void)
{
    Box in = { .tree = direct_tree() };
    Box out = { .tree = direct_tree() };
    Box none = { 0 };
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GBytes) empty = stream_save(&vmsd_direct, &none);

    g_tree_insert(in.tree, (void *)0x1234, node_new(5));
    bytes = stream_save(&vmsd_direct, &in);
    stream_expect(bytes, "00000001" "01" "0000000000001234" "05" "00");
    g_assert_cmpint(stream_load(&vmsd_direct, &out, bytes), ==, 0);
    g_assert_cmpint(((Node *)g_tree_lookup(out.tree, (void *)0x1234))->v, ==, 5);
    /* A device without the tree takes an empty one only. */
    g_assert_cmpint(stream_load(&vmsd_direct, &none, empty), ==, 0);
    g_assert_cmpint(stream_load(&vmsd_direct, &none, bytes), <, 0);
    g_tree_destroy(in.tree);
    g_tree_destroy(out.tree);
}

/* ---- bitmaps ---- */

static bool never_there(void *opaque, int version_id)
{
    return false;
}

static const VMStateDescription vmsd_bitmap = {
    .name = "bitmap",
    .version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_INT32(bits, Box), VMSTATE_BITMAP(map, Box, 1, bits),
        VMSTATE_BITMAP_TEST(map, Box, never_there, 0, bits), VMSTATE_END_OF_LIST()
    }
};

static void wipe_nothing(void *state)
{
}

static void test_bitmap(void)
{
    unsigned long there[2] = { 0x8000000000000001, ~0ul };
    unsigned long here[2] = { 0 };
    Box in = { .bits = 70, .map = there };
    Box out = { .bits = 70, .map = here };
    g_autoptr(GBytes) bytes = stream_save(&vmsd_bitmap, &in);

    stream_expect(bytes, "00000046" "8000000000000001" "ffffffffffffffff");
    g_assert_cmpint(stream_load(&vmsd_bitmap, &out, bytes), ==, 0);
    g_assert_cmphex(here[0], ==, there[0]);
    /* bits beyond the 70th are nobody's */
    g_assert_cmphex(here[1], ==, 0x3f);
    stream_truncate_everywhere(&vmsd_bitmap, &out, bytes, wipe_nothing);
    out.bits = 64;
    g_assert_cmpint(stream_load(&vmsd_bitmap, &out, bytes), ==, -EINVAL);
}

/* ---- scratch ---- */

typedef struct Scratch {
    Box *parent;
    uint32_t doubled;
} Scratch;

static int scratch_pre_save(void *opaque)
{
    Scratch *t = opaque;

    t->doubled = t->parent->value * 2;
    return 0;
}

static int scratch_post_load(void *opaque, int version_id)
{
    Scratch *t = opaque;

    if (t->doubled & 1) {
        return -EINVAL;
    }
    t->parent->value = t->doubled / 2;
    return 0;
}

static const VMStateDescription vmsd_scratch = {
    .name = "scratch",
    .pre_save = scratch_pre_save,
    .post_load = scratch_post_load,
    .fields = (const VMStateField[]) { VMSTATE_UINT32(doubled, Scratch), VMSTATE_END_OF_LIST() }
};

static void test_scratch(void)
{
    const VMStateDescription vmsd = {
        .name = "with-tmp",
        .fields = (const VMStateField[]) {
            VMSTATE_WITH_TMP(Box, Scratch, vmsd_scratch),
            VMSTATE_WITH_TMP_TEST(Box, never_there, Scratch, vmsd_scratch), VMSTATE_END_OF_LIST()
        }
    };
    Box in = { .value = 21 };
    Box out = { 0 };
    g_autoptr(GBytes) bytes = stream_save(&vmsd, &in);
    g_autofree char *text = NULL;

    stream_expect(bytes, "0000002a");
    g_assert_cmpint(stream_load(&vmsd, &out, bytes), ==, 0);
    g_assert_cmpint(out.value, ==, 21);
    g_assert_cmpint(stream_load_bytes(&vmsd, &out, 0, "\0\0\0\1", 4, &text), ==, -EINVAL);
    g_assert_nonnull(strstr(text, "scratch"));
    stream_truncate_everywhere(&vmsd, &out, bytes, wipe_nothing);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vmstate-containers/lists", test_lists);
    g_test_add_func("/vmstate-containers/endless-list", test_endless_list);
    g_test_add_func("/vmstate-containers/tree", test_tree);
    g_test_add_func("/vmstate-containers/direct-tree", test_direct_tree);
    g_test_add_func("/vmstate-containers/bitmap", test_bitmap);
    g_test_add_func("/vmstate-containers/scratch", test_scratch);
    return g_test_run();
}
