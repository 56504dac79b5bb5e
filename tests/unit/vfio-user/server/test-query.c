/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures of a server are those of what its client did. */
#include "qemu/osdep.h"
#include "rig.h"

static void query(Rig *rig, VfuServerInfo *info)
{
    AIO_CONTEXT_GUARD(rig->ctx);

    vfu_server_query(rig->server, info);
}

/* Asks until the session is in the phase (or gone: -1). */
static void await_phase(Rig *rig, int phase, VfuServerInfo *info)
{
    gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;

    do {
        query(rig, info);
        if (info->nr_sessions ? (int)info->sessions[0].phase == phase : phase < 0) {
            return;
        }
        g_usleep(200);
    } while (g_get_monotonic_time() < end);
    g_assert_not_reached();
}

static void test_nobody(void)
{
    Rig *rig = rig_new(NULL);
    VfuServerInfo info;

    query(rig, &info);
    g_assert_cmpstr(info.path, ==, rig->path);
    g_assert_true(info.listening);
    g_assert_cmpuint(info.nr_sessions, ==, 0);
    g_assert_cmpint(info.error_us, ==, 0);
    g_assert_cmpstr(info.error, ==, "");
    g_assert_cmpuint(info.bytes_in + info.bytes_out, ==, 0);
    rig_free(rig);
}

static void test_phases(void)
{
    Rig *rig = rig_new(NULL);
    VfuServerInfo info;
    int fd = client_connect(rig);

    await_phase(rig, VFU_PHASE_NEGOTIATING, &info);
    g_assert_cmpint(info.sessions[0].peer.pid, ==, getpid());
    g_assert_cmpuint(info.sessions[0].peer.uid, ==, getuid());
    g_assert_cmpuint(info.sessions[0].peer.max_msg_fds, ==, 0);
    client_hello(fd);
    await_phase(rig, VFU_PHASE_ATTACHED, &info);
    g_assert_cmpuint(info.sessions[0].peer.max_msg_fds, ==, 16);
    g_assert_cmpuint(info.sessions[0].peer.max_data_xfer_size, ==, 1048576);
    close(fd);
    await_phase(rig, -1, &info);
    g_assert_cmpuint(info.stats.connections, ==, 1);
    rig_free(rig);
}

static void test_next(void)
{
    Rig *rig = rig_new_waiting(NULL);
    int fd = client_connect_ready(rig);
    VfuServerInfo info;
    int next;

    await_phase(rig, VFU_PHASE_ATTACHED, &info);
    next = client_connect_ready(rig);
    query(rig, &info);
    g_assert_cmpuint(info.nr_sessions, ==, 2);
    g_assert_cmpint(info.sessions[0].phase, ==, VFU_PHASE_ATTACHED);
    g_assert_cmpint(info.sessions[1].phase, ==, VFU_PHASE_WAITING);
    g_assert_cmpint(info.sessions[1].peer.pid, ==, getpid());
    g_assert_cmpuint(info.bytes_in, ==, info.sessions[0].bytes_in + info.sessions[1].bytes_in);
    close(fd);
    close(next);
    rig_free(rig);
}

static void test_counters(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    VfuServerInfo before, after;

    query(rig, &before);
    for (int i = 0; i < 5; i++) {
        client_read(fd, 8);
    }
    g_assert_cmpint(client_write(fd, 8, 1), ==, 0);
    g_assert_cmpint(client_write(fd, 4094, 1), ==, EINVAL);
    query(rig, &after);
    g_assert_cmpuint(after.stats.messages[VFU_REGION_READ], ==, 5);
    g_assert_cmpuint(after.stats.errors[VFU_REGION_READ], ==, 0);
    g_assert_cmpuint(after.stats.messages[VFU_REGION_WRITE], ==, 2);
    g_assert_cmpuint(after.stats.errors[VFU_REGION_WRITE], ==, 1);
    /* A read is 32 bytes there and 36 back, a write 36 and 32, an error is a header. */
    g_assert_cmpuint(after.bytes_in - before.bytes_in, ==, 5 * 32 + 2 * 36);
    g_assert_cmpuint(after.bytes_out - before.bytes_out, ==, 5 * 36 + 32 + 16);
    close(fd);
    /* What a session moved is not forgotten with it. */
    await_phase(rig, -1, &before);
    g_assert_cmpuint(before.bytes_in, ==, after.bytes_in);
    g_assert_cmpuint(before.bytes_out, ==, after.bytes_out);
    rig_free(rig);
}

