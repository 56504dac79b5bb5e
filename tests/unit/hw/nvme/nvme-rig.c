/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The driver of nvme-rig.h. */
#include "qemu/osdep.h"
#include "nvme-rig.h"
#include "qapi/json-visitor.h"
#include "qapi/json.h"
#include "qapi/qapi-commands-block-core.h"
#include "qapi/qapi-visit-block-core.h"

enum { ADMIN_ENTRIES = 64 };

/* ---- the medium ---- */

void nvme_rig_add_node(const char *json)
{
    g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
    g_autoptr(BlockdevOptions) options = NULL;
    g_autofree char *text = g_strdelimit(g_strdup(json), "'", '"');
    Visitor *v;

    json_node_take_object(root, qapi_json_parse_object(text, strlen(text), &error_abort));
    v = json_input_visitor_new(root);
    visit_type_BlockdevOptions(v, NULL, &options, &error_abort);
    visit_free(v);
    qmp_blockdev_add(options, &error_abort);
}

void nvme_rig_del_node(const char *name)
{
    qmp_blockdev_del(name, &error_abort);
}

/* ---- life ---- */

void nvme_rig_setup(int *argc, char ***argv)
{
    rig_setup(argc, argv);
}

NvmeRig *nvme_rig_new_on(const char *drive, const char *props)
{
    NvmeRig *rig = g_new0(NvmeRig, 1);
    g_autofree char *all = g_strdup_printf("serial=rig%s%s%s%s", drive ? ",drive=" : "",
                                           drive ? drive : "", props ? "," : "",
                                           props ? props : "");

    rig->pci = rig_new(TYPE_NVME, all);
    rig->next = RIG_RAM_BASE;
    return rig;
}

NvmeRig *nvme_rig_new(const char *props)
{
    NvmeRig *rig;

    nvme_rig_add_node("{'driver': 'null-co', 'node-name': 'n0', 'size': 1073741824,"
                      " 'read-zeroes': true}");
    rig = nvme_rig_new_on("n0", props);
    rig->own_node = true;
    return rig;
}

NvmeRig *nvme_rig_new_held(const char *props)
{
    NvmeRig *rig;

    nvme_rig_add_node("{'driver': 'null-co', 'node-name': 'z0', 'size': 1073741824,"
                      " 'read-zeroes': true}");
    nvme_rig_add_node("{'driver': 'delay', 'node-name': 'n0', 'file': 'z0', 'hold': true}");
    rig = nvme_rig_new_on("n0", props);
    rig->own_node = rig->own_delay = true;
    return rig;
}

void nvme_rig_let_go(unsigned count)
{
    qmp_x_blockdev_release("n0", count, count, &error_abort);
    rig_run();
}

unsigned nvme_rig_held(void)
{
    g_autoptr(BlockdevHeld) held = qmp_x_query_blockdev_held("n0", &error_abort);

    return held->held;
}

void nvme_rig_free(NvmeRig *rig)
{
    rig_free(rig->pci);
    if (rig->own_node) {
        nvme_rig_del_node("n0");
    }
    if (rig->own_delay) {
        nvme_rig_del_node("z0");
    }
    g_free(rig);
}

uint64_t nvme_rig_alloc(NvmeRig *rig, uint64_t bytes)
{
    uint64_t at = rig->next;

    rig->next += ROUND_UP(bytes, NVME_RIG_PAGE);
    g_assert_cmpuint(rig->next, <=, RIG_RAM_BASE + RIG_RAM_SIZE);
    memset(rig_ram(rig->pci, at), 0, ROUND_UP(bytes, NVME_RIG_PAGE));
    return at;
}

void *nvme_rig_at(NvmeRig *rig, uint64_t iova)
{
    return rig_ram(rig->pci, iova);
}

/* ---- the controller ---- */

static void place(NvmeRig *rig, NvmeRigQueue *q, unsigned id, uint32_t entries)
{
    *q = (NvmeRigQueue) { .id = id, .entries = entries, .phase = true };
    q->sq = nvme_rig_alloc(rig, entries * sizeof(NvmeSqe));
    q->cq = nvme_rig_alloc(rig, entries * sizeof(NvmeCqe));
}

void nvme_rig_enable(NvmeRig *rig)
{
    rig->next = RIG_RAM_BASE;
    place(rig, &rig->admin, 0, ADMIN_ENTRIES);
    rig_write(rig->pci, 0, NVME_REG_AQA, (ADMIN_ENTRIES - 1) << 16 | (ADMIN_ENTRIES - 1), 4);
    rig_write(rig->pci, 0, NVME_REG_ASQ, rig->admin.sq, 8);
    rig_write(rig->pci, 0, NVME_REG_ACQ, rig->admin.cq, 8);
    rig_write(rig->pci, 0, NVME_REG_CC,
              NVME_CC_EN | rig->css << NVME_CC_CSS_SHIFT | NVME_SQE_SHIFT << NVME_CC_IOSQES_SHIFT
              | NVME_CQE_SHIFT << NVME_CC_IOCQES_SHIFT, 4);
    rig_run();
    g_assert_cmphex(nvme_rig_csts(rig) & ~NVME_CSTS_NSSRO, ==, NVME_CSTS_RDY);
}

void nvme_rig_disable(NvmeRig *rig)
{
    rig_write(rig->pci, 0, NVME_REG_CC, 0, 4);
    rig_run();
    g_assert_cmphex(nvme_rig_csts(rig) & NVME_CSTS_RDY, ==, 0);
}

uint32_t nvme_rig_csts(NvmeRig *rig)
{
    return rig_read(rig->pci, 0, NVME_REG_CSTS, 4);
}

