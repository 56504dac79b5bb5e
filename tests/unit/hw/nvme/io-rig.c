/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See io-rig.h. */
#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "io-rig.h"
#include "block/aio.h"
#include "hw/nvme/regs.h"
#include "qapi/qapi-commands-block-core.h"
#include "qemu/main-loop.h"

enum { LISTS = 64 };

/* ---- life ---- */

static void add_nodes(IoRig *rig, uint64_t bytes)
{
    g_autofree char *file = NULL;
    GError *err = NULL;

    rig->fd = g_file_open_tmp("nvme-io-XXXXXX", &rig->path, &err);
    g_assert_no_error(err);
    g_assert_cmpint(ftruncate(rig->fd, bytes), ==, 0);
    file = g_strdup_printf("{'driver': 'file', 'node-name': 'f0', 'filename': '%s',"
                           " 'discard': 'unmap'}", rig->path);
    nvme_rig_add_node(file);
    nvme_rig_add_node("{'driver': 'error', 'node-name': 'e0', 'file': 'f0', 'discard': 'unmap'}");
    nvme_rig_add_node("{'driver': 'delay', 'node-name': 'n0', 'file': 'e0', 'discard': 'unmap'}");
}

static void set_props(DeviceState *dev, const char *props)
{
    g_auto(GStrv) list = g_strsplit(props ? props : "", ",", -1);

    for (char **p = list; *p; p++) {
        g_auto(GStrv) pair = g_strsplit(*p, "=", 2);

        object_property_parse(OBJECT(dev), pair[0], pair[1], &error_abort);
    }
}

static NvmeNamespace *add_namespace(IoRig *rig, uint32_t block, const char *props)
{
    NvmeCtrl *n = nvme_rig_ctrl(rig->nvme);
    g_autofree char *all = g_strdup_printf(
        "drive=n0,logical_block_size=%u,physical_block_size=%u%s%s", block, block,
        props ? "," : "", props ? props : "");

    rig->ns_dev = qdev_new(TYPE_NVME_NS);
    set_props(rig->ns_dev, all);
    qdev_realize_and_unref(rig->ns_dev, n->bus, &error_abort);
    g_assert_nonnull(n->namespaces[1]);
    return n->namespaces[1];
}

IoRig *io_rig_new(uint64_t bytes, uint32_t block, const char *props, const char *ctrl_props)
{
    IoRig *rig = g_new0(IoRig, 1);

    add_nodes(rig, bytes);
    rig->nvme = nvme_rig_new_on(NULL, ctrl_props);
    rig->ns = add_namespace(rig, block, props);
    rig->block = block;
    rig->ms = rig->ns->ms;
    rig->extended = rig->ns->extended;
    g_assert_cmpuint(1u << rig->ns->lbads, ==, block);
    rig->nvme->css = rig->ns->zns ? NVME_CSS_IOCS : NVME_CSS_NVM;
    nvme_rig_start(rig->nvme, IO_QUEUE);
    rig->buf = nvme_rig_alloc(rig->nvme, IO_BUF);
    rig->other = nvme_rig_alloc(rig->nvme, IO_BUF);
    rig->meta = nvme_rig_alloc(rig->nvme, IO_META);
    rig->lists = nvme_rig_alloc(rig->nvme, LISTS * NVME_RIG_PAGE);
    return rig;
}

void io_rig_free(IoRig *rig)
{
    io_let_go(rig);
    io_drain(rig);
    nvme_rig_disable(rig->nvme);
    object_unparent(OBJECT(rig->ns_dev));
    rig_run();
    nvme_rig_free(rig->nvme);
    rig_run();
    nvme_rig_del_node("n0");
    nvme_rig_del_node("e0");
    nvme_rig_del_node("f0");
    close(rig->fd);
    g_assert_cmpint(g_unlink(rig->path), ==, 0);
    g_free(rig->path);
    g_free(rig);
}

/* ---- commands ---- */

void io_fill(void *buf, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)buf)[i] = g_test_rand_int();
    }
}

void io_map(IoRig *rig, NvmeSqe *cmd, uint64_t iova, uint64_t n)
{
    uint64_t first = NVME_RIG_PAGE - iova % NVME_RIG_PAGE;
    uint64_t list = rig->lists + rig->next_list % LISTS * NVME_RIG_PAGE;
    uint64_t *entry = nvme_rig_at(rig->nvme, list);

    cmd->dptr[0] = cpu_to_le64(iova);
    cmd->dptr[1] = 0;
    if (n <= first) {
        return;
    }
    if (n - first <= NVME_RIG_PAGE) {
        cmd->dptr[1] = cpu_to_le64(iova + first);
        return;
    }
    g_assert_cmpuint(n - first, <=, 512 * NVME_RIG_PAGE);
    rig->next_list++;
    cmd->dptr[1] = cpu_to_le64(list);
    for (uint64_t at = first; at < n; at += NVME_RIG_PAGE) {
        *entry++ = cpu_to_le64(iova + at);
    }
}

NvmeSqe io_cmd_at(IoRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb, uint64_t buf,
                  uint64_t meta)
{
    NvmeSqe cmd = nvme_cmd_rw(opcode, slba, nlb, 0, 0);
    uint64_t bytes = (uint64_t)nlb * (rig->block + (rig->extended ? rig->ms : 0));

    if (bytes <= IO_BUF) {
        io_map(rig, &cmd, buf, bytes);
    }
    cmd.mptr = cpu_to_le64(meta);
    return cmd;
}

NvmeSqe io_cmd(IoRig *rig, uint8_t opcode, uint64_t slba, uint32_t nlb)
{
    return io_cmd_at(rig, opcode, slba, nlb, rig->buf, rig->meta);
}

