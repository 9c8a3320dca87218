#!/usr/bin/env bash
# Installs what building, testing, demonstrating and benchmarking Plimsoll needs, from the
# public package registries only, and leaves alone whatever is there already.
#
#   scripts/setup.sh                 lab + nextest + deny + browser + validators (what `make test` and `make demo` use)
#   scripts/setup.sh all             the same and bench
#   scripts/setup.sh PART...         lab | nextest | deny | browser | validators | bench | book
#
#   lab      .tools/lab-venv from lab/requirements.txt, and the DynamoDB emulator dynoxide
#   nextest  cargo-nextest, unless cargo finds one
#   deny     cargo-deny (licences, bans and sources; the advisory database is not in a registry, so it is not fetched)
#   browser  Debian's chromium and a font, and the npm packages of e2e/
#   validators  what judges the outputs: SARIF multitool and HAR schemas from npm, junitparser and others from PyPI (dev/validators)
#   bench    wrk, /usr/bin/time and the peers that the scripts in bench/ run beside ours, each in its own venv
#   book     mdbook, which makes the handbook a book (`make book`)
#
# Environment:
#   PLIMSOLL_TOOLS         where the tools go (default: .tools in the repository, git-ignored)
#   PLIMSOLL_PYTHON        the Python 3.11+ to make venvs with (default: python3)
#   PLIMSOLL_SETUP_JOBS    compiler jobs for the cargo-installed tools (default: cargo's own)
#
# What it refuses to do: touch the workspace's target directory, install anything outside .tools
# except Debian packages (as root only), or carry on silently when a part could not be had. A part
# that fails does not stop the others; the exit code is then 1.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS=${PLIMSOLL_TOOLS:-$ROOT/.tools}
PYTHON=${PLIMSOLL_PYTHON:-python3}

DYNOXIDE=3.2.0
NEXTEST=0.9.151
DENY=0.20.2
MDBOOK=0.5.4
# The peers of the side-by-side tables: venv name and what pip installs into it.
PEERS=("schemathesis schemathesis==4.32.5" "wapiti wapiti3==3.2.3" "offat offat==0.19.4" "ruff ruff==0.17.6" "semgrep semgrep==1.182.0"
    "bandit bandit==1.9.4" "ty ty==0.0.105" "pythaw pythaw==0.3.0" "memray memray==1.20.0")

say()  { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; return 1; }
took() { printf '%d s' "$((SECONDS - $1))"; }

usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

# --- Debian packages ---------------------------------------------------------------------------

# There once this run has fetched Debian's lists of packages; named when the folder is known.
APT_LISTS=

# debian PACKAGE...: installs the packages, or says in one line what somebody with root has to do.
debian() {
    local began=$SECONDS
    if ! command -v apt-get >/dev/null; then
        fail "missing: $* (no apt-get here: install them with this system's package manager, then run again)"
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        fail "missing: $* (not root; run: sudo apt-get install -y --no-install-recommends $*)"
        return 1
    fi
    # Two parts may want packages at once; the lock ends with the subshell, whatever ends that.
    (
        flock 9 || exit 1
        if [ ! -e "$APT_LISTS" ]; then
            say "apt-get update"
            apt-get update -qq || { fail "apt-get update failed"; exit 1; }
            touch "$APT_LISTS"
        fi
        say "apt-get install $*"
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
            > "$TOOLS/apt.log" 2>&1 || { cat "$TOOLS/apt.log" >&2; fail "apt-get could not install $*"; exit 1; }
    ) 9> "$TOOLS/apt.turn" || return 1
    say "installed $* ($(took "$began"))"
}

# --- cargo-installed tools ---------------------------------------------------------------------

# installed CRATE VERSION BINARY: whether .tools holds exactly that version. cargo's own record is
# asked, not the program: `dynoxide --version` of crate 3.2.0 says 1.5.0.
installed() {
    [ -x "$TOOLS/bin/$3" ] && grep -qs "^\"$1 $2 " "$TOOLS/.crates.toml"
}

