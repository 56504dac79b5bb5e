/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfu trace: sits between a client and a server and prints their dialogue.
 *
 * Two threads, one for each direction, so that neither side's waiting stops the
 * other one. Trace.lock protects the output, the open commands and the figures.
 * Lock order: Trace.lock only; nothing is sent or received with it held.
 */
#include "qemu/osdep.h"
#include <sys/socket.h>
#include <sys/un.h>
#include "decode.h"
#include "pcapng.h"
#include "trace-pipe.h"
#include "vfu.h"

/* Commands whose reply has not come, at most: a client that never reads. */
#define MAX_OPEN 65536

typedef struct OpenCommand {
    bool to_server;
    uint16_t id, command;
    int64_t time_us;
} OpenCommand;

typedef struct Trace {
    VfuTool *tool;
    const char *listen_path, *connect_path;
    char *pcapng_path;
    FILE *pcapng;
    gboolean once;
    GMutex lock;
    GArray *open;               /* OpenCommand */
    int64_t start_us;
    bool ended;                 /* one side closed; the other one follows */
} Trace;

typedef struct Direction {
    Trace *trace;
    bool to_server;
    int from, to;
} Direction;

/* --- printing --- */

/* -1: no command of that kind is open. Lock held. */
static int64_t latency_of_reply(Trace *t, bool to_server, const VfuHeader *h, int64_t now)
{
    for (unsigned i = 0; i < t->open->len; i++) {
        OpenCommand *o = &g_array_index(t->open, OpenCommand, i);
        if (o->to_server != to_server && o->id == h->id && o->command == h->command) {
            int64_t took = now - o->time_us;
            g_array_remove_index(t->open, i);
            return took;
        }
    }
    return -1;
}

static int64_t account(Trace *t, bool to_server, const VfuHeader *h, int64_t now)
{
    if ((h->flags & VFU_TYPE_MASK) == VFU_TYPE_REPLY) {
        return latency_of_reply(t, to_server, h, now);
    }
    if (!(h->flags & VFU_NO_REPLY) && t->open->len < MAX_OPEN) {
        OpenCommand o = { to_server, h->id, h->command, now };
        g_array_append_val(t->open, o);
    }
    return -1;
}

static void print_line(Trace *t, bool to_server, const PipeMessage *m, int64_t now,
                       int64_t took)
{
    const VfuHeader *h = &m->header;
    bool reply = (h->flags & VFU_TYPE_MASK) == VFU_TYPE_REPLY;
    VfuOut *o = t->tool->out;
    g_autofree char *fields = NULL;

    out_begin(o);
    out_double(o, "time", (now - t->start_us) / 1e6);
    out_string(o, "to", to_server ? "server" : "client");
    out_string(o, "kind", reply ? "reply" : "command");
    out_string(o, "command", vfu_command_name(h->command));
    out_int(o, "id", h->id);
    out_int(o, "size", h->size);
    out_int(o, "fds", m->nr_fds);
    out_object(o, "fields");
    fields = decode_payload(o, h, m->payload->data, m->payload->len);
    out_object_end(o);
    out_text(o, "%11.6f %s %-5u %s%s", (now - t->start_us) / 1e6, to_server ? "C>S" : "C<S",
             h->id, vfu_command_name(h->command), reply ? " reply" : "");
    if (h->flags & VFU_NO_REPLY) {
        out_text(o, " (posted)");
        out_bool(o, "posted", true);
    }
    if (h->flags & VFU_ERROR) {
        out_text(o, " ERROR %u (%s)", h->error, strerror(h->error));
        out_int(o, "error", h->error);
    }
    out_text(o, "%s%s", *fields ? " " : "", fields);
    if (m->nr_fds) {
        out_text(o, " [%u fd%s]", m->nr_fds, m->nr_fds == 1 ? "" : "s");
    }
    if (!m->sane) {
        out_text(o, " MALFORMED: size %u, %zu bytes of header, %u of payload", h->size,
                 m->got, m->payload->len);
        out_bool(o, "malformed", true);
    }
    if (took >= 0) {
        out_text(o, " +%" PRId64 "us", took);
        out_int(o, "latency_us", took);
    }
    out_text(o, "\n");
    out_end(o, true);
}

static void record(Trace *t, bool to_server, const PipeMessage *m)
{
    int64_t now = g_get_real_time();

    g_mutex_lock(&t->lock);
    print_line(t, to_server, m, now, account(t, to_server, &m->header, now));
    if (t->pcapng) {
        pcapng_message(t->pcapng, now, to_server, m->nr_fds, &m->header, m->payload->data,
                       m->payload->len);
        fflush(t->pcapng);
    }
    g_mutex_unlock(&t->lock);
}

static void note(Trace *t, const char *text)
{
    g_mutex_lock(&t->lock);
    out_begin(t->tool->out);
    out_double(t->tool->out, "time", (g_get_real_time() - t->start_us) / 1e6);
    out_string(t->tool->out, "note", text);
    out_text(t->tool->out, "%11.6f --- %s\n", (g_get_real_time() - t->start_us) / 1e6, text);
    out_end(t->tool->out, true);
    g_mutex_unlock(&t->lock);
}

/* Says who closed first: the other end follows because of us. */
static void note_end(Trace *t, bool client)
{
    bool first;

    g_mutex_lock(&t->lock);
    first = !t->ended;
    t->ended = true;
    g_mutex_unlock(&t->lock);
    if (first) {
        note(t, client ? "the client closed the connection"
                       : "the server closed the connection");
    }
}

