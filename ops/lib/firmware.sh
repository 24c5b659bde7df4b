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
        --hardware sample --out "$fleet_dir/papers" 2>>"$log" | jq -er .number) || fleet_give_up "release prepare $version" "$log"
    payload=$(ls "$fleet_dir"/papers/draft-"$drafted"-firmware-*.payload)
    firmware_sign_draft "$drafted" "$payload" "$log" || fleet_give_up "release of $version" "$log"
}

# The administrator's part, as it would be done on another machine, and what follows from it here.
firmware_sign_draft() { # firmware_sign_draft DRAFT PAYLOAD LOG
    local admin=("$coordinator_program" --dir "$fleet_coordinator_dir") code
    {
        "$sign_program" sign "$2" --key "$fleet_coordinator_dir/offline/administrator.key" \
            --passphrase-file "$fleet_dir/passphrase" --out "$fleet_dir/signature" --confirm "$(sha256sum "$2" | cut -c1-64)" &&
            "${admin[@]}" release add-signature "$1" "$fleet_dir/signature" &&
            "${admin[@]}" release publish "$1"
    } >>"$3" 2>&1
    code=$?
    rm -f "$fleet_dir/signature"
    return "$code"
}

# Other settings for a scope, signed like a release.
firmware_settings() { # firmware_settings SCOPE OPTIONS...
    local drafted payload log=$fleet_dir/log/settings.log
    local admin=("$coordinator_program" --dir "$fleet_coordinator_dir")
    mkdir -p "$fleet_dir/papers"
    drafted=$("${admin[@]}" --json settings set "$@" --out "$fleet_dir/papers" 2>>"$log" | jq -er .number) ||
        fleet_give_up "settings set $1" "$log"
    payload=$(ls "$fleet_dir"/papers/draft-"$drafted"-policy-*.payload)
    firmware_sign_draft "$drafted" "$payload" "$log" || fleet_give_up "settings for $1" "$log"
}

# What devices are to do once; signed here, or with --sign by the administrator. Sets command to its id.
firmware_command() { # firmware_command KIND SCOPE [--sign]
    local drafted payload log=$fleet_dir/log/command.log answer
    local admin=("$coordinator_program" --dir "$fleet_coordinator_dir")
    mkdir -p "$fleet_dir/papers"
    answer=$("${admin[@]}" --json command issue "$@" --out "$fleet_dir/papers" 2>>"$log") || fleet_give_up "command issue $*" "$log"
    if drafted=$(jq -er '.number // empty' <<<"$answer"); then
        payload=$(ls "$fleet_dir"/papers/draft-"$drafted"-*.payload)
        firmware_sign_draft "$drafted" "$payload" "$log" || fleet_give_up "command $1 for $2" "$log"
    fi
    command=$("${admin[@]}" --json command list 2>>"$log" | jq -er '.items[0].id') || fleet_give_up "command list" "$log"
}

firmware_command_done() { # firmware_command_done COUNT: so many devices have done it
    [ "$("$coordinator_program" --dir "$fleet_coordinator_dir" --json command show "$command" 2>/dev/null |
        jq '[.items[0].devices[] | select(.state == "done")] | length')" = "$1" ]
}

firmware_in_step() { # firmware_in_step COUNT: so many devices say that they do what is wanted
    [ "$("$coordinator_program" --dir "$fleet_coordinator_dir" --json settings show 2>/dev/null |
        jq '[.devices[] | select(.in_step and .policy != null)] | length')" = "$1" ]
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
