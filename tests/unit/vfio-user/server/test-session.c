/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The session as a client sees it: hand-shake, any fragmentation, any moment
 * to leave.
 */
#include "qemu/osdep.h"
#include <malloc.h>
#include <sys/eventfd.h>
#include "rig.h"

static void test_dialogue(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    g_assert_cmpint(client_write(fd, 8, 0x12345678), ==, 0);
    g_assert_cmphex(client_read(fd, 8), ==, 0x12345678);
    g_assert_cmpint(client_write(fd, 4094, 1), ==, EINVAL);
    g_assert_cmphex(client_read(fd, 8), ==, 0x12345678);
    close(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpint(rig->reason, ==, VFU_CLOSE_HANGUP);
    rig_free(rig);
}

static void test_version_first_and_once(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect(rig);
    VfuDeviceInfo info = { .argsz = 16 };

    g_assert_cmpint(client_call(fd, VFU_DEVICE_GET_INFO, &info, 16, NULL, 0, NULL), ==, EINVAL);
    g_assert_cmpint(client_call(fd, VFU_DEVICE_RESET, NULL, 0, NULL, 0, NULL), ==, EINVAL);
    g_assert_cmpuint(rig->attached, ==, 0);
    client_hello(fd);
    rig_await(rig, &rig->attached, 1);
    g_assert_cmpint(client_call(fd, VFU_VERSION, "\0\0\0\0", 4, NULL, 0, NULL), ==, EINVAL);
    g_assert_cmpint(client_call(fd, VFU_DEVICE_GET_INFO, &info, 16, NULL, 0, NULL), ==, 0);
    close(fd);
    rig_free(rig);
}

/* What the device learns of its client. */
static void test_peer(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    rig_await(rig, &rig->attached, 1);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        const VfuPeer *peer = vfu_session_peer(rig->session);

        g_assert_true(rig->session == vfu_server_session(rig->server));
        g_assert_cmpint(peer->pid, ==, getpid());
        g_assert_cmpuint(peer->uid, ==, getuid());
        g_assert_cmpuint(peer->minor, ==, 0);
        g_assert_cmpuint(peer->max_msg_fds, ==, 16);
        g_assert_cmpuint(peer->max_data_xfer_size, ==, 1048576);
        g_assert_cmpuint(peer->pgsizes, ==, 4096);
    }
    close(fd);
    rig_free(rig);
}

static void test_version_refused(void)
{
    static const struct {
        uint16_t major;
        const char *text;
        size_t len;
    } rows[] = {
        { 1, "", 0 }, { 0xffff, "", 0 }, { 0, "{", 2 }, { 0, "{}", 2 }, { 0, "{}\0", 4 },
        { 0, "{\"capabilities\":[]}", 20 }, { 0, "{\"capabilities\":{\"max_msg_fds\":-1}}", 36 },
    };
    Rig *rig = rig_new(NULL);

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        int fd = client_connect(rig);
        uint8_t payload[64] = { 0 };

        memcpy(payload, &rows[i].major, 2);
        memcpy(payload + 4, rows[i].text, rows[i].len);
        g_assert_cmpint(client_call(fd, VFU_VERSION, payload, 4 + rows[i].len, NULL, 0, NULL), ==,
                        EINVAL);
        client_expect_eof(fd);
        close(fd);
    }
    g_assert_cmpuint(rig->attached, ==, 0);
    close(client_connect_ready(rig));
    rig_free(rig);
}

