/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces on a file: what a format leaves there, and a size that changes. */
#include "qemu/osdep.h"
#include "admin-rig.h"
#include "block/block-int.h"

#define MIB (1024ULL * 1024)

/* ---- contents ---- */

typedef struct File {
    char *path;
    int fd;
} File;

static File file_new(uint64_t bytes)
{
    File file = { .path = g_strdup("/tmp/nvme-format-XXXXXX") };
    g_autofree char *json = NULL;
    uint8_t *fill = g_malloc(bytes);

    file.fd = g_mkstemp(file.path);
    g_assert_cmpint(file.fd, >=, 0);
    memset(fill, 0x5a, bytes);
    g_assert_cmpint(pwrite(file.fd, fill, bytes, 0), ==, bytes);
    g_free(fill);
    json = g_strdup_printf("{'driver': 'file', 'node-name': 'file', 'filename': '%s'}",
                           file.path);
    nvme_rig_add_node(json);
    return file;
}

static void file_free(File *file)
{
    nvme_rig_del_node("file");
    close(file->fd);
    unlink(file->path);
    g_free(file->path);
}

/* Runs until the command's completion is there: a file answers when it likes. */
static uint16_t wait_status(NvmeRig *rig)
{
    gint64 end = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;
    NvmeCqe cqe;

    while (!nvme_rig_reap(rig, &rig->admin, &cqe)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        rig_run();
        g_usleep(1000);
    }
    return nvme_cqe_status(cqe);
}

static void test_erases(void)
{
    File file = file_new(3 * MIB);
    NvmeRig *rig = nvme_rig_new_on("file", NULL);
    uint8_t *bytes = g_malloc(3 * MIB);

    nvme_rig_enable(rig);
    nvme_rig_submit(rig, &rig->admin, admin_cmd(rig, 0x80, 1, 5 | 1 << 5 | 1 << 9, 0));
    g_assert_cmphex(wait_status(rig), ==, OK);
    g_assert_cmpint(pread(file.fd, bytes, 3 * MIB, 0), ==, 3 * MIB);
    g_assert_true(all_zero(bytes, 3 * MIB));
    assert_field(identify(rig, 0, 1, 0), 0, 8, 3 * MIB / 4104);
    g_free(bytes);
    nvme_rig_free(rig);
    file_free(&file);
}

/* ---- size ---- */

static void test_resize(void)
{
    g_autofree char *path = g_strdup("/tmp/nvme-resize-XXXXXX"), *json = NULL;
    int fd = g_mkstemp(path);
    NvmeRig *rig;
    uint32_t dw0;

    g_assert_cmpint(ftruncate(fd, MIB), ==, 0);
    json = g_strdup_printf("{'driver': 'file', 'node-name': 'file', 'filename': '%s'}", path);
    nvme_rig_add_node(json);
    rig = nvme_rig_new_on("file", NULL);
    nvme_rig_enable(rig);
    g_assert_cmphex(set_feature(rig, 0x0b, 0, 0x100), ==, OK);
    g_assert_false(request_event(rig, &dw0));
    g_assert_true(bdrv_truncate(blk_bs(nvme_rig_ctrl(rig)->namespaces[1]->blkconf.blk), 3 * MIB,
                                &error_abort));
    g_assert_cmphex(next_event(rig), ==, 0x040002);
    assert_field(get_log(rig, 4, 4096), 0, 8, 1);
    assert_field(identify(rig, 0, 1, 0), 0, 8, 3 * MIB / 512);
    nvme_rig_free(rig);
    nvme_rig_del_node("file");
    close(fd);
    unlink(path);
}

int main(int argc, char **argv)
{
    nvme_rig_setup(&argc, &argv);
    g_test_add_func("/nvme/medium/erases", test_erases);
    g_test_add_func("/nvme/medium/resize", test_resize);
    return g_test_run();
}
