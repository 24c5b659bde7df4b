"""python-tuf beside us: `write DIR` makes a repository of its own, `read DIR URL` follows one that is served at URL,
`follow DIR URL` what a coordinator publishes, `forward URL CERTIFICATE` lets programs without TLS reach that."""

import os
import ssl
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


def follow(folder, url):
    with open(os.path.join(folder, "mesh", "root.json"), "rb") as file:
        root = file.read()
    cache, downloads = os.path.join(folder, "cache"), os.path.join(folder, "downloads")
    os.makedirs(cache)
    os.makedirs(downloads)
    updater = Updater(cache, f"{url}/tuf/", downloads, f"{url}/tuf/targets/", bootstrap=root)
    updater.refresh()
    info = updater.get_targetinfo("firmware/gate/2.img")
    assert info.custom["counter"] == 1, info.custom
    with open(updater.download_target(info), "rb") as got, open(os.path.join(folder, "image"), "rb") as image:
        assert got.read() == image.read(), "the image is another file"
    assert updater.get_targetinfo("firmware/gate/3.img") is None


def forward(origin, certificate):
    trust = ssl.create_default_context(cafile=certificate)

    class Forward(BaseHTTPRequestHandler):
        def do_GET(self):
            try:
                answer = urllib.request.urlopen(origin + self.path, context=trust)
            except urllib.error.HTTPError as refused:
                answer = refused
            body = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Forward)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    {"write": write, "read": read, "follow": follow, "forward": forward}[sys.argv[1]](*sys.argv[2:])
