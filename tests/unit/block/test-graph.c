/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes: names, what is inline, who uses them for what, and in which context they are. */
#include "qemu/osdep.h"
#include "block/block.h"
#include "block/perm.h"
#include "medium.h"
#include "qapi/json-visitor.h"
#include "qapi/qapi-visit-block-core.h"
#include "qemu/main-loop.h"
#include "sysemu/block-backend.h"

/* As JSON, with ' for ". */
static BlockDriverState *open_json(const char *text, Error **errp)
{
    g_autofree char *json = g_strdelimit(g_strdup(text), "'", '"');
    g_autoptr(JsonNode) node = json_from_string(json, NULL);
    g_autoptr(BlockdevOptions) options = NULL;
    Visitor *v = json_input_visitor_new(node);

    visit_type_BlockdevOptions(v, NULL, &options, &error_abort);
    visit_free(v);
    return bdrv_open_node(options, errp);
}

static void refused(const char *text, const char *why)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(open_json(text, &err));
    if (!strstr(error_get_pretty(err), why)) {
        g_error("'%s' is not in '%s'", why, error_get_pretty(err));
    }
}

static unsigned count_nodes(void)
{
    BlockDriverState *bs = NULL;
    unsigned n = 0;

    while ((bs = bdrv_next_node(bs))) {
        n++;
    }
    return n;
}

static void test_names(void)
{
    BlockDriverState *bs = open_json("{'driver':'null-co','node-name':'n0'}", &error_abort);
    BlockDriverState *nameless = open_json("{'driver':'null-co'}", &error_abort);

    g_assert_true(bdrv_find_node("n0") == bs);
    g_assert_true(g_str_has_prefix(nameless->node_name, "#block"));
    refused("{'driver':'null-co','node-name':'n0'}", "'node-name=n0' is another node's already");
    refused("{'driver':'null-co','node-name':'0n'}", "Invalid node-name: '0n'");
    refused("{'driver':'null-co','node-name':'#block0'}", "Invalid node-name");
    refused("{'driver':'null-co','node-name':''}", "Invalid node-name");
    g_assert_cmpuint(count_nodes(), ==, 2);
    bdrv_unref(bs);
    bdrv_unref(nameless);
    g_assert_cmpuint(count_nodes(), ==, 0);
    g_assert_null(bdrv_find_node("n0"));
}

static void test_below(void)
{
    BlockDriverState *file = open_json("{'driver':'null-co','node-name':'f0'}", &error_abort);
    BlockDriverState *a, *b;

    refused("{'driver':'raw','file':'f1'}", "'file=f1': there is no such node");
    a = open_json("{'driver':'raw','node-name':'a','file':'f0'}", &error_abort);
    b = open_json("{'driver':'raw','node-name':'b','file':{'driver':'raw','file':'a'}}",
                  &error_abort);
    g_assert_cmpuint(count_nodes(), ==, 4);
    g_assert_true(a->file == file && b->file->file == a);
    /* what is below stays as long as something sits on it */
    bdrv_unref(file);
    bdrv_unref(a);
    g_assert_cmpuint(count_nodes(), ==, 4);
    bdrv_unref(b);
    g_assert_cmpuint(count_nodes(), ==, 0);
}

/* Whatever fails, nothing is left of it. */
static void test_failures(void)
{
    refused("{'driver':'raw','node-name':'x','file':{'driver':'null-co','node-name':'x'}}",
            "'node-name=x' is another node's already");
    refused("{'driver':'raw','offset':1,'size':1000,'file':{'driver':'null-co'}}", "raw");
    refused("{'driver':'null-co','force-share':true}", "force-share=on needs read-only=on");
    refused("{'driver':'null-co','detect-zeroes':'unmap'}",
            "detect-zeroes=unmap needs discard=unmap");
    refused("{'driver':'raw','file':{'driver':'raw','file':{'driver':'raw','file':'zz'}}}", "zz");
    g_assert_cmpuint(count_nodes(), ==, 0);
}

