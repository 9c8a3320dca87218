#!/usr/bin/env bash
# Browser tests of the HTML report, in headless Chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../e2e"
exec node --test
