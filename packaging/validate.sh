#!/usr/bin/env bash
# Holds the files that others read against the schemas of those who read them, and runs the hooks as pre-commit would.
#
#   packaging/validate.sh [BIN]     BIN has check-jsonschema, hadolint, pre-commit and shellcheck (default: .tools/validators/venv/bin)
#
# Environment:
#   PLIMSOLL   the program that the hooks run (default: target/debug/plimsoll); without one, the hooks are only validated
#
# Nothing is fetched: the schemas are those that check-jsonschema carries.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=${1:-.tools/validators/venv/bin}
[ -x "$bin/check-jsonschema" ] || { echo "validate: $bin has no check-jsonschema; run scripts/setup.sh validators" >&2; exit 2; }
bin=$(cd "$bin" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

# schema NAME FILE [OPTION...]
schema() {
    local name=$1 file=$2
    shift 2
    "$bin/check-jsonschema" --builtin-schema "vendor.$name" "$@" "$file" > "$scratch/said" 2>&1 || { tail -n 20 "$scratch/said" >&2; exit 1; }
    echo "ok: $file is what $name asks for"
}

# A component is a template; with its defaults filled in, it is a pipeline.
component() {
    awk '
        /^    [a-z-]+:$/ { input = $1; sub(":", "", input) }
        /^      default: / { value = $0; sub("^      default: ", "", value); gsub("\"", "", value); of[input] = value }
        body { line = $0; for (input in of) gsub("\\$\\[\\[ inputs\\." input " \\]\\]", of[input], line); print line }
        /^---$/ { body = 1 }
    ' packaging/gitlab/templates/plimsoll.yml > "$scratch/component.yml"
    ! grep -F '$[[' "$scratch/component.yml" >&2 || { echo "validate: an input has no default" >&2; exit 1; }
    schema gitlab-ci "$scratch/component.yml" --data-transform gitlab-ci
}

# The hooks, in a repository with one change that they have to tell.
hooks() {
    local program=${PLIMSOLL:-target/debug/plimsoll} began status=0
    [ -x "$program" ] || { echo "hooks: not run, there is no $program"; return; }
    mkdir "$scratch/bin" "$scratch/hooks" "$scratch/project"
    ln -s "$(cd "$(dirname "$program")" && pwd)/$(basename "$program")" "$scratch/bin/plimsoll"
    commit() { git -C "$1" init -q && git -C "$1" add -A && git -C "$1" -c user.name=x -c user.email=x@example.org commit -q --no-verify -m x; }
    cp .pre-commit-hooks.yaml "$scratch/hooks/"
    commit "$scratch/hooks"
    printf 'from fastapi import FastAPI\n\napp = FastAPI()\nSEEN = []\n' > "$scratch/project/main.py"
    printf 'openapi: 3.1.0\ninfo: {title: a, version: "1"}\npaths: {}\n' > "$scratch/project/openapi.yaml"
    commit "$scratch/project"
    printf '\n@app.get("/seen/{x}")\ndef seen(x: str):\n    SEEN.append(x)\n    return len(SEEN)\n' >> "$scratch/project/main.py"
    git -C "$scratch/project" add -A
    began=$(date +%s%N)
    (cd "$scratch/project" && PATH=$scratch/bin:$PATH PRE_COMMIT_HOME=$scratch/kept "$bin/pre-commit" try-repo "$scratch/hooks" plimsoll-code) \
        > "$scratch/said" 2>&1 || status=$?
    if [ "$status" -ne 1 ] || ! grep -q 'main.py:8' "$scratch/said"; then
        cat "$scratch/said" >&2
        echo "validate: the hook was to tell main.py:8 and fail" >&2
        exit 1
    fi
    echo "ok: plimsoll-code tells a change, in $((($(date +%s%N) - began) / 1000000)) ms with what pre-commit needs itself"
}

schema github-actions action.yml
schema github-workflows packaging/ci/github.yml
schema gitlab-ci packaging/gitlab/plimsoll.gitlab-ci.yml --data-transform gitlab-ci
component
# Some patterns of this schema are no Unicode patterns.
schema azure-pipelines packaging/ci/azure-pipelines.yml --data-transform azure-pipelines --regex-variant nonunicode
schema bitbucket-pipelines packaging/ci/bitbucket-pipelines.yml
"$bin/pre-commit" validate-manifest .pre-commit-hooks.yaml
"$bin/pre-commit" validate-config packaging/ci/pre-commit-config.yaml
echo "ok: the hooks are what pre-commit asks for"
"$bin/hadolint" Dockerfile
echo "ok: the Dockerfile is what hadolint asks for"
"$bin/shellcheck" packaging/*.sh
echo "ok: the scripts are what shellcheck asks for"
hooks
