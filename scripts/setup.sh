# Sourced by scripts/test and scripts/demo, in the repository root: makes .venv and keeps it fresh.
# The stamp .venv/.installed says what was installed: kind (dev or run), sha256 of pyproject.toml, root.

STAMP=.venv/.installed
NEEDS_MB=1100

say() { printf '%s: %s\n' "$PROGRAM" "$*"; }

die() {
    printf '%s: %s\n' "$PROGRAM" "$*" >&2
    exit 1
}

sha256_of() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1" | cut -d' ' -f1
    else
        shasum -a 256 <"$1" | cut -d' ' -f1
    fi
}

free_mb() { df -Pk . | awk 'NR == 2 { print int($4 / 1024) }'; }

# A real write: permissions say nothing to root, and nothing about a full disk.
must_be_writable() {
    local probe=".probe.$$"
    if ! { head -c 65536 /dev/zero >"$probe"; } 2>/dev/null; then
        rm -f "$probe" 2>/dev/null
        if [ "$(free_mb)" -lt 1 ]; then
            die "The disk that holds $PWD is full: free at least $NEEDS_MB MB and run this again."
        fi
        die "Cannot write in $PWD: run this as a user who may, or copy the project elsewhere."
    fi
    rm -f "$probe"
}

# Sets PYTHON to the first Python >= 3.11 that can make a virtual environment.
find_python() {
    local name without=""
    for name in python3 python3.13 python3.12 python3.11; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
        if "$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then
            PYTHON=$name
            return
        fi
        without=${without:-$name}
    done
    if [ -n "$without" ]; then
        die "$without has no venv module: install it (on Debian and Ubuntu: the package python3-venv)."
    fi
    die "Python 3.11 or newer is needed and was not found: install python3 (and python3-venv)."
}

make_venv() {
    local message free
    free=$(free_mb)
    if [ "$free" -lt "$NEEDS_MB" ]; then
        die "The disk that holds $PWD has $free MB free, $NEEDS_MB MB are needed: free some space."
    fi
    find_python
    say "making .venv with $("$PYTHON" --version)"
    message=$("$PYTHON" -m venv --clear .venv 2>&1) ||
        die "Could not make .venv in $PWD: ${message##*$'\n'}"
}

venv_works() {
    .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

install() {
    local kind=$1 what message
    what=.
    [ "$kind" = dev ] && what='.[dev]'
    rm -f "$STAMP"
    say "installing the dependencies (some minutes the first time)"
    unset PIP_USER PIP_TARGET PIP_PREFIX PYTHONHOME
    if ! message=$(.venv/bin/python -m pip install -q --disable-pip-version-check -e "$what" 2>&1); then
        case $message in
        *"No space left on device"*) die "The disk is full: free $NEEDS_MB MB and run this again." ;;
        esac
        printf '%s\n' "$message" >&2
        die "The dependencies could not be installed: pip's last lines above say why (network?)."
    fi
    { printf '%s' "$(stamp_for "$kind")" >"$STAMP"; } 2>/dev/null || die "Cannot write $PWD/$STAMP."
}

stamp_for() { printf '%s %s %s' "$1" "$(sha256_of pyproject.toml)" "$PWD"; }

# prepare dev|run: does nothing when .venv holds what pyproject.toml asks for; dev serves run too.
prepare() {
    local kind=$1 stamp=""
    [ -f "$STAMP" ] && stamp=$(cat "$STAMP")
    if [ -x .venv/bin/python ]; then
        [ "$stamp" = "$(stamp_for dev)" ] && return
        [ "$kind" = run ] && [ "$stamp" = "$(stamp_for run)" ] && return
    fi
    must_be_writable
    case $stamp in
    dev\ *) kind=dev ;; # a demo in a developer's folder keeps the tools
    esac
    # A moved folder leaves scripts in .venv/bin that point to the old place.
    if [ -n "$stamp" ] && [ "${stamp#* * }" != "$PWD" ] || ! venv_works; then
        make_venv
    fi
    install "$kind"
}
