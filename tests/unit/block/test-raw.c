/* SPDX-License-Identifier: GPL-2.0-or-later */
/* raw: a part of a node. Below is an error node, whose rules show where a request arrives. */
#include "node-rig.h"
#include "qemu/units.h"

/* Fails writes in [offset, offset + bytes) of the node below. */
#define BELOW(offset, bytes)                                                 \
    ",file.driver=error,file.file.driver=null-co,file.file.size=1M"          \
    ",file.rules.0.offset=" offset ",file.rules.0.bytes=" bytes

static void test_whole(void)
{
    BlockDriverState *bs = rig_open("driver=raw" BELOW("0", "512"), &error_abort);

    g_assert_cmpint(bs->length, ==, MiB);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 0, 512, NULL), ==, -EIO);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 512, 512, NULL), ==, 0);
    bdrv_unref(bs);
}

static void test_moved(void)
{
    BlockDriverState *bs = rig_open("driver=raw,offset=64k,size=128k" BELOW("65536", "1"),
                                    &error_abort);

    g_assert_cmpint(bs->length, ==, 128 * KiB);
    for (BlockOp op = BLOCK_OP_READ; op < BLOCK_OP__MAX; op++) {
        if (op != BLOCK_OP_FLUSH && op != BLOCK_OP_DISCARD) {
            g_assert_cmpint(rig_do(bs, op, 0, 1, NULL), ==, -EIO);
            g_assert_cmpint(rig_do(bs, op, 1, 1, NULL), ==, 0);
        }
    }
    /* The end is that of the part, though the node below goes on. */
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 128 * KiB - 1, 1, NULL), ==, 0);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 128 * KiB - 1, 2, NULL), ==, -EIO);
    bdrv_unref(bs);
}

static void test_tail(void)
{
    BlockDriverState *bs = rig_open("driver=raw,offset=1k" BELOW("0", "1"), &error_abort);
    g_autoptr(Error) err = NULL;
    int64_t pnum;

    g_assert_cmpint(bs->length, ==, MiB - 1024);
    g_assert_cmpint(bdrv_block_status(bs, 0, 5000, &pnum, NULL, NULL), >=, 0);
    g_assert_cmpint(pnum, ==, 5000);
    g_assert_true(bdrv_truncate(bs, MiB, &error_abort));
    g_assert_cmpint(bs->length, ==, MiB);
    g_assert_cmpint(bs->file->length, ==, MiB + 1024);
    g_assert_false(bdrv_truncate(bs, INT64_MAX, &err));
    bdrv_unref(bs);
}

static void test_fixed(void)
{
    BlockDriverState *bs = rig_open("driver=raw,node-name=r0,size=512,file.driver=null-co",
                                    &error_abort);
    g_autoptr(Error) err = NULL;

    g_assert_false(bdrv_truncate(bs, 1024, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, "raw: node 'r0' has a fixed size: open it without"
                    " size= to resize it");
    bdrv_unref(bs);
}

static void test_refusals(void)
{
    rig_expect_refusal("driver=raw,size=100,file.driver=null-co",
                       "raw: 'size=100' is not a multiple of 512");
    rig_expect_refusal("driver=raw,offset=1k,file.driver=null-co,file.node-name=n,file.size=512",
                       "raw: 'offset=1024' is outside of 'n', which has 512 bytes");
    rig_expect_refusal("driver=raw,offset=512,size=1k,file.driver=null-co,file.node-name=n"
                       ",file.size=1k", "raw: 'size=1024' from 'offset=512' on ends behind 'n',"
                       " which has 1024 bytes");
    rig_expect_refusal("driver=raw,offset=18446744073709551615,size=512,file.driver=null-co"
                       ",file.node-name=n", "raw: 'offset=18446744073709551615' is outside of 'n',"
                       " which has 1073741824 bytes");
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/block/raw/whole", test_whole);
    g_test_add_func("/block/raw/moved", test_moved);
    g_test_add_func("/block/raw/tail", test_tail);
    g_test_add_func("/block/raw/fixed", test_fixed);
    g_test_add_func("/block/raw/refusals", test_refusals);
    return g_test_run();
}
