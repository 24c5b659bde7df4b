# Pages as a person opens them: for a fleet of ops/lib/fleet.sh.
# shellcheck shell=bash

# The first operator of a fresh coordinator, whose session later pages are opened with.
people_enter() {
    local link answer
    link=$(fleet_setup_link) || fleet_give_up "palisade-coordinator setup-token" "$fleet_coordinator_log"
    (umask 077 && head -c 24 /dev/urandom | base64 >"$fleet_dir/password")
    answer=$(people_curl --cookie-jar "$fleet_dir/cookies" --header "Origin: $fleet_people" --data-urlencode name=amina \
        --data-urlencode password@<(tr -d '\n' <"$fleet_dir/password") --output /dev/null --write-out '%{http_code}' "$link")
    [[ $answer = 30? ]] || fleet_give_up "the first operator is answered $answer" "$fleet_coordinator_log"
}

people_curl() {
    local at
    fleet_at coordinator
    "${at[@]}" curl --silent --show-error --max-time 20 --cacert "$fleet_certificate" "$@"
}

people_page() { # people_page PATH
    people_curl --fail --cookie "$fleet_dir/cookies" "$fleet_people$1"
}
