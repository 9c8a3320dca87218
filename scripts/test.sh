#!/usr/bin/env bash
# Everything that must hold before a change lands.
#
#   scripts/test.sh          lint, tests, lab, browser, outputs
#   scripts/test.sh lint     format, clippy, rustdoc, cargo-deny
#
# Every step runs also when an earlier one failed, so that one run names all that is wrong.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.tools/bin:$PATH" CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto} INSTA_UPDATE=no
# A clean clone builds once; incremental state would only cost time and disk.
if [ "${CI:-}" = true ] || [ ! -d "${CARGO_TARGET_DIR:-target}/debug" ]; then export CARGO_INCREMENTAL=0; fi

passed=0
failed=0
step() {
    local name=$1 began=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        passed=$((passed + 1))
        printf '== %s: ok, %d s\n' "$name" $((SECONDS - began))
    else
        failed=$((failed + 1))
        printf '== %s: FAILED, %d s\n' "$name" $((SECONDS - began))
    fi
}

lint() {
    step "format" cargo fmt --all --check
    step "clippy" cargo clippy --workspace --all-targets --locked --quiet -- -D warnings
    step "rustdoc" env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
    step "licences, bans, sources" cargo deny --log-level error check bans licenses sources
}

# What the validators said that were started before.
outputs() {
    local rc=0
    wait "$judging" || rc=$?
    cat "$judged"
    return "$rc"
}

if [ "${1:-}" = lint ]; then
    step "set-up" scripts/setup.sh deny
    lint
else
    step "set-up" scripts/setup.sh
    step "tests" cargo nextest run --workspace --locked --no-fail-fast
    step "lab" .tools/lab-venv/bin/python -m pytest -q -p no:cacheprovider lab/tests bench
    step "agent" .tools/lab-venv/bin/python -m pytest -q -p no:cacheprovider crates/memory/agent/tests
    step "packaging" packaging/validate.sh
    step "browser" scripts/browser.sh
    # Validators that others wrote mostly wait for one another: the compiler works meanwhile. Its lock is theirs first, as formatting needs none.
    judged=$(mktemp)
    trap 'rm -f "$judged"' EXIT
    scripts/validate.sh > "$judged" 2>&1 &
    judging=$!
    lint
    step "outputs" outputs
fi

printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
