/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DMA by message against clients that answer well, badly, late, twice, never.
 */
#include "qemu/osdep.h"
#include "rig.h"

typedef struct Done {
    unsigned calls;
    int err;
    size_t count;
    uint8_t data[64];
} Done;

static void on_done(void *opaque, int err, const void *data, size_t count)
{
    Done *done = opaque;

    done->calls++;
    done->err = err;
    done->count = count;
    if (data) {
        memcpy(done->data, data, MIN(count, sizeof(done->data)));
    }
}

static VfuDmaRequest *start_read(Rig *rig, uint64_t address, size_t count, Done *done)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    return vfu_session_dma_read(rig->session, address, count, on_done, done, NULL);
}

static VfuDmaRequest *start_write(Rig *rig, uint64_t address, const void *data, size_t count,
                                  Done *done)
{
    AIO_CONTEXT_GUARD(rig->ctx);
    return vfu_session_dma_write(rig->session, address, data, count, on_done, done, NULL);
}

typedef struct Ask {
    uint16_t id;
    uint64_t address, count;
} Ask;

static Ask expect_ask(int fd, uint16_t command, size_t data)
{
    g_auto(Reply) message = { 0 };
    Ask ask;

    g_assert_true(client_receive(fd, &message));
    g_assert_cmpuint(message.header.command, ==, command);
    g_assert_cmphex(message.header.flags, ==, 0);
    g_assert_cmpuint(message.len, ==, 16 + data);
    ask.id = message.header.id;
    memcpy(&ask.address, message.payload, 8);
    memcpy(&ask.count, message.payload + 8, 8);
    return ask;
}

static void answer_read(int fd, const Ask *ask, const void *data, size_t len)
{
    g_autofree uint8_t *payload = g_malloc(16 + len);
    uint64_t count = len;

    memcpy(payload, &ask->address, 8);
    memcpy(payload + 8, &count, 8);
    memcpy(payload + 16, data, len);
    client_send(fd, ask->id, VFU_DMA_READ, VFU_TYPE_REPLY, payload, 16 + len, NULL, 0);
}

static void answer_error(int fd, const Ask *ask, uint16_t command, uint32_t error)
{
    VfuHeader header = { ask->id, command, 16, VFU_TYPE_REPLY | VFU_ERROR, error };

    client_send_raw(fd, &header, 16, NULL, 0);
}

typedef struct Fix {
    Rig *rig;
    int fd;
} Fix;

static void quick_timeout(VfuServerConfig *config)
{
    config->dma_timeout_ns = 100 * 1000 * 1000;
}

static void layout_auto(VfuServerConfig *config)
{
    config->dma_layout = VFU_DMA_LAYOUT_AUTO;
}

static void setup(Fix *f, gconstpointer tune)
{
    f->rig = rig_new((void (*)(VfuServerConfig *))tune);
    f->fd = client_connect_ready(f->rig);
    rig_await(f->rig, &f->rig->attached, 1);
}

static void teardown(Fix *f, gconstpointer unused)
{
    close(f->fd);
    rig_free(f->rig);
}

static void test_read(Fix *f, gconstpointer unused)
{
    Done done = { 0 };
    Ask ask;

    g_assert_nonnull(start_read(f->rig, 0x123456789000, 5, &done));
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    g_assert_cmphex(ask.address, ==, 0x123456789000);
    g_assert_cmpuint(ask.count, ==, 5);
    answer_read(f->fd, &ask, "hello", 5);
    rig_await(f->rig, &done.calls, 1);
    g_assert_cmpint(done.err, ==, 0);
    g_assert_cmpmem(done.data, done.count, "hello", 5);
}

static void test_write(Fix *f, gconstpointer unused)
{
    /* all forms of a success: as specified, with a short count, a bare header */
    static const size_t forms[] = { 16, 12, 0 };

    for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
        Done done = { 0 };
        uint8_t payload[16] = { 0 };
        g_auto(Reply) message = { 0 };

        start_write(f->rig, 0x1000, "world", 5, &done);
        g_assert_true(client_receive(f->fd, &message));
        g_assert_cmpuint(message.header.size, ==, 37);
        g_assert_cmpmem(message.payload + 16, 5, "world", 5);
        memcpy(payload, message.payload, 16);
        client_send(f->fd, message.header.id, VFU_DMA_WRITE, VFU_TYPE_REPLY, payload, forms[i],
                    NULL, 0);
        rig_await(f->rig, &done.calls, 1);
        g_assert_cmpint(done.err, ==, 0);
    }
}

