/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client takes memory back while commands use it. The answer comes soon
 * although the medium stalls, and after it not one byte changes, nothing of the
 * memory is mapped and its file is closed.
 */
#include "qemu/osdep.h"
#include "nvme-case.h"

enum { IOVA = 0x100000, SIZE = 0x100000, OTHER = 0x40000, READS = 16 };
#define LIMIT 4.5               /* seconds, below the client's patience of 5 */

static const QNRig held = { ",mdts=0", { { QN_MEDIUM_HELD }, { QN_MEDIUM_FILE, "" } } };
static const QNRig slow = { ",mdts=0", { { QN_MEDIUM_FILE }, { QN_MEDIUM_SLOW, "" } } };

/* --- what the server still has --- */

static bool is_memory(const char *target)
{
    return strstr(target, "/memfd:");
}

static unsigned count_maps(QNvme *n)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/maps", (int)qos_pid(n->d)), *text = NULL;
    g_auto(GStrv) lines = NULL;
    unsigned count = 0;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        count += is_memory(*line);
    }
    return count;
}

static unsigned count_fds(QNvme *n)
{
    g_autofree char *folder = g_strdup_printf("/proc/%d/fd", (int)qos_pid(n->d));
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    unsigned count = 0;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *target = g_file_read_link(path, NULL);

        count += target && is_memory(target);
    }
    g_dir_close(dir);
    return count;
}

/* --- the check --- */

static void start_commands(QNvme *n, uint8_t opcode, uint32_t nsid, size_t len)
{
    for (unsigned i = 0; i < READS; i++) {
        QNSqe cmd = qn_rw(opcode, nsid, 0, len / 512);

        qn_prp(n, &cmd, IOVA + i * (SIZE / READS), len);
        qn_put(n, &n->sq, &cmd);
    }
    qn_ring(n, &n->sq);
}

static void take_back(QNvme *n, uint64_t iova, size_t size)
{
    double start = n->d->ops->now(n->d);

    qos_take_back(n->d, iova, size);
    g_assert_cmpfloat(n->d->ops->now(n->d) - start, <, LIMIT);
}

/* Each command ends; none of those that were under way has succeeded. */
static void take_ends(QNvme *n, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        QNCqe cqe;

        g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
        g_assert_cmphex(qn_status(&cqe), !=, QN_OK);
    }
}

static void assert_gone(QNvme *n, unsigned maps, unsigned fds)
{
    g_assert_cmpuint(count_maps(n), ==, maps);
    g_assert_cmpuint(count_fds(n), ==, fds);
}

/* The other namespace, and memory that was not taken, go on. */
static void assert_others_work(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, 2, 0, 8);
    QNCq cq;
    QNSq sq;

    cmd.prp1 = qn_alloc(n, QN_PAGE);
    qn_create_cq(n, &cq, 2, 8, -1);
    qn_create_sq(n, &sq, 2, 8, &cq);
    qos_mem_set(n->d, cmd.prp1, 0xee, QN_PAGE);
    g_assert_cmphex(qn_do(n, &sq, &cmd, NULL), ==, QN_OK);
    qn_assert_filled(n, cmd.prp1, 0, QN_PAGE);
}

/*
 * Mapped memory: the commands end at once. By messages their data is with the
 * server until the medium answers, and then has nowhere to go.
 */
static void check(QNvme *n, uint8_t opcode, QosLend how, size_t len)
{
    unsigned maps = count_maps(n), fds = count_fds(n);
    QNCqe cqe;

    qos_lend(n->d, IOVA, SIZE, how);
    qn_hold(n, 0, true);
    start_commands(n, opcode, 1, len);
    qn_wait_held(n, 0, READS);
    take_back(n, IOVA, SIZE);
    qos_mem_set(n->d, IOVA, 0xa5, SIZE);
    assert_gone(n, maps, fds);
    if (how == QOS_SHARED) {
        take_ends(n, READS);
    }
    assert_others_work(n);
    qn_hold(n, 0, false);
    if (how == QOS_MESSAGES) {
        take_ends(n, READS);
    }
    qos_serve(n->d, 0.5);
    qn_assert_filled(n, IOVA, 0xa5, SIZE);
    g_assert_false(qn_reap(n, &n->cq, &cqe));
    qn_assert_works(n);
}

static void test_read(QNvme *n)
{
    check(n, QN_READ, QOS_SHARED, QN_PAGE);
}

static void test_read_list(QNvme *n)
{
    check(n, QN_READ, QOS_SHARED, SIZE / READS);
}

static void test_write(QNvme *n)
{
    check(n, QN_WRITE, QOS_SHARED, QN_PAGE);
}

static void test_read_messages(QNvme *n)
{
    check(n, QN_READ, QOS_MESSAGES, SIZE / READS);
}

/* Requests that a real medium has, not one that holds them. */
static void test_in_flight(QNvme *n)
{
    for (unsigned i = 0; i < 40; i++) {
        unsigned maps = count_maps(n), fds = count_fds(n);

        qos_lend(n->d, IOVA, SIZE, QOS_SHARED);
        start_commands(n, i % 4 == 3 ? QN_WRITE : QN_READ, 1 + i % 2, SIZE / READS);
        g_usleep(i * 20);
        take_back(n, IOVA, SIZE);
        qos_mem_set(n->d, IOVA, 0xa5, SIZE);
        assert_gone(n, maps, fds);
        qos_serve(n->d, i % 2 ? 0.15 : 0.01);
        qn_assert_filled(n, IOVA, 0xa5, SIZE);
        qn_start(n);
    }
    qn_assert_works(n);
}

