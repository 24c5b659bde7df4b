"""python-tuf beside us: `write DIR` makes a repository of its own, `read DIR URL` follows one that is served at URL."""

import os
import sys
from datetime import datetime, timedelta, timezone

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    SuccinctRoles,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer
from tuf.ngclient import Updater

FILES = {"firmware/gate/2.img": b"the second image", "notice.txt": "héllo".encode()}


def write(folder):
    expires = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(days=30)
    signers = {
        "root": CryptoSigner.generate_rsa(),
        "timestamp": CryptoSigner.generate_ed25519(),
        "snapshot": CryptoSigner.generate_ecdsa(),
        "targets": CryptoSigner.generate_ecdsa(),
        "firmware": CryptoSigner.generate_ed25519(),
        "bins": CryptoSigner.generate_ed25519(),
    }
    root = Root(expires=expires)
    for role in ("root", "timestamp", "snapshot", "targets"):
        root.add_key(signers[role].public_key, role)
    targets, snapshot, timestamp = Targets(expires=expires), Snapshot(expires=expires), Timestamp(expires=expires)
    firmware = Targets(expires=expires)
    key = signers["firmware"].public_key
    role = DelegatedRole("firmware", [key.keyid], 1, False, paths=["firmware/*/*"])
    targets.delegations = Delegations({key.keyid: key}, {"firmware": role})
    key = signers["bins"].public_key
    bins = SuccinctRoles([key.keyid], 1, 3, "firmware-bin")
    firmware.delegations = Delegations({key.keyid: key}, None, bins)
    image = "firmware/gate/2.img"
    documents = {}
    for name in bins.get_roles():
        documents[name] = (Targets(expires=expires), "bins")
    holder = documents[bins.get_role_for_target(image)][0]
    holder.targets[image] = TargetFile.from_data(image, FILES[image], ["sha512"])
    targets.targets["notice.txt"] = TargetFile.from_data("notice.txt", FILES["notice.txt"], ["sha256", "sha512"])
    documents["firmware"] = (firmware, "firmware")
    documents["targets"] = (targets, "targets")

    metadata = os.path.join(folder, "metadata")
    os.makedirs(metadata)

    def save(name, signed, signer):
        document = Metadata(signed)
        document.sign(signers[signer])
        data = document.to_bytes(JSONSerializer(compact=False))
        with open(os.path.join(metadata, name), "wb") as file:
            file.write(data)
        return data

    for name, (signed, signer) in documents.items():
        data = save(f"1.{name}.json", signed, signer)
        snapshot.meta[f"{name}.json"] = MetaFile.from_data(1, data, ["sha256"])
    timestamp.snapshot_meta = MetaFile.from_data(1, save("1.snapshot.json", snapshot, "snapshot"), ["sha512"])
    save("timestamp.json", timestamp, "timestamp")
    save("1.root.json", root, "root")
    for signed in (holder.targets[image], targets.targets["notice.txt"]):
        directory, _, base = signed.path.rpartition("/")
        for digest in signed.hashes.values():
            place = os.path.join(folder, "targets", directory, f"{digest}.{base}")
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "wb") as file:
                file.write(FILES[signed.path])


def read(folder, url):
    with open(os.path.join(folder, "metadata", "1.root.json"), "rb") as file:
        root = file.read()
    cache, downloads = os.path.join(folder, "cache"), os.path.join(folder, "downloads")
    os.makedirs(cache)
    os.makedirs(downloads)
    updater = Updater(cache, f"{url}/metadata/", downloads, f"{url}/targets/", bootstrap=root)
    updater.refresh()
    for path, content in FILES.items():
        info = updater.get_targetinfo(path)
        assert info is not None, f"{path} is not found"
        with open(updater.download_target(info), "rb") as file:
            assert file.read() == content, f"{path} is another file"
    assert updater.get_targetinfo("firmware/gate/3.img") is None


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](*sys.argv[2:])