static void test_inherited(void)
{
    BlockDriverState *bs = open_json(
        "{'driver':'raw','read-only':true,'cache':{'direct':true,'no-flush':true},"
        " 'file':{'driver':'null-co'}}", &error_abort);

    g_assert_true(bs->file->read_only && bs->file->direct && bs->file->no_flush);
    /* what the parent does not discard never comes there */
    g_assert_true(!bs->discard_unmap && bs->file->discard_unmap);
    bdrv_unref(bs);
    bs = open_json("{'driver':'raw','cache':{'direct':true},"
                   " 'file':{'driver':'null-co','cache':{'direct':false},'discard':'ignore'}}",
                   &error_abort);
    g_assert_true(bs->direct && !bs->file->direct && !bs->file->discard_unmap);
    bdrv_unref(bs);
}

/* ---- permissions ---- */

enum {
    RO = BLK_PERM_CONSISTENT_READ,
    RW = BLK_PERM_CONSISTENT_READ | BLK_PERM_WRITE,
    SHARED_RO = BLK_PERM_ALL & ~BLK_PERM_WRITE,
};

static BlockBackend *use(BlockDriverState *bs, uint64_t perm, uint64_t shared, Error **errp)
{
    return blk_new_with_bs(bs, perm, shared, errp);
}

static void use_refused(BlockDriverState *bs, uint64_t perm, uint64_t shared, const char *why)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(use(bs, perm, shared, &err));
    if (!strstr(error_get_pretty(err), why)) {
        g_error("'%s' is not in '%s'", why, error_get_pretty(err));
    }
}

static void test_one_writer(void)
{
    BlockDriverState *bs = open_json("{'driver':'null-co','node-name':'n0'}", &error_abort);
    BlockBackend *writer = use(bs, RW, SHARED_RO, &error_abort);
    BlockBackend *reader = use(bs, RO, BLK_PERM_ALL, &error_abort);

    use_refused(bs, RW, SHARED_RO, "which does not allow 'write' on n0");
    use_refused(bs, RW, BLK_PERM_ALL, "which does not allow 'write' on n0");
    use_refused(bs, RO, SHARED_RO, "which uses 'write' on n0");
    /* one that is there asks for more: refused, and nothing has changed */
    g_assert_cmpint(blk_set_perm(reader, RW, BLK_PERM_ALL, NULL), <, 0);
    g_assert_false(blk_is_writable(reader));
    blk_unref(writer);
    g_assert_cmpint(blk_set_perm(reader, RW, BLK_PERM_ALL, NULL), ==, 0);
    blk_unref(reader);
    bdrv_unref(bs);
}

static void test_shared_writers(void)
{
    BlockDriverState *bs = open_json("{'driver':'null-co','node-name':'n0'}", &error_abort);
    BlockBackend *a = use(bs, RW, BLK_PERM_ALL, &error_abort);
    BlockBackend *b = use(bs, RW, BLK_PERM_ALL, &error_abort);

    blk_unref(a);
    blk_unref(b);
    bdrv_unref(bs);
}

/* The same file below two nodes: they meet there. */
static void test_through_nodes(void)
{
    BlockDriverState *file = open_json("{'driver':'null-co','node-name':'f0'}", &error_abort);
    BlockDriverState *a = open_json("{'driver':'raw','node-name':'a','file':'f0'}", &error_abort);
    BlockDriverState *b = open_json("{'driver':'raw','node-name':'b','file':'f0'}", &error_abort);
    BlockBackend *writer = use(a, RW, SHARED_RO, &error_abort);

    use_refused(b, RW, BLK_PERM_ALL, "Conflicts with use by node 'a', which does not allow 'write'"
                " on f0");
    use_refused(file, RW, BLK_PERM_ALL, "does not allow 'write' on f0");
    blk_unref(writer);
    writer = use(file, RW, SHARED_RO, &error_abort);
    use_refused(b, RW, BLK_PERM_ALL, "does not allow 'write' on f0");
    blk_unref(writer);
    bdrv_unref(a);
    bdrv_unref(b);
    bdrv_unref(file);
}

