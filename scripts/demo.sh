#!/usr/bin/env bash
# Starts the faulty FastAPI shop on a DynamoDB emulator, scans it, shows the report and where the HTML one is.
# The exit code of the scan is not the demo's: the shop is faulty on purpose.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

ready=$(mktemp)
coproc SHOP { exec .tools/lab-venv/bin/python lab/run.py fastapi faulty --until-eof; }
shop=$SHOP_PID
trap 'kill "$shop" 2>/dev/null || true; wait "$shop" 2>/dev/null || true; rm -f "$ready"' EXIT

echo "starting the shop (FastAPI on a DynamoDB emulator, about 5,000 items) ..."
IFS= read -r line <&"${SHOP[0]}"
url=$(sed -E 's/.*"url": *"([^"]+)".*/\1/' <<<"$line")
SHOP_TOKEN=$(sed -E 's/.*"token": *"([^"]+)".*/\1/' <<<"$line")
export SHOP_TOKEN

echo "\$ plimsoll scan $url --header 'Authorization: Bearer \$SHOP_TOKEN' --output plimsoll-report.html"
status=0
target/release/plimsoll scan "$url" --header 'Authorization: Bearer $SHOP_TOKEN' --output plimsoll-report.html || status=$?
if [ "$status" -ne 1 ]; then
    echo "the scan was to end with exit code 1 (findings at or above the gate), not $status" >&2
    exit 1
fi
echo "the report for the browser: plimsoll-report.html"