/* Proposed minor, answered minor; the reply is never longer than a request with text. */
static void test_version_forms(void)
{
    static const struct {
        uint16_t minor, answered;
        const char *text;
    } rows[] = {
        { 0, 0, NULL }, { 1, 1, NULL }, { 2, 1, NULL }, { 0xffff, 1, NULL },
        { 0, 0, "{}" }, { 0, 0, "{\"capabilities\":{}}" },
        { 1, 1, "{\"capabilities\":{\"max_msg_fds\":8}}" },
        { 0, 0, "{\"capabilities\":{\"max_msg_fds\":8,\"x\":\"a long text that nobody knows and "
                "nobody minds, so that there is room for all that we have to say\"}}" },
    };
    Rig *rig = rig_new(NULL);

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        size_t text = rows[i].text ? strlen(rows[i].text) + 1 : 0;
        int fd = client_connect(rig);
        uint8_t payload[256] = { 0 };
        g_auto(Reply) reply = { 0 };
        VfuVersion version;

        memcpy(payload + 2, &rows[i].minor, 2);
        if (text) {
            memcpy(payload + 4, rows[i].text, text);
        }
        g_assert_cmpint(client_call(fd, VFU_VERSION, payload, 4 + text, NULL, 0, &reply), ==, 0);
        memcpy(&version, reply.payload, 4);
        g_assert_cmpuint(version.major, ==, 0);
        g_assert_cmpuint(version.minor, ==, rows[i].answered);
        if (text) {
            g_assert_cmpuint(reply.len, <=, 4 + text);
        }
        if (text == 0 || text > 40) {
            g_assert_nonnull(strstr((char *)reply.payload + 4, "\"max_msg_fds\":16"));
        }
        if (reply.len > 4) {
            g_assert_cmpint(reply.payload[reply.len - 1], ==, 0);
        }
        close(fd);
        rig_await(rig, &rig->detached, i + 1);
    }
    rig_free(rig);
}

/* --- fragmentation --- */

static size_t put(uint8_t *out, uint16_t id, uint16_t command, uint32_t flags,
                  const void *payload, size_t len)
{
    VfuHeader header = { id, command, 16 + len, flags, 0 };

    memcpy(out, &header, 16);
    if (len) {
        memcpy(out + 16, payload, len);
    }
    return 16 + len;
}

/* A dialogue with every kind of message, as one string of bytes. */
static size_t put_dialogue(uint8_t *out)
{
    VfuDeviceInfo info = { .argsz = 16 };
    VfuRegionInfo region = { .argsz = 32 };
    VfuDmaMap map = { 32, 3, 0, 0x10000, 0x1000 };
    VfuDmaUnmap unmap = { 24, 0, 0x10000, 0x1000 };
    VfuSetIrqs set = { 20, VFU_SET_DATA_NONE | VFU_SET_ACTION_TRIGGER, VFU_IRQ_MSIX, 0, 0 };
    VfuRegionAccess access = { 0x10, 0, 4 };
    uint8_t write[20] = { 0x10 };
    size_t n = 0;

    write[12] = 4;
    write[16] = 0x99;
    n += put(out + n, 1, VFU_DEVICE_GET_INFO, 0, &info, 16);
    n += put(out + n, 2, VFU_DEVICE_GET_REGION_INFO, 0, &region, 32);
    n += put(out + n, 3, VFU_DMA_MAP, 0, &map, 32);
    n += put(out + n, 4, VFU_REGION_WRITE, VFU_NO_REPLY, write, 20);
    n += put(out + n, 5, VFU_REGION_READ, 0, &access, 16);
    n += put(out + n, 6, 77, 0, &access, 16);                   /* no such command */
    n += put(out + n, 7, 77, VFU_NO_REPLY, &access, 16);
    n += put(out + n, 8, VFU_DEVICE_SET_IRQS, 0, &set, 20);
    n += put(out + n, 9, VFU_REGION_WRITE, 0, write, 19);       /* length and count differ */
    n += put(out + n, 10, VFU_DEVICE_GET_INFO, 7, &info, 16);   /* a type that does not exist */
    n += put(out + n, 11, VFU_DMA_UNMAP, 0, &unmap, 24);
    n += put(out + n, 12, VFU_DEVICE_RESET, 0, NULL, 0);
    return n;
}

/* Everything the server says until it has answered id 12. */
static GByteArray *read_dialogue(int fd)
{
    GByteArray *all = g_byte_array_new();
    VfuHeader header = { 0 };

    while (header.id != 12) {
        g_auto(Reply) reply = { 0 };

        g_assert_true(client_receive(fd, &reply));
        header = reply.header;
        g_byte_array_append(all, (guint8 *)&header, 16);
        g_byte_array_append(all, reply.payload, reply.len);
    }
    return all;
}

typedef void Cutter(int fd, const uint8_t *bytes, size_t len);

static void cut_none(int fd, const uint8_t *bytes, size_t len)
{
    client_send_raw(fd, bytes, len, NULL, 0);
}

static void cut_all(int fd, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        client_send_raw(fd, bytes + i, 1, NULL, 0);
        if (i % 7 == 0) {
            g_usleep(100);
        }
    }
}