# build_tool CRATE VERSION BINARY [cargo install options...]
build_tool() {
    local crate=$1 version=$2 binary=$3 began=$SECONDS
    shift 3
    if installed "$crate" "$version" "$binary"; then
        say "$binary $version: there already"
        return 0
    fi
    command -v cargo >/dev/null || { fail "$binary: cargo is missing (https://rustup.rs)"; return 1; }
    say "$binary $version: cargo install $crate (compiles from source, takes some minutes)"
    # Its own target directory: the workspace's would be invalidated by other features and profiles.
    local target=$TOOLS/target/$crate rc=0
    local jobs=()
    [ -n "${PLIMSOLL_SETUP_JOBS:-}" ] && jobs=(-j "$PLIMSOLL_SETUP_JOBS")
    (cd "$TOOLS" && CARGO_TARGET_DIR=$target CARGO_TERM_COLOR=never \
        cargo install "$crate" --version "$version" --locked --root "$TOOLS" "${jobs[@]}" "$@" \
        > "$TOOLS/$crate.log" 2>&1) || rc=$?
    rm -rf "$target"
    rmdir "$TOOLS/target" 2>/dev/null || true
    if [ "$rc" -ne 0 ]; then
        tail -n 15 "$TOOLS/$crate.log" | cut -c 1-300 >&2
        fail "$binary: cargo install $crate $version failed (exit $rc; all of it in $TOOLS/$crate.log)"
        return 1
    fi
    rm -f "$TOOLS/$crate.log"
    say "$binary $version: installed ($(took "$began"))"
}

# None of them needs link-time optimisation, which is half of the build time.
light_build() {
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_STRIP=true build_tool "$@"
}

# Tools that run for a second need hardly any other.
quick_build() {
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 light_build "$@"
}

# --- Python environments -----------------------------------------------------------------------

