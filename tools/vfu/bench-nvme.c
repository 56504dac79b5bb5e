/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVMe disks: a file beside fio on the same file, and drives without a medium for
 * the cost of everything that is ours. Client and server have a CPU each.
 */
#include "qemu/osdep.h"
#include "bench-disk.h"

#define FILE_MEBIBYTES 512
/* The loop polls so long before it sleeps, where the figure says "polled". */
#define POLL ",poll-max-ns=1000000"

/* What a figure is made of. */
typedef struct NvmeBench {
    const char *blockdev;       /* of node n0; NULL: the file */
    const char *device;         /* further options of the device */
    const char *object;         /* of its server */
    NvmeLoad load;
    bool mapped;
    bool latency;               /* the figure is the p50 in us, else commands per second */
    double unit;                /* of commands per second */
} NvmeBench;

static double cpu_seconds(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/schedstat", pid);
    g_autofree char *text = NULL;

    /* Of the main thread only; domains have theirs. */
    return g_file_get_contents(path, &text, NULL, NULL) ? g_ascii_strtod(text, NULL) / 1e9 : 0;
}

static double process_seconds(pid_t pid)
{
    g_autofree char *dir = g_strdup_printf("/proc/%d/task", pid);
    g_autoptr(GDir) tasks = g_dir_open(dir, 0, NULL);
    const char *name;
    double sum = 0;

    while (tasks && (name = g_dir_read_name(tasks))) {
        sum += cpu_seconds(atoi(name));
    }
    return sum;
}

/* --- the file --- */

static char *file_path(Bench *b)
{
    return g_strdup_printf("%s/disk", b->dir);
}

/* Written out, so that writes find extents that exist. */
static bool make_file(Bench *b)
{
    g_autofree char *path = file_path(b);
    g_autofree uint8_t *chunk = g_malloc(1 << 20);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0;

    memset(chunk, 0x5a, 1 << 20);
    for (int i = 0; ok && i < FILE_MEBIBYTES; i++) {
        ok = write(fd, chunk, 1 << 20) == 1 << 20;
    }
    ok = ok && fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return ok;
}

static void remove_file(Bench *b)
{
    g_autofree char *path = file_path(b);

    unlink(path);
}

/* --- one server, one load --- */

static BenchServer *start_disk(Bench *b, const NvmeBench *k)
{
    g_autofree char *device = g_strdup_printf("nvme,serial=1,drive=n0%s", k->device);
    g_autofree char *path = file_path(b);
    g_autofree char *file = g_strdup_printf(
        "driver=file,node-name=n0,filename=%s,cache.direct=on,aio=io_uring", path);
    const char *const args[] = { "-blockdev", k->blockdev ?: file, NULL };
    BenchServer *s;

    b->more_args = args;
    s = bench_server_start(b, device, 1, k->object, b->server_cpu, NULL);
    b->more_args = NULL;
    return s;
}

static VfuNvme *open_disk(Bench *b, VfuClient *c, const NvmeBench *k)
{
    Error *err = NULL;
    VfuNvme *n = vfu_nvme_open(c, &(VfuNvmeOptions) {
        .depth = k->load.depth, .bytes = k->load.bytes, .nsid = 1, .mapped = k->mapped,
        .interrupts = k->load.sleep,
    }, &err);

    if (!n) {
        vfu_error(b->tool, "%s", error_get_pretty(err));
        error_free(err);
    }
    return n;
}

static bool run_load(Bench *b, VfuNvme *n, const NvmeLoad *load, NvmeFigures *f)
{
    Error *err = NULL;

    if (!nvme_load_run(n, load, f, &err)) {
        vfu_error(b->tool, "%s", error_get_pretty(err));
        error_free(err);
        return false;
    }
    if (f->errors) {
        vfu_error(b->tool, "%" PRIu64 " commands failed", f->errors);
    }
    return !f->errors;
}

static double figure_of(const NvmeBench *k, const NvmeFigures *f)
{
    return k->latency ? nvme_figures_percentile(f, 0.5) : f->commands / f->seconds / k->unit;
}