static void cut_random(int fd, const uint8_t *bytes, size_t len)
{
    while (len) {
        size_t n = g_test_rand_int_range(1, MIN(len, 60) + 1);

        client_send_raw(fd, bytes, n, NULL, 0);
        bytes += n;
        len -= n;
        if (g_test_rand_int_range(0, 3) == 0) {
            g_usleep(g_test_rand_int_range(0, 300));
        }
    }
}

static GByteArray *dialogue(Rig *rig, Cutter *cut)
{
    int fd = client_connect_ready(rig);
    uint8_t bytes[1024];
    size_t len = put_dialogue(bytes);
    unsigned gone = rig->detached;
    GByteArray *said;

    cut(fd, bytes, len);
    said = read_dialogue(fd);
    close(fd);
    rig_await(rig, &rig->detached, gone + 1);
    return said;
}

static void test_cuts(void)
{
    Rig *rig = rig_new(NULL);
    g_autoptr(GByteArray) whole = dialogue(rig, cut_none);
    g_autoptr(GByteArray) bytewise = dialogue(rig, cut_all);

    g_assert_cmpmem(whole->data, whole->len, bytewise->data, bytewise->len);
    for (unsigned i = 0; i < 100; i++) {
        g_autoptr(GByteArray) other = dialogue(rig, cut_random);

        g_assert_cmpmem(whole->data, whole->len, other->data, other->len);
    }
    rig_free(rig);
}

static VfuFaulty bad_line = { .seed = 7, .max_read = 9, .max_write = 5, .again_percent = 20 };

static void tune_bad_line(VfuServerConfig *config)
{
    config->socket_ops = &vfu_faulty_ops;
    config->socket_opaque = &bad_line;
}

static void read_exactly(int fd, uint8_t *out, size_t len)
{
    while (len) {
        ssize_t n = recv(fd, out, len, 0);

        g_assert_cmpint(n, >, 0);
        out += n;
        len -= n;
    }
}

static void test_bad_line(void)
{
    Rig *good = rig_new(NULL), *bad = rig_new(tune_bad_line);
    g_autoptr(GByteArray) whole = dialogue(good, cut_none);
    int fd = client_connect(bad);
    uint8_t bytes[1024], got[1024];
    size_t len = put_dialogue(bytes);
    VfuHeader header;

    /* Short writes cut headers, so this client reads a plain stream. */
    client_send(fd, 0, VFU_VERSION, 0, "\0\0\0\0", 4, NULL, 0);
    read_exactly(fd, (uint8_t *)&header, 16);
    read_exactly(fd, got, header.size - 16);
    client_send_raw(fd, bytes, len, NULL, 0);
    g_assert_cmpuint(whole->len, <=, sizeof(got));
    read_exactly(fd, got, whole->len);
    g_assert_cmpmem(whole->data, whole->len, got, whole->len);
    close(fd);
    rig_free(bad);
    rig_free(good);
}

/* --- leaving --- */

static void test_leave_anywhere(void)
{
    Rig *rig = rig_new(NULL);
    uint8_t bytes[1024];
    size_t len = put_dialogue(bytes);
    int event = eventfd(0, EFD_CLOEXEC);

    for (size_t n = 0; n <= len; n++) {
        int fds[2] = { event, event };
        int fd = client_connect_ready(rig);

        if (n) {
            client_send_raw(fd, bytes, n, fds, 2);
        }
        close(fd);
    }
    close(event);
    close(client_connect_ready(rig));
    rig_free(rig);              /* checks for fds that are left */
}

static void test_leave_in_version(void)
{
    Rig *rig = rig_new(NULL);
    static const char hello[] = "\x01\0\x01\0\x1b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0{\"a\":2}";

    for (size_t n = 0; n < sizeof(hello); n++) {
        int fd = client_connect(rig);

        if (n) {
            client_send_raw(fd, hello, n, NULL, 0);
        }
        close(fd);
    }
    close(client_connect_ready(rig));
    rig_free(rig);
}

/* What was sent before leaving still counts, however much it is. */
static void test_last_words(void)
{
    enum { N = 5000 };
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    for (unsigned i = 0; i < N; i++) {
        client_post(fd, 16, i);
    }
    close(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpuint(rig->writes, ==, N);
    rig_free(rig);
}

/* Bytes of heap in use; always 0 under a sanitizer, which looks for leaks itself. */
static size_t heap_in_use(Rig *rig)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    return mallinfo2().uordblks;
}

