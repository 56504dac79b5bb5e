/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of subcommands, the options that all of them take, and help.
 */
#include "qemu/osdep.h"
#include "vfu.h"

volatile sig_atomic_t vfu_interrupted;

/* --- the table --- */

static int run_help(VfuTool *tool, int argc, char **argv);

const VfuSubcommand vfu_cmd_help = {
    "help", "[COMMAND]", "says what a command does", "", run_help,
};

static const VfuSubcommand *const rows[] = {
    &vfu_cmd_info, &vfu_cmd_read, &vfu_cmd_write, &vfu_cmd_dma, &vfu_cmd_irq,
    &vfu_cmd_nvme, &vfu_cmd_reset, &vfu_cmd_bench, &vfu_cmd_trace, &vfu_cmd_help,
};

const VfuSubcommand *vfu_find_subcommand(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_str_equal(rows[i]->name, name)) {
            return rows[i];
        }
    }
    return NULL;
}

/* --- help --- */

static void print_overview(FILE *f)
{
    fprintf(f, "Usage: vfu COMMAND [OPTIONS] ARGUMENTS\n"
            "Look at, poke, benchmark and trace a vfio-user server.\n\n");
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        fprintf(f, "  %-6s %s\n", rows[i]->name, rows[i]->summary);
    }
    fprintf(f, "\nOptions of every command:\n"
            "  --json             output for programs\n"
            "  --client=NAME      behave as: ");
    for (const VfuPersona *p = vfu_personas; p->name; p++) {
        fprintf(f, "%s%s", p == vfu_personas ? "" : ", ", p->name);
    }
    fprintf(f, "\n  --timeout=SECONDS  for each reply (default 5)\n"
            "\n\"vfu help COMMAND\" says more.\n");
}

static int run_help(VfuTool *tool, int argc, char **argv)
{
    const VfuSubcommand *s;

    if (argc < 2) {
        print_overview(stdout);
        return 0;
    }
    s = vfu_find_subcommand(argv[1]);
    if (!s) {
        vfu_error(tool, "no command '%s'; \"vfu help\" lists them", argv[1]);
        return 2;
    }
    printf("Usage: vfu %s %s\n%s\n\n%s", s->name, s->usage, s->summary, s->help);
    return 0;
}

/* --- common options --- */

int vfu_error(const VfuTool *tool, const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "vfu %s: ", tool->command);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    return 1;
}

static bool take_common(VfuTool *tool)
{
    if (tool->persona_name) {
        tool->client.persona = vfu_persona_find(tool->persona_name);
        if (!tool->client.persona) {
            vfu_error(tool, "--client=%s: no such client; \"vfu help\" lists them",
                      tool->persona_name);
            return false;
        }
    }
    if (!(tool->timeout > 0 && tool->timeout <= 86400)) {
        vfu_error(tool, "--timeout=%g: give seconds, more than 0 and at most 86400",
                  tool->timeout);
        return false;
    }
    tool->client.timeout_ns = tool->timeout * 1e9;
    tool->out = out_new(tool->json, stdout);
    return true;
}

bool vfu_options(VfuTool *tool, int *argc, char ***argv, const GOptionEntry *entries,
                 int min, int max, int *status)
{
    const GOptionEntry common[] = {
        { "json", 0, 0, G_OPTION_ARG_NONE, &tool->json, "output for programs", NULL },
        { "client", 0, 0, G_OPTION_ARG_STRING, &tool->persona_name, "behave as", "NAME" },
        { "timeout", 0, 0, G_OPTION_ARG_DOUBLE, &tool->timeout, "for each reply", "SECONDS" },
        { NULL },
    };
    const VfuSubcommand *s = vfu_find_subcommand(tool->command);
    g_autoptr(GOptionContext) ctx = g_option_context_new(s->usage);
    g_autoptr(GError) err = NULL;

    *status = 2;
    g_option_context_set_summary(ctx, s->summary);
    g_option_context_set_description(ctx, s->help);
    if (entries) {
        g_option_context_add_main_entries(ctx, entries, NULL);
    }
    g_option_context_add_main_entries(ctx, common, NULL);
    if (!g_option_context_parse(ctx, argc, argv, &err)) {
        vfu_error(tool, "%s; see \"vfu help %s\"", err->message, tool->command);
        return false;
    }
    if (*argc > 1 && g_str_equal((*argv)[1], "--")) {
        (*argv)[1] = (*argv)[0];
        (*argv)++;
        (*argc)--;
    }
    if (*argc - 1 < min || *argc - 1 > max) {
        vfu_error(tool, "%s; usage: vfu %s %s", *argc - 1 < min ? "an argument is missing"
                                                                : "too many arguments",
                  s->name, s->usage);
        return false;
    }
    return take_common(tool);
}

VfuClient *vfu_connect(VfuTool *tool, const char *path)
{
    Error *err = NULL;
    VfuClient *c = vfu_client_open(path, &tool->client, &err);

    if (!c) {
        vfu_error(tool, "%s", error_get_pretty(err));
        error_free(err);
    }
    return c;
}

int vfu_failed(VfuTool *tool, VfuClient *c, int ret, const char *what)
{
    if (!vfu_client_alive(c)) {
        return vfu_error(tool, "%s: %s", what, vfu_client_complaint(c));
    }
    if (ret == -ETIMEDOUT) {
        return vfu_error(tool, "%s: no reply within %g s (or the server answered this "
                         "errno); --timeout= waits longer", what, tool->timeout);
    }
    return vfu_error(tool, "%s: the server answers: %s", what, strerror(-ret));
}

static void on_signal(int sig)
{
    vfu_interrupted = 1;
}

void vfu_catch_signals(void)
{
    /* No SA_RESTART: a wait ends with EINTR and the flag is seen. */
    struct sigaction sa = { .sa_handler = on_signal };

    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
}

int vfu_run(int argc, char **argv)
{
    VfuTool tool = { .command = "help", .timeout = 5 };
    const VfuSubcommand *s;
    int status;

    if (argc < 2) {
        print_overview(stderr);
        return 2;
    }
    if (g_str_equal(argv[1], "--help") || g_str_equal(argv[1], "-h")) {
        print_overview(stdout);
        return 0;
    }
    s = vfu_find_subcommand(argv[1]);
    if (!s) {
        fprintf(stderr, "vfu: no command '%s'; \"vfu help\" lists them\n", argv[1]);
        return 2;
    }
    tool.command = s->name;
    status = s->run(&tool, argc - 1, argv + 1);
    out_free(tool.out);
    g_free(tool.persona_name);
    return status;
}
