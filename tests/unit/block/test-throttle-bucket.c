/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits, by numbers that can be done in the head. */
#include "qemu/osdep.h"
#include "block/throttle-bucket.h"
#include "qapi/error.h"
#include "qemu/timer.h"

#define SECOND NANOSECONDS_PER_SECOND

static ThrottleConfig no_limits(void)
{
    ThrottleConfig config;

    throttle_config_init(&config);
    return config;
}

static ThrottleBuckets with(ThrottleConfig config)
{
    ThrottleBuckets b;

    g_assert_true(throttle_config_check(&config, "", &error_abort));
    throttle_buckets_set(&b, &config, 0);
    return b;
}

/* Requests of a greedy submitter that start in [from, to). */
static unsigned run(ThrottleBuckets *b, bool is_write, int64_t bytes, int64_t from, int64_t to)
{
    int64_t now = from;
    unsigned n = 0;

    while (now < to) {
        int64_t wait = throttle_buckets_wait(b, is_write, now);

        if (wait) {
            now += wait;
        } else {
            throttle_buckets_pour(b, is_write, bytes);
            n++;
        }
    }
    return n;
}

static void expect_about(int number, int expected, int tolerance)
{
    g_assert_cmpint(number, >=, expected - tolerance);
    g_assert_cmpint(number, <=, expected + tolerance);
}

static void test_no_limit(void)
{
    ThrottleConfig config = no_limits();
    ThrottleBuckets b = with(config);

    g_assert_false(throttle_config_enabled(&config));
    for (int i = 0; i < 1000; i++) {
        throttle_buckets_pour(&b, true, INT64_C(1) << 40);
        g_assert_cmpint(throttle_buckets_wait(&b, true, 0), ==, 0);
    }
}

static void test_iops(void)
{
    ThrottleConfig config = no_limits();
    ThrottleBuckets b;

    config.limit[THROTTLE_IOPS_TOTAL].avg = 1000;
    b = with(config);
    /* 100 ms worth at the start, then one each millisecond. */
    expect_about(run(&b, false, 4096, 0, SECOND), 1101, 1);
    expect_about(run(&b, true, 4096, SECOND, 2 * SECOND), 1000, 1);
    /* The bucket holds no more than that after a quiet hour. */
    expect_about(run(&b, true, 1, 3602 * SECOND, 3603 * SECOND), 1101, 1);
}

static void test_exact_wait(void)
{
    ThrottleConfig config = no_limits();
    ThrottleBuckets b;
    int64_t wait;

    config.limit[THROTTLE_BPS_WRITE].avg = 1000000;
    b = with(config);
    throttle_buckets_pour(&b, true, 600000);        /* 100000 are free: 500000 take half a second */
    wait = throttle_buckets_wait(&b, true, 0);
    g_assert_cmpint(wait, >=, SECOND / 2);
    g_assert_cmpint(wait, <=, SECOND / 2 + 2);
    g_assert_cmpint(throttle_buckets_wait(&b, false, 0), ==, 0);    /* reads are another matter */
    g_assert_cmpint(throttle_buckets_wait(&b, true, wait - 10), >, 0);
    g_assert_cmpint(throttle_buckets_wait(&b, true, wait), ==, 0);
}

static void test_burst(void)
{
    ThrottleConfig config = no_limits();
    ThrottleBuckets b;

    config.limit[THROTTLE_IOPS_WRITE] = (ThrottleLimit) { .avg = 100, .max = 2000, .length = 10 };
    b = with(config);
    /*
     * The bucket holds 20000. It fills at 2000 - 100 a second, after the tenth
     * of a second's worth that the burst bucket lets start at once.
     */
    expect_about(run(&b, true, 1, 0, SECOND), 2201, 2);
    expect_about(run(&b, true, 1, SECOND, 10 * SECOND), 18000, 2);
    run(&b, true, 1, 10 * SECOND, 11 * SECOND);
    expect_about(run(&b, true, 1, 11 * SECOND, 21 * SECOND), 1000, 2);
}

static void test_iops_size(void)
{
    ThrottleConfig config = no_limits();
    ThrottleBuckets b;

    config.limit[THROTTLE_IOPS_READ].avg = 1000;
    config.iops_size = 4096;
    b = with(config);
    run(&b, false, 4096, 0, SECOND);
    expect_about(run(&b, false, 8192, SECOND, 2 * SECOND), 500, 1);
    expect_about(run(&b, false, 512, 2 * SECOND, 3 * SECOND), 1000, 3);
}

