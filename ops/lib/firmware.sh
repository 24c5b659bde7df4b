# Releases of the sample firmware, and devices that run it: for a fleet of ops/lib/fleet.sh.
# shellcheck shell=bash

# Devices of this kind have two directories for slots, and a service that runs from the current one.
firmware_configure() { # firmware_configure NAME
    local home
    home=$(fleet_home "$1")
    cat >"$home/node.toml" <<TOML
[update]
slots = "pair"
product = "camera"
model = "sample"
service = "bin/service"
health = "$home/slots/current/bin/health"
probation = "${FIRMWARE_PROBATION_S:-20}s"
witnesses = 2

[log]
level = "info,node=debug,libp2p_swarm=warn"
TOML
}

# Takes the image in, has the administrator sign it on "another machine", and publishes it.
firmware_release() { # firmware_release VERSION IMAGE
    local version=$1 image=$2 drafted payload log=$fleet_dir/log/release.log
    local admin=("$coordinator_program" --dir "$fleet_coordinator_dir")
    mkdir -p "$fleet_dir/papers"
    drafted=$("${admin[@]}" --json release prepare "$image" --product camera --version "$version" --counter "$version" \
        --hardware sample --out "$fleet_dir/papers" 2>>"$log" | jq -er '.number // .draft.number') || fleet_give_up "release prepare $version" "$log"
    payload=$(ls "$fleet_dir"/papers/draft-"$drafted"-firmware-*.payload)
    {
        "$sign_program" sign "$payload" --key "$fleet_coordinator_dir/offline/administrator.key" \
            --passphrase-file "$fleet_dir/passphrase" --out "$fleet_dir/signature" --confirm "$(sha256sum "$payload" | cut -c1-64)" &&
            "${admin[@]}" release add-signature "$drafted" "$fleet_dir/signature" &&
            "${admin[@]}" release publish "$drafted"
    } >>"$log" 2>&1 || fleet_give_up "release of $version" "$log"
    rm -f "$fleet_dir/signature"
}

firmware_rollout() { # firmware_rollout VERSION OPTIONS...: sets rollout to its number
    rollout=$("$coordinator_program" --dir "$fleet_coordinator_dir" --json rollout start camera "$@" 2>"$fleet_dir/log/rollout.log" |
        jq -er .id) || fleet_give_up "rollout of $1" "$fleet_dir/log/rollout.log"
}

firmware_rollout_says() { # firmware_rollout_says FILTER
    "$coordinator_program" --dir "$fleet_coordinator_dir" --json rollout show "$rollout" 2>/dev/null | jq -er "$1"
}

firmware_rollout_is() { # firmware_rollout_is STATE
    [ "$(firmware_rollout_says .state)" = "$1" ]
}

# Which version a device runs, as its disk says.
firmware_of() { # firmware_of NAME
    sed -n 's/^version=//p' "$(fleet_home "$1")/slots/current/version" 2>/dev/null
}

firmware_all_run() { # firmware_all_run VERSION NAME...
    local version=$1 name
    for name in "${@:2}"; do
        [ "$(firmware_of "$name")" = "$version" ] || return 1
    done
}

# Whether its slots were asked to do that with that version.
firmware_did() { # firmware_did NAME ACT VERSION
    grep -q -- "\"act\":\"$2\",\"version\":\"$3\"" "$fleet_dir/log/$1.log"
}