static void test_pending(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    VfuServerInfo info;

    client_send_write(fd, 7, RIG_PEND);
    rig_await(rig, &rig->nr_pending, 1);
    query(rig, &info);
    g_assert_cmpuint(info.sessions[0].in_flight, ==, 1);
    rig_complete(rig, 0);
    query(rig, &info);
    g_assert_cmpuint(info.sessions[0].in_flight, ==, 0);
    close(fd);
    rig_free(rig);
}

static void test_last_error(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    gint64 start = g_get_real_time();
    VfuServerInfo info;

    g_assert_cmpint(client_write(fd, 4094, 1), ==, EINVAL);
    query(rig, &info);
    g_assert_cmpstr(info.error, ==, "REGION_WRITE refused: EINVAL");
    g_assert_cmpint(info.error_us, >=, start);
    g_assert_cmpint(info.error_us, <=, g_get_real_time());
    g_assert_cmpint(client_write(fd, RIG_FAIL, EIO), ==, EIO);
    query(rig, &info);
    g_assert_cmpstr(info.error, ==, "REGION_WRITE refused: EIO");
    /* What an operation has explained is not replaced by its errno, what follows is. */
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        vfu_server_note_error(rig->server, "because of %s", "this");
    }
    g_assert_cmpint(client_write(fd, RIG_FAIL, EIO), ==, EIO);
    query(rig, &info);
    g_assert_cmpstr(info.error, ==, "because of this");
    g_assert_cmpint(client_write(fd, RIG_FAIL, EPERM), ==, EPERM);
    query(rig, &info);
    g_assert_cmpstr(info.error, ==, "REGION_WRITE refused: EPERM");
    close(fd);
    rig_free(rig);
}

static void test_dropped(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    VfuHeader nonsense = { .command = VFU_REGION_READ, .size = 3 };
    VfuServerInfo info;

    client_send_raw(fd, &nonsense, sizeof(nonsense), NULL, 0);
    client_expect_eof(fd);
    close(fd);
    await_phase(rig, -1, &info);
    g_assert_cmpuint(info.stats.protocol_errors, ==, 1);
    g_assert_cmpstr(info.error, ==, "client dropped: a message's size makes no sense");
    g_assert_cmpuint(rig->faults, ==, 1);
    g_assert_cmpstr(rig->last_fault, ==, "a message's size makes no sense");
    /* A client that only leaves is no fault. */
    close(client_connect_ready(rig));
    await_phase(rig, -1, &info);
    g_assert_cmpuint(rig->faults, ==, 1);
    rig_free(rig);
}

static void test_text_is_cut(void)
{
    Rig *rig = rig_new(NULL);
    g_autofree char *text = g_strnfill(1000, 'x');
    VfuServerInfo info;

    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        vfu_server_note_error(rig->server, "%s", text);
    }
    query(rig, &info);
    g_assert_cmpuint(strlen(info.error), ==, VFU_ERROR_TEXT_MAX - 1);
    rig_free(rig);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vfu-server/query/nobody", test_nobody);
    g_test_add_func("/vfu-server/query/phases", test_phases);
    g_test_add_func("/vfu-server/query/next", test_next);
    g_test_add_func("/vfu-server/query/counters", test_counters);
    g_test_add_func("/vfu-server/query/pending", test_pending);
    g_test_add_func("/vfu-server/query/last-error", test_last_error);
    g_test_add_func("/vfu-server/query/dropped", test_dropped);
    g_test_add_func("/vfu-server/query/text-is-cut", test_text_is_cut);
    return g_test_run();
}