void nvme_rig_create(NvmeRig *rig, NvmeRigQueue *q, unsigned id, uint32_t entries,
                     unsigned vector)
{
    place(rig, q, id, entries);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin,
                                    nvme_cmd_create_cq(id, entries, q->cq, vector)), ==, 0);
    g_assert_cmphex(nvme_rig_status(rig, &rig->admin,
                                    nvme_cmd_create_sq(id, entries, q->sq, id)), ==, 0);
}

void nvme_rig_start(NvmeRig *rig, uint32_t entries)
{
    nvme_rig_enable(rig);
    nvme_rig_create(rig, &rig->io, 1, entries, 0);
}

/* ---- commands ---- */

uint16_t nvme_rig_put(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd)
{
    cmd.cid = cpu_to_le16(rig->cid);
    memcpy(nvme_rig_at(rig, q->sq + q->tail * sizeof(cmd)), &cmd, sizeof(cmd));
    q->tail = (q->tail + 1) % q->entries;
    return rig->cid++;
}

void nvme_rig_ring(NvmeRig *rig, NvmeRigQueue *q)
{
    rig_write(rig->pci, 0, NVME_DOORBELLS + q->id * 8, q->tail, 4);
}

uint16_t nvme_rig_submit(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd)
{
    uint16_t cid = nvme_rig_put(rig, q, cmd);

    nvme_rig_ring(rig, q);
    return cid;
}

bool nvme_rig_reap(NvmeRig *rig, NvmeRigQueue *q, NvmeCqe *cqe)
{
    memcpy(cqe, nvme_rig_at(rig, q->cq + q->head * sizeof(*cqe)), sizeof(*cqe));
    if ((le16_to_cpu(cqe->status) & 1) != q->phase) {
        return false;
    }
    q->head = (q->head + 1) % q->entries;
    q->phase ^= q->head == 0;
    rig_write(rig->pci, 0, NVME_DOORBELLS + q->id * 8 + 4, q->head, 4);
    return true;
}

NvmeCqe nvme_rig_expect(NvmeRig *rig, NvmeRigQueue *q)
{
    NvmeCqe cqe;

    g_assert_true(nvme_rig_reap(rig, q, &cqe));
    return cqe;
}

void nvme_rig_expect_none(NvmeRig *rig, NvmeRigQueue *q)
{
    NvmeCqe cqe;

    g_assert_false(nvme_rig_reap(rig, q, &cqe));
}

NvmeCqe nvme_rig_do(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd)
{
    uint16_t cid = nvme_rig_submit(rig, q, cmd);
    NvmeCqe cqe;

    rig_run();
    cqe = nvme_rig_expect(rig, q);
    g_assert_cmphex(le16_to_cpu(cqe.cid), ==, cid);
    g_assert_cmpuint(le16_to_cpu(cqe.sq_id), ==, q->id);
    g_assert_cmpuint(le16_to_cpu(cqe.sq_head), ==, q->tail);
    return cqe;
}

uint16_t nvme_rig_status(NvmeRig *rig, NvmeRigQueue *q, NvmeSqe cmd)
{
    return nvme_cqe_status(nvme_rig_do(rig, q, cmd));
}

void nvme_rig_prps(NvmeRig *rig, NvmeSqe *cmd, uint64_t addr, uint32_t len, uint64_t list)
{
    uint32_t pages = DIV_ROUND_UP(len, NVME_RIG_PAGE);

    cmd->dptr[0] = cpu_to_le64(addr);
    cmd->dptr[1] = cpu_to_le64(pages < 2 ? 0 : pages == 2 ? addr + NVME_RIG_PAGE : list);
    for (uint32_t i = 1; pages > 2 && i < pages; i++) {
        stq_le_p(nvme_rig_at(rig, list + (i - 1) * 8), addr + i * NVME_RIG_PAGE);
    }
}

NvmeSqe nvme_cmd(uint8_t opcode, uint32_t nsid)
{
    return (NvmeSqe) { .opcode = opcode, .nsid = cpu_to_le32(nsid) };
}

NvmeSqe nvme_cmd_rw(uint8_t opcode, uint64_t slba, uint32_t blocks, uint64_t prp1, uint64_t prp2)
{
    NvmeSqe cmd = nvme_cmd(opcode, 1);

    cmd.cdw10 = cpu_to_le32(slba);
    cmd.cdw11 = cpu_to_le32(slba >> 32);
    cmd.cdw12 = cpu_to_le32(blocks - 1);
    cmd.dptr[0] = cpu_to_le64(prp1);
    cmd.dptr[1] = cpu_to_le64(prp2);
    return cmd;
}

static NvmeSqe create_queue(uint8_t opcode, unsigned id, uint32_t entries, uint64_t addr,
                            uint32_t cdw11)
{
    NvmeSqe cmd = nvme_cmd(opcode, 0);

    cmd.cdw10 = cpu_to_le32((entries - 1) << 16 | id);
    cmd.cdw11 = cpu_to_le32(cdw11);
    cmd.dptr[0] = cpu_to_le64(addr);
    return cmd;
}

NvmeSqe nvme_cmd_create_cq(unsigned id, uint32_t entries, uint64_t addr, unsigned vector)
{
    return create_queue(NVME_ADMIN_CREATE_CQ, id, entries, addr, vector << 16 | 3);
}

NvmeSqe nvme_cmd_create_sq(unsigned id, uint32_t entries, uint64_t addr, unsigned cqid)
{
    return create_queue(NVME_ADMIN_CREATE_SQ, id, entries, addr, cqid << 16 | 1);
}
