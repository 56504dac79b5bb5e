/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every command with each field wrong; what is reserved; and that nothing of it sticks. */
#include "qemu/osdep.h"
#include "nvme-errors.h"

static const QNRig rig = {
    .controller = QNE_CONTROLLER,
    .disk = { { QN_MEDIUM_FILE }, { QN_MEDIUM_FILE, "" } },
};

/* Identify controller: OACS, ONCS, SGLS, NN. */
enum { ID_OACS = 256, ID_NN = 516, ID_ONCS = 520, ID_SGLS = 536 };
enum { ONCS_COMPARE = 1, ONCS_UNC = 2, ONCS_DSM = 4, ONCS_ZEROES = 8, ONCS_VERIFY = 128,
       ONCS_COPY = 256 };

static uint16_t id16(QNvme *n, unsigned offset)
{
    uint8_t id[QN_PAGE];

    g_assert_cmphex(qn_identify(n, 1, 0, id), ==, QN_OK);
    return lduw_le_p(id + offset);
}

/* --- tables --- */

static void test_admin(QNvme *n)
{
    qn_error_rows(n, &n->admin, "admin", qn_admin_errors);
    qn_assert_works(n);
}

static const struct {
    const char *name;
    uint8_t opcode;
    uint16_t oncs;              /* when it is optional */
    bool data;
} block_commands[] = {
    { "read", QN_READ, 0, true },
    { "write", QN_WRITE, 0, true },
    { "compare", QN_COMPARE, ONCS_COMPARE, true },
    { "write-zeroes", QN_WRITE_ZEROES, ONCS_ZEROES },
    { "write-uncorrectable", QN_WRITE_UNC, ONCS_UNC },
    { "verify", QN_VERIFY, ONCS_VERIFY },
};

static void test_blocks(QNvme *n)
{
    uint16_t oncs = id16(n, ID_ONCS);

    for (unsigned i = 0; i < G_N_ELEMENTS(block_commands); i++) {
        uint16_t needs = block_commands[i].oncs;

        if ((oncs & needs) != needs) {
            continue;
        }
        qn_error_rows_of(n, &n->sq, block_commands[i].name, qn_block_errors,
                         block_commands[i].opcode);
        if (block_commands[i].data) {
            qn_error_rows_of(n, &n->sq, block_commands[i].name, qn_data_errors,
                             block_commands[i].opcode);
        }
    }
    qn_assert_works(n);
}

static bool supported(uint16_t oncs, uint8_t opcode)
{
    return opcode == QN_DSM ? oncs & ONCS_DSM : opcode == QN_COPY ? oncs & ONCS_COPY : true;
}

static void test_particular(QNvme *n)
{
    uint16_t oncs = id16(n, ID_ONCS);

    for (const QNErrorRow *row = qn_io_errors; row->name; row++) {
        if (supported(oncs, row->cmd.opcode)) {
            qn_error_row(n, &n->sq, "io", row);
        }
    }
    qn_assert_works(n);
}

/* --- opcodes --- */

/* What log page 05h does not name is refused, and what it names is not: base 5.16.1.6. */
static void check_opcodes(QNvme *n, QNSq *sq, const char *prefix, const uint8_t *effects)
{
    unsigned refused = 0;

    for (unsigned opcode = 0; opcode < 256; opcode++) {
        g_autofree char *name = g_strdup_printf("opcode-0x%x", opcode);
        QNErrorRow row = { name, { opcode, .nsid = 1 }, QN_IN_PAGE, QN_INVALID_OPCODE };

        if (!(ldl_le_p(effects + 4 * opcode) & 1)) {
            qn_error_row(n, sq, prefix, &row);
            refused++;
        }
    }
    g_assert_cmpuint(refused, >, 200);
}

static void test_opcodes(QNvme *n)
{
    uint8_t log[QN_PAGE];

    g_assert_cmphex(qn_get_log(n, QN_LOG_EFFECTS, 0, log, sizeof(log)), ==, QN_OK);
    check_opcodes(n, &n->admin, "admin", log);
    check_opcodes(n, &n->sq, "io", log + 1024);
    qn_assert_works(n);
}

static bool in_log(QNvme *n, bool io, uint8_t opcode)
{
    uint8_t log[QN_PAGE];

    g_assert_cmphex(qn_get_log(n, QN_LOG_EFFECTS, 0, log, sizeof(log)), ==, QN_OK);
    return ldl_le_p(log + 1024 * io + 4 * opcode) & 1;
}

/* What a controller has to have (base 3.1.2), and what it claims. */
static void test_claims(QNvme *n)
{
    static const uint8_t admin[] = { QN_DELETE_SQ, QN_CREATE_SQ, QN_GET_LOG, QN_DELETE_CQ,
        QN_CREATE_CQ, QN_IDENTIFY, QN_ABORT, QN_SET_FEATURES, QN_GET_FEATURES, QN_ASYNC_EVENT };
    static const struct { uint8_t opcode; uint16_t bit; } io[] = {
        { QN_READ, 0 }, { QN_WRITE, 0 }, { QN_FLUSH, 0 }, { QN_COMPARE, ONCS_COMPARE },
        { QN_WRITE_UNC, ONCS_UNC }, { QN_DSM, ONCS_DSM }, { QN_WRITE_ZEROES, ONCS_ZEROES },
        { QN_VERIFY, ONCS_VERIFY }, { QN_COPY, ONCS_COPY } };
    static const struct { uint8_t opcode; uint16_t bit; } optional[] = {
        { QN_SECURITY_SEND, 1 }, { QN_FORMAT, 2 }, { QN_FW_COMMIT, 4 }, { QN_NS_MANAGEMENT, 8 },
        { QN_SELF_TEST, 16 }, { QN_DIRECTIVE_SEND, 32 }, { QN_MI_SEND, 64 },
        { QN_VIRT_MANAGEMENT, 128 }, { QN_DBBUF, 256 } };
    uint16_t oncs = id16(n, ID_ONCS), oacs = id16(n, ID_OACS);

    for (unsigned i = 0; i < G_N_ELEMENTS(admin); i++) {
        g_assert_true(in_log(n, false, admin[i]));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(io); i++) {
        g_assert_cmpuint(in_log(n, true, io[i].opcode), ==, (oncs & io[i].bit) == io[i].bit);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(optional); i++) {
        g_assert_cmpuint(in_log(n, false, optional[i].opcode), ==,
                         (oacs & optional[i].bit) == optional[i].bit);
    }
}

