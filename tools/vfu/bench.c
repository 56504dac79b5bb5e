/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfu bench: the table of figures, and how they are printed.
 */
#include "qemu/osdep.h"
#include "args.h"
#include "bench.h"
#include "steps.h"

static const BenchCase cases[] = {
    { "read-asleep", "4-byte BAR read, both asleep, p50", "us", "socket ping-pong",
      BENCH_RATIO_AT_MOST, 1.10, false, bench_read_asleep },
    { "read-spinning", "4-byte BAR read, both spinning, p50", "us", "socket ping-pong",
      BENCH_RATIO_AT_MOST, 1.35, true, bench_read_spinning },
    { "posted", "posted 4-byte writes on one connection", "M/s", NULL,
      BENCH_AT_LEAST, 2.0, false, bench_posted },
    { "dma-4k", "DMA in mapped memory, pieces of 4 KiB", "GB/s", "memcpy",
      BENCH_RATIO_AT_LEAST, 0.9, true, bench_dma_4k },
    { "dma-64k", "DMA in mapped memory, pieces of 64 KiB", "GB/s", "memcpy",
      BENCH_RATIO_AT_LEAST, 0.9, true, bench_dma_64k },
    { "map", "DMA_MAP + DMA_UNMAP of 1 MiB with fd, p50", "us",
      "mmap + munmap + 2 round trips", BENCH_RATIO_AT_MOST, 1.5, false, bench_map },
    { "map-60000", "the same, 4 KiB, with 60000 mappings there", "us",
      "with none there", BENCH_RATIO_AT_MOST, 2.0, false, bench_map_many },
    { "start", "exec to listening, one edu", "ms", NULL, BENCH_AT_MOST, 15, true,
      bench_start },
    { "rss", "resident memory with one edu", "MiB", NULL, BENCH_AT_MOST, 8, true,
      bench_rss_one },
    { "rss-more", "resident memory for each further edu", "KiB", NULL, BENCH_AT_MOST, 150,
      true, bench_rss_more },
    { "domains", "two busy domains, lists done", "1/s", "one domain",
      BENCH_RATIO_AT_LEAST, 1.8, true, bench_domains },
    { "idle", "wake-ups of 64 idle devices with clients in 10 s", "", NULL, BENCH_AT_MOST, 0,
      true, bench_idle },
    { "query-isolation", "x-query-isolation, 256 devices", "ms", NULL, BENCH_AT_MOST, 50, true,
      bench_query_isolation },
    { "query-vfio-user", "x-query-vfio-user, 256 servers", "ms", NULL, BENCH_AT_MOST, 50, true,
      bench_query_vfio_user },
    { "query-pci", "query-pci, 256 devices", "ms", NULL, BENCH_AT_MOST, 50, true,
      bench_query_pci },
    { "query-mtree", "x-query-mtree, 256 devices", "ms", NULL, BENCH_AT_MOST, 50, true,
      bench_query_mtree },
    { "query-delay", "BAR read, p99.9, longer while queries run by", "us", NULL, BENCH_AT_MOST,
      200, true, bench_query_delay },
    { "query-delay-one", "the same, all 256 devices in one domain", "us", NULL, BENCH_AT_MOST,
      200, true, bench_query_delay_one },
    { "hot-plug", "device_add and object-add until it listens", "ms", NULL, BENCH_AT_MOST, 5,
      true, bench_hot_plug },
    { "nvme-read-asleep", "NVMe, file, 4 KiB random read, depth 1, asleep, p50", "us", "fio",
      BENCH_OVER_AT_MOST, 12, true, bench_nvme_read_asleep },
    { "nvme-write-asleep", "  write", "us", "fio", BENCH_OVER_AT_MOST, 12, true,
      bench_nvme_write_asleep },
    { "nvme-read-polled", "NVMe, file, 4 KiB random read, depth 1, polled, p50", "us", "fio",
      BENCH_OVER_AT_MOST, 3, true, bench_nvme_read_polled },
    { "nvme-write-polled", "  write", "us", "fio", BENCH_OVER_AT_MOST, 3, true,
      bench_nvme_write_polled },
    { "nvme-read-32", "NVMe, file, 4 KiB random read, depth 32", "k/s", "fio",
      BENCH_RATIO_AT_LEAST, 0.8, true, bench_nvme_read_32 },
    { "nvme-write-32", "  write", "k/s", "fio", BENCH_RATIO_AT_LEAST, 0.8, true,
      bench_nvme_write_32 },
    { "nvme-read-seq", "NVMe, file, 128 KiB reads in order, depth 32", "k/s", "fio",
      BENCH_RATIO_AT_LEAST, 0.8, true, bench_nvme_read_seq },
    { "nvme-write-seq", "  writes", "k/s", "fio", BENCH_RATIO_AT_LEAST, 0.8, true,
      bench_nvme_write_seq },
    { "nvme-zeroes-1", "NVMe, zeroes, 4 KiB read, depth 1, p50", "us", NULL, BENCH_AT_MOST, 1.6,
      true, bench_nvme_zeroes_1 },
    { "nvme-zeroes-32", "  depth 32", "M/s", NULL, BENCH_AT_LEAST, 1.2, true,
      bench_nvme_zeroes_32 },
    { "nvme-null-1", "NVMe, null, 4 KiB read, depth 1, p50", "us", NULL, BENCH_AT_MOST, 1.6,
      true, bench_nvme_null_1 },
    { "nvme-null-32", "  depth 32", "M/s", NULL, BENCH_AT_LEAST, 5, true, bench_nvme_null_32 },
    { "nvme-null-128", "  depth 128", "M/s", NULL, BENCH_AT_LEAST, 5, true,
      bench_nvme_null_128 },
    { "nvme-idle", "NVMe, CPU time of 2 s after 10 ms of idleness", "us", NULL, BENCH_AT_MOST, 0,
      true, bench_nvme_idle },
    { "nvme-idle-mapped", "  with mapped doorbells", "us", NULL, BENCH_AT_MOST, 0, true,
      bench_nvme_idle_mapped },
    { "nvme-idle-wakeup", "  that wake the server", "us", NULL, BENCH_AT_MOST, 0, true,
      bench_nvme_idle_wakeup },
    { "nvme-first", "NVMe, zeroes, first command after that", "us", NULL, BENCH_AT_MOST, 100,
      true, bench_nvme_first },
    { "nvme-first-mapped", "  with mapped doorbells", "us", NULL, BENCH_AT_MOST, 100, true,
      bench_nvme_first_mapped },
    { "nvme-first-wakeup", "  that wake the server", "us", NULL, BENCH_AT_MOST, 100, true,
      bench_nvme_first_wakeup },
};

