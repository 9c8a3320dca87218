#!/usr/bin/env bash
# Packs a built program as a release: the archive that packaging/install.sh fetches, and its line in SHA256SUMS.
#
#   packaging/pack.sh BINARY TARGET FOLDER
#
# The archive is the same for the same program: owner, order and times are fixed (SOURCE_DATE_EPOCH, default 0).

set -euo pipefail

[ $# -eq 3 ] || { sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
binary=$1 target=$2 folder=$3
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ -x "$binary" ] || { printf 'pack: %s is no program\n' "$binary" >&2; exit 2; }
version=$("$binary" --version)
version=${version#plimsoll }
name=plimsoll-$version-$target.tar.gz

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
install -m 755 -- "$binary" "$scratch/plimsoll"
install -m 644 -- "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$root/README.md" "$scratch/"
mkdir -p -- "$folder"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" -C "$scratch" \
    -cf - LICENSE-APACHE LICENSE-MIT README.md plimsoll | gzip -n9 > "$folder/$name"
sums=$folder/SHA256SUMS
touch "$sums"
grep -v "  $name\$" "$sums" > "$scratch/sums" || true
(cd "$folder" && sha256sum -- "$name") >> "$scratch/sums"
sort -k2 "$scratch/sums" > "$sums"
printf 'pack: %s\n' "$folder/$name"
