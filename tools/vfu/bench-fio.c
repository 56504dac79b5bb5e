/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bare figure of disks: fio with io_uring on the same file, without us. Its
 * "terse" output, version 3, is a line of fields (fio(1), section TERSE OUTPUT).
 */
#include "qemu/osdep.h"
#include "bench-disk.h"

enum {
    FIELD_READ = 5, FIELD_WRITE = 46,           /* first field of each direction */
    FIELD_IOPS = 2, FIELD_SUBMIT_MEAN = 6, FIELD_PERCENTILES = 12, NR_PERCENTILES = 20,
};

bool bench_fio_there(void)
{
    g_autofree char *path = g_find_program_in_path("fio");

    return path != NULL;
}

static double median_of(char **fields)
{
    for (unsigned i = 0; i < NR_PERCENTILES; i++) {
        if (g_str_has_prefix(fields[i], "50.000000%=")) {
            return g_ascii_strtod(strchr(fields[i], '=') + 1, NULL);
        }
    }
    return 0;
}

static bool parse(const char *line, bool write, BenchFio *result)
{
    g_auto(GStrv) fields = g_strsplit(line, ";", -1);
    unsigned first = write ? FIELD_WRITE : FIELD_READ;

    if (g_strv_length(fields) < first + FIELD_PERCENTILES + NR_PERCENTILES) {
        return false;
    }
    result->iops = g_ascii_strtod(fields[first + FIELD_IOPS], NULL);
    result->p50_us = g_ascii_strtod(fields[first + FIELD_SUBMIT_MEAN], NULL)
                     + median_of(fields + first + FIELD_PERCENTILES);
    return result->iops > 0;
}

bool bench_fio(const Bench *b, const char *file, const NvmeLoad *load, BenchFio *result)
{
    bool write = load->pattern & 1;
    g_autofree char *cpu = b->server_cpu >= 0
        ? g_strdup_printf(" --cpus_allowed=%d", b->server_cpu) : g_strdup("");
    g_autofree char *command = g_strdup_printf(
        "fio --name=bare --filename=%s --direct=1 --ioengine=io_uring --rw=%s --bs=%u"
        " --iodepth=%u --runtime=%dms --time_based --minimal --terse-version=3%s", file,
        nvme_pattern_names[load->pattern], load->bytes, load->depth, (int)(load->seconds * 1000),
        cpu);
    g_autofree char *out = NULL;
    int status;

    /* Its own affinity comes from the option: ours is the client's. */
    bench_pin(b, -1);
    status = g_spawn_command_line_sync(command, &out, NULL, &status, NULL) && status == 0
             && parse(out, write, result);
    bench_pin(b, b->client_cpu);
    return status;
}
