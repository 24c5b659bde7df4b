"""A stretch of network that breaks once: cut.py HOST:PORT BYTES prints the port it listens on, breaks the first connection
that has carried so many bytes to the client, and at each end of one prints how many bytes all of them have carried."""

import socket
import sys
import threading

host, port = sys.argv[1].rsplit(":", 1)
limit = int(sys.argv[2])
carried = 0
broken = False


def forward(client):
    global carried, broken
    server = socket.create_connection((host, int(port)))
    threading.Thread(target=up, args=(client, server), daemon=True).start()
    own = 0
    try:
        while data := server.recv(16384):
            client.sendall(data)
            own += len(data)
            carried += len(data)
            if own > limit and not broken:
                broken = True
                print("broken", flush=True)
                break
    except OSError:
        pass
    for end in (client, server):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        end.close()
    print(f"carried {carried}", flush=True)


def up(client, server):
    try:
        while data := client.recv(16384):
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)
    except OSError:
        pass


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=forward, args=(listener.accept()[0],), daemon=True).start()
