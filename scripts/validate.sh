#!/usr/bin/env bash
# Judges every output by validators that others wrote (dev/validators): over no, one and 30,000 findings, every kind of evidence, and an attack in
# every text; and a PDF that the program prints.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
tools=${PLIMSOLL_TOOLS:-.tools}/validators
papers=$(mktemp -d)
trap 'rm -rf "$papers"' EXIT
# Of all crates at once, as the tests build them: of one crate alone, the features of what it stands on differ, and all of it is built again.
cargo build --quiet --locked --workspace --bins --example papers
built=${CARGO_TARGET_DIR:-target}/debug
"$built/examples/papers" "$papers"
mkdir "$papers/printed"
"$built/plimsoll" code lab/shop-fastapi/faulty --exit-zero --quiet \
    --output "$papers/printed/report.pdf" --output "$papers/printed/report.sarif" --output "$papers/printed/gl-sast-report.json" > /dev/null
PYTHONDONTWRITEBYTECODE=1 "$tools/venv/bin/python" dev/validators/validate.py --tools "$tools" "$papers"
