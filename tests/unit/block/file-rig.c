/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "file-rig.h"

#include <glib/gstdio.h>

#include "qapi/json-visitor.h"
#include "qapi/keyval.h"
#include "qapi/qapi-visit-block-core.h"
#include "qemu/main-loop.h"

static char *folder;
static pid_t owner;             /* not its children */

static void remove_folder(void)
{
    const char *name;
    GDir *dir = owner == getpid() ? g_dir_open(folder, 0, NULL) : NULL;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = rig_path(name);

        g_remove(path);
    }
    if (!dir) {
        return;
    }
    g_dir_close(dir);
    g_rmdir(folder);
    g_clear_pointer(&folder, g_free);
}

const char *rig_folder(void)
{
    if (!folder) {
        folder = g_dir_make_tmp("block-XXXXXX", NULL);
        g_assert_nonnull(folder);
        owner = getpid();
        atexit(remove_folder);
    }
    return folder;
}

char *rig_path(const char *name)
{
    return g_build_filename(rig_folder(), name, NULL);
}

char *rig_file(const char *name, size_t size, int fill)
{
    char *path = rig_path(name);
    g_autofree char *bytes = g_malloc(size + 1);

    memset(bytes, fill, size);
    g_assert_true(g_file_set_contents(path, bytes, size, NULL));
    return path;
}

BlockDriverState *rig_open(Error **errp, const char *format, ...)
{
    g_autofree char *text = NULL;
    g_autoptr(JsonObject) object = NULL;
    g_autoptr(BlockdevOptions) options = NULL;
    g_autoptr(Visitor) v = NULL;
    g_autoptr(JsonNode) node = json_node_new(JSON_NODE_OBJECT);
    bool help = false;
    va_list ap;

    va_start(ap, format);
    text = g_strdup_vprintf(format, ap);
    va_end(ap);
    object = keyval_parse(text, NULL, KEYVAL_NESTED, &help, &error_abort);
    json_node_set_object(node, object);
    v = json_input_visitor_new_keyval(node);
    if (!visit_type_BlockdevOptions(v, NULL, &options, errp)) {
        return NULL;
    }
    return bdrv_open_node(options, errp);
}

void rig_wait(const bool *done)
{
    int64_t end = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;

    while (!*done) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        aio_poll(aio_context_main(), true);
    }
}

static void time_is_over(void *opaque)
{
    *(bool *)opaque = true;
}

void rig_run_for_ms(int ms)
{
    bool over = false;
    QEMUTimer *timer = aio_timer_new(aio_context_main(), QEMU_CLOCK_REALTIME, SCALE_MS,
                                     time_is_over, &over);

    timer_mod(timer, qemu_clock_get_ms(QEMU_CLOCK_REALTIME) + ms);
    rig_wait(&over);
    timer_free(timer);
}

static void request_done(BlockRequest *req, int ret)
{
    RigRequest *r = container_of(req, RigRequest, req);

    g_assert_false(r->done);
    r->done = true;
    r->ret = ret;
}

void rig_submit(BlockDriverState *bs, RigRequest *r, BlockOp op, int64_t offset, void *buf,
                size_t len, BdrvRequestFlags flags)
{
    int ret;

    *r = (RigRequest) {
        .req = { .op = op, .flags = flags, .offset = offset, .bytes = len, .done = request_done },
        .iov = { buf, len },
    };
    if (op == BLOCK_OP_READ || op == BLOCK_OP_WRITE) {
        r->req.iov = &r->iov;
        r->req.niov = 1;
    }
    ret = bdrv_submit(bs, &r->req);
    if (ret != BLOCK_PENDING) {
        r->done = true;
        r->ret = ret;
    }
}

int rig_do(BlockDriverState *bs, BlockOp op, int64_t offset, void *buf, size_t len,
           BdrvRequestFlags flags)
{
    RigRequest r;

    rig_submit(bs, &r, op, offset, buf, len, flags);
    rig_wait(&r.done);
    return r.ret;
}

const RigMode rig_modes[] = {
    { "threads", "aio=threads", false },
    { "threads-direct", "aio=threads,cache.direct=on", true },
    { "native-direct", "aio=native,cache.direct=on", true },
    { "io_uring", "aio=io_uring", false },
    { "io_uring-direct", "aio=io_uring,cache.direct=on", true },
};
const unsigned rig_nr_modes = G_N_ELEMENTS(rig_modes);

void rig_add_modes(const char *prefix, void (*fn)(const void *mode))
{
    for (unsigned i = 0; i < rig_nr_modes; i++) {
        g_autofree char *path = g_strdup_printf("%s/%s", prefix, rig_modes[i].name);

        g_test_add_data_func(path, &rig_modes[i], fn);
    }
}

int rig_main(int argc, char **argv, void (*add_tests)(void))
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    aio_context_enter(aio_context_main());
    add_tests();
    ret = g_test_run();
    aio_context_leave(aio_context_main());
    return ret;
}
