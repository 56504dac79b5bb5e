/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Trees, flat views and aliases as text and for Graphviz; copies that outlive what they show. */
#include "common.h"
#include "exec/mtree.h"
#include "qapi/error.h"

typedef struct Fixture {
    Object *owner;
    MemoryRegion root, low, ram, rom, dev, alias, shown;
    AddressSpace as;
} Fixture;

static const MemoryRegionOps ops = { .endianness = DEVICE_LITTLE_ENDIAN };

static void setup(Fixture *f, gconstpointer unused)
{
    f->owner = test_owner_new();
    memory_region_init(&f->root, f->owner, "root", UINT64_MAX);
    memory_region_init(&f->low, f->owner, "low", 0x10000);
    memory_region_init_ram(&f->ram, f->owner, "ram", 0x1000, &error_abort);
    memory_region_init_rom(&f->rom, f->owner, "rom \"x\"", 0x1000, &error_abort);
    memory_region_init_io(&f->dev, f->owner, &ops, f, "dev", 0x100);
    memory_region_init_io(&f->shown, f->owner, &ops, f, "shown", 0x2000);
    memory_region_init_alias(&f->alias, f->owner, "window", &f->shown, 0x800, 0x1000);
    memory_region_add_subregion(&f->low, 0x2000, &f->rom);
    memory_region_add_subregion(&f->low, 0x1000, &f->ram);
    memory_region_add_subregion_overlap(&f->low, 0x1000, &f->dev, 5);
    memory_region_add_subregion(&f->root, 0x100000, &f->low);
    memory_region_add_subregion(&f->root, 0x200000, &f->alias);
    address_space_init(&f->as, &f->root, "as");
}

static void teardown(Fixture *f, gconstpointer unused)
{
    if (f->owner) {
        address_space_destroy(&f->as);
        object_unref(f->owner);
    }
}

static const char tree_text[] =
    "address-space: space\n"
    "  0000000000000000-ffffffffffffffff (prio 0, container): root\n"
    "    0000000000100000-000000000010ffff (prio 0, container): low\n"
    "      0000000000101000-00000000001010ff (prio 5, i/o): dev\n"
    "      0000000000101000-0000000000101fff (prio 0, ram): ram\n"
    "      0000000000102000-0000000000102fff (prio 0, rom): rom \"x\"\n"
    "    0000000000200000-0000000000200fff (prio 0, i/o): alias window @shown "
    "0000000000000800-00000000000017ff\n"
    "\n"
    "memory-region: shown\n"
    "  0000000000000000-0000000000001fff (prio 0, i/o): shown\n"
    "\n";

static void test_tree(Fixture *f, gconstpointer unused)
{
    g_autoptr(MtreeCopy) copy = mtree_copy_tree(&f->as, "space");
    g_autoptr(GString) out = g_string_new(NULL);

    mtree_print(copy, out);
    g_assert_cmpstr(out->str, ==, tree_text);
}

/* The text is made when everything it speaks of is gone. */
static void test_outlives(Fixture *f, gconstpointer unused)
{
    g_autoptr(MtreeCopy) copy = mtree_copy_tree(&f->as, "space");
    g_autoptr(GString) out = g_string_new(NULL);

    teardown(f, NULL);
    f->owner = NULL;
    mtree_print(copy, out);
    g_assert_cmpstr(out->str, ==, tree_text);
}

static void test_flat(Fixture *f, gconstpointer unused)
{
    g_autoptr(MtreeCopy) copy = mtree_copy_flat(&f->as, "space");
    g_autoptr(GString) out = g_string_new(NULL);

    mtree_print(copy, out);
    g_assert_cmpstr(out->str, ==,
        "FlatView of address-space: space\n"
        "  0000000000101000-00000000001010ff (prio 5, i/o): dev\n"
        "  0000000000101100-0000000000101fff (prio 0, ram): ram @0000000000000100\n"
        "  0000000000102000-0000000000102fff (prio 0, rom): rom \"x\"\n"
        "  0000000000200000-0000000000200fff (prio 0, i/o): shown @0000000000000800\n"
        "\n");
    g_assert_cmpuint(address_space_nr_ranges(&f->as), ==, 4);
}

static void test_disabled_and_empty(Fixture *f, gconstpointer unused)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(MtreeCopy) tree = NULL;
    g_autoptr(MtreeCopy) flat = NULL;

    memory_region_set_enabled(&f->root, false);
    tree = mtree_copy_tree(&f->as, "space");
    flat = mtree_copy_flat(&f->as, "space");
    mtree_print(tree, out);
    g_assert_nonnull(strstr(out->str, "(prio 0, container): root [disabled]\n"));
    g_string_truncate(out, 0);
    mtree_print(flat, out);
    g_assert_cmpstr(out->str, ==,
                    "FlatView of address-space: space\n  No rendered FlatView\n\n");
}

static void test_dot(Fixture *f, gconstpointer unused)
{
    g_autoptr(MtreeCopy) copy = mtree_copy_tree(&f->as, "a \"space\"");
    g_autoptr(GString) out = g_string_new(NULL);

    mtree_print_dot(copy, "as7", out);
    g_assert_nonnull(strstr(out->str, "  as7 [shape=plaintext, label=\"a \\\"space\\\"\"];\n"));
    g_assert_nonnull(strstr(out->str, "label=\"rom \\\"x\\\"\\n102000-102fff\\nrom, prio 0\"];\n"));
    g_assert_nonnull(strstr(out->str, "  as7 -> as7_0;\n"));
    g_assert_nonnull(strstr(out->str, "  as7_0 -> as7_1;\n"));
}

/* A tree that shows itself by an alias is shown once. */
static void test_loop(Fixture *f, gconstpointer unused)
{
    g_autoptr(GString) out = g_string_new(NULL);
    MemoryRegion self;

    memory_region_init_alias(&self, f->owner, "self", &f->low, 0, 0x10000);
    memory_region_add_subregion(&f->low, 0x8000, &self);
    {
        g_autoptr(MtreeCopy) copy = mtree_copy_tree(&f->as, "space");

        mtree_print(copy, out);
    }
    g_assert_nonnull(strstr(out->str, "memory-region: low\n"));
    g_assert_null(strstr(strstr(out->str, "memory-region: low\n") + 1, "memory-region: low\n"));
    memory_region_del_subregion(&f->low, &self);
    object_unparent(OBJECT(&self));
}

#define ADD(name, fn) g_test_add("/mtree/" name, Fixture, NULL, setup, fn, teardown)

int main(int argc, char **argv)
{
    test_init(&argc, &argv);
    ADD("tree", test_tree);
    ADD("outlives", test_outlives);
    ADD("flat", test_flat);
    ADD("disabled-and-empty", test_disabled_and_empty);
    ADD("dot", test_dot);
    ADD("loop", test_loop);
    return g_test_run();
}
