/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvme among the other devices: its command line, its media, and what the checks
 * that run on every device want of it.
 */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "nvme.h"

enum { COMMAND_MASTER = 4, CLASS_CODE = 0x010802, BLOCK = 512, FILE_NS = 1, SLOW_NS = 2 };

QNvme *qn_of(QosDevice *d)
{
    if (!d->state) {
        QNvme *n = g_new0(QNvme, 1);

        n->d = d;
        d->state = n;
    }
    return d->state;
}

/* --- the command line --- */

static char *make_file(QNvme *n, unsigned disk)
{
    g_autofree char *name = g_strdup_printf("disk%u", disk);
    char *path;
    int fd;

    if (!n->files) {
        n->files = g_dir_make_tmp("nvme-XXXXXX", NULL);
    }
    path = g_build_filename(n->files, name, NULL);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(ftruncate(fd, QN_FILE_SIZE), ==, 0);
    close(fd);
    return path;
}

static void add_node(GString *args, QNvme *n, unsigned disk, QNMedium medium)
{
    g_autofree char *path = medium == QN_MEDIUM_FILE || medium == QN_MEDIUM_HELD
                            ? make_file(n, disk) : NULL;

    g_string_append_printf(args, "-blockdev node-name=disk%u,", disk);
    switch (medium) {
    case QN_MEDIUM_FILE:
        g_string_append_printf(args, "driver=file,discard=unmap,filename=%s ", path);
        break;
    case QN_MEDIUM_NULL:
        g_string_append(args, "driver=null-co,read-zeroes=on ");
        break;
    case QN_MEDIUM_SLOW:
        g_string_append(args, "driver=null-co,read-zeroes=on,latency-ns=100000000 ");
        break;
    case QN_MEDIUM_HELD:
        g_string_append_printf(args, "driver=delay,file.driver=file,file.filename=%s ", path);
        break;
    default:
        g_string_append(args, "driver=error,rules.0.nth=1,file.driver=null-co ");
        break;
    }
}

/* A namespace without options of its own is the controller's. */
static char *nvme_arguments(QosDevice *d)
{
    const QNRig *rig = d->driver->rig;
    GString *args = g_string_new(NULL), *devices = g_string_new(NULL);
    QNvme *n = qn_of(d);

    g_string_append_printf(devices, "-device nvme,id=d0,serial=libqos%s%s",
                           rig->controller ?: "", d->driver->options);
    for (unsigned i = 0; i < QN_MAX_DISKS && rig->disk[i].medium; i++) {
        add_node(args, n, i, rig->disk[i].medium);
        if (rig->disk[i].options) {
            g_string_append_printf(devices, " -device nvme-ns,bus=d0,drive=disk%u,nsid=%u%s", i,
                                   i + 1, rig->disk[i].options);
        } else {
            g_string_append_printf(devices, ",drive=disk%u", i);
        }
    }
    g_string_append(args, devices->str);
    g_string_free(devices, TRUE);
    return g_string_free(args, FALSE);
}

static void remove_files(QNvme *n)
{
    for (unsigned i = 0; n->files && i < QN_MAX_DISKS; i++) {
        g_autofree char *path = g_strdup_printf("%s/disk%u", n->files, i);

        g_unlink(path);
    }
    if (n->files) {
        g_rmdir(n->files);
    }
    g_free(n->files);
}

/* --- the medium --- */

void qn_hold(QNvme *n, unsigned disk, bool on)
{
    qtest_qmp_assert_success(qos_qmp(n->d), "{\"execute\": \"x-blockdev-%s\", \"arguments\": "
                             "{\"node-name\": \"disk%u\"}}", on ? "hold" : "release", disk);
}

unsigned qn_held(QNvme *n, unsigned disk)
{
    g_autoptr(JsonObject) reply = qtest_qmp(qos_qmp(n->d), "{\"execute\": "
        "\"x-query-blockdev-held\", \"arguments\": {\"node-name\": \"disk%u\"}}", disk);

    return json_object_get_int_member(json_object_get_object_member(reply, "return"), "held");
}

void qn_wait_held(QNvme *n, unsigned disk, unsigned count)
{
    for (unsigned i = 0; qn_held(n, disk) < count; i++) {
        g_assert_cmpuint(i, <, 6000);
        qos_serve(n->d, 0.01);
    }
    g_assert_cmpuint(qn_held(n, disk), ==, count);
}

/* --- what every device does --- */