static void test_error(Fix *f, gconstpointer unused)
{
    static const struct {
        uint32_t wire;
        int err;
    } rows[] = { { EFAULT, -EFAULT }, { ENODEV, -ENODEV }, { 0, -EIO }, { 0x80000000, -EIO },
                 { UINT32_MAX, -EIO } };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        Done done = { 0 };
        Ask ask;

        start_read(f->rig, 0x1000, 8, &done);
        ask = expect_ask(f->fd, VFU_DMA_READ, 0);
        answer_error(f->fd, &ask, VFU_DMA_READ, rows[i].wire);
        rig_await(f->rig, &done.calls, 1);
        g_assert_cmpint(done.err, ==, rows[i].err);
    }
    g_assert_cmpuint(vfu_server_stats(f->rig->server)->dma_failures, ==, ARRAY_SIZE(rows));
}

static void test_short(Fix *f, gconstpointer unused)
{
    Done done = { 0 };
    Ask ask;

    start_read(f->rig, 0x1000, 8, &done);
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    answer_read(f->fd, &ask, "abc", 3);
    rig_await(f->rig, &done.calls, 1);
    g_assert_cmpint(done.err, ==, -EIO);
    g_assert_cmpuint(done.count, ==, 3);
}

/* Answered in another order, with client commands in between. */
static void test_pipelined(Fix *f, gconstpointer unused)
{
    Done done[8] = { 0 };
    Ask ask[8];

    for (unsigned i = 0; i < 8; i++) {
        start_read(f->rig, i * 0x1000, 4, &done[i]);
    }
    for (unsigned i = 0; i < 8; i++) {
        ask[i] = expect_ask(f->fd, VFU_DMA_READ, 0);
    }
    for (int i = 7; i >= 0; i--) {
        uint32_t value = i * 11;

        answer_read(f->fd, &ask[i], &value, 4);
        g_assert_cmpint(client_write(f->fd, 4, i), ==, 0);
    }
    for (unsigned i = 0; i < 8; i++) {
        g_assert_cmpuint(done[i].calls, ==, 1);
        g_assert_cmpuint(done[i].data[0], ==, i * 11);
    }
}

/* A client may use the ids of our requests for its own commands. */
static void test_same_ids(Fix *f, gconstpointer unused)
{
    Done done = { 0 };
    VfuRegionAccess access = { 0, 0, 4 };
    g_auto(Reply) reply = { 0 };
    Ask ask;

    start_read(f->rig, 0x1000, 4, &done);
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    client_send(f->fd, ask.id, VFU_REGION_READ, 0, &access, 16, NULL, 0);
    g_assert_true(client_receive(f->fd, &reply));
    g_assert_cmpuint(reply.header.id, ==, ask.id);
    answer_read(f->fd, &ask, "good", 4);
    rig_await(f->rig, &done.calls, 1);
    g_assert_cmpint(done.err, ==, 0);
}

typedef struct BadAnswer {
    const char *name;
    int id_off;
    uint16_t command;
    uint64_t address_off, count;
    size_t len;
    bool done_called_proto;     /* it reached its request: that ends with -EPROTO */
} BadAnswer;

static const BadAnswer bad_answers[] = {
    { "wrong-id", 1, VFU_DMA_READ, 0, 8, 24, false },
    { "wrong-command", 0, VFU_DMA_WRITE, 0, 8, 16, false },
    { "other-command", 0, VFU_REGION_READ, 0, 8, 24, false },
    { "wrong-address", 0, VFU_DMA_READ, 8, 8, 24, true },
    { "too-much", 0, VFU_DMA_READ, 0, 9, 25, true },
    { "count-not-length", 0, VFU_DMA_READ, 0, 8, 23, true },
    { "huge-count", 0, VFU_DMA_READ, 0, UINT64_MAX, 24, true },
    { "too-short", 0, VFU_DMA_READ, 0, 8, 15, true },
    { "empty", 0, VFU_DMA_READ, 0, 8, 0, true },
};