static void test_read_only(void)
{
    BlockDriverState *file = open_json("{'driver':'null-co','node-name':'f0','read-only':true}",
                                       &error_abort);
    BlockDriverState *bs = open_json("{'driver':'raw','node-name':'n0','file':'f0'}",
                                     &error_abort);
    BlockBackend *reader = use(file, RO, BLK_PERM_ALL, &error_abort);

    use_refused(bs, RW, BLK_PERM_ALL, "Node 'f0' is read-only: open it with read-only=off");
    g_assert_false(blk_supports_write_perm(reader));
    blk_unref(reader);
    bdrv_unref(bs);
    bdrv_unref(file);
}

static void test_resize_perm(void)
{
    g_autoptr(Error) err = NULL;
    BlockDriverState *bs = open_json("{'driver':'null-co','node-name':'n0'}", &error_abort);
    BlockBackend *blk = use(bs, RW, BLK_PERM_ALL & ~BLK_PERM_RESIZE, &error_abort);

    g_assert_false(bdrv_may_resize(bs, &err));
    g_assert_nonnull(strstr(error_get_pretty(err), "'resize'"));
    g_assert_cmpint(blk_set_perm(blk, RW, BLK_PERM_ALL, NULL), ==, 0);
    g_assert_true(bdrv_may_resize(bs, NULL));
    blk_unref(blk);
    bdrv_unref(bs);
}

/* ---- contexts ---- */

static void test_follows_user(void)
{
    g_autoptr(AioContext) ctx = aio_context_new_named("vmA", &error_abort);
    BlockDriverState *file = open_json("{'driver':'null-co','node-name':'f0'}", &error_abort);
    BlockDriverState *bs = open_json("{'driver':'raw','node-name':'n0','file':'f0'}",
                                     &error_abort);
    BlockDriverState *late;
    BlockBackend *blk = blk_new(ctx, RO, BLK_PERM_ALL);

    aio_context_start(ctx);
    g_assert_cmpint(blk_insert_bs(blk, bs, &error_abort), ==, 0);
    g_assert_true(bs->ctx == ctx && file->ctx == ctx);
    /* a node that comes later is where the one below it is */
    late = open_json("{'driver':'raw','node-name':'n1','file':'f0'}", &error_abort);
    g_assert_true(late->ctx == ctx);
    blk_unref(blk);
    g_assert_true(bs->ctx == aio_context_main() && file->ctx == bs->ctx && late->ctx == bs->ctx);
    bdrv_unref(late);
    bdrv_unref(bs);
    bdrv_unref(file);
    aio_context_stop(ctx);
}

static void test_two_domains(void)
{
    g_autoptr(AioContext) a = aio_context_new_named("vmA", &error_abort);
    g_autoptr(AioContext) b = aio_context_new_named("vmB", &error_abort);
    g_autoptr(Error) err = NULL;
    BlockDriverState *bs = open_json("{'driver':'null-co','node-name':'n0'}", &error_abort);
    BlockBackend *first = blk_new(a, RO, BLK_PERM_ALL);
    BlockBackend *second = blk_new(b, RO, BLK_PERM_ALL);
    BlockBackend *third = blk_new(a, RO, BLK_PERM_ALL);

    g_assert_cmpint(blk_insert_bs(first, bs, &error_abort), ==, 0);
    g_assert_cmpint(blk_insert_bs(second, bs, &err), <, 0);
    g_assert_nonnull(strstr(error_get_pretty(err), "a -blockdev of its own"));
    g_assert_null(blk_bs(second));
    g_assert_cmpint(blk_insert_bs(third, bs, &error_abort), ==, 0);
    blk_unref(first);
    g_assert_true(bs->ctx == a);
    blk_unref(third);
    /* now it is free */
    g_assert_cmpint(blk_insert_bs(second, bs, &error_abort), ==, 0);
    g_assert_true(bs->ctx == b);
    blk_unref(second);
    g_assert_true(bs->ctx == aio_context_main());
    bdrv_unref(bs);
}

