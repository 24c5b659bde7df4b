# Steps of ops/test: a heading, a time and a verdict each, counted for the last line.
# shellcheck shell=bash

passed=0
failed=0
skipped=0
failures=()
skips=()
# How the output of each failed gate ended, for whoever reads only the end of all.
last_words=()
# Seconds and name of every step, for the end.
times=()

heading() {
    printf '\n== %s\n' "$1"
}

fail() { # fail NAME WHY
    failed=$((failed + 1))
    failures+=("$1: $2")
    printf -- '-- FAILED %s: %s\n' "$1" "$2"
}

skip() { # skip NAME WHY
    skipped=$((skipped + 1))
    skips+=("$1: $2")
    printf -- '-- skipped %s: %s\n' "$1" "$2"
}

# Sets `processor` to the seconds of the processor that the ended children of this shell have had: other work on the machine
# lengthens a step, but hardly these.
processor=0
count_processor() {
    local fields
    read -ra fields <"/proc/$BASHPID/stat"
    processor=$(((fields[15] + fields[16]) / 100))
}

# Runs one gate; it counts as one.
step() { # step NAME COMMAND...
    local name=$1 started=$SECONDS before code
    shift
    heading "$name"
    count_processor
    before=$processor
    "$@"
    code=$?
    count_processor
    times+=("$((SECONDS - started)) $name")
    if [ "$code" -eq 0 ]; then
        passed=$((passed + 1))
        printf -- '-- ok %s (%d s, %d s of the processor)\n' "$name" $((SECONDS - started)) $((processor - before))
    else
        fail "$name" "exit $code after $((SECONDS - started)) s: $*"
    fi
    return "$code"
}

# How many gates run side by side.
ahead_jobs=$(nproc)
ahead_names=()
ahead_started=()
ahead_logs=$(mktemp -d)

# Starts a gate beside others; `ahead_join` counts them in their order.
ahead() { # ahead NAME COMMAND...
    local number=${#ahead_names[@]}
    while [ "$(jobs -rp | wc -l)" -ge "$ahead_jobs" ]; do
        wait -n
    done
    ahead_timed "${@:2}" >"$ahead_logs/$number" 2>&1 &
    ahead_names+=("$1")
    ahead_started+=($!)
}

# Its own time, which the step that reads its result has not.
ahead_timed() { # ahead_timed COMMAND...
    local started=$SECONDS code
    "$@"
    code=$?
    count_processor
    printf 'took %d s, %d s of the processor\n' $((SECONDS - started)) "$processor"
    return "$code"
}

ahead_result() { # ahead_result PROCESS LOG
    local code=0
    wait "$1" || code=$?
    cat "$2"
    [ "$code" -eq 0 ] || last_words+=("$(tail -n 25 "$2")")
    return "$code"
}

ahead_join() {
    local number
    for number in "${!ahead_names[@]}"; do
        step "${ahead_names[number]}" ahead_result "${ahead_started[number]}" "$ahead_logs/$number"
    done
    ahead_names=()
    ahead_started=()
}

# Runs a command that prints libtest's results; each test counts as one, and a failed build as one failure.
tests() { # tests NAME COMMAND...
    local name=$1 started=$SECONDS before log code good bad ignored
    shift
    heading "$name"
    log=$(mktemp)
    count_processor
    before=$processor
    "$@" 2>&1 | tee "$log"
    code=${PIPESTATUS[0]}
    read -r good bad ignored < <(awk '
        /^test result:/ { good += $4; bad += $6; ignored += $8 }
        END { print good + 0, bad + 0, ignored + 0 }' "$log")
    passed=$((passed + good))
    skipped=$((skipped + ignored))
    [ "$ignored" -gt 0 ] && skips+=("$name: $ignored tests are ignored in the source")
    if [ "$bad" -gt 0 ]; then
        failed=$((failed + bad))
        while read -r line; do failures+=("$name: $line"); done < <(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$log")
    elif [ "$code" -ne 0 ]; then
        fail "$name" "exit $code: $*"
    fi
    rm -f "$log"
    times+=("$((SECONDS - started)) $name")
    count_processor
    printf -- '-- %s: %d passed, %d failed, %d ignored (%d s, %d s of the processor)\n' "$name" "$good" "$bad" "$ignored" \
        $((SECONDS - started)) $((processor - before))
    return "$code"
}

# The last words: what failed, what was skipped and why, and the totals alone on a line.
totals() {
    rm -rf -- "$ahead_logs"
    printf '\n'
    [ "${#skips[@]}" -gt 0 ] && printf 'skipped  %s\n' "${skips[@]}"
    [ "${#last_words[@]}" -gt 0 ] && printf -- '-- a failed gate ended with\n%s\n' "${last_words[@]}"
    [ "${#failures[@]}" -gt 0 ] && printf 'FAILED   %s\n' "${failures[@]}"
    printf '%s\n' "${times[@]}" | sort -rn | head -n 8 | sed 's/ / s  /; s/^/         /'
    count_processor
    printf 'took     %d s, %d s of the processor\n' "$SECONDS" "$processor"
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ]
}
