# Sourced by scripts/test: gets the Chromium that the pages' tests drive, where it may.

# Never fails: without a browser those tests skip themselves and say so.
get_browser() {
    command -v chromium >/dev/null 2>&1 && return
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        say "no chromium here: the browser tests are skipped (Debian: apt-get install chromium)"
        return
    fi
    say "installing chromium for the browser tests"
    local quickly=(-qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20)
    if ! { apt-get "${quickly[@]}" update && DEBIAN_FRONTEND=noninteractive \
        apt-get "${quickly[@]}" install -y --no-install-recommends chromium; } >/dev/null 2>&1; then
        say "chromium could not be installed: the browser tests are skipped"
    fi
}
