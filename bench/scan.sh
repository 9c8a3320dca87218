#!/usr/bin/env bash
# Ours beside schemathesis, wapiti and OFFAT on the lab's shops: CPU, wall time, requests, peak memory, faults found, false alarms.
# Ours also on the lab's desks, with several identities, the active tests and the writes that the faults name.
#
#   bench/scan.sh                     all four scanners on the shops, ours on the desks too (about ten minutes)
#   bench/scan.sh ours                ours alone (about two minutes)
#   bench/scan.sh wapiti offat        these
#   bench/scan.sh render              judges the reports that are in bench/out/scan again, without running anything
#
# Environment:
#   SHOPS      "fastapi django desk-fastapi desk-django"; where it is not set, the peers leave out the desks
#   VARIANTS   "faulty sound"
#   PEER_TIME  seconds for a peer and a shop (default 45)
#   ROUNDS     rounds of ours; the worst of them is judged (default 1)
#   PLIMSOLL   the program; without it the release build is made and taken
#
# Every run gets a shop of its own, freshly started and seeded, so that none sees what another one wrote. All have the same token. The peers are given
# the contract where it is; ours finds it. Prints one Markdown table and a line for each limit of ours. Exit code 1: a limit is missed by ours.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
NAMED=${SHOPS:-}
read -r -a SHOPS <<< "${SHOPS:-fastapi django desk-fastapi desk-django}"
read -r -a VARIANTS <<< "${VARIANTS:-faulty sound}"
PEER_TIME=${PEER_TIME:-45}
ROUNDS=${ROUNDS:-1}
PEERS=$PWD/.tools/peers
RUNS=$OUT/scan
mkdir -p "$RUNS"

SCANNERS=("$@")
[ $# -gt 0 ] || SCANNERS=(ours schemathesis wapiti offat)
for scanner in "${SCANNERS[@]}"; do
    case $scanner in
        ours | schemathesis | wapiti | offat | render) ;;
        *) echo "unknown scanner $scanner (ours schemathesis wapiti offat render)" >&2; exit 2 ;;
    esac
done

# Where each shop keeps its contract, as JSON.
contract_of() {
    case $1 in
        *fastapi) echo "$2/openapi.json" ;;
        *django) echo "$2/api/schema/?format=json" ;;
    esac
}

# timed FILE LIMIT COMMAND...: CPU seconds, wall seconds and peak kB of the command go to FILE; it is ended after LIMIT seconds.
timed() {
    local file=$1 limit=$2
    shift 2
    /usr/bin/time --quiet -f '%U %S %e %M' -o "$file" timeout -k 5 "$limit" "$@" 8<&-
}

# Each scanner writes its report to $RAW. All speak to $URL with $SHOP_TOKEN; $CONTRACT is a URL, $CONTRACT_FILE the same on disk.
ours() {
    if [[ $SHOP = desk-* ]]; then
        ours_at_a_desk
        return
    fi
    # Written as it is: ours fills in the variable itself.
    # shellcheck disable=SC2016
    timed "$TIMES" 620 "$PLIMSOLL" scan "$URL" --header 'Authorization: Bearer $SHOP_TOKEN' --quiet --exit-zero --format json > "$RAW"
}

# The operations that the scored faults of an application need to be written with.
writes_of() {
    "$PYTHON" -c 'import sys; sys.path.insert(0, "lab/tests"); import faults; print(*faults.writes(sys.argv[1]), sep="\n")' "$1"
}

ours_at_a_desk() {
    local arguments=() identity operation
    while read -r identity; do
        export "DESK_${identity^^}=$("$PYTHON" -c 'import json, sys; print(json.loads(sys.argv[1])["tokens"][sys.argv[2]])' "$READY" "$identity")"
        arguments+=(--as "$identity=Authorization: Bearer \$DESK_${identity^^}")
    done <<< $'alice\nbob\nadmin'
    arguments+=(--as alice=role:member --as bob=role:member --as admin=role:admin)
    while read -r operation; do arguments+=(--allow-writes "$operation"); done < <(writes_of "$SHOP")
    timed "$TIMES" 620 "$PLIMSOLL" scan "$URL" "${arguments[@]}" --active injection --quiet --exit-zero --format json > "$RAW"
}

schemathesis() {
    timed "$TIMES" $((PEER_TIME + 60)) "$PEERS/schemathesis/bin/st" --no-color run "$CONTRACT" --url "$URL" --checks all --continue-on-failure \
        --max-time "$PEER_TIME" --seed 1 --generation-database none -H "Authorization: Bearer $SHOP_TOKEN" \
        --report ndjson --report-ndjson-path "$RAW"
}

