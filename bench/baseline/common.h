/* SPDX-License-Identifier: Apache-2.0 */
/* Helpers shared by the baseline programs: clock, exit codes, argument parsing. */
#ifndef BUSBAR_BASELINE_COMMON_H
#define BUSBAR_BASELINE_COMMON_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    EXIT_RUNTIME = 1, /* a system call failed, or the run exceeded its bound */
    EXIT_USAGE = 2,
    EXIT_CORRUPT = 4, /* data came out different from what went in */
    EXIT_MISSING = 5, /* the machine lacks something the test needs */
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Makes the compiler believe that the memory behind p is read and changed, so no copy can be elided. */
#define CLOBBER(p) __asm__ volatile("" : : "r"(p) : "memory")

__attribute__((noreturn, format(printf, 2, 3))) static inline void die(int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    exit(code);
}

static inline uint64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* Strict: the whole text must be a decimal number within the range, so a typo never becomes a benchmark. */
static inline uint64_t parse_uint(const char *what, const char *text, uint64_t low, uint64_t high)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || v < low || v > high)
        die(EXIT_USAGE, "%s: '%s' is not a number from %llu to %llu", what, text, (unsigned long long)low,
            (unsigned long long)high);
    return v;
}

static inline double parse_seconds(const char *text)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end != '\0' || !(v >= 0.01 && v <= 60.0))
        die(EXIT_USAGE, "--seconds: '%s' is not a number from 0.01 to 60", text);
    return v;
}

/* A recognisable, aperiodic-enough fill: an offset error of any small amount shows in memcmp. */
static inline void fill_pattern(uint8_t *p, size_t n)
{
    uint32_t x = 0x9e3779b9u;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        p[i] = (uint8_t)(x >> 24);
    }
}

#endif