/* Ranges are read once: the page may be used again for the next command. */
static uint8_t *list_page(IoRig *rig, NvmeSqe *cmd, uint64_t bytes)
{
    uint64_t at = rig->lists + rig->next_list++ % LISTS * NVME_RIG_PAGE;
    uint8_t *page = io_at(rig, at);

    g_assert_cmpuint(bytes, <=, NVME_RIG_PAGE);
    memset(page, 0, NVME_RIG_PAGE);
    cmd->dptr[0] = cpu_to_le64(at);
    cmd->dptr[1] = 0;
    return page;
}

NvmeSqe io_cmd_deallocate(IoRig *rig, const IoRange *ranges, unsigned n)
{
    NvmeSqe cmd = nvme_cmd(NVME_IO_DSM, 1);
    uint8_t *p = list_page(rig, &cmd, n * 16);

    for (unsigned i = 0; i < n; i++) {
        stl_le_p(p + 16 * i + 4, ranges[i].nlb);
        stq_le_p(p + 16 * i + 8, ranges[i].slba);
    }
    cmd.cdw10 = cpu_to_le32(n - 1);
    cmd.cdw11 = cpu_to_le32(1 << 2);
    return cmd;
}

NvmeSqe io_cmd_copy(IoRig *rig, uint64_t to, const IoRange *ranges, unsigned n)
{
    NvmeSqe cmd = nvme_cmd_rw(NVME_IO_COPY, to, n, 0, 0);
    uint8_t *p = list_page(rig, &cmd, n * 32);

    for (unsigned i = 0; i < n; i++) {
        stq_le_p(p + 32 * i + 8, ranges[i].slba);
        stw_le_p(p + 32 * i + 16, ranges[i].nlb - 1);
    }
    return cmd;
}

/* ---- completions ---- */

uint16_t io_submit(IoRig *rig, NvmeSqe cmd)
{
    uint16_t cid = nvme_rig_submit(rig->nvme, &rig->nvme->io, cmd);

    rig->done[cid] = false;
    return cid;
}

static bool reap(IoRig *rig)
{
    NvmeCqe cqe;

    if (!nvme_rig_reap(rig->nvme, &rig->nvme->io, &cqe)) {
        return false;
    }
    g_assert_false(rig->done[le16_to_cpu(cqe.cid)]);
    rig->done[le16_to_cpu(cqe.cid)] = true;
    rig->status[le16_to_cpu(cqe.cid)] = le16_to_cpu(cqe.status) >> 1;
    rig->dw0[le16_to_cpu(cqe.cid)] = le32_to_cpu(cqe.dw0);
    rig->nr_done++;
    return true;
}

void io_run(IoRig *rig)
{
    do {
        rig_run();
    } while (reap(rig));
}

uint16_t io_wait(IoRig *rig, uint16_t cid)
{
    io_run(rig);
    while (!rig->done[cid]) {
        aio_poll(qemu_get_current_aio_context(), true);
        io_run(rig);
    }
    return rig->status[cid] & 0x7ff;
}

uint16_t io_do_dnr(IoRig *rig, NvmeSqe cmd)
{
    uint16_t cid = io_submit(rig, cmd);

    io_wait(rig, cid);
    return rig->status[cid];
}

uint16_t io_do(IoRig *rig, NvmeSqe cmd)
{
    return io_do_dnr(rig, cmd) & 0x7ff;
}

void io_drain(IoRig *rig)
{
    NvmeSQueue *sq = nvme_sq(nvme_rig_ctrl(rig->nvme), 1);

    io_run(rig);
    while (sq && !QTAILQ_EMPTY(&sq->active)) {
        aio_poll(qemu_get_current_aio_context(), true);
        io_run(rig);
    }
}

void io_abort(IoRig *rig, uint16_t cid)
{
    NvmeSqe cmd = nvme_cmd(NVME_ADMIN_ABORT, 0);

    cmd.cdw10 = cpu_to_le32(cid << 16 | 1);
    g_assert_cmphex(nvme_rig_status(rig->nvme, &rig->nvme->admin, cmd), ==, NVME_SUCCESS);
}

/* ---- the image ---- */

void io_medium(IoRig *rig, uint64_t offset, void *buf, size_t n)
{
    g_assert_cmpint(pread(rig->fd, buf, n, offset), ==, n);
}

void io_hold(IoRig *rig)
{
    qmp_x_blockdev_hold("n0", false, 0, &error_abort);
}

void io_release(IoRig *rig, unsigned n)
{
    qmp_x_blockdev_release("n0", true, n, &error_abort);
}

void io_let_go(IoRig *rig)
{
    qmp_x_blockdev_release("n0", false, 0, &error_abort);
}

unsigned io_held(IoRig *rig)
{
    g_autoptr(BlockdevHeld) held = qmp_x_query_blockdev_held("n0", &error_abort);

    return held->held;
}

void io_fail(IoRig *rig, int op, int64_t offset, int64_t bytes, unsigned nth, int error)
{
    BlockErrorNumber number = { .type = QTYPE_QNUM, .u.number = error };
    BlockErrorRule rule = {
        .has_event = op >= 0, .event = (BlockErrorEvent)op,
        .has_offset = true, .offset = offset, .has_bytes = true, .bytes = bytes,
        .has_nth = true, .nth = nth, .q_errno = &number,
        .has_once = true, .once = true,
    };
    BlockErrorRuleList list = { NULL, &rule };

    qmp_x_blockdev_error_set("e0", &list, &error_abort);
}

void io_fail_no_more(IoRig *rig)
{
    qmp_x_blockdev_error_set("e0", NULL, &error_abort);
}