static bool bare_figure(Bench *b, const NvmeBench *k, double *bare)
{
    g_autofree char *path = file_path(b);
    BenchFio fio;

    *bare = 0;
    if (k->blockdev) {
        return true;
    }
    if (!bench_fio(b, path, &k->load, &fio)) {
        vfu_error(b->tool, "fio failed");
        return false;
    }
    *bare = k->latency ? fio.p50_us : fio.iops / k->unit;
    return true;
}

static void print_core_seconds(Bench *b, uint64_t commands, double seconds)
{
    out_text(b->tool->out, "  %.3f million commands for each second of the server's CPU time\n",
             seconds > 0 ? commands / seconds / 1e6 : 0);
}

static int run_rounds(Bench *b, BenchResult *r, const NvmeBench *k, BenchServer *s, VfuNvme *n)
{
    NvmeLoad warm_up = k->load;
    uint64_t commands = 0;
    double busy = 0;
    NvmeFigures f;

    warm_up.seconds = 0.1;
    for (int i = 0; i < b->rounds; i++) {
        double bare, from;

        if (!bare_figure(b, k, &bare) || !run_load(b, n, &warm_up, &f)) {
            return 1;
        }
        from = process_seconds(bench_server_pid(s));
        if (!run_load(b, n, &k->load, &f)) {
            return 1;
        }
        busy += process_seconds(bench_server_pid(s)) - from;
        commands += f.commands;
        bench_add(r, bare, figure_of(k, &f));
    }
    print_core_seconds(b, commands, busy);
    return 0;
}

static int measure(Bench *b, BenchResult *r, const NvmeBench *k)
{
    g_autoptr(BenchServer) s = start_disk(b, k);
    g_autoptr(VfuClient) c = s ? bench_server_connect(b, s, 0) : NULL;
    g_autoptr(VfuNvme) n = c ? open_disk(b, c, k) : NULL;

    return n ? run_rounds(b, r, k, s, n) : 1;
}

static NvmeBench with_time(Bench *b, const NvmeBench *k)
{
    NvmeBench timed = *k;

    timed.load.seconds = b->quick ? 0.3 : 2;
    return timed;
}

static int measure_file(Bench *b, BenchResult *r, const NvmeBench *k)
{
    NvmeBench timed = with_time(b, k);
    int status;

    if (!bench_fio_there()) {
        r->skipped = "there is no fio: apt-get install fio";
        return 0;
    }
    status = make_file(b) ? measure(b, r, &timed)
                          : vfu_error(b->tool, "cannot write %d MiB in %s: %s", FILE_MEBIBYTES,
                                      b->dir, strerror(errno));
    remove_file(b);
    return status;
}

#define FILE_BENCH(name_, pattern_, bytes_, depth_, sleep_, object_, latency_)              \
    int bench_nvme_##name_(Bench *b, BenchResult *r)                                        \
    {                                                                                       \
        return measure_file(b, r, &(NvmeBench) {                                            \
            .device = (sleep_) ? "" : ",mmap-doorbells=on", .object = (object_),            \
            .load = { .pattern = (pattern_), .bytes = (bytes_), .depth = (depth_),          \
                      .sleep = (sleep_) },                                                  \
            .mapped = !(sleep_), .latency = (latency_), .unit = 1e3 });                     \
    }

FILE_BENCH(read_asleep, NVME_RANDREAD, 4096, 1, true, "", true)
FILE_BENCH(write_asleep, NVME_RANDWRITE, 4096, 1, true, "", true)
FILE_BENCH(read_polled, NVME_RANDREAD, 4096, 1, false, POLL, true)
FILE_BENCH(write_polled, NVME_RANDWRITE, 4096, 1, false, POLL, true)
FILE_BENCH(read_32, NVME_RANDREAD, 4096, 32, false, POLL, false)
FILE_BENCH(write_32, NVME_RANDWRITE, 4096, 32, false, POLL, false)
FILE_BENCH(read_seq, NVME_SEQREAD, 131072, 32, false, POLL, false)
FILE_BENCH(write_seq, NVME_SEQWRITE, 131072, 32, false, POLL, false)

/* --- without a medium --- */

