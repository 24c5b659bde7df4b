# Fuzzing with cargo-fuzz. Without a sanitizer it needs no nightly compiler: what runs is built by the one that builds
# what ships, and the tree forbids unsafe code, which is what a sanitizer would look for.
# shellcheck shell=bash

fuzz_version=0.13.2
fuzz_longest_input=4096

# Without optimisation, because it only starts the targets.
install_fuzz() {
    has cargo-fuzz || cargo install cargo-fuzz --locked --debug --version "$fuzz_version" --quiet
}

fuzz_build() {
    CARGO_PROFILE_RELEASE_LTO=off cargo fuzz build --sanitizer none --features libfuzzer
}

# What is found grows a corpus that stays on this machine; a failing input lands in `fuzz/artifacts`.
fuzz_target() { # fuzz_target NAME SECONDS
    local grown=fuzz/target/corpus/$1
    mkdir -p "$grown"
    CARGO_PROFILE_RELEASE_LTO=off cargo fuzz run --sanitizer none --features libfuzzer "$1" "$grown" "fuzz/corpus/$1" -- \
        -max_total_time="$2" -max_len="$fuzz_longest_input" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 2>&1 |
        grep -E '^(stat::|==|SUMMARY|thread|MS:|artifact|#[0-9]+.*DONE|error)'
}

# A step for each target, side by side.
fuzz_all() { # fuzz_all SECONDS
    local seconds=$1 file name
    step "build the fuzz targets" fuzz_build || return
    for file in fuzz/fuzz_targets/*.rs; do
        name=$(basename "$file" .rs)
        ahead "fuzz $name for $seconds s" fuzz_target "$name" "$seconds"
    done
    ahead_join
}