/* --- a case's figures --- */

typedef struct Summary {
    double bare, ours, ratio, low, high;
    bool has_ratio, met;
} Summary;

static bool wants_less(const BenchCase *k)
{
    return k->rule != BENCH_RATIO_AT_LEAST && k->rule != BENCH_AT_LEAST;
}

/* One round: the ratio, or what is between the two. */
static double compare(const BenchCase *k, BenchPair pair)
{
    if (k->rule == BENCH_OVER_AT_MOST) {
        return pair.ours - pair.bare;
    }
    return k->bare && pair.bare > 0 ? pair.ours / pair.bare : 0;
}

static Summary summarize(const BenchCase *k, const BenchResult *r)
{
    double bare[BENCH_ROUNDS_MAX], ours[BENCH_ROUNDS_MAX], ratio[BENCH_ROUNDS_MAX];
    Summary s = { .has_ratio = k->bare != NULL };
    double figure;

    for (int i = 0; i < r->rounds; i++) {
        bare[i] = r->pairs[i].bare;
        ours[i] = r->pairs[i].ours;
        ratio[i] = compare(k, r->pairs[i]);
    }
    s.bare = bench_median(bare, r->rounds);
    s.ours = bench_median(ours, r->rounds);
    s.ratio = bench_median(ratio, r->rounds);
    /* bench_median() sorted them. */
    s.low = s.has_ratio ? ratio[0] : ours[0];
    s.high = s.has_ratio ? ratio[r->rounds - 1] : ours[r->rounds - 1];
    figure = s.has_ratio ? s.ratio : s.ours;
    s.met = wants_less(k) ? figure <= k->goal : figure >= k->goal;
    return s;
}

static void print_text(VfuOut *o, const BenchCase *k, const Summary *s)
{
    if (s->has_ratio) {
        out_text(o, "%-50s %9.2f %9.2f %-4s %6.2f %s  [%.2f-%.2f]", k->title, s->bare, s->ours,
                 k->unit, s->ratio, k->rule == BENCH_OVER_AT_MOST ? "+" : "x", s->low, s->high);
    } else {
        out_text(o, "%-50s %9s %9.2f %-4s %8s  [%.2f-%.2f]", k->title, "", s->ours, k->unit,
                 "", s->low, s->high);
    }
    out_text(o, "  %s %g: %s\n", wants_less(k) ? "at most" : "at least", k->goal,
             s->met ? "met" : "MISSED");
}

