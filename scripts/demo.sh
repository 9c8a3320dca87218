#!/usr/bin/env bash
# The faulty FastAPI shop on a DynamoDB emulator, seen from three sides: the wire, the code, and the memory of one operation.
# The exit codes of the three are not the demo's: the shop is faulty on purpose.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

coproc SHOP { exec .tools/lab-venv/bin/python lab/run.py fastapi faulty --until-eof; }
shop=$SHOP_PID
trap 'kill "$shop" 2>/dev/null || true; wait "$shop" 2>/dev/null || true' EXIT

# finds COMMAND...: shows the command, runs it, and insists on findings.
finds() {
    local status=0
    printf '\n$ %s\n' "${*//target\/release\//}"
    "$@" || status=$?
    if [ "$status" -ne 1 ]; then
        echo "this was to end with exit code 1 (findings at or above the gate), not $status" >&2
        exit 1
    fi
}

echo "starting the shop (FastAPI on a DynamoDB emulator, about 5,000 items) ..."
IFS= read -r line <&"${SHOP[0]}"
url=$(sed -E 's/.*"url": *"([^"]+)".*/\1/' <<<"$line")
SHOP_TOKEN=$(sed -E 's/.*"token": *"([^"]+)".*/\1/' <<<"$line")
DYNAMODB_ENDPOINT=$(sed -E 's/.*"endpoint": *"([^"]+)".*/\1/' <<<"$line")
export SHOP_TOKEN DYNAMODB_ENDPOINT

finds target/release/plimsoll scan "$url" --header 'Authorization: Bearer $SHOP_TOKEN' --output plimsoll-report.html
finds target/release/plimsoll code lab/shop-fastapi/faulty --select unbounded-cache
finds target/release/plimsoll memory --operation 'GET /suggest' --output plimsoll-memory.html -- \
    .tools/lab-venv/bin/python lab/run.py fastapi faulty
echo
echo "the reports for the browser: plimsoll-report.html, plimsoll-memory.html"
