/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfu irq: binds eventfds to an interrupt type and prints what comes.
 */
#include "qemu/osdep.h"
#include <poll.h>
#include <sys/eventfd.h>
#include "args.h"
#include "enable.h"
#include "steps.h"

#define MAX_VECTORS 2048

typedef struct Irq {
    VfuTool *tool;
    VfuClient *c;
    uint32_t index;
    unsigned nr;
    int *fds;
    struct pollfd *polls;       /* nr eventfds, then the socket */
    int64_t start;              /* monotonic microseconds */
    double seconds;             /* 0: until interrupted */
    int count;                  /* 0: any number */
    gboolean trigger;
} Irq;

static int choose_index(Irq *q, const char *word)
{
    static const uint32_t best[] = { VFU_IRQ_MSIX, VFU_IRQ_MSI, VFU_IRQ_INTX };
    Error *err = NULL;
    VfuIrqInfo info;
    int ret;

    if (word && !arg_irq(word, &q->index, &err)) {
        vfu_error(q->tool, "%s", error_get_pretty(err));
        error_free(err);
        return 2;
    }
    for (unsigned i = 0; i < (word ? 1 : G_N_ELEMENTS(best)); i++) {
        q->index = word ? q->index : best[i];
        ret = vfu_client_get_irq(q->c, q->index, &info);
        if (ret) {
            return vfu_failed(q->tool, q->c, ret, "DEVICE_GET_IRQ_INFO");
        }
        if (info.count) {
            q->nr = MIN(info.count, MAX_VECTORS);
            return 0;
        }
    }
    return vfu_error(q->tool, "the device has no %s interrupts; \"vfu info\" shows what it "
                     "has", word ? word : "msix, msi or intx");
}

static int bind(Irq *q)
{
    int ret;

    q->fds = g_new(int, q->nr);
    q->polls = g_new0(struct pollfd, q->nr + 1);
    for (unsigned i = 0; i < q->nr; i++) {
        q->fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        q->polls[i] = (struct pollfd) { .fd = q->fds[i], .events = POLLIN };
    }
    q->polls[q->nr] = (struct pollfd) { .fd = vfu_client_fd(q->c), .events = POLLIN };
    ret = vfu_client_irq_bind(q->c, q->index, 0, q->nr, q->fds);
    return ret ? vfu_failed(q->tool, q->c, ret, "SET_IRQS") : 0;
}

/* As a guest's driver would do. */
static int enable(Irq *q)
{
    int ret = enable_device(q->c);

    if (ret == 0 && q->index <= VFU_IRQ_MSIX) {
        ret = enable_irq(q->c, q->index);
    }
    return ret ? vfu_failed(q->tool, q->c, ret, "setting the enable bits") : 0;
}

static void print_one(Irq *q, unsigned vector, uint64_t times)
{
    double at = (g_get_monotonic_time() - q->start) / 1e6;

    out_begin(q->tool->out);
    out_double(q->tool->out, "time", at);
    out_string(q->tool->out, "type", irq_name(q->index));
    out_int(q->tool->out, "vector", vector);
    out_int(q->tool->out, "count", times);
    out_text(q->tool->out, "%12.6f %s vector %u%s", at, irq_name(q->index), vector,
             times > 1 ? "" : "\n");
    if (times > 1) {
        out_text(q->tool->out, " (%" PRIu64 " times)\n", times);
    }
    out_end(q->tool->out, true);
}

/* Returns how many eventfds had fired, or -1 after a message. */
static int take_fired(Irq *q)
{
    int fired = 0;

    for (unsigned i = 0; i < q->nr; i++) {
        uint64_t times;

        if (!(q->polls[i].revents & POLLIN) ||
            read(q->fds[i], &times, sizeof(times)) != sizeof(times)) {
            continue;
        }
        print_one(q, i, times);
        fired++;
        if (q->index == VFU_IRQ_INTX) {
            int ret = vfu_client_irq_unmask(q->c, q->index, 0, 1);
            if (ret) {
                vfu_failed(q->tool, q->c, ret, "unmasking INTx");
                return -1;
            }
        }
    }
    return fired;
}

