# A small fleet on loopback: one coordinator and its nodes as real processes, ended by the ids they were started with.
# shellcheck shell=bash

# What one waits for may take this long before it counts as failed; nothing here is a figure.
FLEET_PATIENCE_S=${FLEET_PATIENCE_S:-90}
FLEET_PROFILE=${PALISADE_PROFILE:-quick}

# Where the programs run; ops/lib/lab.sh puts them into network namespaces of their own instead.
fleet_at() { # fleet_at NAME: sets `at`, what stands before each command
    at=()
}
fleet_address() { # fleet_address NAME
    echo 127.0.0.1
}
# Where a program keeps what it writes; ops/disk-full gives each a small disk of its own.
fleet_home() { # fleet_home NAME
    case $1 in
        coordinator) echo "$fleet_dir/coordinator" ;;
        *) echo "$fleet_dir/nodes/$1" ;;
    esac
}

declare -A fleet_pid=()
fleet_dir=

fleet_missing_tools() {
    local missing=() program
    for program in curl jq cc; do
        has "$program" || missing+=("$program")
    done
    [ "${#missing[@]}" -eq 0 ] || printf '%s\n' "${missing[@]}"
}

# In ops/test everything has been built already. Without that it is built as it is needed.
fleet_build() { # fleet_build [PACKAGE...]: the two programs, and what is named
    local package packages=()
    if [ -z "${PALISADE_ALL_BUILT-}" ]; then
        for package in node coordinator "$@"; do
            packages+=(-p "$package")
        done
        cargo build --locked --profile "$FLEET_PROFILE" "${packages[@]}" || return 1
    fi
    local built=${CARGO_TARGET_DIR:-target}/$FLEET_PROFILE
    [ "$FLEET_PROFILE" = dev ] && built=${CARGO_TARGET_DIR:-target}/debug
    coordinator_program=$built/palisade-coordinator
    node_program=$built/palisade-node
    # shellcheck disable=SC2034
    sign_program=$built/palisade-sign
    # shellcheck disable=SC2034
    simulator=$built/palisade-sim weather_program=$built/weather
}

fleet_now_ms() {
    local LC_ALL=C now=$EPOCHREALTIME
    echo $((${now/[.,]/} / 1000))
}

# Seconds with one decimal since the given moment.
fleet_seconds_since() {
    local passed=$(($(fleet_now_ms) - $1))
    printf '%d.%d' $((passed / 1000)) $((passed % 1000 / 100))
}

# Says what failed and what the program last wrote, and leaves.
fleet_give_up() { # fleet_give_up WHAT [LOG]
    echo "failed: $1" >&2
    if [ -n "${2-}" ] && [ -s "$2" ]; then
        echo "the end of $(basename "$2"):" >&2
        tail -n 25 "$2" >&2
    fi
    exit 1
}

# Waits until the command succeeds, asking ten times a second.
fleet_until() { # fleet_until WHAT LOG COMMAND...
    local what=$1 log=$2 started
    shift 2
    started=$(fleet_now_ms)
    until "$@"; do
        [ $(($(fleet_now_ms) - started)) -lt $((FLEET_PATIENCE_S * 1000)) ] ||
            fleet_give_up "$what did not happen within $FLEET_PATIENCE_S s" "$log"
        sleep 0.1
    done
}

# Makes the directories, the mesh and a running coordinator.
fleet_found() {
    fleet_dir=$(mktemp -d "${TMPDIR:-/tmp}/palisade-fleet.XXXXXX")
    chmod 700 "$fleet_dir"
    mkdir "$fleet_dir/log" "$fleet_dir/nodes"
    fleet_coordinator_dir=$(fleet_home coordinator)
    fleet_coordinator_log=$fleet_dir/log/coordinator.log
    # shellcheck disable=SC2034
    fleet_born=$(fleet_now_ms)
    (umask 077 && head -c 24 /dev/urandom | base64 >"$fleet_dir/passphrase")
    "$coordinator_program" init --dir "$fleet_coordinator_dir" --people 127.0.0.1:0 \
        --devices "$(fleet_address coordinator):0" --passphrase-file "$fleet_dir/passphrase" \
        >"$fleet_dir/log/init.txt" 2>"$fleet_dir/log/init.log" || fleet_give_up "palisade-coordinator init" "$fleet_dir/log/init.log"
    fleet_serve
}

fleet_listening() {
    kill -0 "${fleet_pid[coordinator]}" 2>/dev/null || fleet_give_up "palisade-coordinator serve ended" "$fleet_coordinator_log"
    [ -s "$fleet_coordinator_dir/run/addresses.json" ] || return 1
    fleet_people=$(jq -er .people "$fleet_coordinator_dir/run/addresses.json" 2>/dev/null)
}

