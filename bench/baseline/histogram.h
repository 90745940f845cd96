/* SPDX-License-Identifier: Apache-2.0 */
/* Log-linear histogram of times. Constant memory, however many samples a run takes, and recording touches
 * one counter, so that the bookkeeping stays small beside the thing measured. Values below 4096 are exact;
 * larger ones are kept to 1 part in 2048. Maximum and mean are exact. */
#ifndef BUSBAR_BASELINE_HISTOGRAM_H
#define BUSBAR_BASELINE_HISTOGRAM_H

#include "common.h"

#define HIST_SUB_BITS 11
#define HIST_MAX_SHIFT 28
#define HIST_SLOTS ((HIST_MAX_SHIFT + 2) << HIST_SUB_BITS)

struct hist {
    uint64_t slot[HIST_SLOTS];
    uint64_t count, sum, max;
};

static inline void hist_add(struct hist *h, uint64_t v)
{
    unsigned shift = 0;
    if (v >> (HIST_SUB_BITS + 1)) {
        shift = 63u - (unsigned)__builtin_clzll(v) - HIST_SUB_BITS;
        if (shift > HIST_MAX_SHIFT)
            shift = HIST_MAX_SHIFT;
    }
    uint64_t index = ((uint64_t)shift << HIST_SUB_BITS) + (v >> shift);
    h->slot[index < HIST_SLOTS ? index : HIST_SLOTS - 1]++;
    h->count++;
    h->sum += v;
    if (v > h->max)
        h->max = v;
}

/* The smallest recorded value (to the slot's resolution) that at least q of the samples do not exceed. */
static inline double hist_quantile(const struct hist *h, double q)
{
    uint64_t want = (uint64_t)(q * (double)h->count);
    if (want == 0)
        want = 1;
    uint64_t seen = 0;
    for (uint64_t i = 0; i < HIST_SLOTS; i++) {
        seen += h->slot[i];
        if (seen < want)
            continue;
        unsigned shift = i < (2u << HIST_SUB_BITS) ? 0 : (unsigned)(i >> HIST_SUB_BITS) - 1;
        uint64_t low = (i - ((uint64_t)shift << HIST_SUB_BITS)) << shift;
        return (double)low + (shift ? (double)((1ull << shift) - 1) / 2.0 : 0.0);
    }
    return (double)h->max;
}

/* Prints "name":{...}; each sample stands for `per` operations, so times are divided by it. */
static inline void hist_print(const char *name, const struct hist *h, double per)
{
    double mean = h->count ? (double)h->sum / (double)h->count : 0.0;
    printf("\"%s\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f,\"mean\":%.1f}", name, hist_quantile(h, 0.50) / per,
           hist_quantile(h, 0.99) / per, (double)h->max / per, mean / per);
}

#endif