static void test_total(void)
{
    ThrottleConfig config = no_limits();
    ThrottleBuckets b;
    unsigned reads = 0, writes = 0;
    int64_t now = 0;

    config.limit[THROTTLE_BPS_TOTAL].avg = 1000000;
    b = with(config);
    run(&b, false, 1000, 0, SECOND);
    for (now = SECOND; now < 2 * SECOND; now++) {
        now += throttle_buckets_wait(&b, (reads + writes) % 2, now);
        throttle_buckets_pour(&b, (reads + writes) % 2, 1000);
        *((reads + writes) % 2 ? &writes : &reads) += 1;
    }
    expect_about(reads + writes, 1000, 2);
}

/* Time that does not pass, or goes back, leaks nothing; and no sum gets out of hand. */
static void test_extremes(void)
{
    ThrottleConfig config = no_limits();
    ThrottleBuckets b;

    config.limit[THROTTLE_BPS_TOTAL].avg = 1;
    b = with(config);
    throttle_buckets_pour(&b, false, INT64_MAX);
    g_assert_cmpint(throttle_buckets_wait(&b, false, 0), ==, INT64_C(1) << 60);
    g_assert_cmpint(throttle_buckets_wait(&b, false, -SECOND), ==, INT64_C(1) << 60);
    g_assert_cmpint(throttle_buckets_wait(&b, false, INT64_MAX), >, 0);
    config.limit[THROTTLE_BPS_TOTAL].avg = THROTTLE_VALUE_MAX;
    b = with(config);
    throttle_buckets_pour(&b, false, INT64_MAX);
    g_assert_cmpint(throttle_buckets_wait(&b, false, 0), >, 9000 * SECOND);
}

typedef struct Refusal {
    ThrottleKind kind;
    ThrottleLimit limit;
    int64_t iops_size;
    const char *text;
} Refusal;

static const Refusal refusals[] = {
    { THROTTLE_IOPS_TOTAL, { -1, 0, 1 }, 0,
      "'x-iops-total=-1' is out of range: use 0 to 1000000000000000" },
    { THROTTLE_BPS_READ, { 1, THROTTLE_VALUE_MAX + 1, 1 }, 0,
      "'x-bps-read-max=1000000000000001' is out of range: use 0 to 1000000000000000" },
    { THROTTLE_BPS_READ, { 1, 2, 0 }, 0,
      "'x-bps-read-max-length' cannot be 0: a burst lasts a second or more" },
    { THROTTLE_BPS_WRITE, { 0, 2, 1 }, 0, "'x-bps-write-max' needs 'x-bps-write' too" },
    { THROTTLE_BPS_WRITE, { 5, 2, 1 }, 0,
      "'x-bps-write-max=2' cannot be lower than 'x-bps-write=5'" },
    { THROTTLE_IOPS_READ, { 5, 0, 2 }, 0, "'x-iops-read-max-length' needs 'x-iops-read-max' too" },
    { THROTTLE_IOPS_READ, { 5, THROTTLE_VALUE_MAX, 2 }, 0,
      "'x-iops-read-max' times 'x-iops-read-max-length' is out of range: use a product up to"
      " 1000000000000000" },
    { THROTTLE_BPS_READ, { 5, 0, 1 }, 512,
      "'x-iops-size' needs a limit of operations, as 'x-iops-total'" },
};

static void test_refusals(void)
{
    ThrottleConfig config;
    g_autoptr(Error) both = NULL;

    for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
        g_autoptr(Error) err = NULL;

        config = no_limits();
        config.limit[refusals[i].kind] = refusals[i].limit;
        config.iops_size = refusals[i].iops_size;
        g_assert_false(throttle_config_check(&config, "x-", &err));
        g_assert_cmpstr(error_get_pretty(err), ==, refusals[i].text);
    }
    config = no_limits();
    config.limit[THROTTLE_IOPS_TOTAL].avg = config.limit[THROTTLE_IOPS_WRITE].avg = 1;
    g_assert_false(throttle_config_check(&config, "", &both));
    g_assert_cmpstr(error_get_pretty(both), ==,
                    "'iops-total' and 'iops-write' cannot be used together");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/block/throttle-bucket/no-limit", test_no_limit);
    g_test_add_func("/block/throttle-bucket/iops", test_iops);
    g_test_add_func("/block/throttle-bucket/exact-wait", test_exact_wait);
    g_test_add_func("/block/throttle-bucket/burst", test_burst);
    g_test_add_func("/block/throttle-bucket/iops-size", test_iops_size);
    g_test_add_func("/block/throttle-bucket/total", test_total);
    g_test_add_func("/block/throttle-bucket/extremes", test_extremes);
    g_test_add_func("/block/throttle-bucket/refusals", test_refusals);
    return g_test_run();
}