/* What lies beside the memory that goes is not touched by it. */
static void test_neighbour(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, 1, 0, 8);
    QNCqe cqe;

    qos_lend(n->d, IOVA, SIZE, QOS_SHARED);
    qos_lend(n->d, OTHER, QN_PAGE, QOS_SHARED);
    qos_mem_set(n->d, OTHER, 0xee, QN_PAGE);
    qn_hold(n, 0, true);
    cmd.prp1 = OTHER;
    qn_submit(n, &n->sq, &cmd);
    start_commands(n, QN_READ, 1, QN_PAGE);
    qn_wait_held(n, 0, READS + 1);
    take_back(n, IOVA, SIZE);
    take_ends(n, READS);
    g_assert_false(qn_reap(n, &n->cq, &cqe));
    qn_hold(n, 0, false);
    g_assert_true(qn_wait(n, &n->cq, &cqe, QN_SECONDS));
    g_assert_cmphex(qn_status(&cqe), ==, QN_OK);
    qn_assert_filled(n, OTHER, 0, QN_PAGE);
}

/* Lent again at the same place: a new memory, which nothing old reaches. */
static void test_lent_again(QNvme *n)
{
    qos_lend(n->d, IOVA, SIZE, QOS_SHARED);
    qn_hold(n, 0, true);
    start_commands(n, QN_READ, 1, QN_PAGE);
    qn_wait_held(n, 0, READS);
    take_back(n, IOVA, SIZE);
    take_ends(n, READS);
    qos_lend(n->d, IOVA, SIZE, QOS_SHARED);
    qos_mem_set(n->d, IOVA, 0xa5, SIZE);
    qn_hold(n, 0, false);
    qos_serve(n->d, 0.2);
    qn_assert_filled(n, IOVA, 0xa5, SIZE);
    g_assert_cmphex(qn_io(n, QN_READ, 1, 0, 8, IOVA, QN_PAGE), ==, QN_OK);
    qn_assert_filled(n, IOVA, 0, QN_PAGE);
    qn_assert_works(n);
}

/* The queues themselves go, with commands in them, under way and to be told of. */
static void test_queue_memory(QNvme *n)
{
    QNSqe cmd = qn_rw(QN_READ, 1, 0, 8);
    uint64_t pool = n->next;
    QNCq cq;
    QNSq sq;

    qos_lend(n->d, IOVA, SIZE, QOS_SHARED);
    cmd.prp1 = qn_alloc(n, QN_PAGE);
    pool = n->next;
    n->next = IOVA;
    qn_create_cq(n, &cq, 2, 64, -1);
    qn_create_sq(n, &sq, 2, 64, &cq);
    n->next = pool;
    qn_hold(n, 0, true);
    for (unsigned i = 0; i < READS; i++) {
        qn_put(n, &sq, &cmd);
    }
    qn_ring(n, &sq);
    qn_wait_held(n, 0, READS);
    take_back(n, IOVA, SIZE);
    qos_mem_set(n->d, IOVA, 0xa5, SIZE);
    qn_doorbell(n, 2, false, READS + 8);
    qn_hold(n, 0, false);
    qos_serve(n->d, 0.2);
    qn_assert_filled(n, IOVA, 0xa5, SIZE);
    qn_start(n);
    qn_assert_works(n);
}

/* The admin queue's memory, too: fatal, and a reset cures it. */
static void test_everything(QNvme *n)
{
    unsigned maps = count_maps(n);

    qn_hold(n, 0, true);
    qos_lend(n->d, IOVA, SIZE, QOS_SHARED);
    start_commands(n, QN_READ, 1, QN_PAGE);
    qn_wait_held(n, 0, READS);
    take_back(n, IOVA, SIZE);
    take_back(n, QN_POOL, QN_POOL_SIZE);
    g_assert_cmpuint(count_maps(n), ==, maps - 1);
    qos_mem_set(n->d, QN_POOL, 0xa5, QN_POOL_SIZE);
    qn_doorbell(n, 0, false, 3);
    qn_doorbell(n, 1, false, 3);
    qn_hold(n, 0, false);
    qos_serve(n->d, 0.3);
    qn_assert_filled(n, QN_POOL, 0xa5, QN_POOL_SIZE);
}

int main(int argc, char **argv)
{
    static const QNCase cases[] = {
        { "revoke/read", test_read, &held, QOS_CAN_TAKE_BACK },
        { "revoke/read-list", test_read_list, &held, QOS_CAN_TAKE_BACK },
        { "revoke/write", test_write, &held, QOS_CAN_TAKE_BACK },
        { "revoke/read-messages", test_read_messages, &held,
          QOS_CAN_TAKE_BACK | QOS_CAN_MESSAGES },
        { "revoke/in-flight", test_in_flight, &slow, QOS_CAN_TAKE_BACK },
        { "revoke/neighbour", test_neighbour, &held, QOS_CAN_TAKE_BACK },
        { "revoke/lent-again", test_lent_again, &held, QOS_CAN_TAKE_BACK },
        { "revoke/queue-memory", test_queue_memory, &held, QOS_CAN_TAKE_BACK },
        { "revoke/everything", test_everything, &held, QOS_CAN_TAKE_BACK },
        { NULL }
    };

    return qn_cases_run(argc, argv, cases);
}
