/* SPDX-License-Identifier: GPL-2.0-or-later */
/* throttle: groups, turns, and nodes that share one. The clock is moved by hand. */
#include "node-rig.h"
#include "block/throttle-object.h"
#include "qom/object_interfaces.h"
#include "qapi/keyval.h"

#define MS 1000000LL
enum { MANY = 400 };

static int64_t now(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static Object *group(const char *properties, Error **errp)
{
    g_autofree char *text = g_strconcat("throttle-group,id=g0", properties, NULL);
    bool help;
    g_autoptr(JsonObject) opts = keyval_parse(text, "qom-type", KEYVAL_NESTED, &help, errp);

    return opts ? user_creatable_add_from_json(opts, errp) : NULL;
}

static BlockDriverState *node(const char *name)
{
    g_autofree char *text = g_strdup_printf("driver=throttle,node-name=%s,throttle-group=g0"
                                            ",file.driver=null-co", name);

    return rig_open(text, &error_abort);
}

typedef struct Stream {
    BlockDriverState *bs;
    RigRequest *r[MANY];
} Stream;

static void stream_start(Stream *s, BlockDriverState *bs, BlockOp op)
{
    s->bs = bs;
    for (int i = 0; i < MANY; i++) {
        s->r[i] = rig_request(op, 0, op == BLOCK_OP_FLUSH ? 0 : 4096, NULL);
        rig_submit(bs, s->r[i]);
    }
}

static int stream_ended(const Stream *s)
{
    int n = 0;

    for (int i = 0; i < MANY; i++) {
        n += s->r[i]->result != BLOCK_PENDING;
    }
    return n;
}

/* Those that still wait are cancelled. */
static void stream_end(Stream *s)
{
    for (int i = 0; i < MANY; i++) {
        block_request_cancel(&s->r[i]->req);
        rig_free(s->r[i]);
    }
}

static void expect_about(int number, int expected)
{
    g_assert_cmpint(number, >=, expected - 1);
    g_assert_cmpint(number, <=, expected + 1);
}

static void test_rate(void)
{
    Object *g = group(",x-iops-total=100", &error_abort);
    BlockDriverState *bs = node("t0");
    int64_t start = now();
    Stream s;

    stream_start(&s, bs, BLOCK_OP_WRITE);
    expect_about(stream_ended(&s), 11);
    qemu_clock_advance_virtual_time(start + 1000 * MS);
    expect_about(stream_ended(&s), 111);
    qemu_clock_advance_virtual_time(start + 3000 * MS);
    expect_about(stream_ended(&s), 311);
    for (int i = 1; i < stream_ended(&s); i++) {
        g_assert_cmpuint(s.r[i]->order, >=, s.r[i - 1]->order);
    }
    stream_end(&s);
    bdrv_unref(bs);
    object_unparent(g);
}

static void test_bytes_and_flush(void)
{
    Object *g = group(",limits.bps-write=409600", &error_abort);
    BlockDriverState *bs = node("t0");
    int64_t start = now();
    Stream w, r, f;

    stream_start(&w, bs, BLOCK_OP_WRITE);
    stream_start(&r, bs, BLOCK_OP_READ);
    stream_start(&f, bs, BLOCK_OP_FLUSH);
    g_assert_cmpint(stream_ended(&r), ==, MANY);
    g_assert_cmpint(stream_ended(&f), ==, MANY);
    qemu_clock_advance_virtual_time(start + 1000 * MS);
    expect_about(stream_ended(&w), 111);
    stream_end(&w);
    stream_end(&r);
    stream_end(&f);
    bdrv_unref(bs);
    object_unparent(g);
}

/* Two nodes share what there is, whoever came first. */
static void test_turns(void)
{
    Object *g = group(",x-iops-total=100", &error_abort);
    BlockDriverState *first = node("t0"), *second = node("t1");
    int64_t start = now();
    Stream a, b;

    stream_start(&a, first, BLOCK_OP_WRITE);
    stream_start(&b, second, BLOCK_OP_WRITE);
    qemu_clock_advance_virtual_time(start + 2000 * MS);
    expect_about(stream_ended(&a) + stream_ended(&b), 211);
    expect_about(stream_ended(&a) - 11, stream_ended(&b));
    /* The first leaves: the other has it all. */
    stream_end(&a);
    bdrv_unref(first);
    qemu_clock_advance_virtual_time(start + 3000 * MS);
    expect_about(stream_ended(&b), 200);
    stream_end(&b);
    bdrv_unref(second);
    object_unparent(g);
}

static RigRequest *one_write(BlockDriverState *bs)
{
    RigRequest *r = rig_request(BLOCK_OP_WRITE, 0, 4096, NULL);

    rig_submit(bs, r);
    return r;
}

/* Whose turn it is goes away, with nothing left in its queue: the next one has the turn. */
static void turn_passes(void (*leave)(BlockDriverState *bs, RigRequest *r))
{
    Object *g = group(",x-iops-total=1", &error_abort);
    BlockDriverState *first = node("t0"), *second = node("t1");
    int64_t start = now();
    RigRequest *fill = one_write(first), *turn = one_write(first), *next = one_write(second);

    g_assert_cmpint(fill->result, ==, 0);
    g_assert_cmpint(turn->result, ==, BLOCK_PENDING);
    leave(first, turn);
    g_assert_cmpint(next->result, ==, BLOCK_PENDING);
    qemu_clock_advance_virtual_time(start + 2000 * MS);
    g_assert_cmpint(next->result, ==, 0);
    rig_free(fill);
    rig_free(turn);
    rig_free(next);
    bdrv_unref(first);
    bdrv_unref(second);
    object_unparent(g);
}

static void cancel(BlockDriverState *bs, RigRequest *r)
{
    block_request_cancel(&r->req);
}

static void drain(BlockDriverState *bs, RigRequest *r)
{
    bs->drv->drain(bs, true);
    while (aio_poll(aio_context_main(), false)) {
    }
    g_assert_cmpint(r->result, ==, 0);
    bs->drv->drain(bs, false);
}

static void test_cancel_passes(void)
{
    turn_passes(cancel);
}

static void test_drain_passes(void)
{
    turn_passes(drain);
}

static void test_change(void)
{
    Object *g = group(",x-iops-total=1", &error_abort);
    BlockDriverState *bs = node("t0");
    g_autoptr(Error) err = NULL;
    int64_t start = now();
    Stream s;

    stream_start(&s, bs, BLOCK_OP_WRITE);
    expect_about(stream_ended(&s), 1);
    object_property_set_int(g, "x-iops-total", 1000, &error_abort);
    qemu_clock_advance_virtual_time(start + 100 * MS);
    expect_about(stream_ended(&s), 201);
    g_assert_false(object_property_set_int(g, "x-iops-total", -1, &err));
    g_assert_cmpint(object_property_get_int(g, "x-iops-total", &error_abort), ==, 1000);
    /* No limit at all: they go on at once. */
    object_property_set_int(g, "x-iops-total", 0, &error_abort);
    qemu_clock_advance_virtual_time(start + 101 * MS);
    g_assert_cmpint(stream_ended(&s), ==, MANY);
    stream_end(&s);
    bdrv_unref(bs);
    object_unparent(g);
}

/* A request below that ends at once may take others of the same batch back. */
typedef struct Canceller {
    BlockRequest req;
    BlockRequest *victim;
    unsigned ends;
} Canceller;

static void cancel_victim(BlockRequest *req, int ret)
{
    Canceller *c = container_of(req, Canceller, req);

    c->ends++;
    if (c->victim) {
        block_request_cancel(c->victim);
    }
}

static void test_cancel_in_batch(void)
{
    Object *g = group(",x-iops-total=1", &error_abort);
    BlockDriverState *bs = node("t0");
    Canceller c[3] = { 0 };

    for (int i = 0; i < 3; i++) {
        c[i].req = (BlockRequest) { .op = BLOCK_OP_WRITE_ZEROES, .bytes = 1,
                                   .done = cancel_victim };
    }
    g_assert_cmpint(bdrv_submit(bs, &c[2].req), ==, 0);     /* fills the bucket */
    g_assert_cmpint(bdrv_submit(bs, &c[0].req), ==, BLOCK_PENDING);
    g_assert_cmpint(bdrv_submit(bs, &c[1].req), ==, BLOCK_PENDING);
    c[0].victim = &c[1].req;
    object_property_set_int(g, "x-iops-total", 100000, &error_abort);
    qemu_clock_advance_virtual_time(now() + MS);
    g_assert_cmpuint(c[0].ends, ==, 1);
    g_assert_cmpuint(c[1].ends, ==, 0);
    g_assert_cmpuint(bs->in_flight, ==, 0);
    bdrv_unref(bs);
    object_unparent(g);
}

static void test_object(void)
{
    Object *g = group(",x-iops-read=5,x-iops-read-max=50,limits.bps-total=7", &error_abort);
    g_autoptr(Error) used = NULL;
    g_autoptr(Error) wrong = NULL;
    BlockDriverState *bs = node("t0");

    g_assert_cmpint(object_property_get_int(g, "x-bps-total", &error_abort), ==, 7);
    g_assert_cmpint(object_property_get_int(g, "x-iops-read-max", &error_abort), ==, 50);
    g_assert_cmpint(object_property_get_int(g, "x-iops-read-max-length", &error_abort), ==, 1);
    g_assert_false(user_creatable_del("g0", &used));
    bdrv_unref(bs);
    g_assert_true(user_creatable_del("g0", &error_abort));
    g_assert_null(group(",x-iops-read-max=50", &wrong));
    g_assert_cmpstr(error_get_pretty(wrong), ==, "'x-iops-read-max' needs 'x-iops-read' too");
    rig_expect_refusal("driver=throttle,throttle-group=g0,file.driver=null-co", "throttle: there is"
                       " no throttle-group 'g0': add -object throttle-group,id=g0 in front");
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    qemu_clock_set_by_hand();
    g_test_add_func("/block/throttle/rate", test_rate);
    g_test_add_func("/block/throttle/bytes-and-flush", test_bytes_and_flush);
    g_test_add_func("/block/throttle/turns", test_turns);
    g_test_add_func("/block/throttle/cancel-passes-turn", test_cancel_passes);
    g_test_add_func("/block/throttle/drain-passes-turn", test_drain_passes);
    g_test_add_func("/block/throttle/change", test_change);
    g_test_add_func("/block/throttle/cancel-in-batch", test_cancel_in_batch);
    g_test_add_func("/block/throttle/object", test_object);
    return g_test_run();
}