static void test_bad_answer(gconstpointer data)
{
    const BadAnswer *bad = data;
    Fix f;
    Done done = { 0 };
    uint8_t payload[64] = { 0 };
    Ask ask;

    setup(&f, NULL);
    start_read(f.rig, 0x1000, 8, &done);
    ask = expect_ask(f.fd, VFU_DMA_READ, 0);
    ask.address += bad->address_off;
    memcpy(payload, &ask.address, 8);
    memcpy(payload + 8, &bad->count, 8);
    client_send(f.fd, ask.id + bad->id_off, bad->command, VFU_TYPE_REPLY, payload, bad->len, NULL,
                0);
    client_expect_eof(f.fd);
    rig_await(f.rig, &f.rig->detached, 1);
    g_assert_cmpint(f.rig->reason, ==, VFU_CLOSE_PROTOCOL);
    g_assert_cmpuint(done.calls, ==, 1);
    g_assert_cmpint(done.err, ==, bad->done_called_proto ? -EPROTO : -ECANCELED);
    teardown(&f, NULL);
}

static void test_twice(Fix *f, gconstpointer unused)
{
    Done done = { 0 };
    Ask ask;

    start_read(f->rig, 0x1000, 4, &done);
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    answer_read(f->fd, &ask, "once", 4);
    answer_read(f->fd, &ask, "more", 4);
    client_expect_eof(f->fd);
    rig_await(f->rig, &f->rig->detached, 1);
    g_assert_cmpuint(done.calls, ==, 1);
    g_assert_cmpmem(done.data, 4, "once", 4);
}

static void test_fds_in_answer(Fix *f, gconstpointer unused)
{
    Done done = { 0 };
    unsigned before = count_fds();
    int fds[3] = { 0, 1, 2 };
    uint8_t payload[20] = { 0 };
    Ask ask;

    start_read(f->rig, 0, 4, &done);
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    payload[8] = 4;
    client_send(f->fd, ask.id, VFU_DMA_READ, VFU_TYPE_REPLY, payload, 20, fds, 3);
    rig_await(f->rig, &done.calls, 1);
    g_assert_cmpint(done.err, ==, 0);
    g_assert_cmpuint(count_fds(), ==, before);
}

static void test_late(Fix *f, gconstpointer unused)
{
    Done done = { 0 };
    Ask ask;

    start_read(f->rig, 0x1000, 4, &done);
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    rig_await(f->rig, &done.calls, 1);
    g_assert_cmpint(done.err, ==, -ETIMEDOUT);
    answer_read(f->fd, &ask, "late", 4);
    g_assert_cmpint(client_write(f->fd, 4, 1), ==, 0);  /* recognised: the session lives */
    g_assert_cmpuint(done.calls, ==, 1);
    g_assert_cmpuint(vfu_server_stats(f->rig->server)->late_replies, ==, 1);
    answer_read(f->fd, &ask, "late", 4);                /* but only once */
    client_expect_eof(f->fd);
}

static void test_never(Fix *f, gconstpointer unused)
{
    Done done[3] = { 0 };

    for (unsigned i = 0; i < 3; i++) {
        start_write(f->rig, 0x1000, "x", 1, &done[i]);
        g_usleep(20000);
    }
    for (unsigned i = 0; i < 3; i++) {
        rig_await(f->rig, &done[i].calls, 1);
        g_assert_cmpint(done[i].err, ==, -ETIMEDOUT);
    }
}

/* --- what the client owes --- */

typedef struct Owed {
    unsigned reads, writes;
    size_t bytes;
} Owed;

static void on_answered(void *opaque, bool read, size_t count)
{
    Owed *answered = opaque;

    *(read ? &answered->reads : &answered->writes) += 1;
    answered->bytes += count;
}

static void watch(Fix *f, Owed *answered)
{
    *answered = (Owed) { 0 };
    AIO_CONTEXT_GUARD(f->rig->ctx);
    vfu_session_on_dma_answered(f->rig->session, on_answered, answered);
}

