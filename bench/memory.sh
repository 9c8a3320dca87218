#!/usr/bin/env bash
# What looking at memory costs and what it finds: our agent idle, in detection and in attribution beside memray and tracemalloc, and the verdicts on a labelled corpus.
#
#   bench/memory.sh                   both parts (the corpus takes about a minute for each application)
#   bench/memory.sh cost              CPU per request of one FastAPI application under each tool (about five minutes)
#   bench/memory.sh corpus            verdict, bytes, line and holder for each case of the corpus and its clean twin
#
# Environment:
#   PLIMSOLL_CORPUS   the folder of cases; without it the corpus part is left out
#   ROUNDS            interleaved rounds of the cost part (default 40)
#   BLOCK             requests of one block (default 60)
#   PLIMSOLL          the program; without it the release build is made and taken
#
# Prints Markdown tables and a line for each limit. Exit code 1: a limit is missed (agent idle at most 1 % of CPU, detection at most 10 %) or a verdict is wrong.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
PARTS=("$@")
[ $# -gt 0 ] || PARTS=(cost corpus)
for part in "${PARTS[@]}"; do
    case $part in
        cost | corpus) ;;
        *) echo "unknown part $part (cost corpus)" >&2; exit 2 ;;
    esac
done

status=0
for part in "${PARTS[@]}"; do
    case $part in
        cost)
            "$PYTHON" bench/memory_cost.py --rounds "${ROUNDS:-40}" --block "${BLOCK:-60}" --limits || status=1
            echo
            ;;
        corpus)
            if [ -z "${PLIMSOLL_CORPUS:-}" ]; then
                echo "no corpus: set PLIMSOLL_CORPUS" >&2
                continue
            fi
            if [ -z "${PLIMSOLL:-}" ]; then
                cargo build --quiet --release --package plimsoll
                PLIMSOLL=$PWD/target/release/plimsoll
            fi
            "$PYTHON" bench/memory_corpus.py "$PLIMSOLL_CORPUS" --plimsoll "$PLIMSOLL" || status=1
            ;;
    esac
done
exit "$status"
