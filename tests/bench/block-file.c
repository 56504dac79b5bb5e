/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a node of driver `file` does, without a controller above it:
 *     block-file OPTIONS read|write|seq-read|seq-write BYTES DEPTH SECONDS [POLL_NS]
 * OPTIONS as of -blockdev. Prints requests for each second, and the median and the
 * 99th percentile of the time of one, in us.
 */
#include "qemu/osdep.h"

#include "block/block-int.h"
#include "block/graph.h"
#include "qapi/error.h"
#include "qapi/json-visitor.h"
#include "qapi/keyval.h"
#include "qapi/qapi-visit-block-core.h"
#include "qemu/defer-call.h"
#include "qemu/main-loop.h"

typedef struct Bench {
    BlockDriverState *bs;
    BlockOp op;
    bool sequential;
    int64_t bytes, next;
    int64_t end_ns;
    unsigned running;
    GRand *rand;
    GArray *times;              /* int64_t, ns */
} Bench;

typedef struct Slot {
    BlockRequest req;
    struct iovec iov;
    Bench *bench;
    int64_t start_ns;
} Slot;

static BlockDriverState *open_node(const char *text)
{
    bool help = false;
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(JsonObject) object = keyval_parse(text, NULL, KEYVAL_NESTED, &help, &error_fatal);
    g_autoptr(BlockdevOptions) options = NULL;
    g_autoptr(Visitor) v = NULL;

    json_node_set_object(node, object);
    v = json_input_visitor_new_keyval(node);
    visit_type_BlockdevOptions(v, NULL, &options, &error_fatal);
    return bdrv_open_node(options, &error_fatal);
}

static int64_t next_offset(Bench *b)
{
    int64_t blocks = b->bs->length / b->bytes;

    return (b->sequential ? b->next++ % blocks : g_rand_int(b->rand) % blocks) * b->bytes;
}

static void start(Slot *slot)
{
    Bench *b = slot->bench;

    slot->req.op = b->op;
    slot->req.flags = 0;
    slot->req.offset = next_offset(b);
    slot->req.bytes = b->bytes;
    slot->start_ns = get_clock();
    g_assert_cmpint(bdrv_submit(b->bs, &slot->req), ==, BLOCK_PENDING);
}

static void done(BlockRequest *req, int ret)
{
    Slot *slot = container_of(req, Slot, req);
    Bench *b = slot->bench;
    int64_t now = get_clock(), took = now - slot->start_ns;

    g_assert_cmpint(ret, ==, 0);
    g_array_append_val(b->times, took);
    if (now < b->end_ns) {
        start(slot);
    } else {
        b->running--;
    }
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void report(const Bench *b, double seconds)
{
    int64_t *t = (int64_t *)b->times->data;
    guint n = b->times->len;

    qsort(t, n, sizeof(*t), by_value);
    printf("%.0f/s  %.1f MiB/s  p50 %.1f us  p99 %.1f us\n", n / seconds,
           n / seconds * b->bytes / (1024 * 1024), t[n / 2] / 1e3, t[n - 1 - n / 100] / 1e3);
}

static void run(Bench *b, unsigned depth, double seconds)
{
    g_autofree Slot *slots = g_new0(Slot, depth);
    int64_t begin = get_clock();

    b->end_ns = begin + seconds * 1e9;
    b->running = depth;
    defer_call_begin();
    for (unsigned i = 0; i < depth; i++) {
        slots[i].bench = b;
        slots[i].iov = (struct iovec) { g_malloc0(b->bytes), b->bytes };
        slots[i].req = (BlockRequest) { .iov = &slots[i].iov, .niov = 1, .done = done };
        start(&slots[i]);
    }
    defer_call_end();
    while (b->running) {
        aio_poll(b->bs->ctx, true);
    }
    report(b, (get_clock() - begin) / 1e9);
    for (unsigned i = 0; i < depth; i++) {
        g_free(slots[i].iov.iov_base);
    }
}

int main(int argc, char **argv)
{
    Bench b = { .rand = g_rand_new(), .times = g_array_new(FALSE, FALSE, sizeof(int64_t)) };

    if (argc < 6) {
        fprintf(stderr, "%s OPTIONS [seq-]read|[seq-]write BYTES DEPTH SECONDS [POLL_NS]\n",
                argv[0]);
        return 1;
    }
    aio_context_enter(aio_context_main());
    if (argc > 6) {
        aio_context_set_poll_params(aio_context_main(), atoll(argv[6]), 0, 0, &error_fatal);
    }
    b.bs = open_node(argv[1]);
    b.sequential = g_str_has_prefix(argv[2], "seq-");
    b.op = g_str_has_suffix(argv[2], "write") ? BLOCK_OP_WRITE : BLOCK_OP_READ;
    b.bytes = atoll(argv[3]);
    run(&b, atoi(argv[4]), atof(argv[5]));
    bdrv_unref(b.bs);
    g_rand_free(b.rand);
    g_array_unref(b.times);
    aio_context_leave(aio_context_main());
    return 0;
}
