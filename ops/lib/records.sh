# What the coordinator has stored of each device of a fleet, and whether all of it is there.
# shellcheck shell=bash

declare -A device_id=()
records_know() { # records_know NAME...
    local name
    for name in "$@"; do
        device_id[$name]=$(fleet_api devices | jq -er --arg name "$name" '.items[] | select(.name == $name) | .id')
    done
}

# All that is stored of a device, oldest first: its place, and how it joins the one before.
stored() { # stored NAME
    fleet_api "devices/${device_id[$1]}/records?limit=1000" |
        jq -r '.items[] | "\(.position.incarnation).\(.position.sequence) \(.link)"'
}

newest_stored() { # newest_stored NAME
    stored "$1" | tail -n 1
}

acknowledged() { # acknowledged NAME: the newest record that the node was told to be stored
    fleet_says "$1" '.acknowledged | "\(.incarnation).\(.sequence)"'
}

# From the first record on without a gap, and up to what was acknowledged at least.
holds_all() { # holds_all NAME
    local log place
    place=$(acknowledged "$1") && log=$(stored "$1") || return 1
    awk 'NR == 1 ? $1 != "0.0" || $2 != "first" : $2 != "chained" { exit 1 }' <<<"$log" &&
        grep -q "^$place " <<<"$log"
}
