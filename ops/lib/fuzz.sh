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
    cargo fuzz build --sanitizer none
}

# What is found grows a corpus that stays on this machine; a failing input lands in `fuzz/artifacts`.
fuzz_target() { # fuzz_target NAME SECONDS
    local grown=fuzz/target/corpus/$1
    mkdir -p "$grown"
    cargo fuzz run --sanitizer none "$1" "$grown" "fuzz/corpus/$1" -- \
        -max_total_time="$2" -max_len="$fuzz_longest_input" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 2>&1 |
        grep -E '^(stat::|==|SUMMARY|thread|MS:|artifact|#[0-9]+.*DONE|error)'
}

fuzz_result() { # fuzz_result PROCESS LOG
    local code=0
    wait "$1" || code=$?
    cat "$2"
    return "$code"
}

# A step for each target, `jobs` of them at once.
fuzz_all() { # fuzz_all SECONDS JOBS
    local seconds=$1 jobs=$2 file logs targets=() started=() number
    step "build the fuzz targets" fuzz_build || return
    logs=$(mktemp -d)
    for file in fuzz/fuzz_targets/*.rs; do
        targets+=("$(basename "$file" .rs)")
    done
    for number in "${!targets[@]}"; do
        while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
            wait -n
        done
        fuzz_target "${targets[number]}" "$seconds" >"$logs/${targets[number]}" &
        started[number]=$!
    done
    for number in "${!targets[@]}"; do
        step "fuzz ${targets[number]} for $seconds s" fuzz_result "${started[number]}" "$logs/${targets[number]}"
    done
    rm -rf -- "$logs"
}
