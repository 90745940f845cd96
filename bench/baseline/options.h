/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of ipc_baseline. */
#ifndef BUSBAR_BASELINE_OPTIONS_H
#define BUSBAR_BASELINE_OPTIONS_H

#include "common.h"
#include "ring.h"

#include <sched.h>

#define MAX_SIZE 65536u
#define MAX_MEMCPY (64u << 20)
#define MAX_RING (16u << 20)

static struct {
    const char *test;
    int cpu_a, cpu_b;
    uint32_t size, ring;
    double seconds;
} opt = {.cpu_a = -1, .cpu_b = -1, .size = 64, .ring = 1048568, .seconds = 1.0};

static void usage(void)
{
    die(EXIT_USAGE, "usage: ipc_baseline --test NAME [--cpu-a A] [--cpu-b B] [--size N] [--seconds S] [--ring BYTES]\n"
                    "       NAME: cacheline, seqpacket_rtt, seqpacket_stream, cring_rtt, cring_stream, memcpy, forward_unix, forward_udp");
}

static void parse_options(int argc, char **argv)
{
    static const char *const tests[] = {"cacheline", "seqpacket_rtt", "seqpacket_stream",
                                        "cring_rtt", "cring_stream",  "memcpy",
                                        "forward_unix", "forward_udp"};
    for (int i = 1; i < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!value)
            usage();
        else if (strcmp(name, "--test") == 0) {
            for (size_t t = 0; t < sizeof tests / sizeof tests[0]; t++)
                if (strcmp(value, tests[t]) == 0)
                    opt.test = tests[t];
            if (!opt.test)
                usage();
        } else if (strcmp(name, "--cpu-a") == 0)
            opt.cpu_a = (int)parse_uint(name, value, 0, CPU_SETSIZE - 1);
        else if (strcmp(name, "--cpu-b") == 0)
            opt.cpu_b = (int)parse_uint(name, value, 0, CPU_SETSIZE - 1);
        else if (strcmp(name, "--size") == 0)
            opt.size = (uint32_t)parse_uint(name, value, 1, MAX_MEMCPY);
        else if (strcmp(name, "--seconds") == 0)
            opt.seconds = parse_seconds(value);
        else if (strcmp(name, "--ring") == 0)
            opt.ring = (uint32_t)parse_uint(name, value, 64, MAX_RING);
        else
            usage();
    }
    if (!opt.test)
        usage();
    if (strcmp(opt.test, "memcpy") != 0 && opt.size > MAX_SIZE)
        die(EXIT_USAGE, "--size: this test takes 1 to %u", MAX_SIZE);
    if (opt.ring % 4 != 0)
        die(EXIT_USAGE, "--ring: %u is not a multiple of 4", opt.ring);
    if (strncmp(opt.test, "cring", 5) == 0 && ring_packet_bytes(opt.size) + RING_GAP > opt.ring)
        die(EXIT_USAGE, "--ring: %u bytes cannot hold a message of %u", opt.ring, opt.size);
}

#endif
