/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bounded strings, numbers and sizes from text, text from numbers and sizes. */
#ifndef QEMU_CUTILS_H
#define QEMU_CUTILS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "qemu/typedefs.h"

/* Always ends with a zero byte (buf_size > 0). */
void pstrcpy(char *buf, int buf_size, const char *str);
char *pstrcat(char *buf, int buf_size, const char *s);
/* Fills buf with str, then pad; no zero byte at the end (SCSI, NVMe, ATA identity strings). */
void strpadcpy(char *buf, int buf_size, const char *str, char pad);

/* 1 and *ptr behind the prefix when str begins with val. */
int strstart(const char *str, const char *val, const char **ptr);
int stristart(const char *str, const char *val, const char **ptr);
int qemu_strnlen(const char *s, int max_len);
char *qemu_strsep(char **input, const char *delim);
const char *qemu_strchrnul(const char *s, int c);
time_t mktimegm(struct tm *tm);

/*
 * 0, -EINVAL (not a number, or text behind it when endptr is NULL) or -ERANGE
 * (nearest value stored). base as strtol(); endptr may be NULL.
 */
int qemu_strtoi(const char *nptr, const char **endptr, int base, int *result);
int qemu_strtoui(const char *nptr, const char **endptr, int base, unsigned int *result);
int qemu_strtol(const char *nptr, const char **endptr, int base, long *result);
int qemu_strtoul(const char *nptr, const char **endptr, int base, unsigned long *result);
int qemu_strtoi64(const char *nptr, const char **endptr, int base, int64_t *result);
int qemu_strtou64(const char *nptr, const char **endptr, int base, uint64_t *result);
int qemu_strtod(const char *nptr, const char **endptr, double *result);
int qemu_strtod_finite(const char *nptr, const char **endptr, double *result);
int parse_uint(const char *s, const char **endptr, int base, uint64_t *value);
int parse_uint_full(const char *s, int base, uint64_t *value);

/* "64k", "1.5G", "0x1000"; no suffix: bytes, or MiB (_MiB); _metric: k is 1000. */
int qemu_strtosz(const char *nptr, const char **end, uint64_t *result);
int qemu_strtosz_MiB(const char *nptr, const char **end, uint64_t *result);
int qemu_strtosz_metric(const char *nptr, const char **end, uint64_t *result);

/* "1.5 GiB"; the caller frees. */
char *size_to_str(uint64_t val);
/* "1.5 G" style with SI prefix for rates. */
char *freq_to_str(uint64_t freq_hz);

#define STR_OR_NULL(s) ((s) ? (s) : "null")

/* 16 bytes per line: hex digits in groups, as `fd` prefix + text column. */
void qemu_hexdump(FILE *fp, const char *prefix, const void *bufptr, size_t size);
#define QEMU_HEXDUMP_LINE_BYTES 16
#define QEMU_HEXDUMP_LINE_LEN 75
void qemu_hexdump_line(char *line, const void *bufptr, size_t len);

bool buffer_is_zero(const void *buf, size_t len);
int uleb128_encode_small(uint8_t *out, uint32_t n);
int uleb128_decode_small(const uint8_t *in, uint32_t *n);
/* -1, 0, 1 as strcmp(), NULL sorts first. */
int qemu_pstrcmp0(const char **str1, const char **str2);

/* Where the running program was started from, and files relative to it. */
void qemu_init_exec_dir(const char *argv0);
char *get_relocated_path(const char *dir);
const char *qemu_get_exec_dir(void);

/* Current time as "2026-01-31T12:00:00.123456Z"; the caller frees. */
char *qemu_now_iso8601(void);

#endif
