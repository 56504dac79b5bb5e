/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices and buses as text, and in which context an object lives. */
#include "qemu/osdep.h"
#include "block/aio.h"
#include "qapi/error.h"
#include "rig.h"

/* A device that needs no bus and brings one, as a root complex does. */
#define TYPE_TREE_ROOT "tree-root"

typedef struct TreeRoot {
    DeviceState parent_obj;
    RigBus bus;
} TreeRoot;

static void root_realize(DeviceState *dev, Error **errp)
{
    qbus_init(&((TreeRoot *)dev)->bus, sizeof(RigBus), TYPE_RIG_BUS, dev, "tree.0");
}

static void root_class_init(ObjectClass *oc, void *data)
{
    DEVICE_CLASS(oc)->realize = root_realize;
}

static const TypeInfo root_type = {
    .name = TYPE_TREE_ROOT,
    .parent = TYPE_DEVICE,
    .instance_size = sizeof(TreeRoot),
    .class_init = root_class_init,
};

static DeviceState *root, *leaf;

static void grow(void)
{
    root = qdev_new(TYPE_TREE_ROOT);
    leaf = DEVICE(rig_new("leaf"));
    qdev_set_id(root, g_strdup("root"), &error_abort);
    qdev_realize(root, NULL, &error_abort);
}

static BusState *grown_bus(void)
{
    return QLIST_FIRST(&root->child_bus);
}

static void fell(void)
{
    object_unparent(OBJECT(leaf));
    object_unparent(OBJECT(root));
    object_unref(leaf);
    object_unref(root);
}

static void test_text(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *at;

    grow();
    qdev_prop_set_string(leaf, "text", "a b");
    qdev_prop_set_uint32(leaf, "u32", 258);
    qdev_realize(leaf, grown_bus(), &error_abort);
    qdev_print_tree(out);
    at = strstr(out->str, "dev: tree-root, id \"root\"\n  bus: tree.0\n    type rig-bus\n"
                          "    dev: rig-dev, id \"leaf\"\n");
    g_assert_nonnull(at);
    g_assert_nonnull(strstr(at, "\n      u32 = 258 (0x102)\n"));
    g_assert_nonnull(strstr(at, "\n      text = \"a b\"\n"));
    fell();
    /* Nothing is left of it. */
    g_string_truncate(out, 0);
    qdev_print_tree(out);
    g_assert_cmpstr(out->str, ==, "");
}

static void test_context(void)
{
    g_autoptr(AioContext) ctx = aio_context_new(&error_abort);

    grow();
    qbus_set_aio_context(grown_bus(), ctx);
    qdev_realize(leaf, grown_bus(), &error_abort);
    g_assert_true(qdev_context_of_object(OBJECT(root)) == aio_context_main());
    g_assert_true(qdev_context_of_object(OBJECT(grown_bus())) == ctx);
    g_assert_true(qdev_context_of_object(OBJECT(leaf)) == ctx);
    g_assert_true(qdev_context_of_object(object_get_root()) == aio_context_main());
    object_unparent(OBJECT(leaf));
    qbus_set_aio_context(grown_bus(), NULL);
    fell();
}

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    rig_init();
    type_register_static(&root_type);
    g_test_add_func("/qtree/text", test_text);
    g_test_add_func("/qtree/context", test_context);
    ret = g_test_run();
    rig_fini();
    return ret;
}
