#!/usr/bin/env bash
# What `plimsoll check` takes and finds on the lab's shops: without memory, with it, and after a change of one handler.
#
#   bench/check.sh                    the FastAPI and the Django shop, faulty and sound (about fifteen minutes)
#   SHOPS="fastapi" VARIANTS="faulty" bench/check.sh
#   MEMORY=no bench/check.sh          without the checks that measure memory (about two minutes)
#
# Environment:
#   PLIMSOLL          the program; without it the release build is made and taken
#
# Prints a Markdown table and a line for each limit. Exit code 1: a check without memory takes 30 s or longer, one with memory five minutes or longer, or a sound
# shop has an issue above info or a grade below A.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
if [ -z "${PLIMSOLL:-}" ]; then
    cargo build --quiet --release --package plimsoll
    PLIMSOLL=$PWD/target/release/plimsoll
fi
export PATH="$PWD/.tools/lab-venv/bin:$PATH"
SHOP_PASSWORD=$("$PYTHON" -c 'import sys; sys.path.insert(0, "lab"); import seed; print(seed.ADMIN[1])')
export SHOP_PASSWORD
copies=$OUT/check
rm -rf "$copies"
mkdir -p "$copies"
cp lab/seed.py "$copies/"

status=0
# row SHOP VARIANT WHAT LIMIT ARGUMENTS...: runs a check in the copy, and prints what it took and found.
row() {
    local shop=$1 variant=$2 what=$3 limit=$4 began ended code=0
    shift 4
    began=$(date +%s.%N)
    (cd "$copies/shop-$shop/$variant" && timeout 600 "$PLIMSOLL" check --quiet "$@" > /dev/null 2> "$copies/err") || code=$?
    ended=$(date +%s.%N)
    if [ "$code" -gt 1 ]; then
        echo "$shop $variant, $what: exit code $code: $(tail -n 1 "$copies/err")" >&2
    fi
    "$PYTHON" - "$copies/shop-$shop/$variant/.plimsoll/report.json" "$shop $variant" "$what" "$limit" "$began" "$ended" <<'PY' || status=1
import json
import sys

path, shop, what, limit, began, ended = sys.argv[1:]
report = json.load(open(path))
seconds = float(ended) - float(began)
above = [issue for issue in report["issues"] if issue["severity"] != "info"]
proven = sum(issue["stage"] == "proven" for issue in above)
several = sum(len(issue.get("vantages", [])) > 1 for issue in above)
grade = (report.get("grade") or "-").upper()
whole = "yes" if report["complete"] else "no: " + "; ".join(report["incomplete"])
print(f"| {shop} | {what} | {seconds:.0f} | {report['cost']['requests']} | {len(above)} | {several} | {proven} | {grade} | {whole} |")
missed = []
if seconds >= float(limit):
    missed.append(f"{seconds:.0f} s, at most {limit}")
if shop.endswith(" sound") and (above or grade != "A"):
    missed.append(f"{len(above)} issues above info, grade {grade}")
for why in missed:
    print(f"{shop}, {what}: {why}", file=sys.stderr)
sys.exit(bool(missed))
PY
}

echo "| shop | check | s | requests | issues above info | seen from several sides | proven | grade | complete |"
echo "|---|---|---|---|---|---|---|---|---|"
for shop in ${SHOPS:-fastapi django}; do
    cp -r "lab/shop-$shop" "$copies/"
    for variant in ${VARIANTS:-faulty sound}; do
        row "$shop" "$variant" "without memory" 30 --no-memory
        git -C "$copies/shop-$shop/$variant" init -q
        git -C "$copies/shop-$shop/$variant" add -A
        git -C "$copies/shop-$shop/$variant" -c user.name=bench -c user.email=bench@example.org commit -q -m "as it is"
        row "$shop" "$variant" "again, nothing changed" 10 --no-memory --changed-since HEAD
        [ "${MEMORY:-yes}" = no ] || row "$shop" "$variant" "with memory" 300
    done
done
exit "$status"
