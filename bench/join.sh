#!/usr/bin/env bash
# Do the faults that several vantages see end as one issue with the right root line?
#
#   bench/join.sh                     the four applications of the lab, faulty and sound, without memory (about three minutes)
#   MEMORY=4m bench/join.sh           memory, too, for so long each (about forty minutes)
#
# Environment:
#   PLIMSOLL          the program; without it the release build is made and taken
#
# What is counted, and the exit code: see bench/join.py.

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
if [ -z "${PLIMSOLL:-}" ]; then
    cargo build --quiet --release --package plimsoll
    PLIMSOLL=$PWD/target/release/plimsoll
fi
arguments=(--binary "$PLIMSOLL")
[ -z "${MEMORY:-}" ] || arguments+=(--memory "$MEMORY")
"$PYTHON" bench/join.py run "${arguments[@]}"