# Every attack has its share of the time; seven of wapiti's modules take long. Nothing listens at the call-back host, so that nothing leaves this machine:
# with the shop itself in that place wapiti takes the shop's 404 in JSON for results and ends with a ValueError.
wapiti() {
    timed "$TIMES" $((PEER_TIME * 2 + 60)) "$PEERS/wapiti/bin/wapiti" -u "$URL" --swagger "$CONTRACT_FILE" --endpoint http://127.0.0.1:9/ --dns-endpoint localhost \
        --max-scan-time $((PEER_TIME / 4)) --max-attack-time $((PEER_TIME / 4)) -H "Authorization: Bearer $SHOP_TOKEN" \
        --no-bugreport --flush-session --store-session "$WORK" --store-config "$WORK" -f json -o "$RAW"
}

# The name's ending decides the form, whatever -of says.
offat() {
    local status=0
    timed "$TIMES" $((PEER_TIME + 60)) "$PEERS/offat/bin/offat" -f "$CONTRACT" --server "$URL" -rl 50 -H "Authorization: Bearer $SHOP_TOKEN" \
        -of json -o "$WORK/report.json" || status=$?
    [ ! -f "$WORK/report.json" ] || mv "$WORK/report.json" "$RAW"
    return "$status"
}

# run SCANNER SHOP VARIANT ROUND
run() {
    local scanner=$1 shop=$2 variant=$3 name=$1-$2-$3-$4 status=0
    RAW=$RUNS/$name.raw TIMES=$RUNS/$name.times WORK=$RUNS/$name.work
    rm -rf "$RAW" "$TIMES" "$WORK" "$RUNS/$name.json"
    mkdir "$WORK"
    echo "$name ..." >&2
    start "$shop-$variant" "$PYTHON" lab/run.py "$shop" "$variant" --until-eof || return 1
    SHOP=$shop
    URL=$(field url <<< "$READY")
    SHOP_TOKEN=$(field token <<< "$READY")
    export SHOP_TOKEN
    CONTRACT=$(contract_of "$shop" "$URL") CONTRACT_FILE=$WORK/contract.json
    curl -sf --noproxy '*' --max-time 20 "$CONTRACT" -o "$CONTRACT_FILE" || { echo "no contract at $CONTRACT" >&2; return 1; }
    # Peers leave files where they run.
    if [ "$scanner" = ours ]; then
        ours 2> "$WORK/log" || status=$?
    else
        pushd "$WORK" > /dev/null
        "$scanner" > log 2>&1 || status=$?
        popd > /dev/null
    fi
    stop
    echo "$status" > "$WORK/status"
    judge "$name"
}

# judge NAME: what the run that left its report in bench/out/scan found, as a JSON line.
judge() {
    local name=$1 scanner shop variant status tool
    # scanner-shop-variant-round, and the shop's name may have a hyphen of its own.
    scanner=${name%%-*} shop=${name#*-}
    shop=${shop%-*}
    variant=${shop##*-} shop=${shop%-*}
    local raw=$RUNS/$name.raw times=$RUNS/$name.times work=$RUNS/$name.work
    tool=$scanner
    [ "$scanner" = ours ] && tool=plimsoll
    status=$(cat "$work/status")
    if [ ! -s "$raw" ] || [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
        echo "$name: exit code $status, no report: $(tail -n 2 "$work/log")" >&2
        "$PYTHON" bench/scan_table.py failed "$name" "$times" "$status" > "$RUNS/$name.json"
        return 0
    fi
    "$PYTHON" bench/peers.py "$tool" "$raw" --contract "$work/contract.json" --shop "$shop" --variant "$variant" > "$work/judged"
    "$PYTHON" bench/scan_table.py run "$name" "$times" "$status" < "$work/judged" > "$RUNS/$name.json"
}

if [ "${SCANNERS[0]}" = render ]; then
    for work in "$RUNS"/*.work; do
        [ ! -f "$work/status" ] || judge "$(basename "$work" .work)"
    done
else
    if [[ " ${SCANNERS[*]} " = *" ours "* ]] && [ -z "${PLIMSOLL:-}" ]; then
        cargo build --release --quiet -p plimsoll
        PLIMSOLL=target/release/plimsoll
    fi
    for scanner in "${SCANNERS[@]}"; do
        [ "$scanner" = ours ] || [ -x "$PEERS/$scanner/bin/python" ] || { echo "$scanner is not there: scripts/setup.sh bench" >&2; exit 2; }
    done
    for scanner in "${SCANNERS[@]}"; do
        rounds=1
        [ "$scanner" = ours ] && rounds=$ROUNDS
        for shop in "${SHOPS[@]}"; do
            [ "$scanner" = ours ] || [ -n "$NAMED" ] || [[ $shop != desk-* ]] || continue
            for variant in "${VARIANTS[@]}"; do
                rm -rf "$RUNS/$scanner-$shop-$variant"-*
                for round in $(seq "$rounds"); do run "$scanner" "$shop" "$variant" "$round"; done
            done
        done
    done
fi
"$PYTHON" bench/scan_table.py table "$RUNS"