/* --- what follows from an error --- */

/* Base 5.16.1.2: the newest entry first, with what was wrong. */
static void test_error_log(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, 1, QNE_BLOCKS, 1);
    uint8_t log[64], id[QN_PAGE];
    uint64_t before, cid;

    g_assert_cmphex(qn_identify(n, 1, 0, id), ==, QN_OK);
    g_assert_cmphex(qn_get_log(n, QN_LOG_ERRORS, QN_ALL_NS, log, sizeof(log)), ==, QN_OK);
    before = ldq_le_p(log);
    cmd.prp1 = qn_alloc(n, QN_PAGE);
    g_assert_cmphex(qn_do(n, &n->sq, &cmd, NULL), ==, QN_LBA_RANGE);
    cid = n->cid;
    g_assert_cmphex(qn_get_log(n, QN_LOG_ERRORS, QN_ALL_NS, log, sizeof(log)), ==, QN_OK);
    g_assert_cmpuint(ldq_le_p(log), ==, before + 1);
    g_assert_cmpuint(lduw_le_p(log + 8), ==, 1);                /* SQ */
    g_assert_cmpuint(lduw_le_p(log + 10), ==, cid);
    g_assert_cmphex(lduw_le_p(log + 12) >> 1 & QN_STATUS_MASK, ==, QN_LBA_RANGE);
    g_assert_cmphex(ldq_le_p(log + 16), ==, QNE_BLOCKS);
    g_assert_cmpuint(ldl_le_p(log + 24), ==, 1);                /* namespace */
}

/* The request beyond AERL + 1: base 5.2. */
static void test_event_limit(QNvme *n)
{
    QNCqe cqe;

    for (unsigned i = 0; i < 4; i++) {
        qn_ask_event(n);
    }
    g_assert_false(qn_wait(n, &n->admin_cq, &cqe, 0.1));
    qn_ask_event(n);
    g_assert_true(qn_wait(n, &n->admin_cq, &cqe, QN_SECONDS));
    g_assert_cmphex(qn_status(&cqe), ==, QN_AER_LIMIT);
}

/* Base 5.1: what is not there cannot be aborted, and that is no error. */
static void test_abort_nothing(QNvme *n)
{
    static const uint32_t what[] = { 0x12340000, 0x12340001, 0x0000ffff, 0xffff0003, 0xffffffff };

    for (unsigned i = 0; i < G_N_ELEMENTS(what); i++) {
        QNSqe cmd = { .opcode = QN_ABORT, .cdw10 = what[i] };
        QNCqe cqe = { 0 };
        uint16_t status = qn_do(n, &n->admin, &cmd, &cqe);

        /* A queue that there is not may be told of */
        g_assert_true(status == QN_OK || status == QN_INVALID_FIELD);
        g_assert_true(status || (cqe.dw0 & 1));
    }
}

/* NCQR and NSQR of ffffh are no numbers: base 5.27.1.5. */
static void test_queue_numbers(QNvme *n)
{
    QNSqe identify = { .opcode = QN_IDENTIFY };
    uint32_t result;

    qn_disable(n);
    g_assert_true(qn_enable(n, 64, 64, QN_CC_DEFAULT));
    g_assert_cmphex(qn_set_feature(n, QN_F_QUEUES, 0xffff, NULL), ==, QN_INVALID_FIELD);
    g_assert_cmphex(qn_set_feature(n, QN_F_QUEUES, 0xffff0000, NULL), ==, QN_INVALID_FIELD);
    g_assert_cmphex(qn_set_feature(n, QN_F_QUEUES, 0xfffefffe, &result), ==, QN_OK);
    g_assert_cmphex(result, ==, (QNE_QUEUES - 1) << 16 | (QNE_QUEUES - 1));
    g_assert_cmphex(qn_get_feature(n, QN_F_QUEUES, &result), ==, QN_OK);
    g_assert_cmphex(result, ==, (QNE_QUEUES - 1) << 16 | (QNE_QUEUES - 1));
    identify.nsid = id16(n, ID_NN) + 1;
    identify.prp1 = qn_alloc(n, QN_PAGE);
    g_assert_cmphex(qn_do(n, &n->admin, &identify, NULL), ==, QN_INVALID_NS);
}

int main(int argc, char **argv)
{
    static const QNCase cases[] = {
        { "errors/admin", test_admin, &rig },
        { "errors/blocks", test_blocks, &rig },
        { "errors/particular", test_particular, &rig },
        { "errors/opcodes", test_opcodes, &rig },
        { "errors/claims", test_claims, &rig },
        { "errors/log", test_error_log, &rig },
        { "errors/event-limit", test_event_limit, &rig },
        { "errors/abort-nothing", test_abort_nothing, &rig },
        { "errors/queue-numbers", test_queue_numbers, &rig },
        { NULL }
    };

    return qn_cases_run(argc, argv, cases);
}
