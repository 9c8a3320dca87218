#!/usr/bin/env bash
# Fetches a release of plimsoll, checks it, and puts the program into a folder.
#
#   packaging/install.sh FOLDER [VERSION]
#
# Environment:
#   PLIMSOLL_SHA256     what the archive's SHA-256 must be; without it, it must be what the release's own list says
#   PLIMSOLL_RELEASES   where releases are (default: the project's on GitHub); https, or file for a mirror on disk
#   PLIMSOLL_ATTEST     1: also ask the GitHub CLI whether the project's workflow built the archive
#
# What it refuses to do: install what it could not check, follow a redirect away from https, or overwrite a program of another
# version without saying so. A plimsoll of the same version that is in FOLDER already is left alone.

set -euo pipefail

VERSION_DEFAULT=0.1.0
REPOSITORY=plimsoll-scan/plimsoll

fail() { printf 'install: %s\n' "$*" >&2; exit 2; }

target() {
    case "$(uname -s)/$(uname -m)" in
        Linux/x86_64) echo x86_64-unknown-linux-musl ;;
        Linux/aarch64 | Linux/arm64) echo aarch64-unknown-linux-musl ;;
        *) fail "there is no release for $(uname -s) on $(uname -m); use pip install plimsoll-cli, or cargo build" ;;
    esac
}

# fetch URL FILE
fetch() {
    case $1 in
        https://*) curl --proto '=https' --proto-redir '=https' --tlsv1.2 -sSfL --retry 3 --max-time 300 -o "$2" "$1" ;;
        file://*) cp -- "${1#file://}" "$2" ;;
        *) fail "releases are fetched by https only, not from $1" ;;
    esac || fail "cannot fetch $1"
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum -- "$1"; else shasum -a 256 -- "$1"; fi | cut -d' ' -f1
}

main() {
    [ $# -ge 1 ] || { sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
    local folder=$1 version=${2:-$VERSION_DEFAULT} name archive wanted got
    version=${version#v}
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?$ ]] || fail "$version is no version; write it as in 0.1.0"
    if [ -x "$folder/plimsoll" ] && [ "$("$folder/plimsoll" --version 2>/dev/null)" = "plimsoll $version" ]; then
        printf 'install: plimsoll %s is there already\n' "$version"
        return
    fi
    name=plimsoll-$version-$(target).tar.gz
    local releases=${PLIMSOLL_RELEASES:-https://github.com/$REPOSITORY/releases/download}
    local scratch
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064  # the folder is known now
    trap "rm -rf -- '$scratch'" EXIT
    archive=$scratch/$name
    fetch "$releases/v$version/$name" "$archive"
    wanted=${PLIMSOLL_SHA256:-}
    if [ -z "$wanted" ]; then
        fetch "$releases/v$version/SHA256SUMS" "$scratch/SHA256SUMS"
        wanted=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$scratch/SHA256SUMS")
        [ -n "$wanted" ] || fail "SHA256SUMS of $version does not name $name"
    fi
    got=$(sha256 "$archive")
    [ "$got" = "$wanted" ] || fail "$name has the SHA-256 $got, not $wanted: it is not what was released"
    if [ "${PLIMSOLL_ATTEST:-}" = 1 ]; then
        gh attestation verify "$archive" --repo "$REPOSITORY" >&2 || fail "$name has no valid attestation"
    fi
    tar -xzf "$archive" -C "$scratch" plimsoll
    mkdir -p -- "$folder"
    mv -f -- "$scratch/plimsoll" "$folder/plimsoll"
    printf 'install: %s\n' "$("$folder/plimsoll" --version)"
}

main "$@"