# venv DIRECTORY STAMP PIP-ARGUMENTS...: made anew only when the stamp has changed.
venv() {
    local directory=$1 stamp=$2 began=$SECONDS
    shift 2
    local name=${directory#"$ROOT"/}
    if [ "$(cat "$directory/.stamp" 2>/dev/null)" = "$stamp" ]; then
        say "$name: up to date"
        return 0
    fi
    command -v "$PYTHON" >/dev/null || debian python3 python3-venv || return 1
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
        || { fail "$name: $PYTHON is older than 3.11 (set PLIMSOLL_PYTHON)"; return 1; }
    # Debian ships Python without ensurepip, and a venv without pip is of no use.
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || debian python3-venv || return 1
    say "$name: python -m venv, pip install ${*//"$ROOT"\//}"
    if [ ! -x "$directory/bin/python" ] || ! "$directory/bin/python" -m pip --version >/dev/null 2>&1; then
        "$PYTHON" -m venv --clear "$directory" || { fail "$name: could not be made"; return 1; }
    fi
    rm -f "$directory/.stamp"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check "$@" \
        || { fail "$name: pip install failed"; return 1; }
    printf '%s\n' "$stamp" > "$directory/.stamp"
    say "$name: ready ($(took "$began"))"
}

# --- the parts ---------------------------------------------------------------------------------

part_lab() {
    local requirements=$ROOT/lab/requirements.txt ok=0
    if [ -f "$requirements" ]; then
        venv "$TOOLS/lab-venv" "$(sha256sum < "$requirements" | cut -d' ' -f1)" -r "$requirements" || ok=1
    else
        fail "lab/requirements.txt is missing" || ok=1
    fi
    light_build dynoxide-rs "$DYNOXIDE" dynoxide \
        --no-default-features --features native-sqlite,http-server,cli || ok=1
    return "$ok"
}

part_nextest() {
    if command -v cargo-nextest >/dev/null; then
        say "cargo-nextest: there already ($(command -v cargo-nextest))"
        return 0
    fi
    # Without its self-update, and so without a second TLS stack and its C compiler run.
    quick_build cargo-nextest "$NEXTEST" cargo-nextest --no-default-features --features default-no-update
}

part_deny() {
    # The wheels on PyPI stop at 0.14.2, which cannot read the package ids of today's cargo metadata.
    quick_build cargo-deny "$DENY" cargo-deny
}

part_book() {
    quick_build mdbook "$MDBOOK" mdbook --no-default-features --features search
}

part_browser() {
    local ok=0 wanted=()
    if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then
        say "chromium: there already"
    else
        wanted+=(chromium)
    fi
    # Without a font Chromium draws every letter as a box.
    if compgen -G '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' >/dev/null; then
        say "fonts: there already"
    else
        wanted+=(fonts-dejavu-core)
    fi
    [ ${#wanted[@]} -eq 0 ] || debian "${wanted[@]}" || ok=1
    part_browser_npm || ok=1
    return "$ok"
}

part_browser_npm() {
    local lock=$ROOT/e2e/package-lock.json began=$SECONDS stamp
    [ -f "$lock" ] || { say "e2e: no package-lock.json, nothing to install"; return 0; }
    stamp=$(sha256sum < "$lock" | cut -d' ' -f1)
    if [ "$(cat "$ROOT/e2e/node_modules/.stamp" 2>/dev/null)" = "$stamp" ]; then
        say "e2e/node_modules: up to date"
        return 0
    fi
    command -v npm >/dev/null || { fail "e2e: npm is missing (Node 20 or newer: https://nodejs.org)"; return 1; }
    say "e2e: npm ci"
    (cd "$ROOT/e2e" && npm ci --no-audit --no-fund --loglevel=error) || { fail "e2e: npm ci failed"; return 1; }
    printf '%s\n' "$stamp" > "$ROOT/e2e/node_modules/.stamp"
    say "e2e/node_modules: ready ($(took "$began"))"
}

part_validators() {
    local own=$TOOLS/validators ok=0 began=$SECONDS stamp
    mkdir -p "$own"
    venv "$own/venv" "$(sha256sum < "$ROOT/dev/validators/requirements.txt" | cut -d' ' -f1)" \
        -r "$ROOT/dev/validators/requirements.txt" || ok=1
    stamp=$(sha256sum < "$ROOT/dev/validators/package-lock.json" | cut -d' ' -f1)
    if [ "$(cat "$own/node_modules/.stamp" 2>/dev/null)" = "$stamp" ]; then
        say "validators/node_modules: up to date"
        return "$ok"
    fi
    command -v npm >/dev/null || { fail "validators: npm is missing (Node 20 or newer: https://nodejs.org)"; return 1; }
    say "validators: npm ci"
    cp "$ROOT/dev/validators/package.json" "$ROOT/dev/validators/package-lock.json" "$own"
    # No script of a package is run; that the multitool is executable is all that its own would do.
    (cd "$own" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || { fail "validators: npm ci failed"; return 1; }
    chmod u+x "$own/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool" || return 1
    printf '%s\n' "$stamp" > "$own/node_modules/.stamp"
    say "validators/node_modules: ready ($(took "$began"))"
    return "$ok"
}

part_bench() {
    local ok=0 wanted=() peer name what
    if command -v wrk >/dev/null; then say "wrk: there already"; else wanted+=(wrk); fi
    if [ -x /usr/bin/time ]; then say "/usr/bin/time: there already"; else wanted+=(time); fi
    [ ${#wanted[@]} -eq 0 ] || debian "${wanted[@]}" || ok=1
    for peer in "${PEERS[@]}"; do
        read -r name what <<<"$peer"
        venv "$TOOLS/peers/$name" "$what" "$what" || ok=1
    done
    return "$ok"
}

# --- main --------------------------------------------------------------------------------------

# One function, so that bash has read all of this file before anything runs: it may change meanwhile.
main() {
    local parts=() failed=() argument part
    for argument in "$@"; do
        case $argument in
            all) parts+=(lab nextest deny browser validators bench) ;;
            lab | nextest | deny | browser | validators | bench | book) parts+=("$argument") ;;
            -h | --help) usage; exit 0 ;;
            *) printf 'setup: unknown part %q (parts: all lab nextest deny browser validators bench book)\n' "$argument" >&2; exit 2 ;;
        esac
    done
    [ ${#parts[@]} -gt 0 ] || parts=(lab nextest deny browser validators)

    mkdir -p "$TOOLS/bin"
    TOOLS=$(cd "$TOOLS" && pwd)
    APT_LISTS=$TOOLS/apt.lists
    rm -f "$APT_LISTS"
    # What is only downloaded comes while the compiler runs for the others.
    local beside=() before=()
    for part in "${parts[@]}"; do
        case $part in
            browser | validators) beside+=("$part") ;;
            *) before+=("$part") ;;
        esac
    done
    # `||` switches `set -e` off inside the part, which is why each part checks every step by hand.
    (
        ok=0
        for part in "${beside[@]}"; do "part_$part" || { printf '%s\n' "$part" >> "$TOOLS/failed.$$"; ok=1; }; done
        exit "$ok"
    ) &
    local downloads=$!
    # A shell without job control lets its background jobs outlive an interrupt.
    trap 'pkill -P "$downloads" 2> /dev/null; kill "$downloads" 2> /dev/null; exit 130' INT TERM
    for part in "${before[@]}"; do
        "part_$part" || failed+=("$part")
    done
    if ! wait "$downloads"; then
        mapfile -t -O "${#failed[@]}" failed < "$TOOLS/failed.$$"
        rm -f "$TOOLS/failed.$$"
    fi
    trap - INT TERM
    rm -f "$APT_LISTS"
    if [ ${#failed[@]} -gt 0 ]; then
        printf 'setup: not complete: %s\n' "${failed[*]}" >&2
        exit 1
    fi
    say "done: ${parts[*]}"
}

main "$@"