static bool nvme_probe(QosDevice *d)
{
    uint64_t cap = qos_read(d, 0, QN_CAP, 8);

    /* The NVM command set, CAP.CSS bit 0, and at least two entries. */
    return qos_config_read(d, 8, 4) >> 8 == CLASS_CODE && (cap >> 37 & 1) && (cap & 0xffff);
}

static void nvme_init(QosDevice *d)
{
    qn_start(qn_of(d));
}

static void nvme_self_test(QosDevice *d)
{
    QNvme *n = qn_of(d);
    uint8_t id[QN_PAGE], data[2 * QN_PAGE], copy[2 * QN_PAGE];
    uint64_t iova = qn_alloc(n, sizeof(data));

    g_assert_cmphex(qn_identify(n, 1, 0, id), ==, QN_OK);
    g_assert_cmpmem(id + 4, 6, "libqos", 6);        /* SN */
    qn_pattern(data, sizeof(data), 1);
    qos_mem_write(d, iova, data, sizeof(data));
    g_assert_cmphex(qn_io(n, QN_WRITE, FILE_NS, 5, 16, iova, sizeof(data)), ==, QN_OK);
    qos_mem_set(d, iova, 0xee, sizeof(data));
    g_assert_cmphex(qn_io(n, QN_READ, FILE_NS, 5, 16, iova, sizeof(data)), ==, QN_OK);
    qos_mem_read(d, iova, copy, sizeof(copy));
    g_assert_cmpmem(copy, sizeof(copy), data, sizeof(data));
}

/* Without bus mastering the entry cannot be fetched, and no status comes. */
static bool copy_without_master(QNvme *n, uint64_t dst, uint32_t len)
{
    QNSqe cmd = qn_rw(QN_READ, FILE_NS, 0, len / BLOCK);
    QNCqe cqe;

    qn_prp(n, &cmd, dst, len);
    qn_submit(n, &n->sq, &cmd);
    return qn_wait(n, &n->cq, &cqe, 0.2);
}

static bool nvme_dma_copy(QosDevice *d, uint64_t src, uint64_t dst, uint32_t len)
{
    QNvme *n = qn_of(d);

    if (!(qos_config_read(d, 4, 2) & COMMAND_MASTER)) {
        return copy_without_master(n, dst, len);
    }
    return qn_io(n, QN_WRITE, FILE_NS, 0, len / BLOCK, src, len) == QN_OK &&
           qn_io(n, QN_READ, FILE_NS, 0, len / BLOCK, dst, len) == QN_OK;
}

static void nvme_dma_start(QosDevice *d, uint64_t dst, uint32_t len)
{
    QNvme *n = qn_of(d);
    QNSqe cmd = qn_rw(QN_READ, SLOW_NS, 0, len / BLOCK);

    qn_prp(n, &cmd, dst, len);
    qn_submit(n, &n->sq, &cmd);
}

/* Admin completions are always announced, on vector 0: base 3.5.1, 7.5. */
static void nvme_raise_irq(QosDevice *d)
{
    QNvme *n = qn_of(d);
    QNSqe cmd = { .opcode = QN_GET_FEATURES, .cdw10 = QN_F_QUEUES };

    qn_submit(n, &n->admin, &cmd);
}

static void nvme_lower_irq(QosDevice *d)
{
    QNvme *n = qn_of(d);
    QNCqe cqe;

    g_assert_true(qn_wait(n, &n->admin_cq, &cqe, 2));
    g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
}

static void nvme_remove(QosDevice *d)
{
    QNvme *n = qn_of(d);

    if (n->lent) {
        qn_disable(n);
    }
    remove_files(n);
    g_free(n);
    d->state = NULL;
}

static const QNRig default_rig = {
    .disk = { { QN_MEDIUM_FILE }, { QN_MEDIUM_SLOW, "" } },
};

const QosDriver qos_nvme = {
    .name = "nvme", .options = "", .vendor = 0x1b36, .device = 0x0010,
    .irqs = { [QOS_INTX] = true, [QOS_MSIX] = true }, .max_copy = 128 * 1024,
    .copy_align = 4, .copy_unit = BLOCK, .rig = &default_rig, .arguments = nvme_arguments,
    .probe = nvme_probe, .init = nvme_init, .self_test = nvme_self_test,
    .dma_copy = nvme_dma_copy, .dma_start = nvme_dma_start,
    .raise_irq = nvme_raise_irq, .lower_irq = nvme_lower_irq, .remove = nvme_remove,
};