static void print_case(Bench *b, const BenchCase *k, const BenchResult *r)
{
    VfuOut *o = b->tool->out;
    Summary s;

    out_object(o, k->key);
    out_string(o, "title", k->title);
    if (r->skipped || !r->rounds) {
        const char *why = r->skipped ? r->skipped : "no figure";

        out_text(o, "%-50s skipped: %s\n", k->title, why);
        out_string(o, "skipped", why);
        out_object_end(o);
        return;
    }
    s = summarize(k, r);
    out_string(o, "unit", k->unit);
    if (k->bare) {
        out_string(o, "bare_is", k->bare);
        out_double(o, "bare", s.bare);
        out_double(o, k->rule == BENCH_OVER_AT_MOST ? "over" : "ratio", s.ratio);
    }
    out_double(o, "ours", s.ours);
    out_double(o, "low", s.low);
    out_double(o, "high", s.high);
    out_double(o, "goal", k->goal);
    out_bool(o, "met", s.met);
    out_object_end(o);
    print_text(o, k, &s);
    fflush(stdout);
}

/* "nvme" stands for all figures whose names begin so. */
static bool names_case(const char *name, const BenchCase *k)
{
    return g_str_equal(name, k->key)
           || (g_str_equal(name, "nvme") && g_str_has_prefix(k->key, "nvme-"));
}

static bool wanted(const Bench *b, const BenchCase *k)
{
    g_auto(GStrv) names = b->only ? g_strsplit(b->only, ",", -1) : NULL;
    bool found = !names;

    if (k->needs_self && !b->self) {
        return false;
    }
    for (char **n = names; n && *n; n++) {
        found |= names_case(*n, k);
    }
    return found;
}

static int run_cases(Bench *b)
{
    int status = 0;

    out_begin(b->tool->out);
    out_text(b->tool->out, "%-50s %9s %9s\n", "", "bare", "ours");
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        BenchResult r = { .rounds = 0 };

        if (!wanted(b, &cases[i])) {
            continue;
        }
        /* One that cannot be measured leaves the others. */
        if (cases[i].run(b, &r)) {
            r.rounds = 0;
            r.skipped = "it failed, see the message";
            status = 1;
        }
        print_case(b, &cases[i], &r);
    }
    out_end(b->tool->out, false);
    return status;
}

/* --- set-up --- */

static bool check_only(Bench *b)
{
    g_auto(GStrv) names = b->only ? g_strsplit(b->only, ",", -1) : NULL;

    for (char **n = names; n && *n; n++) {
        unsigned i = 0;

        while (i < G_N_ELEMENTS(cases) && !names_case(*n, &cases[i])) {
            i++;
        }
        if (i == G_N_ELEMENTS(cases)) {
            vfu_error(b->tool, "--only=%s: no figure '%s'; see \"vfu help bench\"", b->only, *n);
            return false;
        }
    }
    return true;
}

static bool parse_registers(Bench *b)
{
    const char *read = b->read_word ? b->read_word : "bar0:0";
    Error *err = NULL;
    Step step;

    if (!step_parse(read, &step, &err) || step.kind != STEP_READ) {
        vfu_error(b->tool, "--read=%s: %s", read,
                  err ? error_get_pretty(err) : "use REGION:OFFSET");
        error_free(err);
        return false;
    }
    b->read_region = step.region;
    b->read_offset = step.offset;
    /* edu's liveness register takes any value. */
    b->may_write = b->self || b->write_word;
    b->write_offset = 4;
    if (b->write_word) {
        if (!step_parse(b->write_word, &step, &err) || step.kind != STEP_WRITE) {
            vfu_error(b->tool, "--write=%s: %s", b->write_word,
                      err ? error_get_pretty(err) : "use REGION:OFFSET=VALUE");
            error_free(err);
            return false;
        }
        b->write_region = step.region;
        b->write_offset = step.offset;
        b->write_value = step.value;
    }
    return true;
}

/* The server beside this program, as a build leaves the two. */
static bool find_server(Bench *b)
{
    if (!b->self) {
        return true;
    }
    if (!b->server_program) {
        g_autofree char *own = g_file_read_link("/proc/self/exe", NULL);
        g_autofree char *dir = own ? g_path_get_dirname(own) : g_strdup(".");

        b->server_program = g_build_filename(dir, "qemu-system-x86_64", NULL);
    }
    if (access(b->server_program, X_OK) < 0) {
        vfu_error(b->tool, "cannot run the server %s: %s; give --server=PROGRAM",
                  b->server_program, strerror(errno));
        return false;
    }
    return true;
}