/* Cancelled: only its answer ends what the client owes. */
static void test_answered(Fix *f, gconstpointer unused)
{
    Done done[2] = { 0 };
    Owed answered;
    VfuDmaRequest *req;
    Ask ask[2];

    watch(f, &answered);
    req = start_read(f->rig, 0x1000, 4, &done[0]);
    start_write(f->rig, 0x2000, "abcdef", 6, &done[1]);
    ask[0] = expect_ask(f->fd, VFU_DMA_READ, 0);
    ask[1] = expect_ask(f->fd, VFU_DMA_WRITE, 6);
    WITH_AIO_CONTEXT_GUARD(f->rig->ctx) {
        vfu_dma_request_cancel(req);
    }
    client_send(f->fd, ask[1].id, VFU_DMA_WRITE, VFU_TYPE_REPLY, NULL, 0, NULL, 0);
    rig_await(f->rig, &done[1].calls, 1);
    g_assert_cmpuint(answered.reads, ==, 0);
    g_assert_cmpuint(answered.writes, ==, 1);
    g_assert_cmpuint(answered.bytes, ==, 6);
    answer_read(f->fd, &ask[0], "late", 4);
    client_read(f->fd, 0);
    g_assert_cmpuint(answered.reads, ==, 1);
    g_assert_cmpuint(answered.bytes, ==, 10);
}

/* Timed out: the same; and when the client goes nothing is owed any more. */
static void test_answered_late(Fix *f, gconstpointer unused)
{
    Done done[2] = { 0 };
    Owed answered;
    Ask ask;

    watch(f, &answered);
    start_read(f->rig, 0x1000, 4, &done[0]);
    start_read(f->rig, 0x1000, 4, &done[1]);
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    expect_ask(f->fd, VFU_DMA_READ, 0);
    rig_await(f->rig, &done[0].calls, 1);
    rig_await(f->rig, &done[1].calls, 1);
    g_assert_cmpint(done[0].err, ==, -ETIMEDOUT);
    g_assert_cmpuint(answered.reads, ==, 0);
    answer_read(f->fd, &ask, "late", 4);
    client_read(f->fd, 0);
    g_assert_cmpuint(answered.reads, ==, 1);
    shutdown(f->fd, SHUT_RDWR);
    rig_await(f->rig, &answered.reads, 2);
}

static void test_cancel(Fix *f, gconstpointer unused)
{
    Done done = { 0 };
    VfuDmaRequest *req = start_read(f->rig, 0x1000, 4, &done);
    Ask ask = expect_ask(f->fd, VFU_DMA_READ, 0);

    WITH_AIO_CONTEXT_GUARD(f->rig->ctx) {
        vfu_dma_request_cancel(req);
    }
    answer_read(f->fd, &ask, "late", 4);
    client_read(f->fd, 0);
    g_assert_cmpuint(done.calls, ==, 0);
    g_assert_cmpuint(vfu_server_stats(f->rig->server)->late_replies, ==, 1);
}

/* So many given up requests are remembered, and no more. */
static void test_forgotten(Fix *f, gconstpointer unused)
{
    enum { N = 1100 };
    Done done = { 0 };
    Ask first = { 0 }, last = { 0 };

    for (unsigned i = 0; i < N; i++) {
        VfuDmaRequest *req = start_read(f->rig, 0x1000, 4, &done);

        WITH_AIO_CONTEXT_GUARD(f->rig->ctx) {
            vfu_dma_request_cancel(req);
        }
        last = expect_ask(f->fd, VFU_DMA_READ, 0);
        first = i ? first : last;
    }
    answer_read(f->fd, &last, "late", 4);
    client_read(f->fd, 0);
    g_assert_cmpuint(vfu_server_stats(f->rig->server)->late_replies, ==, 1);
    answer_read(f->fd, &first, "late", 4);
    client_expect_eof(f->fd);
    g_assert_cmpuint(done.calls, ==, 0);
}

static void test_disconnect(Fix *f, gconstpointer unused)
{
    Done done[4] = { 0 };

    for (unsigned i = 0; i < 4; i++) {
        start_read(f->rig, 0x1000, 4, &done[i]);
    }
    shutdown(f->fd, SHUT_RDWR);
    rig_await(f->rig, &f->rig->detached, 1);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpuint(done[i].calls, ==, 1);
        g_assert_cmpint(done[i].err, ==, -ECANCELED);
    }
}

