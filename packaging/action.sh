#!/usr/bin/env bash
# What action.yml runs: from the action's inputs, as variables, to a command; from its exit code to the action's outputs.
#
# Inputs reach this script by the environment only, and every one of them becomes one word of the command: no text of a workflow
# is ever read by a shell. The exit code is plimsoll's own.

set -euo pipefail

mode=${INPUT_MODE:-check}
sarif=${INPUT_SARIF_FILE:-plimsoll.sarif}
report=${RUNNER_TEMP:-/tmp}/plimsoll-report.json
comment=${RUNNER_TEMP:-/tmp}/plimsoll-comment.md
annotations=${RUNNER_TEMP:-/tmp}/plimsoll-annotations.txt
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
command+=(--quiet --output "sarif=$sarif" --output "json=$report" --output "github-comment=$comment" --output "github=$annotations")
# The summary is added to what other steps have put there.
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || command+=(--output "github-summary=$GITHUB_STEP_SUMMARY")

rm -f -- "$sarif" "$report" "$comment" "$annotations"
code=0
"${command[@]}" || code=$?

findings=
if [ -s "$report" ]; then
    if command -v jq >/dev/null; then
        findings=$(jq '[.issues[] | select(.severity != "info")] | length' "$report")
    elif command -v python3 >/dev/null; then
        findings=$(python3 -c 'import json, sys; print(sum(issue["severity"] != "info" for issue in json.load(open(sys.argv[1]))["issues"]))' "$report")
    fi
fi
# Lines that begin with :: become annotations.
[ ! -s "$annotations" ] || cat -- "$annotations"
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
    [ ! -s "$comment" ] || printf 'comment=%s\n' "$comment"
} >> "$out"
exit "$code"