fleet_serve() {
    local at
    rm -f "$fleet_coordinator_dir/run/addresses.json"
    fleet_at coordinator
    "${at[@]}" "$coordinator_program" serve --dir "$fleet_coordinator_dir" >>"$fleet_coordinator_log" 2>&1 </dev/null &
    fleet_pid[coordinator]=$!
    fleet_until "the coordinator's addresses" "$fleet_coordinator_log" fleet_listening
    fleet_certificate=$fleet_coordinator_dir/tls/people.crt
    local token
    token=$("$coordinator_program" token api --dir "$fleet_coordinator_dir" --json | jq -er .token) ||
        fleet_give_up "palisade-coordinator token api" "$fleet_coordinator_log"
    # In a file, because a header on the command line is seen by everybody on the machine.
    (umask 077 && printf 'Authorization: Bearer %s\n' "$token" >"$fleet_dir/api-header")
}

# A fresh one-time link for the first operator.
fleet_setup_link() {
    "$coordinator_program" setup-token --dir "$fleet_coordinator_dir" --json | jq -er .url
}

fleet_api() {
    local at
    fleet_at coordinator
    "${at[@]}" curl --silent --show-error --fail --max-time 10 --cacert "$fleet_certificate" \
        --header "@$fleet_dir/api-header" "$fleet_people/api/v1/$1"
}

# Brings a device in by the road a user takes: a join token, then `join`.
fleet_enrol() { # fleet_enrol NAME CLASS
    local name=$1 class=$2 join log=$fleet_dir/log/$1.log at
    fleet_at "$name"
    join=$("$coordinator_program" token create --dir "$fleet_coordinator_dir" --name "$name" --class "$class" \
        --cell workshop --json | jq -er .join) || fleet_give_up "palisade-coordinator token create" "$fleet_coordinator_log"
    "${at[@]}" "$node_program" join "$join" --dir "$(fleet_home "$name")" >>"$log" 2>&1 </dev/null ||
        fleet_give_up "palisade-node join of $name" "$log"
}

fleet_join() { # fleet_join NAME CLASS
    fleet_enrol "$1" "$2"
    fleet_run "$1"
}

# Nodes on the host do not listen to its own networks, which are none of a test's business; where they have a network of
# their own, a test may let them.
fleet_run() { # fleet_run NAME [COMMAND...]: with what else stands before it
    local at
    fleet_at "$1"
    "${at[@]}" "${@:2}" env PALISADE_HEARING_LISTEN="${PALISADE_HEARING_LISTEN:-off}" PALISADE_FLOWS_WATCH="${PALISADE_FLOWS_WATCH:-off}" "$node_program" run --dir "$(fleet_home "$1")" --listen "/ip4/$(fleet_address "$1")/tcp/0" \
        >>"$fleet_dir/log/$1.log" 2>&1 </dev/null &
    fleet_pid[$1]=$!
}

fleet_kill() { # fleet_kill NAME: as a power cut would
    kill -KILL "${fleet_pid[$1]}"
    wait "${fleet_pid[$1]}" 2>/dev/null
    unset "fleet_pid[$1]"
}

fleet_id() { # fleet_id NAME: how the coordinator calls it
    fleet_api devices | jq -r --arg name "$1" '.items[] | select(.name == $name) | .id'
}

fleet_status_of() { # fleet_status_of NAME
    fleet_api devices | jq -r --arg name "$1" '.items[] | select(.name == $name) | .status'
}

fleet_is() { # fleet_is NAME STATUS
    [ "$(fleet_status_of "$1" 2>/dev/null)" = "$2" ]
}

# Silence is a matter of neighbours: before they have met, nobody can tell.
fleet_is_heard_by_neighbours() { # fleet_is_heard_by_neighbours NAME COUNT
    fleet_api devices 2>/dev/null |
        jq -e --arg name "$1" --argjson count "$2" 'any(.items[]; .name == $name and (.last_heard_by | length) >= $count)' >/dev/null
}

fleet_online_count() {
    fleet_api devices 2>/dev/null | jq '[.items[] | select(.status == "online")] | length'
}

fleet_online_at_least() {
    [ "$(fleet_online_count || echo 0)" -ge "$1" ] 2>/dev/null
}

fleet_telemetry_readable() { # of every device
    local id
    for id in $(fleet_api devices 2>/dev/null | jq -r '.items[].id'); do
        [ "$(fleet_api "devices/$id/telemetry?range=1h" 2>/dev/null | jq '.items | length')" -gt 0 ] 2>/dev/null || return 1
    done
}

# What a node says of itself, as `palisade-node status` reads it.
fleet_says() { # fleet_says NAME FILTER
    jq -er "$2" "$(fleet_home "$1")/status.json" 2>/dev/null
}

fleet_rss_kb() { # fleet_rss_kb NAME
    awk '/^VmRSS:/ { print $2 }' "/proc/${fleet_pid[$1]}/status"
}

# Clock ticks of the kernel that a program has had of the processor.
fleet_cpu_ticks() { # fleet_cpu_ticks NAME
    awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/${fleet_pid[$1]}/stat"
}

# Ends what this fleet started, by id, and removes what it wrote.
fleet_end() {
    local pid name
    for name in "${!fleet_pid[@]}"; do
        kill -TERM "${fleet_pid[$name]}" 2>/dev/null
    done
    for name in "${!fleet_pid[@]}"; do
        pid=${fleet_pid[$name]}
        for _ in {1..50}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    fleet_pid=()
    [ -n "$fleet_dir" ] && rm -rf -- "$fleet_dir"
    fleet_dir=
}