/* The two CPUs that this process may use first. */
static void choose_cpus(Bench *b)
{
    int found[2] = { -1, -1 }, nr = 0;

    sched_getaffinity(0, sizeof(b->all_cpus), &b->all_cpus);
    for (int i = 0; i < CPU_SETSIZE && nr < 2; i++) {
        if (CPU_ISSET(i, &b->all_cpus)) {
            found[nr++] = i;
        }
    }
    b->client_cpu = nr == 2 ? found[0] : -1;
    b->server_cpu = nr == 2 ? found[1] : -1;
    bench_pin(b, b->client_cpu);
}

static int set_up_and_run(Bench *b)
{
    char *template = g_strdup("/tmp/vfu-bench-XXXXXX");
    g_autofree char *log_path = NULL;
    int status;

    b->rounds = b->quick ? 3 : 7;
    b->dir = g_mkdtemp(template);
    if (!b->dir) {
        g_free(template);
        return vfu_error(b->tool, "cannot make a folder in /tmp: %s", strerror(errno));
    }
    choose_cpus(b);
    status = run_cases(b);
    log_path = g_build_filename(b->dir, "stderr", NULL);
    unlink(log_path);
    rmdir(b->dir);
    g_free(template);
    return status;
}

static int run_bench(VfuTool *tool, int argc, char **argv)
{
    Bench b = { .tool = tool };
    const GOptionEntry entries[] = {
        { "self", 0, 0, G_OPTION_ARG_NONE, &b.self, "start servers and measure all", NULL },
        { "server", 0, 0, G_OPTION_ARG_FILENAME, &b.server_program, "for --self", "PROGRAM" },
        { "quick", 0, 0, G_OPTION_ARG_NONE, &b.quick, "fewer samples, rougher", NULL },
        { "only", 0, 0, G_OPTION_ARG_STRING, &b.only, "these figures", "NAME,..." },
        { "read", 0, 0, G_OPTION_ARG_STRING, &b.read_word, "register", "REGION:OFFSET" },
        { "write", 0, 0, G_OPTION_ARG_STRING, &b.write_word, "register",
          "REGION:OFFSET=VALUE" },
        { NULL },
    };
    int status;

    if (vfu_options(tool, &argc, &argv, entries, 0, 1, &status)) {
        status = 2;
        b.sock = argc > 1 ? argv[1] : NULL;
        if (!b.sock == !b.self) {
            vfu_error(tool, "give either a socket or --self");
        } else if (check_only(&b) && parse_registers(&b) && find_server(&b)) {
            status = set_up_and_run(&b);
        }
    }
    g_free(b.server_program);
    g_free(b.only);
    g_free(b.read_word);
    g_free(b.write_word);
    return status;
}

const VfuSubcommand vfu_cmd_bench = {
    "bench", "[--quick] [--only=NAME,...] SOCK | --self [--server=PROGRAM]",
    "measures a server beside the bare cost of the same system calls",
    "With SOCK: what can be measured from outside (read-asleep, posted, map,\n"
    "map-60000). With --self the server beside this program is started as often as\n"
    "needed and everything is measured: also read-spinning, dma-4k, dma-64k, start,\n"
    "rss, rss-more, domains, idle, query-isolation, query-vfio-user, query-pci,\n"
    "query-mtree, query-delay, query-delay-one, hot-plug, and disks: nvme-read-asleep,\n"
    "nvme-write-asleep, nvme-read-polled, nvme-write-polled, nvme-read-32,\n"
    "nvme-write-32, nvme-read-seq, nvme-write-seq (all beside fio), nvme-zeroes-1,\n"
    "nvme-zeroes-32, nvme-null-1, nvme-null-32, nvme-null-128, nvme-idle,\n"
    "nvme-idle-mapped, nvme-idle-wakeup, nvme-first, nvme-first-mapped,\n"
    "nvme-first-wakeup. --read (bar0:0) is the register that is read; without --self\n"
    "nothing is written unless --write says which register may be.\n\n"
    "Bare and ours are measured in turns, pinned to two CPUs; each figure is the\n"
    "median of the rounds, in brackets are the lowest and highest round. Compare\n"
    "figures of one run only.\n",
    run_bench,
};
