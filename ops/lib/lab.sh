# A fleet with a network namespace for each program, joined by one bridge: the devices' network.
# The coordinator's loopback is its management side; nothing routes from the bridge to it.
# shellcheck shell=bash

# Enters user, mount and network namespaces of its own, so that no right on the host is needed and nothing is left behind.
lab_enter() { # lab_enter SCRIPT ARGUMENTS...
    if [ -z "${PALISADE_LAB-}" ]; then
        PALISADE_LAB=1 exec unshare --user --map-root-user --mount --net "$@"
    fi
    mount -t tmpfs tmpfs /run || fleet_give_up "mounting a private /run for the namespaces"
    ip link add name bridge0 up type bridge || fleet_give_up "making the bridge"
}

declare -A lab_address=()
declare -A lab_card=()
lab_hosts=0

lab_host() { # lab_host NAME: its namespace, its cable to the bridge, its address, its counter
    local name=$1 address card port
    lab_hosts=$((lab_hosts + 1))
    address=10.77.$((lab_hosts / 250)).$((lab_hosts % 250 + 1))
    card=$(printf '02:00:00:00:%02x:%02x' $((lab_hosts / 256)) $((lab_hosts % 256)))
    port=port$lab_hosts
    {
        ip netns add "$name" &&
            ip link add name dev0 address "$card" netns "$name" type veth peer name "$port" &&
            ip link set "$port" master bridge0 up &&
            lab_in "$name" ip link set lo up &&
            lab_in "$name" ip address add "$address/16" dev dev0 &&
            lab_in "$name" ip link set dev0 up &&
            lab_in "$name" nft -f - <<'NFT'
table inet count {
    chain out {
        type filter hook output priority 0; policy accept;
        oifname "dev0" meta l4proto tcp counter
    }
}
NFT
    } || fleet_give_up "making the namespace of $name"
    lab_address[$name]=$address
    lab_card[$name]=$card
}

# Everybody knows everybody's card beforehand: the kernel keeps 1,024 learnt neighbours for all namespaces together,
# which a full mesh of forty-five hosts exceeds. What is set by hand does not count.
lab_introduce() {
    local name
    for name in "${!lab_address[@]}"; do
        printf 'neigh replace %s lladdr %s nud permanent dev dev0\n' "${lab_address[$name]}" "${lab_card[$name]}"
    done >"/run/neighbours"
    for name in "${!lab_address[@]}"; do
        grep -v "^neigh replace ${lab_address[$name]} " /run/neighbours | lab_in "$name" ip -batch - ||
            fleet_give_up "telling $name who its neighbours are"
    done
}

# nsenter and not `ip netns exec`, which wants to mount /sys anew and may not in a container.
lab_in() { # lab_in NAME COMMAND...
    nsenter --net="/run/netns/$1" "${@:2}"
}

# A command that goes on beside: its process, and not a shell around it, is $!, so that ending that ends it.
lab_start() { # lab_start NAME COMMAND...
    nsenter --net="/run/netns/$1" "${@:2}" &
}

# Bytes of TCP and IP that have left the host, without the frame around them.
lab_bytes_out() { # lab_bytes_out NAME
    lab_in "$1" nft --json list chain inet count out |
        jq '[.nftables[].rule.expr[]?.counter.bytes | numbers] | add'
}

# shellcheck disable=SC2034
fleet_at() {
    at=(nsenter --net="/run/netns/$1")
}

fleet_address() {
    echo "${lab_address[$1]}"
}