/* From one domain to another, with a back end that stays. */
static void test_moves(void)
{
    g_autoptr(AioContext) a = aio_context_new_named("vmA", &error_abort);
    g_autoptr(AioContext) b = aio_context_new_named("vmB", &error_abort);
    BlockDriverState *bs = open_json("{'driver':'null-aio','node-name':'n0'}", &error_abort);
    BlockBackend *blk = blk_new(a, RO, BLK_PERM_ALL);

    aio_context_start(a);
    aio_context_start(b);
    g_assert_cmpint(blk_insert_bs(blk, bs, &error_abort), ==, 0);
    g_assert_cmpint(blk_set_aio_context(blk, b, &error_abort), ==, 0);
    g_assert_true(bs->ctx == b && blk_get_aio_context(blk) == b);
    g_assert_cmpint(blk_set_aio_context(blk, aio_context_main(), &error_abort), ==, 0);
    g_assert_true(bs->ctx == aio_context_main());
    blk_unref(blk);
    bdrv_unref(bs);
    aio_context_stop(a);
    aio_context_stop(b);
}

/* ---- length ---- */

static unsigned resized;

static void count_resize(void *opaque)
{
    resized++;
    g_assert_true(aio_context_entered(blk_get_aio_context(opaque)));
}

static const BlockDevOps resize_ops = { .resize_cb = count_resize };

static void test_resize(void)
{
    g_autoptr(AioContext) ctx = aio_context_new_named("vmA", &error_abort);
    g_autoptr(Error) err G_GNUC_UNUSED = NULL;
    Medium m = { .length = 1 * 4096, .limits.request_alignment = 512 };
    BlockDriverState *bs = medium_open(&m, "m0", &error_abort);
    BlockBackend *blk = blk_new(ctx, RO, BLK_PERM_ALL);

    blk_insert_bs(blk, bs, &error_abort);
    blk_set_dev_ops(blk, &resize_ops, blk);
    WITH_AIO_CONTEXT_GUARD(ctx) {
        g_assert_true(bdrv_truncate(bs, 3 * 4096 + 1, &error_abort));
        g_assert_cmpint(blk_getlength(blk), ==, 3 * 4096 + 512);
        g_assert_true(bdrv_truncate(bs, 3 * 4096 + 2, &error_abort));
    }
    /* the second one was none */
    g_assert_cmpuint(resized, ==, 1);
    blk_unref(blk);
    bdrv_unref(bs);
    medium_clear(&m);
}

/* ---- drivers whose medium cannot be used ---- */

static void test_bad_medium(void)
{
    static const struct {
        int64_t length;
        BlockLimits limits;
        const char *why;
    } rows[] = {
        { -EIO, { 0 }, "Could not get the size of" },
        { BDRV_MAX_LENGTH + 1, { 0 }, "Could not get the size of" },
        { 4096, { .request_alignment = 3 }, "blocks of 3 bytes" },
        { 4096, { .request_alignment = 4096, .max_transfer = 512 }, "takes 512 at a time" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autoptr(Error) err = NULL;
        Medium m = { .length = rows[i].length, .limits = rows[i].limits, .no_memory = true };

        g_assert_null(medium_open(&m, "m0", &err));
        if (!strstr(error_get_pretty(err), rows[i].why)) {
            g_error("'%s' is not in '%s'", rows[i].why, error_get_pretty(err));
        }
        medium_clear(&m);
    }
    g_assert_cmpuint(count_nodes(), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qemu_init_main_loop(&error_abort);
    g_test_add_func("/block/graph/names", test_names);
    g_test_add_func("/block/graph/below", test_below);
    g_test_add_func("/block/graph/failures", test_failures);
    g_test_add_func("/block/graph/inherited", test_inherited);
    g_test_add_func("/block/graph/one-writer", test_one_writer);
    g_test_add_func("/block/graph/shared-writers", test_shared_writers);
    g_test_add_func("/block/graph/through-nodes", test_through_nodes);
    g_test_add_func("/block/graph/read-only", test_read_only);
    g_test_add_func("/block/graph/resize-perm", test_resize_perm);
    g_test_add_func("/block/graph/follows-user", test_follows_user);
    g_test_add_func("/block/graph/two-domains", test_two_domains);
    g_test_add_func("/block/graph/moves", test_moves);
    g_test_add_func("/block/graph/resize", test_resize);
    g_test_add_func("/block/graph/bad-medium", test_bad_medium);
    return g_test_run();
}
