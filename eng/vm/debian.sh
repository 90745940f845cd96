# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Debian packages without touching the system: apt with a state, a cache and sources of its own. Sourced after cache.sh.

# debian_open FOLDER SUITE REMEDY: readies apt for SUITE and SUITE-backports; sets mirror. REMEDY is for messages: what else would help.
debian_open() {
    local folder=$1 suite=$2 remedy=$3 tool keyring= mirrors=() reason=
    for tool in apt-get apt-config dpkg-deb tar; do
        command -v $tool >/dev/null 2>&1 || missing "$tool is needed to fetch Debian packages ($remedy)"
    done
    for keyring in /usr/share/keyrings/debian-archive-keyring.{gpg,pgp} ''; do [ -r "$keyring" ] && break; done
    [ -n "$keyring" ] || missing "the keys that sign Debian's archive are needed; install the package debian-archive-keyring ($remedy)"

    mkdir -p "$folder"/{state/lists/partial,cache/archives/partial,sources}
    : >"$folder/status"
    # The system's way to the network is kept; its hooks and its preferences are not.
    apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https|Check-|Force|Retries)' >"$folder/apt.conf" || true
    cat >>"$folder/apt.conf" <<CONFIGURATION
Dir::State "$folder/state";
Dir::State::status "$folder/status";
Dir::Cache "$folder/cache";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$folder/sources";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "root";
CONFIGURATION

    # The mirror that the system itself uses, when it is a Debian; it may lack the suite, so Debian's own is next.
    if [ -n "${BUSBAR_DEBIAN_MIRROR:-}" ]; then
        mirrors=("$BUSBAR_DEBIAN_MIRROR")
    else
        mirrors=($(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null |
            grep -v '^[[:space:]]*#' | grep -oE 'https?://[^][:space:]]+/debian/?([[:space:]]|$)' | head -n 1 || true))
        case ${mirrors[0]:-} in http://deb.debian.org/debian | http://deb.debian.org/debian/) ;; *) mirrors+=(http://deb.debian.org/debian) ;; esac
    fi
    for mirror in "${mirrors[@]}"; do
        cat >"$folder/sources/debian.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: $suite $suite-backports
Components: main
Architectures: amd64
Signed-By: $keyring
SOURCES
        debian_apt "$folder" update && return
        [ -n "$reason" ] || reason="the package lists of $mirror cannot be read: $(debian_reason "$folder")"
    done
    missing "$reason; name a mirror that can be reached with BUSBAR_DEBIAN_MIRROR, $remedy"
}

debian_apt() {
    local folder=$1
    shift
    APT_CONFIG="$folder/apt.conf" leashed apt-get -q -y "$@" >"$folder/apt.log" 2>&1 </dev/null && ! grep -q '^[EW]: .*Failed to fetch' "$folder/apt.log"
}

debian_reason() { grep -m 1 -E '^[EW]:' "$1/apt.log" || tail -n 1 "$1/apt.log"; }

# debian_fetch FOLDER SUITE PACKAGE...: downloads packages of SUITE-backports and all that they depend on into FOLDER/cache/archives.
debian_fetch() {
    local folder=$1 suite=$2
    shift 2
    debian_apt "$folder" --download-only --no-install-recommends -t "$suite-backports" install "$@" ||
        missing "downloading $* from $mirror failed: $(debian_reason "$folder"); try again, or name another mirror with BUSBAR_DEBIAN_MIRROR"
}

# debian_unpack FOLDER TARGET: unpacks what debian_fetch brought, without documentation, and removes FOLDER.
debian_unpack() {
    local folder=$1 target=$2 package said
    for package in "$folder"/cache/archives/*.deb; do
        said=$({ dpkg-deb --fsys-tarfile "$package" | tar -x -C "$target" --no-same-owner --no-same-permissions \
            --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' --exclude='./usr/share/lintian'; } 2>&1) ||
            missing "unpacking $(basename "$package") into '$target' failed: ${said%%$'\n'*}"
    done
    rm -rf "$folder"
}
