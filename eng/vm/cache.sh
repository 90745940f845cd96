# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share: the cache, one builder at a time per entry, and how they speak. Sourced, not run.

cache=${BUSBAR_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/busbar}
program=$(basename "$0")

progress() { echo "$program: $*" >&2; }

# Something that this machine lacks, in one line.
missing() { echo "$program: $*" >&2; exit 5; }

# A short name for the contents of files; what a cache entry is keyed by.
fingerprint() { cat -- "$@" | sha256sum | cut -c 1-12; }

# open_entry ENTRY MARK: succeeds when ENTRY is there and complete (it holds MARK). Otherwise takes the entry's lock, so that two never build
# the same, and leaves an empty folder $part to fill; close_entry makes that the entry in one step. A killed builder leaves only $part,
# which the next one empties.
open_entry() {
    entry=$1 mark=$2 part=$1.part
    [ -e "$entry/$mark" ] && return 0
    command -v flock >/dev/null 2>&1 || missing "flock is needed (package util-linux)"
    mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || missing "the cache folder '$cache' cannot be written; name another with BUSBAR_CACHE"
    exec 9>"$entry.lock"
    flock -n 9 || { progress "waiting for another run that makes $(basename "$entry")"; flock 9; }
    if [ -e "$entry/$mark" ]; then exec 9>&-; return 0; fi
    rm -rf "$part" "$entry"
    mkdir -p "$part"
    return 1
}

close_entry() {
    [ -e "$part/$mark" ] || missing "$(basename "$entry") came out without $mark"
    mv "$part" "$entry"
    exec 9>&-
}
