#!/usr/bin/env bash
# What action.yml runs: from the action's inputs, as variables, to a command; from its exit code to the action's outputs.
#
# Inputs reach this script by the environment only, and every one of them becomes one word of the command: no text of a workflow
# is ever read by a shell. The exit code is plimsoll's own.

set -euo pipefail

mode=${INPUT_MODE:-check}
sarif=${INPUT_SARIF_FILE:-plimsoll.sarif}
report=${RUNNER_TEMP:-/tmp}/plimsoll-report.json
summary=${RUNNER_TEMP:-/tmp}/plimsoll-summary.md
out=${GITHUB_OUTPUT:-/dev/stdout}

fail() { printf '::error::%s\n' "$*"; exit 2; }

command=(plimsoll)
case $mode in
    check)
        command+=(check)
        [ -z "${INPUT_TARGET:-}" ] || command+=(--config "$INPUT_TARGET")
        [ -z "${INPUT_SPEC:-}" ] || fail "spec: a check takes its contract from target.contract of plimsoll.toml"
        ;;
    scan)
        command+=(scan)
        [ -z "${INPUT_SPEC:-}" ] || command+=(--spec "$INPUT_SPEC")
        [ -z "${INPUT_TARGET:-}" ] || command+=("$INPUT_TARGET")
        ;;
    audit)
        command+=(audit)
        [ -z "${INPUT_SPEC:-}" ] || command+=("$INPUT_SPEC")
        ;;
    code)
        command+=(code)
        [ -z "${INPUT_TARGET:-}" ] || command+=("$INPUT_TARGET")
        ;;
    *) fail "mode: $mode is none of check, scan, audit, code" ;;
esac
[ -z "${INPUT_FAIL_ON:-}" ] || command+=(--fail-on "$INPUT_FAIL_ON")
[ -z "${INPUT_BASELINE:-}" ] || command+=(--baseline "$INPUT_BASELINE" --new-only)
# One argument a line.
while IFS= read -r word; do
    [ -z "$word" ] || command+=("$word")
done <<<"${INPUT_ARGS:-}"
command+=(--quiet --output "sarif=$sarif" --output "json=$report" --output "markdown=$summary")

rm -f -- "$sarif" "$report" "$summary"
code=0
"${command[@]}" || code=$?

findings=
if [ -s "$report" ]; then
    if command -v jq >/dev/null; then
        findings=$(jq '.issues | length' "$report")
    elif command -v python3 >/dev/null; then
        findings=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["issues"]))' "$report")
    fi
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -s "$summary" ]; then
    cat -- "$summary" >> "$GITHUB_STEP_SUMMARY"
fi
case $code in
    0) gate=passed ;;
    1) gate=failed ;;
    2) gate=usage ;;
    3) gate=incomplete ;;
    4) gate=refused ;;
    *) gate=bug ;;
esac
{
    printf 'gate=%s\n' "$gate"
    printf 'findings=%s\n' "$findings"
    [ ! -s "$sarif" ] || printf 'sarif=%s\n' "$sarif"
} >> "$out"
exit "$code"
