/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nbd: which blocks are in use, of an image behind qemu-nbd. */
#include "node-rig.h"
#include "qemu/units.h"
#include <glib/gstdio.h>
#include <signal.h>

enum { CLUSTER = 64 * KiB };

typedef struct Image {
    char *folder, *path, *socket;
    GPid server;
} Image;

static void run(const char *const *argv)
{
    int status;

    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, &status, NULL));
    g_assert_true(g_spawn_check_wait_status(status, NULL));
}

static void serve(Image *image)
{
    const char *const server[] = { "qemu-nbd", "--persistent", "--format", "qcow2", "--discard",
                                   "unmap", "--socket", image->socket, image->path, NULL };

    g_assert_true(g_spawn_async(NULL, (char **)server, NULL,
                                G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &image->server, NULL));
}

static void image_new(Image *image)
{
    image->folder = g_dir_make_tmp("test-nbd-XXXXXX", NULL);
    image->path = g_build_filename(image->folder, "image", NULL);
    image->socket = g_build_filename(image->folder, "s", NULL);
    run((const char *const[]) { "qemu-img", "create", "-q", "-f", "qcow2", image->path, "1M",
                                NULL });
    serve(image);
}

static void image_free(Image *image)
{
    kill(image->server, SIGTERM);
    waitpid(image->server, NULL, 0);
    g_spawn_close_pid(image->server);
    g_unlink(image->path);
    g_unlink(image->socket);
    g_rmdir(image->folder);
    g_free(image->path);
    g_free(image->socket);
    g_free(image->folder);
}

static BlockDriverState *open_image(const Image *image)
{
    g_autofree char *text = g_strdup_printf("driver=nbd,discard=unmap,open-timeout=30,"
                                            "server.type=unix,server.path=%s", image->socket);

    return rig_open(text, &error_abort);
}

static void expect(BlockDriverState *bs, int64_t offset, int64_t bytes, int status,
                   int64_t status_bytes)
{
    g_autoptr(RigRequest) r = rig_request(BLOCK_OP_STATUS, offset, bytes, NULL);

    g_assert_cmpint(rig_submit(bs, r), ==, BLOCK_PENDING);
    g_assert_cmpint(rig_wait(r), ==, 0);
    g_assert_cmpint(r->req.status, ==, status);
    g_assert_cmpint(r->req.status_bytes, ==, status_bytes);
}

static void test_image(void)
{
    Image image;
    BlockDriverState *bs;

    image_new(&image);
    bs = open_image(&image);
    expect(bs, 0, MiB, BDRV_BLOCK_ZERO, MiB);
    rig_fill(bs, 2 * CLUSTER, CLUSTER, 0x77);
    expect(bs, 0, MiB, BDRV_BLOCK_ZERO, 2 * CLUSTER);
    expect(bs, 2 * CLUSTER, MiB - 2 * CLUSTER, BDRV_BLOCK_DATA, CLUSTER);
    /* Any bytes. */
    expect(bs, 2 * CLUSTER + 1, 511, BDRV_BLOCK_DATA, 511);
    expect(bs, 2 * CLUSTER - 1, 2, BDRV_BLOCK_ZERO, 1);
    g_assert_cmpint(rig_do(bs, BLOCK_OP_DISCARD, 2 * CLUSTER, CLUSTER, NULL), ==, 0);
    expect(bs, 2 * CLUSTER, CLUSTER, BDRV_BLOCK_ZERO, CLUSTER);
    bdrv_unref(bs);
    image_free(&image);
}

/* By way of all that may stand between. */
static void test_filters(void)
{
    Image image;
    BlockDriverState *bs;
    g_autofree char *text = NULL;

    image_new(&image);
    text = g_strdup_printf("driver=delay,latency-ns=1000,file.driver=error,file.file.driver=raw,"
                           "file.file.offset=128k,file.file.file.driver=nbd,"
                           "file.file.file.open-timeout=30,file.file.file.server.type=unix,"
                           "file.file.file.server.path=%s", image.socket);
    bs = rig_open(text, &error_abort);
    rig_fill(bs, 0, CLUSTER, 0x77);
    expect(bs, 0, 2 * CLUSTER, BDRV_BLOCK_DATA, CLUSTER);
    expect(bs, CLUSTER, CLUSTER, BDRV_BLOCK_ZERO, CLUSTER);
    bdrv_unref(bs);
    image_free(&image);
}

/* Asked, taken back, and the node goes. */
static void test_cancel(void)
{
    Image image;
    BlockDriverState *bs;
    g_autoptr(RigRequest) r = rig_request(BLOCK_OP_STATUS, 0, MiB, NULL);

    image_new(&image);
    bs = open_image(&image);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(rig_submit(bs, r), ==, BLOCK_PENDING);
        block_request_cancel(&r->req);
    }
    expect(bs, 0, 1, BDRV_BLOCK_ZERO, 1);
    g_assert_cmpint(rig_submit(bs, r), ==, BLOCK_PENDING);
    block_request_cancel(&r->req);
    g_assert_cmpuint(bs->in_flight, ==, 0);
    bdrv_unref(bs);
    g_assert_cmpuint(r->ends, ==, 0);
    image_free(&image);
}

int main(int argc, char **argv)
{
    g_autofree char *server = g_find_program_in_path("qemu-nbd");
    g_autofree char *tool = g_find_program_in_path("qemu-img");

    rig_init(&argc, &argv);
    if (!server || !tool) {
        g_test_message("qemu-nbd and qemu-img are not here");
        return 77;
    }
    g_test_add_func("/block/nbd-status/image", test_image);
    g_test_add_func("/block/nbd-status/filters", test_filters);
    g_test_add_func("/block/nbd-status/cancel", test_cancel);
    return g_test_run();
}