/* More messages in one go than are handled in one turn of the loop; order holds. */
static void test_batches(void)
{
    enum { N = 3000, LEN = 36 };
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    g_autofree uint8_t *bytes = g_malloc0(N * LEN);
    size_t len = 0;

    for (unsigned i = 0; i < N; i++) {
        uint32_t write[5] = { i < 100 ? 0 : 16, 0, 0, 4, i };

        len += put(bytes + len, i, VFU_REGION_WRITE, VFU_NO_REPLY, write, sizeof(write));
    }
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        client_send_raw(fd, bytes, len, NULL, 0);       /* all of it waits when the loop looks */
    }
    g_assert_cmpuint(client_read(fd, 16), ==, N - 1);
    g_assert_cmpuint(rig->writes, ==, N);
    for (unsigned i = 0; i < 100; i++) {
        g_assert_cmpuint(rig->order[i], ==, i);
    }
    close(fd);
    rig_free(rig);
}

static uint64_t callbacks(Rig *rig)
{
    AioContextStats stats;

    aio_context_get_stats(rig->ctx, &stats);
    return stats.callbacks;
}

/* Few bytes that ask for much do not keep the loop to themselves. */
static void test_dear_batches(void)
{
    enum { N = 500, LEN = 32 };
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    g_autofree uint8_t *bytes = g_malloc0(N * LEN + 64);
    VfuRegionAccess access = { 0, 0, 4096 };
    uint32_t write[5] = { 0, 0, 0, 4, 1 };
    uint64_t before;
    size_t len = 0;

    for (unsigned i = 0; i < N; i++) {
        len += put(bytes + len, i, VFU_REGION_READ, VFU_NO_REPLY, &access, 16);
    }
    before = callbacks(rig);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        client_send_raw(fd, bytes, len, NULL, 0);
    }
    rig_await(rig, &rig->reads, N);
    g_assert_cmpuint(callbacks(rig) - before, >=, N * 4096 / (64 * 1024));
    /* From one that has left, what it wrote counts, what it asked does not. */
    len += put(bytes + len, 0, VFU_REGION_WRITE, VFU_NO_REPLY, write, sizeof(write));
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        client_send_raw(fd, bytes, len, NULL, 0);
        close(fd);
    }
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpuint(rig->reads, <, N + 50);
    g_assert_cmpuint(rig->nr_order, ==, 1);
    rig_free(rig);
}

/* It leaves with replies on their way; what it wrote before that counts. */
static void test_leave_unread(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);
    VfuRegionAccess access = { 0, 0, 4096 };

    for (unsigned i = 0; i < 100; i++) {
        client_send(fd, i, VFU_REGION_READ, 0, &access, 16, NULL, 0);
    }
    client_post(fd, 0, 4711);
    rig_await(rig, &rig->nr_order, 1);
    close(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpint(rig->reason, ==, VFU_CLOSE_HANGUP);
    close(client_connect_ready(rig));
    rig_free(rig);
}

static void test_reconnects(void)
{
    Rig *rig = rig_new(NULL);
    unsigned fds = 0;
    size_t heap = 0;

    for (unsigned i = 0; i < 1000; i++) {
        int fd = client_connect_ready(rig);

        g_assert_cmpint(client_write(fd, 4, i), ==, 0);
        close(fd);
        rig_await(rig, &rig->detached, i + 1);
        if (i == 10) {
            fds = count_fds();
            heap = heap_in_use(rig);
        }
    }
    g_assert_cmpuint(count_fds(), ==, fds);
    g_test_message("heap %zu, then %zu", heap, heap_in_use(rig));
    g_assert_cmpuint(heap_in_use(rig), <, heap + 16 * 1024);
    g_assert_cmpuint(vfu_server_stats(rig->server)->connections, ==, 1000);
    g_assert_cmpuint(vfu_server_stats(rig->server)->refused, ==, 0);
    rig_free(rig);
}

/* --- breaking the rules --- */

static void test_bad_size(void)
{
    static const uint32_t sizes[] = { 0, 15, 0x7fffffff, UINT32_MAX };
    Rig *rig = rig_new(NULL);

    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        VfuHeader header = { 1, VFU_REGION_READ, sizes[i], 0, 0 };
        int fd = client_connect_ready(rig);

        client_send_raw(fd, &header, 16, NULL, 0);
        client_expect_eof(fd);
        close(fd);
        rig_await(rig, &rig->detached, i + 1);
        g_assert_cmpint(rig->reason, ==, VFU_CLOSE_PROTOCOL);
    }
    g_assert_cmpuint(vfu_server_stats(rig->server)->protocol_errors, ==, ARRAY_SIZE(sizes));
    rig_free(rig);
}

