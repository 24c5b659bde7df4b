"""Every packet of a network namespace to a file, and where of all that was written somebody's values stand in clear.

record FILE              frames of all cards, each with its length before it, until SIGTERM; a line "ready" when it listens
search VALUES PLACE...   VALUES is {"name": "base64 of the value"}, a PLACE a recording (*.frames), a file or a folder;
                         prints {"name": ["place", …]}: as it is, in hexadecimal, in base64, over the borders of packets too
"""
import base64, json, os, signal, socket, struct, sys

EVERY_PROTOCOL, PACKET_STATISTICS, SOL_PACKET, TCP = 3, 6, 263, 6
BUFFER = 64 << 20


def record(path):
    ear = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
    ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    ear.settimeout(0.2)
    going = [True]
    signal.signal(signal.SIGTERM, lambda *_: going.clear())
    with open(path, "wb") as frames:
        print("ready", flush=True)
        while True:
            try:
                frame = ear.recv(1 << 17)
            except TimeoutError:
                if not going:
                    break
                continue
            frames.write(struct.pack(">I", len(frame)) + frame)
    _, lost = struct.unpack("II", ear.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    print(f"lost {lost}", flush=True)
    sys.exit(1 if lost else 0)


def frames_of(path):
    with open(path, "rb") as frames:
        while head := frames.read(4):
            yield frames.read(struct.unpack(">I", head)[0])


def segment(frame):
    """The stream, the place in it and the content, where a frame carries TCP over IPv4."""
    if frame[12:14] != b"\x08\x00" or frame[23] != TCP:
        return None
    packet = frame[14 : 14 + (struct.unpack(">H", frame[16:18])[0] or len(frame))]
    words = (packet[0] & 15) * 4
    part = packet[words:]
    content = part[(part[12] >> 4) * 4 :]
    return (packet[12:20], part[:4]), struct.unpack(">I", part[4:8])[0], content


def streams(path):
    """What each side of each connection said, in order: a value may begin in one packet and end in the next."""
    said = {}
    for frame in frames_of(path):
        if (found := segment(frame)) and found[2]:
            said.setdefault(found[0], {})[found[1]] = found[2]
    for parts in said.values():
        whole, end = b"", None
        for place in sorted(parts):
            fresh = parts[place] if end is None or place >= end else parts[place][end - place :]
            whole, end = whole + fresh, max(end or 0, place + len(parts[place]))
        yield whole


def contents(place):
    if place.endswith(".frames"):
        yield from frames_of(place)
        yield from streams(place)
        return
    paths = [place]
    if os.path.isdir(place):
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(place) for name in names]
    for path in filter(os.path.isfile, paths):
        with open(path, "rb") as file:
            yield file.read()


def forms(value):
    hexadecimal = value.hex().encode()
    found = {value, hexadecimal, hexadecimal.upper()}
    # Base64 depends on where in a group of three the value begins; the groups inside it are the same for each place.
    for skip in range(3):
        whole = value[skip:][: (len(value) - skip) // 3 * 3]
        found |= {base64.b64encode(whole), base64.urlsafe_b64encode(whole)}
    return found


def search(values, places):
    wanted = {name: forms(base64.b64decode(value)) for name, value in values.items()}
    where = {name: [] for name in wanted}
    for place in places:
        if not os.path.exists(place):
            sys.exit(f"failed: {place} is not there: nothing was looked through")
        for content in contents(place):
            for name, variants in wanted.items():
                if place not in where[name] and any(form in content for form in variants):
                    where[name].append(place)
    return where


if __name__ == "__main__":
    if sys.argv[1] == "record":
        record(sys.argv[2])
    else:
        with open(sys.argv[2]) as file:
            print(json.dumps(search(json.load(file), sys.argv[3:])))
