# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share: the cache, one builder at a time per entry, and how they speak. Sourced, not run.

cache=${BUSBAR_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/busbar}
case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
program=$(basename "$0")

progress() { echo "$program: $*" >&2; }

# Something that this machine lacks, in one line.
missing() { echo "$program: $*" >&2; exit 5; }

# A short name for the contents of files; what a cache entry is keyed by.
fingerprint() { cat -- "$@" | sha256sum | cut -c 1-12; }

# Runs a program that ends with this script, however the script ends.
leashed() {
    if command -v setpriv >/dev/null 2>&1; then setpriv --pdeathsig TERM "$@"; else "$@"; fi
}

# need_space MIB FOLDER [REMEDY]: refuses to begin what would fill the disk.
need_space() {
    local free remedy=${3:-make room, or name another cache folder with BUSBAR_CACHE}
    free=$(df -Pk "$2" 2>/dev/null | { read -r _; read -r _ _ _ free _; echo "${free:-}"; })
    case $free in '' | *[!0-9]*) return 0 ;; esac
    [ $((free / 1024)) -ge "$1" ] ||
        missing "$1 MiB are needed in '$2', and $((free / 1024)) are free; $remedy"
}

# open_entry ENTRY MARK: succeeds when ENTRY is there and complete (it holds MARK). Otherwise takes the entry's lock, so that two never build
# the same, and leaves an empty folder $part to fill; close_entry makes that the entry in one step. A builder that fails or is stopped
# removes $part, except its logs; one that is killed leaves it to the next, who empties it.
open_entry() {
    entry=$1 mark=$2 part=$1.part
    [ -e "$entry/$mark" ] && return 0
    command -v flock >/dev/null 2>&1 || missing "flock is needed (package util-linux)"
    mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || missing "the cache folder '$cache' cannot be written; name another with BUSBAR_CACHE"
    { exec 9>>"$entry.lock"; } 2>/dev/null || missing "'$entry.lock' cannot be written; remove it, or name another cache folder with BUSBAR_CACHE"
    flock -n 9 || { progress "waiting for another run that makes $(basename "$entry")"; flock 9; }
    if [ -e "$entry/$mark" ]; then exec 9>&-; return 0; fi
    rm -rf "$part" "$entry" 2>/dev/null && mkdir -p "$part" 2>/dev/null ||
        missing "'$part' belongs to somebody else; remove it, or name another cache folder with BUSBAR_CACHE"
    trap abandon_entry EXIT
    return 1
}

close_entry() {
    [ -e "$part/$mark" ] || missing "$(basename "$entry") came out without $mark"
    mv "$part" "$entry"
    trap - EXIT
    exec 9>&-
}

# Whatever ends the script before its entry is whole; what missing has not explained is told here.
abandon_entry() {
    local status=$?
    trap - EXIT
    find "$part" -mindepth 1 -maxdepth 1 ! -name '*.log' -exec rm -rf {} + 2>/dev/null || true
    rmdir "$part" 2>/dev/null || true
    [ $status = 5 ] || missing "stopped before $(basename "$entry") was made; nothing of it is kept, run it again"
}
