#!/usr/bin/env bash
# Puts tideshift on the path of the steps that follow.
set -euo pipefail

wrong() {
    echo "::error title=tideshift::$1"
    exit 2
}

folder="${RUNNER_TEMP:?}/tideshift"
case "${INPUT_SOURCE:-build}" in
installed)
    command -v tideshift >/dev/null || wrong "source is installed, and tideshift is not on the path"
    exit 0
    ;;
build)
    command -v cargo >/dev/null || wrong "source is build, which needs cargo: install Rust in a step before"
    cargo install --locked --path "${GITHUB_ACTION_PATH:?}/../crates/cli" --root "$folder"
    ;;
https://*)
    [ -n "${INPUT_SHA256:-}" ] || wrong "what is downloaded needs its sha256"
    mkdir -p "$folder/bin"
    curl --fail --silent --show-error --location --proto '=https' --output "$folder/bin/tideshift" "$INPUT_SOURCE"
    sum() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi; }
    read -r found _ < <(sum "$folder/bin/tideshift")
    if [ "$found" != "$INPUT_SHA256" ]; then
        rm "$folder/bin/tideshift"
        wrong "what was downloaded is not what sha256 says: it is $found"
    fi
    chmod +x "$folder/bin/tideshift"
    ;;
*)
    wrong "source is build, installed, or an address that begins with https"
    ;;
esac
echo "$folder/bin" >>"${GITHUB_PATH:?}"
