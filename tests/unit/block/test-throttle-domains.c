/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One throttle group in two domains that run at the same time. Made for ThreadSanitizer. */
#include "node-rig.h"
#include "block/aio-wait.h"
#include "block/throttle-object.h"
#include "qom/object_interfaces.h"
#include "sysemu/block-backend.h"
#include <json-glib/json-glib.h>

enum { REQUESTS = 300, DEPTH = 8 };

typedef struct Domain Domain;

typedef struct Slot {
    BlockRequest req;
    Domain *domain;
} Slot;

struct Domain {
    AioContext *ctx;
    BlockDriverState *bs;
    BlockBackend *blk;
    Slot slot[DEPTH];
    struct iovec iov;
    int to_start, ended, astray;
    bool finished;              /* atomic */
};

static uint8_t buffer[512];

static void submit(Slot *s);

static void on_done(BlockRequest *req, int ret)
{
    Slot *s = container_of(req, Slot, req);

    g_assert_cmpint(ret, ==, 0);
    s->domain->astray += !aio_context_in_loop(s->domain->ctx);
    s->domain->ended++;
    submit(s);
}

/* Again and again until one has to wait, or all are through. */
static void submit(Slot *s)
{
    Domain *d = s->domain;

    while (d->to_start > 0) {
        d->to_start--;
        s->req = (BlockRequest) {
            .op = BLOCK_OP_WRITE, .bytes = sizeof(buffer), .iov = &d->iov, .niov = 1,
            .done = on_done,
        };
        if (blk_submit(d->blk, &s->req) == BLOCK_PENDING) {
            return;
        }
        d->ended++;
    }
    if (d->ended == REQUESTS) {
        qatomic_set(&d->finished, true);
        aio_wait_kick();
    }
}

static void begin(void *opaque)
{
    Domain *d = opaque;

    for (int i = 0; i < DEPTH; i++) {
        submit(&d->slot[i]);
    }
}

static void domain_init(Domain *d, const char *name)
{
    g_autofree char *text = g_strdup_printf("driver=throttle,node-name=%s,throttle-group=g0"
                                            ",file.driver=null-co", name);

    d->ctx = aio_context_new_named(name, &error_abort);
    aio_context_start(d->ctx);
    d->to_start = REQUESTS;
    d->iov = (struct iovec) { buffer, sizeof(buffer) };
    d->bs = rig_open(text, &error_abort);
    d->blk = blk_new(d->ctx, BLK_PERM_ALL, BLK_PERM_ALL);
    g_assert_cmpint(blk_insert_bs(d->blk, d->bs, &error_abort), ==, 0);
    for (int i = 0; i < DEPTH; i++) {
        d->slot[i].domain = d;
    }
}

static void domain_end(Domain *d)
{
    WITH_AIO_CONTEXT_GUARD(d->ctx) {
        g_assert_cmpint(d->astray, ==, 0);
    }
    blk_unref(d->blk);
    bdrv_unref(d->bs);
    aio_context_stop(d->ctx);
    aio_context_unref(d->ctx);
}

static Object *group(void)
{
    g_autoptr(JsonObject) opts = json_object_new();

    json_object_set_int_member(opts, "x-iops-total", 2000);
    return user_creatable_add_type("throttle-group", "g0", opts, &error_abort);
}

static bool both_finished(Domain *d)
{
    return qatomic_read(&d[0].finished) && qatomic_read(&d[1].finished);
}

static void test_two_domains(void)
{
    Object *g = group();
    Domain d[2] = { 0 };
    int64_t start = g_get_monotonic_time();
    unsigned changes = 0;

    domain_init(&d[0], "a");
    domain_init(&d[1], "b");
    aio_bh_schedule_oneshot(d[0].ctx, begin, &d[0]);
    aio_bh_schedule_oneshot(d[1].ctx, begin, &d[1]);
    while (!both_finished(d)) {
        /* Somebody changes the limits meanwhile. */
        object_property_set_int(g, "x-iops-total", changes++ % 2 ? 2000 : 3000, &error_abort);
        g_usleep(20000);
    }
    /* 600 at 3000 a second, but for a tenth of a second's worth at each change: it did limit. */
    g_assert_cmpint(g_get_monotonic_time() - start, >, 10000);
    domain_end(&d[0]);
    domain_end(&d[1]);
    object_unparent(g);
}

int main(int argc, char **argv)
{
    rig_init(&argc, &argv);
    g_test_add_func("/block/throttle-domains/two", test_two_domains);
    return g_test_run();
}