static void test_unasked_reply(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    client_send(fd, 5, VFU_DMA_READ, VFU_TYPE_REPLY, "0123456789abcdef", 16, NULL, 0);
    client_expect_eof(fd);
    close(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpint(rig->reason, ==, VFU_CLOSE_PROTOCOL);
    rig_free(rig);
}

/* No_reply holds for commands that fail, too. */
static void test_silent_errors(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    for (unsigned command = 2; command < 24; command++) {
        client_send(fd, command, command, VFU_NO_REPLY, "", 0, NULL, 0);
    }
    client_expect_silence(fd, 50);
    g_assert_cmphex(client_read(fd, 0), ==, 0);
    close(fd);
    rig_free(rig);
}

static void test_closed_by_operation(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    client_post(fd, RIG_CLOSE, 0);
    client_post(fd, 0, 1);      /* never reaches the device */
    client_expect_eof(fd);
    close(fd);
    rig_await(rig, &rig->detached, 1);
    g_assert_cmpint(rig->reason, ==, VFU_CLOSE_LOCAL);
    g_assert_cmpuint(rig->nr_order, ==, 0);
    rig_free(rig);
}

static void test_freed_while_connected(void)
{
    Rig *rig = rig_new(NULL);
    int fd = client_connect_ready(rig);

    client_write(fd, 0, 1);
    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        g_assert_nonnull(vfu_server_session(rig->server));
        vfu_server_free(g_steal_pointer(&rig->server));
        g_assert_cmpuint(rig->detached, ==, 1);
    }
    client_expect_eof(fd);
    close(fd);
    rig_free(rig);
}

static void tune_poll(VfuServerConfig *config)
{
    config->poll = true;
}

/* The same with io_poll hooks and a context that polls. */
static void test_polling(void)
{
    Rig *rig = rig_new(tune_poll);
    g_autoptr(GByteArray) one = NULL, two = NULL;

    WITH_AIO_CONTEXT_GUARD(rig->ctx) {
        aio_context_set_poll_params(rig->ctx, 200000, 0, 0, &error_abort);
    }
    one = dialogue(rig, cut_none);
    two = dialogue(rig, cut_random);
    g_assert_cmpmem(one->data, one->len, two->data, two->len);
    for (unsigned i = 0; i < 4; i++) {
        int fd = client_connect_ready(rig);

        for (unsigned j = 0; j < 500; j++) {
            g_assert_cmpint(client_write(fd, 4, j), ==, 0);
        }
        close(fd);
        rig_await(rig, &rig->detached, 3 + i);
    }
    rig_free(rig);
}

int main(int argc, char **argv)
{
    mallopt(M_ARENA_MAX, 1);    /* one heap for all threads, so that mallinfo2() sees it all */
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/session/dialogue", test_dialogue);
    g_test_add_func("/session/version-first-and-once", test_version_first_and_once);
    g_test_add_func("/session/peer", test_peer);
    g_test_add_func("/session/version-refused", test_version_refused);
    g_test_add_func("/session/version-forms", test_version_forms);
    g_test_add_func("/session/cuts", test_cuts);
    g_test_add_func("/session/bad-line", test_bad_line);
    g_test_add_func("/session/leave-anywhere", test_leave_anywhere);
    g_test_add_func("/session/leave-in-version", test_leave_in_version);
    g_test_add_func("/session/last-words", test_last_words);
    g_test_add_func("/session/batches", test_batches);
    g_test_add_func("/session/dear-batches", test_dear_batches);
    g_test_add_func("/session/leave-unread", test_leave_unread);
    g_test_add_func("/session/reconnects", test_reconnects);
    g_test_add_func("/session/bad-size", test_bad_size);
    g_test_add_func("/session/unasked-reply", test_unasked_reply);
    g_test_add_func("/session/silent-errors", test_silent_errors);
    g_test_add_func("/session/closed-by-operation", test_closed_by_operation);
    g_test_add_func("/session/freed-while-connected", test_freed_while_connected);
    g_test_add_func("/session/polling", test_polling);
    return g_test_run();
}
