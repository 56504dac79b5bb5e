/* SPDX-License-Identifier: GPL-2.0-or-later */
/* error: which requests a rule lets fail. */
#include "node-rig.h"
#include "qapi/qapi-commands-block-core.h"

#define NODE "driver=error,node-name=e0,file.driver=null-co"

static BlockDriverState *with(const char *rules)
{
    g_autofree char *text = g_strconcat(NODE, rules, NULL);

    return rig_open(text, &error_abort);
}

/* A letter for each request of a kind: F failed with EIO, else a dot. */
static void expect_row(BlockDriverState *bs, BlockOp op, int64_t offset, const char *row)
{
    for (; *row; row++) {
        int ret = rig_do(bs, op, offset, op == BLOCK_OP_FLUSH ? 0 : 512, NULL);

        g_assert_cmpint(ret, ==, *row == 'F' ? -EIO : 0);
    }
}

static void test_no_rules(void)
{
    BlockDriverState *bs = with("");

    for (BlockOp op = BLOCK_OP_READ; op < BLOCK_OP__MAX; op++) {
        expect_row(bs, op, 0, "...");
    }
    bdrv_unref(bs);
}

static void test_kinds(void)
{
    static const char *const names[] = { "read", "write", "flush", "discard", "write-zeroes",
                                         "status" };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        g_autofree char *rule = g_strdup_printf(",discard=unmap,rules.0.event=%s", names[i]);
        BlockDriverState *bs = with(rule);

        for (BlockOp op = BLOCK_OP_READ; op < BLOCK_OP__MAX; op++) {
            expect_row(bs, op, 0, op == i ? "FFF" : "...");
        }
        bdrv_unref(bs);
    }
}

static void test_nth(void)
{
    BlockDriverState *bs = with(",rules.0.nth=3,rules.0.event=read");

    expect_row(bs, BLOCK_OP_READ, 0, "..F");
    expect_row(bs, BLOCK_OP_WRITE, 0, "..");
    expect_row(bs, BLOCK_OP_READ, 0, "FFF");
    bdrv_unref(bs);
    bs = with(",rules.0.nth=2,rules.0.once=on");
    expect_row(bs, BLOCK_OP_WRITE, 0, ".F...");
    bdrv_unref(bs);
}

static void test_range(void)
{
    BlockDriverState *bs = with(",rules.0.offset=1024,rules.0.bytes=512");

    expect_row(bs, BLOCK_OP_READ, 512, ".");
    expect_row(bs, BLOCK_OP_READ, 513, "F");
    expect_row(bs, BLOCK_OP_READ, 1024, "F");
    expect_row(bs, BLOCK_OP_WRITE, 1535, "F");
    expect_row(bs, BLOCK_OP_WRITE, 1536, ".");
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, 8192, NULL), ==, -EIO);
    bdrv_unref(bs);
}

static void test_errors(void)
{
    BlockDriverState *bs = with(",rules.0.errno=ENOSPC,rules.0.event=write,rules.1.errno=121");

    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, 0, 512, NULL), ==, -ENOSPC);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_READ, 0, 512, NULL), ==, -EREMOTEIO);
    bdrv_unref(bs);
}

static BlockErrorRuleList *one_rule(BlockErrorEvent event)
{
    BlockErrorRuleList *list = NULL, **tail = &list;
    BlockErrorRule *rule = g_new0(BlockErrorRule, 1);

    rule->has_event = true;
    rule->event = event;
    QAPI_LIST_APPEND(tail, rule);
    return list;
}

static void test_at_run_time(void)
{
    BlockDriverState *bs = with("");
    g_autoptr(BlockErrorRuleList) rules = one_rule(BLOCK_ERROR_EVENT_FLUSH);
    g_autoptr(BlockErrorCountList) counts = NULL;
    g_autoptr(Error) err = NULL;

    qmp_x_blockdev_error_set("e0", rules, &error_abort);
    expect_row(bs, BLOCK_OP_FLUSH, 0, "FF");
    expect_row(bs, BLOCK_OP_READ, 0, ".");
    counts = qmp_x_query_blockdev_error("e0", &error_abort);
    g_assert_cmpuint(counts->value->matched, ==, 2);
    g_assert_cmpuint(counts->value->failed, ==, 2);
    g_assert_null(counts->next);
    qmp_x_blockdev_error_set("e0", NULL, &error_abort);
    expect_row(bs, BLOCK_OP_FLUSH, 0, "..");
    g_assert_null(qmp_x_query_blockdev_error("e0", &error_abort));
    qmp_x_blockdev_error_set("nothing", NULL, &err);
    g_assert_cmpstr(error_get_pretty(err), ==, "Cannot find node 'nothing'");
    bdrv_unref(bs);
}

/* Rules that make no sense leave the old ones in place. */
static void test_bad_at_run_time(void)
{
    BlockDriverState *bs = with(",rules.0.event=read");
    g_autoptr(BlockErrorRuleList) rules = one_rule(BLOCK_ERROR_EVENT_FLUSH);
    g_autoptr(Error) err = NULL;

    rules->value->has_bytes = true;
    qmp_x_blockdev_error_set("e0", rules, &err);
    g_assert_nonnull(err);
    expect_row(bs, BLOCK_OP_READ, 0, "F");
    expect_row(bs, BLOCK_OP_FLUSH, 0, ".");
    bdrv_unref(bs);
}

static void test_refusals(void)
{
    rig_expect_refusal(NODE ",rules.0.errno=EOOPS", "error: 'errno=EOOPS' is no error of a request:"
                       " use a name such as ENOSPC, or its number");
    rig_expect_refusal(NODE ",rules.0.errno=115", "error: 'errno=115' is no error of a request:"
                       " use a name such as ENOSPC, or its number");
    rig_expect_refusal(NODE ",rules.0.errno=0", "error: 'errno=0' is no error of a request:"
                       " use a name such as ENOSPC, or its number");
    rig_expect_refusal(NODE ",rules.0.nth=0", "error: 'nth=0' counts no request: the first one"
                       " is 1");
    rig_expect_refusal(NODE ",rules.0.bytes=0", "error: 'bytes=0' is a range that no request"
                       " touches");
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/block/error/no-rules", test_no_rules);
    g_test_add_func("/block/error/kinds", test_kinds);
    g_test_add_func("/block/error/nth", test_nth);
    g_test_add_func("/block/error/range", test_range);
    g_test_add_func("/block/error/errors", test_errors);
    g_test_add_func("/block/error/at-run-time", test_at_run_time);
    g_test_add_func("/block/error/bad-at-run-time", test_bad_at_run_time);
    g_test_add_func("/block/error/refusals", test_refusals);
    return g_test_run();
}
