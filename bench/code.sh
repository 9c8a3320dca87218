#!/usr/bin/env bash
# What `plimsoll code` costs beside parsing alone and beside its peers: CPU time (user and system), interleaved, on one thread. The corpus is the Python of
# nineteen packages (more than five million lines), downloaded once from the package registry into a folder outside of the project. Prints Markdown tables.
#
#   ROUNDS=5 bench/code.sh            CORPUS=folder PLIMSOLL=binary PEER_ROUNDS=3

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
CORPUS=${CORPUS:-${XDG_CACHE_HOME:-$HOME/.cache}/plimsoll/corpus}
"$PYTHON" bench/corpus.py "$CORPUS"
if [ -z "${PLIMSOLL:-}" ]; then
    cargo build --release --quiet -p plimsoll
    PLIMSOLL=target/release/plimsoll
fi
cargo build --release --quiet -p plimsoll-code --example front
exec "$PYTHON" bench/code_cost.py "$PLIMSOLL" target/release/examples/front "$CORPUS"
