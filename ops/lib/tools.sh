# Programs that the tests and the demo borrow from the system, by their Debian names.
# shellcheck shell=bash

declare -A debian_package=(
    [cc]=build-essential
    [curl]=curl
    [jq]=jq
    [ip]=iproute2
    [unshare]=util-linux
    [setpriv]=util-linux
    [nmap]=nmap
    [nft]=nftables
    [iptables]=iptables
    [chromium]=chromium
    [node]=nodejs
    [npm]=npm
    [sqlite3]=sqlite3
    [mosquitto]=mosquitto
    [python3]=python3-venv
    [softflowd]=softflowd
    [swupdate]=swupdate
    [cpio]=cpio
    [openssl]=openssl
    [perl]=perl-base
)

# Debian keeps some of these outside an ordinary user's path.
export PATH="$PATH:/usr/sbin:/sbin"

has() {
    command -v "$1" >/dev/null 2>&1
}

# Prints the Debian packages behind those of the given programs that are not here.
packages_missing() {
    local program
    for program in "$@"; do
        has "$program" || printf '%s\n' "${debian_package[$program]}"
    done | sort -u
}

install_line() {
    printf 'apt-get install --yes --no-install-recommends %s' "$*"
}

# Installs what is missing as root; otherwise names the line to run. Fails when something is still missing.
install_missing() {
    local wanted
    mapfile -t wanted < <(packages_missing "$@")
    [ "${#wanted[@]}" -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ] || ! has apt-get; then
        echo "missing: ${wanted[*]}. As root run: apt-get update && $(install_line "${wanted[@]}")" >&2
        return 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -qq && $(install_line "${wanted[@]}") -qq; } >/dev/null; then
        echo "apt-get could not install ${wanted[*]}" >&2
        return 1
    fi
}

# Cargo is not a Debian package here: rustup brings the version that rust-version names.
check_cargo() {
    has cargo && return 0
    echo "missing: cargo. Install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer from https://rustup.rs" >&2
    return 1
}

# What drives Chromium comes from npm, and again when what it should be has changed.
install_browser_modules() {
    [ ops/browser/node_modules/.package-lock.json -nt ops/browser/package-lock.json ] ||
        npm ci --prefix ops/browser --no-audit --no-fund --silent
}

# Where the Python of a borrowed program is, each in a folder of its own.
borrowed_python() { # borrowed_python NAME
    printf '%s/%s/bin/python' "${CARGO_TARGET_DIR:-target}" "$1"
}

install_borrowed() { # install_borrowed NAME MODULE REQUIREMENTS
    local python
    python=$(borrowed_python "$1")
    "$python" -c "import $2" 2>/dev/null && return 0
    python3 -m venv "${python%/bin/python}" >/dev/null 2>&1 &&
        "$python" -m pip install --quiet --disable-pip-version-check --requirement "$3" >/dev/null 2>&1
}

# With the versions that ops/interop names.
python_tuf() {
    borrowed_python python-tuf
}

install_python_tuf() {
    install_borrowed python-tuf tuf ops/interop/requirements.txt
}

# What asks for everything that an OpenAPI description says.
schemathesis_python() {
    borrowed_python schemathesis
}

install_schemathesis() {
    install_borrowed schemathesis schemathesis ops/lib/schemathesis.txt
}

# An identity provider, in the version that ops/oidc names.
oidc_modules() {
    printf '%s' "${CARGO_TARGET_DIR:-target}/oidc"
}

install_oidc_provider() {
    local modules
    modules=$(oidc_modules)
    mkdir -p "$modules" && cp ops/oidc/package.json ops/oidc/provider.mjs "$modules/" || return
    [ -d "$modules/node_modules/oidc-provider" ] || (cd "$modules" && npm install --no-audit --no-fund --silent)
}

# Scanners of others, for ops/scanners.
install_sslyze() {
    install_borrowed sslyze sslyze ops/lib/sslyze.txt
}

install_wapiti() {
    install_borrowed wapiti wapitiCore ops/lib/wapiti.txt
}

# A mail server, in the version that ops/lib names.
mail_server_python() {
    borrowed_python mail-server
}

install_mail_server() {
    install_borrowed mail-server aiosmtpd ops/lib/mail-server.txt
}

cargo_deny_version=0.20.2

# Without optimisation, because it is built once and runs for two seconds.
install_cargo_deny() {
    has cargo-deny || cargo install cargo-deny --locked --debug --version "$cargo_deny_version" --quiet
}
