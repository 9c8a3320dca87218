#!/usr/bin/env bash
# How the cost of a scan grows with the number of operations: CPU and requests for each operation, and peak memory, at 10, 100 and 1,000. Prints a Markdown table.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
ROUNDS=${ROUNDS:-3}
cargo build --release --quiet -p plimsoll
cargo build --release --quiet -p plimsoll-testkit --examples

# The part of a scan that does not depend on operations (discovery, bursts) is measured with two and taken off.
echo "| operations | requests | CPU ms an operation | peak RSS MiB |"
echo "|---|---|---|---|"
for operations in 2 10 100 1000; do
    start "generated-$operations" target/release/examples/generated "$operations"
    : > "$OUT/cpu"; : > "$OUT/rss"
    for _ in $(seq "$ROUNDS"); do
        /usr/bin/time -f '%U %S %M' -o "$OUT/time" target/release/plimsoll scan "$READY" --quiet --exit-zero --max-requests 100000 \
            --format json > "$OUT/linear-$operations.json" || true
        tail -n 1 "$OUT/time" | awk '{ print ($1 + $2) * 1000 }' >> "$OUT/cpu"
        tail -n 1 "$OUT/time" | awk '{ print $3 / 1024 }' >> "$OUT/rss"
    done
    stop
    requests=$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["cost"]["requests"])' "$OUT/linear-$operations.json")
    cpu=$(median < "$OUT/cpu")
    [ "$operations" = 2 ] && base=$cpu
    awk -v n="$operations" -v r="$requests" -v c="$cpu" -v b="$base" -v m="$(median < "$OUT/rss")" \
        'BEGIN { printf "| %d | %d | %.2f | %.1f |\n", n, r, (n == 2) ? c / n : (c - b) / (n - 2), m }'
done
