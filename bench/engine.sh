#!/usr/bin/env bash
# The engine beside its yardsticks: CPU of a request with all passive checks against a bare reqwest call, request rate against wrk, memory of a request in
# flight and of a queued probe. Interleaved, medians of five rounds. Prints a Markdown table.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
ROUNDS=${ROUNDS:-5}
cargo build --release --quiet -p plimsoll-testkit --examples
cargo build --release --quiet -p plimsoll-scan --example measure
EXAMPLES=target/release/examples

start generated "$EXAMPLES/generated" 10
axum=$READY
port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
(cd bench && exec "$PYTHON" -m uvicorn hello:app --host 127.0.0.1 --port "$port" --no-access-log --log-level warning) &
STARTED+=($!)
fastapi=http://127.0.0.1:$port
for _ in $(seq 100); do curl -sf "$fastapi/hello" >/dev/null && break; sleep 0.1; done

for target in axum fastapi; do : > "$OUT/$target.bare"; : > "$OUT/$target.ours"; done
: > "$OUT/wrk.rate"; : > "$OUT/ours.rate"
for _ in $(seq "$ROUNDS"); do
    "$EXAMPLES/bare" "$axum/hello" 20000 32 | field cpu_us >> "$OUT/axum.bare"
    "$EXAMPLES/measure" passive "$axum/hello" 20000 32 | field cpu_us >> "$OUT/axum.ours"
    "$EXAMPLES/bare" "$fastapi/hello" 6000 32 | field cpu_us >> "$OUT/fastapi.bare"
    "$EXAMPLES/measure" passive "$fastapi/hello" 6000 32 > "$OUT/line"
    field cpu_us < "$OUT/line" >> "$OUT/fastapi.ours"
    field sending_per_second < "$OUT/line" >> "$OUT/ours.rate"
    wrk -t1 -c32 -d3s "$fastapi/hello" | awk '/Requests\/sec/ { print $2 }' >> "$OUT/wrk.rate"
done
inflight=$("$EXAMPLES/measure" inflight "$fastapi/slow" 500 | field bytes_each)
queued=$("$EXAMPLES/measure" queue 1000000 | field bytes_each)

m() { median < "$OUT/$1"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
echo "| measured | ours | yardstick | ratio | limit |"
echo "|---|---|---|---|---|"
echo "| CPU of a request, all passive checks, axum hello | $(m axum.ours) µs | reqwest $(m axum.bare) µs | $(ratio "$(m axum.ours)" "$(m axum.bare)") | ≤ 3 |"
echo "| CPU of a request, all passive checks, FastAPI hello | $(m fastapi.ours) µs | reqwest $(m fastapi.bare) µs | $(ratio "$(m fastapi.ours)" "$(m fastapi.bare)") | ≤ 3 |"
echo "| requests a second, FastAPI hello, 32 in flight | $(m ours.rate) | wrk $(m wrk.rate) | $(ratio "$(m ours.rate)" "$(m wrk.rate)") | ≥ 0.9 |"
echo "| memory of a request in flight (500) | $inflight B | | | ≤ 30,000 B |"
echo "| memory of a queued probe (1,000,000) | $queued B | | | ≤ 128 B |"
