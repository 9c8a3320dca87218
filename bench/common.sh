# What the measuring scripts share. Sourced, not run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.tools/bin:$PATH"
PYTHON=$PWD/.tools/lab-venv/bin/python
OUT=$PWD/bench/out
mkdir -p "$OUT"
STARTED=()
# Servers run until their standard input ends: that of all of them is this pipe, which ends with this shell however it ends.
STDIN=$OUT/stdin.$$
mkfifo "$STDIN"
exec 8<>"$STDIN"

# Ends everything that was started, whatever happens.
finish() {
    for pid in "${STARTED[@]:-}"; do
        [ -n "$pid" ] && kill "$pid" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -f "$STDIN"
}
trap finish EXIT
trap 'exit 130' INT TERM

# start NAME COMMAND...: starts a server that prints a line when it is ready; the line is in $READY.
start() {
    local name=$1 file
    shift
    file=$OUT/$name.ready
    : > "$file"
    "$@" > "$file" 2> "$OUT/$name.err" < "$STDIN" 8<&- &
    STARTED+=($!)
    SERVER=$!
    for _ in $(seq 600); do
        if [ -s "$file" ]; then
            READY=$(head -n 1 "$file")
            return 0
        fi
        kill -0 "$SERVER" 2>/dev/null || break
        sleep 0.1
    done
    echo "$name did not start: $(tail -n 3 "$OUT/$name.err")" >&2
    return 1
}

# stop: ends the server that was started last.
stop() {
    kill "$SERVER" 2>/dev/null || true
    wait "$SERVER" 2>/dev/null || true
}

# field NAME: reads a field of the JSON on standard input.
field() {
    "$PYTHON" -c 'import json, sys; print(json.loads(sys.stdin.read())[sys.argv[1]])' "$1"
}

# median: the median of the numbers on standard input.
median() {
    sort -g | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
