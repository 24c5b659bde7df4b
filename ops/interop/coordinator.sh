# A coordinator that runs and publishes one release, for other programs to follow: sourced by ops/interop/run and ops/interop/swupdate.

# published FOLDER: founds a mesh, publishes a release, and sets coordinator (its process) and people (its address).
published() {
    mkdir -p "$1"
    head -c 3000000 /dev/urandom >"$1/image"
    founded "$1"
    served "$1"
    released "$1"
}

# founded FOLDER: a mesh of its own, and admin, which asks its coordinator.
founded() {
    local dir=$1
    programs=${CARGO_TARGET_DIR:-target}/debug
    admin=("$programs/palisade-coordinator" --dir "$dir/mesh")
    (umask 077 && echo 'correct horse battery staple' >"$dir/passphrase")
    "${admin[@]}" init --people 127.0.0.1:0 --devices 127.0.0.1:0 --passphrase-file "$dir/passphrase" >"$dir/init.txt"
}

served() {
    local dir=$1
    "${admin[@]}" serve >"$dir/log" 2>&1 &
    coordinator=$!
    for _ in $(seq 200); do
        [ -S "$dir/mesh/run/control.sock" ] && break
        kill -0 "$coordinator" || { cat "$dir/log"; return 1; }
        sleep 0.1
    done
    people=$(sed -E 's/.*"people":"([^"]*)".*/\1/' "$dir/mesh/run/addresses.json")
}

# released FOLDER: its image as version 2 of the product gate, refused before it is signed.
released() {
    local dir=$1 payload=$1/draft-1-firmware-2.payload
    "${admin[@]}" release prepare "$dir/image" --product gate --version 2 --counter 1 --hardware lab --out "$dir" >/dev/null
    if "${admin[@]}" release publish 1 2>/dev/null; then
        echo "published without a signature" >&2
        return 1
    fi
    "$programs/palisade-sign" sign "$payload" --key "$dir/mesh/offline/administrator.key" --passphrase-file "$dir/passphrase" \
        --out "$dir/signature" --confirm "$(sha256sum "$payload" | cut -c1-64)" >/dev/null
    "${admin[@]}" release add-signature 1 "$dir/signature" >/dev/null
    "${admin[@]}" release publish 1 >/dev/null
}
