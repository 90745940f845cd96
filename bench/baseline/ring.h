/* SPDX-License-Identifier: Apache-2.0 */
/* Single-producer, single-consumer ring with the geometry and the rules of an MMBI window: each side owns
 * one pair of words (the write position of the ring it fills, the read position of the ring it drains);
 * flags sit in the low two bits; packets start on 4 bytes behind a 4-byte header whose length excludes the
 * header; payloads continue at offset 0; positions wrap to 0; a gap keeps "full" distinct from "empty". */
#ifndef BUSBAR_BASELINE_RING_H
#define BUSBAR_BASELINE_RING_H

#include "common.h"

#include <stdatomic.h>
#include <stdbool.h>

#define RING_GAP 8u
#define RING_OVERHEAD 9u /* MMBI header, MCTP header, type byte */
#define RING_TYPE_MCTP 4u

/* Two cache lines per side: the adjacent-line prefetcher would otherwise couple the owners. */
struct side {
    _Alignas(128) _Atomic uint32_t write_word; /* bit 0 reset, bit 1 up, bits 31:2 position */
    _Atomic uint32_t read_word;                /* bit 0 ready, bits 31:2 position */
};

#define WORD_UP 2u
#define WORD_READY 1u

struct ring_tx {
    struct side *own;
    const struct side *peer;
    uint8_t *data;
    uint32_t length, write, peer_read; /* private cursor; last known position of the consumer */
};

struct ring_rx {
    struct side *own;
    const struct side *peer;
    const uint8_t *data;
    uint32_t length, read, peer_write;
    uint32_t pending; /* bytes consumed and not yet given back */
};

ALWAYS_INLINE void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield" : : : "memory");
#endif
}

static inline void side_open(struct side *s)
{
    atomic_store_explicit(&s->write_word, WORD_UP, memory_order_release);
    atomic_store_explicit(&s->read_word, WORD_READY, memory_order_release);
}

static inline uint32_t ring_packet_bytes(uint32_t size)
{
    return (RING_OVERHEAD + size + 3) & ~3u;
}

ALWAYS_INLINE uint32_t ring_wrap(uint32_t position, uint32_t length)
{
    return position >= length ? position - length : position;
}

ALWAYS_INLINE uint32_t ring_filled(uint32_t write, uint32_t read, uint32_t length)
{
    return write >= read ? write - read : length - read + write;
}

/* A peer's word is input from another process: it is checked before it becomes an index. */
ALWAYS_INLINE uint32_t ring_position(uint32_t word, uint32_t length)
{
    uint32_t position = word & ~3u;
    if (position > length)
        die(EXIT_CORRUPT, "ring: a position lies outside the ring");
    return position == length ? 0 : position;
}

ALWAYS_INLINE void ring_send(struct ring_tx *t, uint8_t type, const uint8_t *buffer, uint32_t size)
{
    uint32_t length = t->length, body = RING_OVERHEAD - 4 + size, pad = (0u - body) & 3u, at = t->write;
    uint32_t total = 4 + body + pad;
    while (total + RING_GAP > length - ring_filled(at, t->peer_read, length)) {
        /* The peer's line is touched only when the last known position no longer suffices. */
        uint32_t word = atomic_load_explicit(&t->peer->read_word, memory_order_acquire);
        uint32_t position = ring_position(word, length);
        if (position == t->peer_read || !(word & WORD_READY))
            cpu_relax();
        else
            t->peer_read = position;
    }
    uint32_t w = (body + pad) | pad;
    const uint8_t mmbi[4] = {(uint8_t)(w >> 16), (uint8_t)(w >> 8), (uint8_t)w, RING_TYPE_MCTP};
    const uint8_t mctp[4] = {1, 9, 8, 0x80 | 0x40 | 0x08}; /* one packet: SOM, EOM, tag owner */
    memcpy(t->data + at, mmbi, 4);
    at = ring_wrap(at + 4, length);
    memcpy(t->data + at, mctp, 4);
    at = ring_wrap(at + 4, length);
    t->data[at++] = type; /* never reaches the end: positions here are multiples of 4 */
    uint32_t first = length - at < size ? length - at : size;
    memcpy(t->data + at, buffer, first);
    if (size > first)
        memcpy(t->data, buffer + first, size - first);
    t->write = ring_wrap(t->write + total, length);
    atomic_store_explicit(&t->own->write_word, t->write | WORD_UP, memory_order_release);
}

ALWAYS_INLINE void ring_publish(struct ring_rx *r)
{
    atomic_store_explicit(&r->own->read_word, r->read | WORD_READY, memory_order_release);
    r->pending = 0;
}

/* Waits for a packet, copies its buffer bytes out (at most `room`), returns the type; *size is their number. */
ALWAYS_INLINE uint8_t ring_receive(struct ring_rx *r, uint8_t *buffer, uint32_t room, uint32_t *size)
{
    uint32_t length = r->length;
    while (r->read == r->peer_write) {
        uint32_t word = atomic_load_explicit(&r->peer->write_word, memory_order_acquire);
        r->peer_write = ring_position(word, length);
        if (r->read != r->peer_write)
            break;
        /* Space goes back in batches, and always before waiting: the producer may be waiting for it. */
        if (r->pending)
            ring_publish(r);
        cpu_relax();
    }
    uint8_t mmbi[4], mctp[4];
    uint32_t at = r->read, filled = ring_filled(r->peer_write, at, length);
    memcpy(mmbi, r->data + at, 4);
    uint32_t w = (uint32_t)mmbi[0] << 16 | (uint32_t)mmbi[1] << 8 | mmbi[2];
    uint32_t padded = w & ~3u, pad = w & 3u;
    if ((mmbi[3] & 0x0f) != RING_TYPE_MCTP || padded < 8 || padded - pad < RING_OVERHEAD - 4 || padded + 4 > filled)
        die(EXIT_CORRUPT, "ring: a packet header is not valid");
    at = ring_wrap(at + 4, length);
    memcpy(mctp, r->data + at, 4);
    if ((mctp[0] & 0x0f) != 1 || mctp[1] != 9)
        die(EXIT_CORRUPT, "ring: an MCTP header is not valid");
    at = ring_wrap(at + 4, length);
    uint8_t type = r->data[at++];
    uint32_t n = padded - pad - (RING_OVERHEAD - 4);
    if (n > room)
        die(EXIT_CORRUPT, "ring: a packet is larger than the buffer");
    uint32_t first = length - at < n ? length - at : n;
    memcpy(buffer, r->data + at, first);
    if (n > first)
        memcpy(buffer + first, r->data, n - first);
    *size = n;
    r->read = ring_wrap(r->read + 4 + padded, length);
    r->pending += 4 + padded;
    if (r->pending >= length / 4)
        ring_publish(r);
    return type;
}

#endif
