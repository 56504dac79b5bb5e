/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Make the first, second, third ... thing that can fail fail, until a whole
 * scenario runs through without meeting one. The client may lose its
 * connection or get an error; the server must serve the next one, and leak
 * neither memory (a sanitizer looks) nor file descriptors (the rig looks).
 */
#include "qemu/osdep.h"
#include "qemu/fault-inject.h"
#include "tests/unit/vfio-user/server/rig.h"

/* A scenario says true when it saw nothing of a failure. */
typedef bool Scenario(Rig *rig);

/* One command; false when there is no answer, or an error. */
static bool ask(int fd, uint16_t command, const void *payload, size_t len, const int *fds,
                unsigned nr_fds)
{
    g_auto(Reply) reply = { 0 };

    client_send(fd, 1, command, 0, payload, len, fds, nr_fds);
    return client_receive(fd, &reply) && !(reply.header.flags & VFU_ERROR);
}

static bool hello(int fd)
{
    static const char text[] = "\0\0\0\0{\"capabilities\":{\"max_msg_fds\":8}}";

    return ask(fd, VFU_VERSION, text, sizeof(text), NULL, 0);
}

static bool dialogue(Rig *rig)
{
    VfuDmaMap map = { 32, 3, 0, 0x10000, 0x1000 };
    VfuRegionInfo region = { .argsz = 80, .index = 2 };
    VfuRegionAccess access = { 0, 0, 4096 };
    int one = rig->bar2_fd;
    int fd = client_connect(rig);
    bool ok = hello(fd) && ask(fd, VFU_DMA_MAP, &map, 32, &one, 1) &&
              ask(fd, VFU_DEVICE_GET_REGION_INFO, &region, 32, NULL, 0) &&
              ask(fd, VFU_REGION_READ, &access, 16, NULL, 0) &&
              ask(fd, VFU_DEVICE_RESET, NULL, 0, NULL, 0);

    close(fd);
    return ok;
}

static bool dma(Rig *rig)
{
    struct {
        VfuRegionAccess access;
        uint32_t value;
    } write = { { RIG_WAIT_DMA, 0, 4 }, 1 };
    int fd = client_connect(rig);
    bool ok = hello(fd) && ask(fd, VFU_REGION_WRITE, &write, 20, NULL, 0);
    g_auto(Reply) request = { 0 };
    uint8_t payload[24] = { 0 };

    ok = ok && client_receive(fd, &request);
    if (ok) {
        memcpy(payload, request.payload, 16);
        client_send(fd, request.header.id, VFU_DMA_READ, VFU_TYPE_REPLY, payload, 24, NULL, 0);
        ok = ask(fd, VFU_DEVICE_RESET, NULL, 0, NULL, 0);
    }
    close(fd);
    return ok;
}

static void run(gconstpointer data)
{
    Scenario *scenario = (Scenario *)data;
    Rig *rig = rig_new(NULL);
    unsigned asked, n = 0;

    do {
        bool ok;

        fault_inject_arm(FAULT_ANY, ++n, false);
        ok = scenario(rig);
        asked = fault_inject_disarm();
        g_assert_true(ok || asked >= n);        /* nothing fails by itself */
        g_assert_cmpuint(n, <, 200);
        /* whatever happened, the next client is served */
        close(client_connect_ready(rig));
    } while (asked >= n);
    g_test_message("%u faults", n - 1);
    g_assert_cmpuint(n, >, 5);
    rig_free(rig);
}

static const VfuDeviceOps no_ops;

static void test_creation(void)
{
    g_autofree char *dir = g_dir_make_tmp("vfu-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "sock", NULL);
    AioContext *ctx = aio_context_new_named("try", &error_abort);
    VfuServer *server = NULL;
    VfuServerConfig config;

    vfu_server_config_init(&config);
    config.path = path;
    for (unsigned n = 1; !server; n++) {
        g_autoptr(Error) err = NULL;
        AIO_CONTEXT_GUARD(ctx);

        fault_inject_arm(FAULT_ANY, n, false);
        server = vfu_server_new(ctx, &config, &no_ops, NULL, &err);
        fault_inject_disarm();
        g_assert_true((server == NULL) == (err != NULL));
        g_assert_cmpuint(n, <, 50);
    }
    WITH_AIO_CONTEXT_GUARD(ctx) {
        vfu_server_free(server);
    }
    aio_context_unref(ctx);
    rmdir(dir);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/fail-nth/session/dialogue", dialogue, run);
    g_test_add_data_func("/fail-nth/session/dma", dma, run);
    g_test_add_func("/fail-nth/session/creation", test_creation);
    return g_test_run();
}
