/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "node-rig.h"
#include "qapi/json-visitor.h"
#include "qapi/keyval.h"
#include "qapi/qapi-visit-block-core.h"
#include "qom/object.h"
#include "qemu/module.h"

static unsigned ended;

void rig_init(int *argc, char ***argv)
{
    g_test_init(argc, argv, NULL);
    module_call_init(MODULE_INIT_QOM);
    aio_context_enter(aio_context_main());
}

BlockDriverState *rig_open(const char *blockdev, Error **errp)
{
    bool help;
    JsonObject *object = keyval_or_json_parse(blockdev, "driver", KEYVAL_NESTED, &help, errp);
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(BlockdevOptions) options = NULL;
    g_autoptr(Visitor) v = NULL;

    if (!object) {
        return NULL;
    }
    json_node_take_object(node, object);
    v = json_input_visitor_new_keyval(node);
    if (!visit_type_BlockdevOptions(v, NULL, &options, errp)) {
        return NULL;
    }
    return bdrv_open_node(options, errp);
}

void rig_expect_refusal(const char *blockdev, const char *text)
{
    g_autoptr(Error) err = NULL;

    g_assert_null(rig_open(blockdev, &err));
    g_assert_cmpstr(error_get_pretty(err), ==, text);
}

static void on_done(BlockRequest *req, int ret)
{
    RigRequest *r = container_of(req, RigRequest, req);

    r->result = ret;
    r->ends++;
    r->order = ++ended;
}

RigRequest *rig_request(BlockOp op, int64_t offset, int64_t bytes, const void *data)
{
    RigRequest *r = g_new0(RigRequest, 1);
    bool with_data = op == BLOCK_OP_READ || op == BLOCK_OP_WRITE;

    r->req = (BlockRequest) { .op = op, .offset = offset, .bytes = bytes, .done = on_done };
    if (with_data) {
        r->iov = (struct iovec) { g_malloc0(bytes), bytes };
        r->req.iov = &r->iov;
        r->req.niov = 1;
    }
    if (data) {
        memcpy(r->iov.iov_base, data, bytes);
    }
    r->result = BLOCK_PENDING;
    return r;
}

void rig_free(RigRequest *r)
{
    g_free(r->iov.iov_base);
    g_free(r);
}

int rig_submit(BlockDriverState *bs, RigRequest *r)
{
    r->result = BLOCK_PENDING;
    r->result = bdrv_submit(bs, &r->req);
    return r->result;
}

int rig_wait(RigRequest *r)
{
    while (r->result == BLOCK_PENDING) {
        aio_poll(aio_context_main(), true);
    }
    return r->result;
}

int rig_do(BlockDriverState *bs, BlockOp op, int64_t offset, int64_t bytes, const void *data)
{
    g_autoptr(RigRequest) r = rig_request(op, offset, bytes, data);

    rig_submit(bs, r);
    return rig_wait(r);
}

void rig_fill(BlockDriverState *bs, int64_t offset, int64_t bytes, uint8_t fill)
{
    g_autofree uint8_t *data = g_malloc(bytes);

    memset(data, fill, bytes);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_WRITE, offset, bytes, data), ==, 0);
}

void rig_expect(BlockDriverState *bs, int64_t offset, int64_t bytes, uint8_t fill)
{
    g_autoptr(RigRequest) r = rig_request(BLOCK_OP_READ, offset, bytes, NULL);
    uint8_t *data = r->iov.iov_base;

    rig_submit(bs, r);
    g_assert_cmpint(rig_wait(r), ==, 0);
    for (int64_t i = 0; i < bytes; i++) {
        g_assert_cmphex(data[i], ==, fill);
    }
}

void rig_settle(void)
{
    while (aio_poll(aio_context_main(), false)) {
    }
}