static void test_limits(Fix *f, gconstpointer unused)
{
    Done done = { 0 };

    g_assert_null(start_read(f->rig, 0x1000, 0, &done));
    g_assert_null(start_read(f->rig, 0x1000, 1048577, &done));
    g_assert_null(start_read(f->rig, UINT64_MAX, 2, &done));
    for (unsigned i = 0; i < 64; i++) {
        g_assert_nonnull(start_read(f->rig, 0x1000, 4, &done));
    }
    g_assert_null(start_read(f->rig, 0x1000, 4, &done));
    shutdown(f->fd, SHUT_RDWR);
    rig_await(f->rig, &done.calls, 64);
}

/* The operation waits for DMA while the client's reads are served. */
static void test_waiting_operation(Fix *f, gconstpointer unused)
{
    Ask ask;

    g_assert_cmpint(client_write(f->fd, RIG_WAIT_DMA, 1), ==, 0);   /* answered early */
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    g_assert_cmpuint(client_read(f->fd, 0), ==, 0);
    answer_read(f->fd, &ask, "12345678", 8);
    rig_await(f->rig, &f->rig->dma_done, 1);
    g_assert_cmpmem(&f->rig->dma_value, 8, "12345678", 8);
    g_assert_cmpint(client_write(f->fd, RIG_WAIT_DMA, 1), ==, 0);
    shutdown(f->fd, SHUT_RDWR);
    rig_await(f->rig, &f->rig->detached, 1);
    rig_await(f->rig, &f->rig->dma_done, 2);
    g_assert_cmpint(f->rig->dma_err, ==, -ECANCELED);
}

/* --- layouts --- */

/* A client as QEMU 10.1 to 11.0: 32-bit count, data at byte 12 of the payload. */
static void test_probe_old(Fix *f, gconstpointer unused)
{
    Done read = { 0 }, write = { 0 };
    g_auto(Reply) probe = { 0 }, first = { 0 }, second = { 0 };
    uint8_t payload[20] = { 0 };
    uint32_t count = 4;

    start_read(f->rig, 0x5000, 4, &read);
    start_write(f->rig, 0x6000, "abcd", 4, &write);
    g_assert_true(client_receive(f->fd, &probe));
    g_assert_cmpuint(probe.header.command, ==, VFU_DMA_WRITE);
    g_assert_cmpuint(probe.header.size, ==, 32);
    client_expect_silence(f->fd, 20);                   /* the others wait for it */
    client_send(f->fd, probe.header.id, VFU_DMA_WRITE, VFU_TYPE_REPLY, NULL, 0, NULL, 0);
    g_assert_true(client_receive(f->fd, &first));
    g_assert_true(client_receive(f->fd, &second));
    g_assert_cmpuint(first.header.size, ==, 32);
    memcpy(payload, first.payload, 8);
    memcpy(payload + 8, &count, 4);
    memcpy(payload + 12, "data", 4);
    client_send(f->fd, first.header.id, VFU_DMA_READ, VFU_TYPE_REPLY, payload, 20, NULL, 0);
    rig_await(f->rig, &read.calls, 1);
    g_assert_cmpint(read.err, ==, 0);
    g_assert_cmpmem(read.data, 4, "data", 4);
    g_assert_cmpuint(second.header.size, ==, 36);
    g_assert_cmpmem(second.payload + 12, 4, "abcd", 4);
    client_send(f->fd, second.header.id, VFU_DMA_WRITE, VFU_TYPE_REPLY, NULL, 0, NULL, 0);
    rig_await(f->rig, &write.calls, 1);
    g_assert_cmpint(write.err, ==, 0);
}

static void test_probe_spec(Fix *f, gconstpointer with_error)
{
    Done read = { 0 };
    g_auto(Reply) probe = { 0 };
    Ask ask;

    start_read(f->rig, 0x5000, 4, &read);
    g_assert_true(client_receive(f->fd, &probe));
    ask.id = probe.header.id;
    client_send(f->fd, probe.header.id, VFU_DMA_WRITE, VFU_TYPE_REPLY, probe.payload, 16, NULL, 0);
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    answer_read(f->fd, &ask, "data", 4);
    rig_await(f->rig, &read.calls, 1);
    g_assert_cmpmem(read.data, read.count, "data", 4);
    start_read(f->rig, 0x5000, 4, &read);               /* one probe for each session */
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    answer_read(f->fd, &ask, "more", 4);
    rig_await(f->rig, &read.calls, 2);
}