/* --- passing on --- */

static gpointer run_direction(gpointer opaque)
{
    Direction *d = opaque;
    PipeMessage m;

    pipe_message_init(&m);
    while (pipe_receive(d->from, &m) > 0) {
        record(d->trace, d->to_server, &m);
        if (pipe_send(d->to, &m) < 0) {
            break;
        }
        if (!m.sane) {
            pipe_copy(d->from, d->to);
            break;
        }
    }
    pipe_message_clear(&m);
    note_end(d->trace, d->to_server);
    /* The other direction ends too, as it would without us. */
    shutdown(d->to, SHUT_RDWR);
    shutdown(d->from, SHUT_RDWR);
    return NULL;
}

static void trace_connection(Trace *t, int client, int server)
{
    Direction up = { t, true, client, server }, down = { t, false, server, client };
    GThread *thread;

    note(t, "a client connected");
    g_array_set_size(t->open, 0);
    t->ended = false;
    thread = g_thread_new("server-to-client", run_direction, &down);
    run_direction(&up);
    g_thread_join(thread);
}

/* --- sockets --- */

static int make_socket(Trace *t, const char *path, struct sockaddr_un *addr)
{
    *addr = (struct sockaddr_un) { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(addr->sun_path)) {
        vfu_error(t->tool, "socket path '%s' is longer than %zu bytes; use a shorter one",
                  path, sizeof(addr->sun_path) - 1);
        return -1;
    }
    strcpy(addr->sun_path, path);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int listen_on(Trace *t)
{
    struct sockaddr_un addr;
    int fd = make_socket(t, t->listen_path, &addr);
    mode_t mask;
    int ret;

    if (fd < 0) {
        return -1;
    }
    mask = umask(0177);
    ret = bind(fd, (struct sockaddr *)&addr, sizeof(addr));
    umask(mask);
    if (ret < 0 || listen(fd, 1) < 0) {
        vfu_error(t->tool, "cannot listen on '%s': %s%s", t->listen_path, strerror(errno),
                  errno == EADDRINUSE ? "; remove the file if nobody uses it" : "");
        close(fd);
        return -1;
    }
    return fd;
}

static int connect_to(Trace *t)
{
    struct sockaddr_un addr;
    int fd = make_socket(t, t->connect_path, &addr);

    if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        vfu_error(t->tool, "cannot connect to '%s': %s; is the server running?",
                  t->connect_path, strerror(errno));
        close(fd);
        fd = -1;
    }
    return fd;
}

static int serve(Trace *t, int listener)
{
    int status = 0;

    while (!vfu_interrupted && status == 0) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC), server;

        if (client < 0) {
            continue;           /* EINTR: the flag ends the loop */
        }
        server = connect_to(t);
        status = server < 0;
        if (status == 0) {
            trace_connection(t, client, server);
            close(server);
        }
        close(client);
        if (t->once) {
            break;
        }
    }
    return status;
}

static int run_traced(Trace *t)
{
    int listener = listen_on(t), status;

    if (listener < 0) {
        return 1;
    }
    if (t->pcapng_path) {
        t->pcapng = fopen(t->pcapng_path, "wbe");
        if (!t->pcapng || !pcapng_begin(t->pcapng)) {
            unlink(t->listen_path);
            close(listener);
            return vfu_error(t->tool, "--pcapng=%s: %s", t->pcapng_path, strerror(errno));
        }
    }
    t->open = g_array_new(false, false, sizeof(OpenCommand));
    t->start_us = g_get_real_time();
    status = serve(t, listener);
    unlink(t->listen_path);
    close(listener);
    g_array_free(t->open, true);
    if (t->pcapng && fclose(t->pcapng) != 0) {
        return vfu_error(t->tool, "--pcapng=%s: %s", t->pcapng_path, strerror(errno));
    }
    return status;
}

static int run_trace(VfuTool *tool, int argc, char **argv)
{
    Trace t = { .tool = tool };
    const GOptionEntry entries[] = {
        { "pcapng", 0, 0, G_OPTION_ARG_FILENAME, &t.pcapng_path, "write there too", "FILE" },
        { "once", 0, 0, G_OPTION_ARG_NONE, &t.once, "end after one connection", NULL },
        { NULL },
    };
    int status;

    if (vfu_options(tool, &argc, &argv, entries, 2, 2, &status)) {
        g_mutex_init(&t.lock);
        t.listen_path = argv[1];
        t.connect_path = argv[2];
        vfu_catch_signals();
        status = run_traced(&t);
        g_mutex_clear(&t.lock);
    }
    g_free(t.pcapng_path);
    return status;
}

const VfuSubcommand vfu_cmd_trace = {
    "trace", "[--pcapng=FILE] [--once] LISTEN CONNECT",
    "sits between a client and a server and prints their dialogue",
    "Listens on the path LISTEN, connects to the server at CONNECT for each client and\n"
    "passes messages and file descriptors both ways, unchanged. One line for each\n"
    "message: seconds, direction, id, command, fields, descriptors, and for a reply the\n"
    "time since its command. --pcapng also writes them for Wireshark: link type USER0\n"
    "(147), a packet is a message with its header, direction in epb_flags (outbound is\n"
    "client to server), the number of descriptors in the comment.\n\n"
    "  vfu trace t.sock d0.sock &\n"
    "  qemu-system-x86_64 ... -device '{\"driver\":\"vfio-user-pci\",\n"
    "      \"socket\":{\"type\":\"unix\",\"path\":\"t.sock\"}}'\n",
    run_trace,
};
