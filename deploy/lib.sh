# shellcheck shell=sh
# What deploy/run and deploy/test share: they source this file, from the clone's root. POSIX sh.
# It installs what is missing and nothing else; run again, it does nothing.

CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/hearthgate"
: "${CARGO_TARGET_DIR:=$CACHE/target}"
export CARGO_TARGET_DIR
mkdir -p "$CACHE"

say() { printf '%s\n' "hearthgate: $*" >&2; }

# die WHAT MEND: says what failed and how to mend it.
die() {
    say "$1"
    say "to mend: $2"
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif has sudo; then sudo "$@"
    else die "root is needed for: $*" "run this script as root, or install sudo"
    fi
}

# apt COMMAND…: apt-get without questions; its words go to a log, and are shown when it fails.
apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$CACHE/apt.log" 2>&1 || {
        tail -n 20 "$CACHE/apt.log" >&2
        return 1
    }
}

package_is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# A package that apt can name a version of; the lists are fetched once if it cannot.
package_is_known() {
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]' && return 0
    refresh_lists
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

refresh_lists() {
    [ -z "${LISTS_REFRESHED:-}" ] || return 0
    LISTS_REFRESHED=yes
    say 'fetching package lists'
    apt update || say 'apt-get update failed; going on with the lists that are there'
}

need_packages() {
    missing=
    for package in "$@"; do
        package_is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    has apt-get || die "missing:$missing" "install them by your system's package manager (this script knows Debian and Ubuntu)"
    for package in $missing; do
        package_is_known "$package" || die "apt knows no package $package" 'use Debian 12 or Ubuntu 24.04 with its usual sources'
    done
    say "installing$missing"
    # Word splitting is meant: one argument per package.
    # shellcheck disable=SC2086
    apt install --no-install-recommends $missing || {
        refresh_lists
        # shellcheck disable=SC2086
        apt install --no-install-recommends $missing ||
            die "could not install$missing" "see apt's message above; try: apt-get install$missing"
    }
}

# What building takes: compilers and cmake for llama.cpp, libclang for its bindings.
need_compilers() {
    need_packages build-essential cmake clang libclang-dev ccache pkg-config curl ca-certificates git
    # llama.cpp's own build uses ccache where it is installed; paths below the target folder are taken as
    # relative, so that a second profile, or a build after a clean, finds what the first one compiled.
    export CCACHE_BASEDIR="$CARGO_TARGET_DIR" CCACHE_NOHASHDIR=true
}

# The build asks for the instructions of x86-64-v3 (.cargo/config.toml), as llama.cpp does.
need_processor() {
    [ "$(uname -m)" = x86_64 ] && [ -r /proc/cpuinfo ] || return 0
    grep -qw avx2 /proc/cpuinfo ||
        die 'this processor lacks AVX2' 'use one from 2013 (Intel) or 2015 (AMD) or later, or let the virtual machine pass it through'
}

# version_reaches A B: whether version A is B or newer.
version_reaches() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]
}

rust_is_good() {
    has cargo && has rustc || return 1
    found=$(rustc --version 2>/dev/null | cut -d ' ' -f 2)
    [ -n "$found" ] && version_reaches "$found" "$RUST_NEEDED"
}

# Rust as new as the workspace asks: what is there, else rustup, else the distribution's newest.
need_rust() {
    RUST_NEEDED=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    # shellcheck source=/dev/null
    [ ! -f "$HOME/.cargo/env" ] || . "$HOME/.cargo/env"
    rust_is_good && return 0
    use_packaged_rust
    rust_is_good && return 0
    say "Rust ${found:-is missing}; $RUST_NEEDED or newer is needed"
    rust_by_rustup || rust_by_package || true
    rust_is_good || die "no Rust $RUST_NEEDED could be installed" \
        'install it from https://rustup.rs or as a package, so that cargo is in PATH'
}

rust_by_rustup() {
    if has rustup; then
        say 'installing the stable toolchain by the rustup that is there'
        rustup toolchain install stable --profile minimal -c rustfmt -c clippy >&2 || return 1
        export RUSTUP_TOOLCHAIN=stable
        return 0
    fi
    installer="$CACHE/rustup-init.sh"
    curl --proto '=https' --tlsv1.2 -fsS --max-time 30 -o "$installer" https://sh.rustup.rs 2>/dev/null || return 1
    say 'installing Rust by rustup into ~/.cargo'
    sh "$installer" -y --quiet --profile minimal --default-toolchain stable -c rustfmt -c clippy >&2 || return 1
    # shellcheck source=/dev/null
    . "$HOME/.cargo/env"
}

rust_by_package() {
    has apt-cache || return 1
    say 'sh.rustup.rs cannot be reached; looking for a packaged toolchain'
    refresh_lists
    if package_is_known rustc-web && version_reaches "$(candidate rustc-web)" "$RUST_NEEDED"; then
        need_packages rustc-web cargo-web rustfmt-web rust-web-clippy
        return
    fi
    newest=$(apt-cache search --names-only '^rustc-1\.[0-9]+$' | cut -d ' ' -f 1 | sort -V | tail -n 1)
    version=${newest#rustc-}
    [ -n "$version" ] && version_reaches "$version" "$RUST_NEEDED" || return 1
    wanted="rustc-$version cargo-$version"
    for extra in "rustfmt-$version" "rust-$version-clippy"; do
        ! package_is_known "$extra" || wanted="$wanted $extra"
    done
    # shellcheck disable=SC2086
    need_packages $wanted
    use_packaged_rust
}

# Ubuntu's versioned packages keep their programs apart, under their usual names.
use_packaged_rust() {
    newest=$(printf '%s\n' /usr/lib/rust-1.*/bin | sort -V | tail -n 1)
    [ ! -d "$newest" ] || PATH="$newest:$PATH"
    export PATH
}

candidate() { apt-cache policy "$1" | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p'; }

# The platform that this compiler builds for, as it names it.
host() { rustc -vV | sed -n 's/^host: //p'; }

# Two clones may share the target folder, and with it what is slow to build. Cargo tells their own crates apart by
# time alone, so what another clone built of them is removed.
own_target() {
    mark="$CARGO_TARGET_DIR/checkout"
    [ "$(cat "$mark" 2>/dev/null)" != "$PWD" ] || return 0
    for profile in dev release; do
        cargo clean --quiet --offline --profile "$profile" \
            -p hearthgate -p hearthgate-rules -p hearthgate-engines -p hearthgate-tests 2>/dev/null || true
    done
    cargo clean --quiet --offline --release --manifest-path tests/fuzz/Cargo.toml --target "$(host)" \
        -p hearthgate-fuzz -p hearthgate-rules 2>/dev/null || true
    mkdir -p "$CARGO_TARGET_DIR"
    printf '%s\n' "$PWD" >"$mark"
}