static void test_probe_error(Fix *f, gconstpointer unused)
{
    Done read = { 0 };
    g_auto(Reply) probe = { 0 };
    Ask ask;

    start_read(f->rig, 0x5000, 4, &read);
    g_assert_true(client_receive(f->fd, &probe));
    ask.id = probe.header.id;
    answer_error(f->fd, &ask, VFU_DMA_WRITE, ENODEV);
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    answer_read(f->fd, &ask, "data", 4);
    rig_await(f->rig, &read.calls, 1);
    g_assert_cmpint(read.err, ==, 0);
}

static void quick_auto(VfuServerConfig *config)
{
    layout_auto(config);
    quick_timeout(config);
}

/* No answer to the probe: as specified from then on, and its late answer is known. */
static void test_probe_late(Fix *f, gconstpointer unused)
{
    Done read = { 0 };
    g_auto(Reply) probe = { 0 };
    Ask ask;

    start_read(f->rig, 0x5000, 4, &read);
    g_assert_true(client_receive(f->fd, &probe));
    rig_await(f->rig, &read.calls, 1);
    g_assert_cmpint(read.err, ==, -ETIMEDOUT);          /* it had waited as long */
    ask = expect_ask(f->fd, VFU_DMA_READ, 0);
    g_assert_cmphex(ask.address, ==, 0x5000);
    client_send(f->fd, probe.header.id, VFU_DMA_WRITE, VFU_TYPE_REPLY, NULL, 0, NULL, 0);
    client_read(f->fd, 0);
    g_assert_cmpuint(vfu_server_stats(f->rig->server)->late_replies, ==, 1);
}

static void test_probe_disconnect(Fix *f, gconstpointer unused)
{
    Done read = { 0 }, write = { 0 };
    VfuDmaRequest *cancelled;

    start_read(f->rig, 0x5000, 4, &read);
    cancelled = start_write(f->rig, 0x5000, "abcd", 4, &write);
    WITH_AIO_CONTEXT_GUARD(f->rig->ctx) {
        vfu_dma_request_cancel(cancelled);              /* before it was sent */
    }
    shutdown(f->fd, SHUT_RDWR);
    rig_await(f->rig, &read.calls, 1);
    g_assert_cmpint(read.err, ==, -ECANCELED);
    g_assert_cmpuint(write.calls, ==, 0);
}

#define TEST(name, tune, fn) g_test_add("/dma-request/" name, Fix, (gconstpointer)tune, setup, \
                                        fn, teardown)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST("read", NULL, test_read);
    TEST("write", NULL, test_write);
    TEST("error", NULL, test_error);
    TEST("short", NULL, test_short);
    TEST("pipelined", NULL, test_pipelined);
    TEST("same-ids", NULL, test_same_ids);
    for (size_t i = 0; i < ARRAY_SIZE(bad_answers); i++) {
        g_autofree char *path = g_strdup_printf("/dma-request/bad/%s", bad_answers[i].name);

        g_test_add_data_func(path, &bad_answers[i], test_bad_answer);
    }
    TEST("twice", NULL, test_twice);
    TEST("fds-in-answer", NULL, test_fds_in_answer);
    TEST("late", quick_timeout, test_late);
    TEST("never", quick_timeout, test_never);
    TEST("answered", NULL, test_answered);
    TEST("answered-late", quick_timeout, test_answered_late);
    TEST("cancel", NULL, test_cancel);
    TEST("forgotten", NULL, test_forgotten);
    TEST("disconnect", NULL, test_disconnect);
    TEST("limits", NULL, test_limits);
    TEST("waiting-operation", NULL, test_waiting_operation);
    TEST("probe/old", layout_auto, test_probe_old);
    TEST("probe/spec", layout_auto, test_probe_spec);
    TEST("probe/error", layout_auto, test_probe_error);
    TEST("probe/late", quick_auto, test_probe_late);
    TEST("probe/disconnect", layout_auto, test_probe_disconnect);
    return g_test_run();
}
