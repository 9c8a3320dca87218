#!/usr/bin/env bash
# Everything that is measured, written to bench/RESULTS.md with date, commit, machine and command.
#
#   bench/all.sh                    engine, linear, scan, code, audit, memory and check (about two hours; the corpus part of memory on request)
#   bench/all.sh scan               that part again; the other parts of the file stay as they are
#   bench/all.sh engine linear
#
# A part replaces its own section only, and only when it has printed a table, so that running it twice changes nothing but the numbers. What the parts take
# from the environment (ROUNDS, PEER_TIME, SHOPS, VARIANTS, PLIMSOLL) they take here too. Exit code 1: a limit is missed or a part failed.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PYTHON=.tools/lab-venv/bin/python
PARTS=("$@")
[ $# -gt 0 ] || PARTS=(engine linear scan code audit memory check)
for part in "${PARTS[@]}"; do
    case $part in
        engine | linear | scan | code | audit | memory | check) ;;
        *) echo "unknown part $part (engine linear scan code audit memory check)" >&2; exit 2 ;;
    esac
done

failed=()
for part in "${PARTS[@]}"; do
    mkdir -p bench/out
    load=$(cut -d' ' -f1 /proc/loadavg 2>/dev/null || echo unknown)
    commit=$(git rev-parse --short=10 HEAD)
    # What a result depends on; a change there that is not committed is said.
    [ -z "$(git status --porcelain -- Cargo.toml Cargo.lock crates dev checks lab bench ':!bench/RESULTS.md')" ] || commit+=" with changes that are not committed"
    echo "== bench/$part.sh" >&2
    status=0
    "bench/$part.sh" > "bench/out/$part.md" || status=$?
    [ "$status" -eq 0 ] || failed+=("$part ($status)")
    cat "bench/out/$part.md"
    if ! grep -q '^|---' "bench/out/$part.md"; then
        echo "$part printed no table: its section of bench/RESULTS.md stays as it was" >&2
        continue
    fi
    "$PYTHON" bench/record.py "$part" "$load" "$commit" < "bench/out/$part.md" || failed+=("record $part")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "missed or failed: ${failed[*]}" >&2
    exit 1
fi