static int watch(Irq *q)
{
    int64_t end = q->seconds > 0 ? q->start + q->seconds * 1e6 : INT64_MAX;
    int left = q->count ? q->count : INT_MAX;

    while (!vfu_interrupted && left > 0) {
        int64_t now = g_get_monotonic_time();
        int wait = now >= end ? 0 : MIN((end - now) / 1000 + 1, INT_MAX);
        int n = poll(q->polls, q->nr + 1, q->seconds > 0 ? wait : -1);

        if (n == 0 && g_get_monotonic_time() >= end) {
            break;
        }
        n = n > 0 ? take_fired(q) : 0;
        if (n < 0) {
            return 1;
        }
        left -= n;
        if ((q->polls[q->nr].revents & (POLLIN | POLLHUP)) &&
            vfu_client_serve(q->c, 0) < 0) {
            return vfu_error(q->tool, "%s", vfu_client_complaint(q->c));
        }
    }
    return q->count && left == q->count && !vfu_interrupted
               ? vfu_error(q->tool, "no interrupt within %g s", q->seconds) : 0;
}

static int session(Irq *q, const GArray *steps)
{
    int status;

    vfu_catch_signals();
    q->start = g_get_monotonic_time();
    status = bind(q);
    if (status == 0) {
        status = enable(q);
    }
    out_text(q->tool->out, "%u %s vector%s bound\n", q->nr, irq_name(q->index),
             q->nr == 1 ? "" : "s");
    fflush(stdout);
    out_begin(q->tool->out);
    if (status == 0) {
        status = steps_run(q->tool, q->c, steps);
    }
    out_end(q->tool->out, true);
    if (status == 0 && q->trigger) {
        int ret = vfu_client_irq_trigger(q->c, q->index, 0, q->nr);
        status = ret ? vfu_failed(q->tool, q->c, ret, "SET_IRQS TRIGGER") : 0;
    }
    return status ? status : watch(q);
}

static int run_irq(VfuTool *tool, int argc, char **argv)
{
    Irq q = { .tool = tool };
    const GOptionEntry entries[] = {
        { "seconds", 's', 0, G_OPTION_ARG_DOUBLE, &q.seconds, "stop after", "N" },
        { "count", 'c', 0, G_OPTION_ARG_INT, &q.count, "stop after N interrupts", "N" },
        { "trigger", 't', 0, G_OPTION_ARG_NONE, &q.trigger, "let the server fire all", NULL },
        { NULL },
    };
    g_autoptr(GArray) steps = NULL;
    const char *word = NULL;
    int status, first = 2;

    if (!vfu_options(tool, &argc, &argv, entries, 1, 4096, &status)) {
        return status;
    }
    if (argc > 2 && !strchr(argv[2], ':') && !g_str_equal(argv[2], "reset")) {
        word = argv[2];
        first = 3;
    }
    steps = steps_parse(tool, argv + first, argc - first);
    if (!steps || q.count < 0) {
        return 2;
    }
    q.c = vfu_connect(tool, argv[1]);
    status = q.c ? choose_index(&q, word) : 1;
    if (status == 0) {
        status = session(&q, steps);
    }
    for (unsigned i = 0; q.fds && i < q.nr; i++) {
        close(q.fds[i]);
    }
    g_free(q.fds);
    g_free(q.polls);
    vfu_client_free(q.c);
    return status;
}

const VfuSubcommand vfu_cmd_irq = {
    "irq", "[OPTIONS] SOCK [intx|msi|msix|err|req] [STEP...]",
    "binds interrupts and prints them with time stamps",
    "Without a type the best one that the device has is used. It is enabled in config\n"
    "space, with memory and bus master in COMMAND. The steps (\"vfu help dma\") are\n"
    "done first. INTx is unmasked after each interrupt, so a level that stays fires\n"
    "again and again.\n"
    "Ends at --seconds, --count or Ctrl-C; --trigger asks the server to fire all\n"
    "vectors. Exit status 1 when --count and --seconds pass without any.\n\n"
    "edu raises its interrupt by a register:\n\n"
    "  vfu irq --count=1 --seconds=2 d0.sock msi bar0:0x60=1\n",
    run_irq,
};
