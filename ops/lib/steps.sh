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

# Runs a command and sets `code`, and `took` to the seconds and those of the processor.
timed() { # timed COMMAND...
    local started=$SECONDS before
    count_processor
    before=$processor
    "$@"
    code=$?
    count_processor
    took="$((SECONDS - started)) $((processor - before))"
}

# Counts one gate that has ended.
verdict() { # verdict NAME CODE SECONDS PROCESSOR COMMAND
    times+=("$3 $1")
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        printf -- '-- ok %s (%d s, %d s of the processor)\n' "$1" "$3" "$4"
    else
        fail "$1" "exit $2 after $3 s: $5"
    fi
}

# Counts the results of libtest; each test counts as one, and a failed build as one failure.
tests_verdict() { # tests_verdict NAME CODE SECONDS PROCESSOR COMMAND LOG
    local name=$1 log=$6 good bad ignored
    read -r good bad ignored < <(awk '
        /^test result:/ { good += $4; bad += $6; ignored += $8 }
        END { print good + 0, bad + 0, ignored + 0 }' "$log")
    times+=("$3 $name")
    passed=$((passed + good))
    skipped=$((skipped + ignored))
    [ "$ignored" -gt 0 ] && skips+=("$name: $ignored tests are ignored in the source")
    if [ "$bad" -gt 0 ]; then
        failed=$((failed + bad))
        while read -r line; do failures+=("$name: $line"); done < <(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$log")
    elif [ "$2" -ne 0 ]; then
        fail "$name" "exit $2: $5"
    fi
    printf -- '-- %s: %d passed, %d failed, %d ignored (%d s, %d s of the processor)\n' "$name" "$good" "$bad" "$ignored" "$3" "$4"
}

# Runs one gate; it counts as one.
step() { # step NAME COMMAND...
    local name=$1 code took
    shift
    heading "$name"
    timed "$@"
    # shellcheck disable=SC2086
    verdict "$name" "$code" $took "$*"
    return "$code"
}

# Gates that run side by side, each in a lane: what waits for devices and clocks; what only computes, beneath all others, so that
# nobody waits for it; what holds cargo's lock, beneath them too. They start when they are joined.
declare -A lane_width=([waits]=$(nproc) [computes]=$(nproc) [cargo]=1)
ahead_names=()
ahead_lanes=()
ahead_commands=()
ahead_tests=
ahead_logs=$(mktemp -d)

queue() { # queue LANE NAME COMMAND...
    ahead_lanes+=("$1")
    ahead_names+=("$2")
    ahead_commands+=("$(printf '%q ' "${@:3}")")
}

ahead() { # ahead NAME COMMAND...
    queue waits "$@"
}

beneath() { # beneath NAME COMMAND...
    queue computes "$@"
}

with_cargo() { # with_cargo NAME COMMAND...
    queue cargo "$@"
}

# The same for a command that prints libtest's results.
ahead_of_tests() { # ahead_of_tests NAME COMMAND...
    ahead_tests+=" ${#ahead_names[@]} "
    queue waits "$@"
}

ahead_run() { # ahead_run NUMBER
    local code took
    [ "${ahead_lanes[$1]}" = waits ] || renice -n 10 -p "$BASHPID" >/dev/null
    timed eval "${ahead_commands[$1]}"
    echo "$took" >"$ahead_logs/$1.took"
    return "$code"
}

ahead_result() { # ahead_result NUMBER CODE
    local name=${ahead_names[$1]} log=$ahead_logs/$1 took
    took=$(<"$log.took")
    heading "$name"
    cat "$log"
    [ "$2" -eq 0 ] || last_words+=("$(tail -n 25 "$log")")
    # shellcheck disable=SC2086
    if [[ $ahead_tests = *" $1 "* ]]; then
        tests_verdict "$name" "$2" $took "${ahead_commands[$1]}" "$log"
    else
        verdict "$name" "$2" $took "${ahead_commands[$1]}"
    fi
}

# Runs all that is queued, and counts each in its order as soon as those before it have ended.
ahead_join() {
    local number ended code told=0
    local -A started=() busy=() codes=()
    while :; do
        for number in "${!ahead_names[@]}"; do
            local lane=${ahead_lanes[number]}
            [ -n "${started[$number]-}" ] || [ "${busy[$lane]-0}" -ge "${lane_width[$lane]}" ] && continue
            ahead_run "$number" >"$ahead_logs/$number" 2>&1 &
            started[$number]=$!
            busy[$lane]=$((${busy[$lane]-0} + 1))
        done
        [ "$told" -lt "${#ahead_names[@]}" ] || break
        code=0
        wait -n -p ended || code=$?
        for number in "${!started[@]}"; do
            [ "${started[$number]}" = "$ended" ] || continue
            codes[$number]=$code
            busy[${ahead_lanes[number]}]=$((busy[${ahead_lanes[number]}] - 1))
        done
        while [ -n "${codes[$told]-}" ]; do
            ahead_result "$told" "${codes[$told]}"
            told=$((told + 1))
        done
    done
    ahead_names=()
    ahead_lanes=()
    ahead_commands=()
    ahead_tests=
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