static int measure_null(Bench *b, BenchResult *r, bool zeroes, unsigned depth, bool latency)
{
    NvmeBench k = with_time(b, &(NvmeBench) {
        .blockdev = zeroes ? "driver=null-co,node-name=n0,size=1G,read-zeroes=on"
                           : "driver=null-co,node-name=n0,size=1G",
        .device = ",mmap-doorbells=on", .object = POLL,
        .load = { .pattern = NVME_RANDREAD, .bytes = 4096, .depth = depth },
        .mapped = true, .latency = latency, .unit = 1e6,
    });

    return measure(b, r, &k);
}

int bench_nvme_zeroes_1(Bench *b, BenchResult *r)
{
    return measure_null(b, r, true, 1, true);
}

int bench_nvme_zeroes_32(Bench *b, BenchResult *r)
{
    return measure_null(b, r, true, 32, false);
}

int bench_nvme_null_1(Bench *b, BenchResult *r)
{
    return measure_null(b, r, false, 1, true);
}

int bench_nvme_null_32(Bench *b, BenchResult *r)
{
    return measure_null(b, r, false, 32, false);
}

int bench_nvme_null_128(Bench *b, BenchResult *r)
{
    return measure_null(b, r, false, 128, false);
}

/* --- idle after a load --- */

#define SETTLE_S 0.010
#define IDLE_S 2.0

static int idle_rounds(Bench *b, BenchResult *r, const NvmeBench *k, BenchServer *s, VfuNvme *n,
                       bool first_command)
{
    NvmeLoad one = k->load;
    NvmeFigures f;

    /* A load of no time is one command and the one that takes its place: the slower is meant. */
    one.seconds = 1e-9;
    for (int i = 0; i < b->rounds; i++) {
        double from;

        if (!run_load(b, n, &k->load, &f)) {
            return 1;
        }
        g_usleep(SETTLE_S * 1e6);
        from = process_seconds(bench_server_pid(s));
        g_usleep((b->quick ? 0.3 : IDLE_S) * 1e6);
        from = process_seconds(bench_server_pid(s)) - from;
        if (!run_load(b, n, &one, &f)) {
            return 1;
        }
        bench_add(r, 0, first_command ? nvme_figures_percentile(&f, 0.99) : from * 1e6);
    }
    return 0;
}

typedef enum IdleDoorbells {
    BY_MESSAGE,
    MAPPED,                     /* the server looks at them every now and then */
    MAPPED_TELLING,             /* a store to the page wakes the server */
} IdleDoorbells;

static int measure_idle(Bench *b, BenchResult *r, IdleDoorbells doorbells, bool first_command)
{
    static const char *const devices[] = {
        [BY_MESSAGE] = "", [MAPPED] = ",mmap-doorbells=on",
        [MAPPED_TELLING] = ",mmap-doorbells=on,x-doorbell-wakeup=on",
    };
    NvmeBench k = with_time(b, &(NvmeBench) {
        .blockdev = "driver=null-co,node-name=n0,size=1G,read-zeroes=on",
        .device = devices[doorbells], .object = POLL,
        .load = { .pattern = NVME_RANDREAD, .bytes = 4096, .depth = 1 },
        .mapped = doorbells != BY_MESSAGE,
    });
    g_autoptr(BenchServer) s = NULL;
    g_autoptr(VfuClient) c = NULL;
    g_autoptr(VfuNvme) n = NULL;

    if (doorbells == MAPPED_TELLING && access("/dev/fuse", R_OK | W_OK) < 0) {
        r->skipped = "there is no /dev/fuse, or it is not for this user";
        return 0;
    }
    s = start_disk(b, &k);
    c = s ? bench_server_connect(b, s, 0) : NULL;
    n = c ? open_disk(b, c, &k) : NULL;
    k.load.seconds = 0.2;
    return n ? idle_rounds(b, r, &k, s, n, first_command) : 1;
}

#define IDLE_BENCH(name_, doorbells_, first_)                           \
    int bench_nvme_##name_(Bench *b, BenchResult *r)                    \
    {                                                                   \
        return measure_idle(b, r, (doorbells_), (first_));              \
    }

IDLE_BENCH(idle, BY_MESSAGE, false)
IDLE_BENCH(idle_mapped, MAPPED, false)
IDLE_BENCH(idle_wakeup, MAPPED_TELLING, false)
IDLE_BENCH(first, BY_MESSAGE, true)
IDLE_BENCH(first_mapped, MAPPED, true)
IDLE_BENCH(first_wakeup, MAPPED_TELLING, true)
