#!/usr/bin/env bash
# The whole loop on a copy of the lab's faulty shop (FastAPI on a DynamoDB emulator): check it from every side, take the worst leak that was measured, show the
# change that is proposed for it, make the change, and measure again. Five minutes at most; nothing in this repository is changed.
#
#   scripts/demo.sh [FOLDER]      the copy goes to FOLDER, or to a new temporary folder; it stays, with its report

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

plimsoll=${PLIMSOLL:-$PWD/target/release/plimsoll}
export PATH="$PWD/.tools/lab-venv/bin:$PWD/.tools/bin:$PATH"
# The password of the lab's administrator, made up like all of its data.
SHOP_PASSWORD=$(python -c 'import sys; sys.path.insert(0, "lab"); import seed; print(seed.ADMIN[1])')
export SHOP_PASSWORD
began=$SECONDS

copy=${1:-$(mktemp -d "${TMPDIR:-/tmp}/plimsoll-demo.XXXXXX")}
mkdir -p "$copy/shop-fastapi"
cp lab/seed.py "$copy/"
cp -r lab/shop-fastapi/faulty "$copy/shop-fastapi/"
cd "$copy/shop-fastapi/faulty"
# A measurement of all operations takes what five minutes have, and there are two of them; the demonstration shows one operation, asked for what callers of a search
# type: pieces of names, again and again others.
python - "$OLDPWD/lab" >> plimsoll.toml <<'PY'
import random
import sys

sys.path.insert(0, sys.argv[1])
import seed

names = sorted({item["name_lower"] for item in seed.products(random.Random(1))})
typed = []
# Short ones first, which find most; enough of them for a fast machine.
for sizes in (range(3, 7), range(7, 9), range(9, 13)):
    pieces = {name[start:start + size] for name in names for size in sizes for start in range(len(name) - size + 1)}
    pieces = sorted(piece.replace(" ", "%20") for piece in pieces if piece == piece.strip())
    random.Random(1).shuffle(pieces)
    typed += pieces
print('operations = ["GET /search"]\ntime = "90s"\n\n[memory.requests]')
print(f'"GET /search" = "/search?q={{{"|".join(typed)}}}"')
PY
# What is changed here is to be seen, and to be brought back.
git init -q .
git add -A
git -c user.name=demo -c user.email=demo@example.org commit -q -m "the shop as it is"

# runs EXPECTED COMMAND...: shows the command, runs it, and insists on its exit code.
runs() {
    local expected=$1 status=0
    shift
    printf '\n$ plimsoll %s\n' "$*"
    "$plimsoll" "$@" || status=$?
    if [ "$status" -ne "$expected" ]; then
        echo "this was to end with exit code $expected, not $status" >&2
        exit 1
    fi
}

echo "a faulty shop, about 5,000 items, in $PWD"
runs 1 check

# The first issue that is proven and for which there is a change.
issue=$(python - <<'PY'
import json
report = json.load(open(".plimsoll/report.json"))
proven = (issue for issue in report["issues"]
          if issue["stage"] == "proven" and issue.get("proposal", {}).get("kind") == "offered")
print(next(issue["id"] for issue in proven))
PY
)
runs 0 fix "$issue" --apply --verify

git --no-pager diff --stat
echo
echo "$((SECONDS - began)) s; the report for the browser: $PWD/.plimsoll/report.html"
