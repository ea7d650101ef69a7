"""Servers that misbehave, for tests of what a client makes of them. Prints its port, then serves until killed.

usage: odd_server.py trickle|early413|drop|garbage|chunked [CERTIFICATE KEY]
"""

import socket
import ssl
import sys
import threading
import time

WORKER = b"""{"request_id":"check","platform":"%s","workload_type":"%s","timestamp":"2026-01-12T02:00:00Z",
"metrics":{"execution_time_ms":"12.5","memory_used_mb":"128","cold_start":false}}"""
NAMES = {b"lightweight": b"lightweight_api"}


def read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head, body, length


def answer(connection, mode):
    request = read_request(connection)
    if request is None:
        return False
    head, body, length = request
    if mode == "early413":  # refuses by the head alone and closes after a while, the body unread
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        time.sleep(0.5)
        return False
    left = length - len(body)
    while left > 0:
        piece = connection.recv(1 << 20)
        if not piece:
            return False
        left -= len(piece)
    if mode == "trickle":  # always something within any per-read limit, never an end
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            connection.sendall(b" ")
            time.sleep(0.05)
    if mode == "drop":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        return False
    if mode == "garbage":
        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        return False
    # chunked: a worker's answer in two chunks after an interim answer, on a connection that stays
    path = head.split()[1].split(b"/")
    platform = b"ecs" if path[-1] == b"process" else b"lambda"
    name = path[-2] if platform == b"ecs" else path[-1]
    reply = WORKER % (platform, NAMES.get(name, name + b"_processing"))
    first, second = reply[:50], reply[50:]
    connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for chunk in (first, second):
        connection.sendall(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        time.sleep(0.01)
    connection.sendall(b"0\r\n\r\n")
    return True


def serve(connection, mode, tls):
    try:
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        with connection:
            while answer(connection, mode):
                pass
    except OSError:
        pass


def main():
    mode = sys.argv[1]
    tls = None
    if len(sys.argv) > 2:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(sys.argv[2], sys.argv[3])
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, mode, tls), daemon=True).start()


main()
