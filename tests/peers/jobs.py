"""What the peers in Python share: jobs that come as lines, and the bytes that are echoed.

A client peer is one process for many connections. A job is a line of fields between tabs on standard input:

    NUMBER PORT USER HOST_KEY METHOD ARGUMENT...

HOST_KEY is the server's public key blob in base64; METHOD and its arguments are `publickey KEY_FILE`, `certificate
KEY_FILE CERTIFICATE_FILE`, `password WORD`, `interactive WORD` (the answer to whatever is asked), `hostbased KEY_FILE
HOST` (the client host's key and name), or `twice KEY_FILE WORD` (by key, and then by password). Each job has a thread; its answer is a line on standard output, `NUMBER
ok` or `NUMBER` and what went wrong.

A server peer gets `--user`, `--password`, `--authorized FILE`, `--ca FILE`, and any number of `--host-key FILE` and
`--host-certificate FILE`; it says `port NUMBER` on standard output and serves until it is ended. `cat` is the one
command that it has. Where the library can, questions of `keyboard-interactive` are answered with the password, the
ed25519 key among the host keys is that of the client host too, and the user `twice` needs a key and then the password.
"""

import argparse
import sys
import threading
import traceback
from collections import namedtuple

# Sent before and after the peer's own re-exchange.
PIECE = bytes(i * 7 % 251 for i in range(16 * 1024))
# Re-exchange after so many bytes, where a peer counts them. A server of sansh starts its own before that many have
# come, a client of sansh when it has had one piece back.
CLIENT_REKEY_BYTES = 12 * 1024
SERVER_REKEY_BYTES = 24 * 1024

# As in `tests/tests/matrix/logins.rs`.
TWICE = "twice"
CLIENT_HOST = "client.example"
CLIENT_USER = "somebody"

Job = namedtuple("Job", "port user host_key method arguments")


def serve_jobs(do):
    """Calls `do(job)` for each line, each on a thread of its own; what it raises is the answer."""
    lock = threading.Lock()

    def one(number, job):
        try:
            do(job)
            answer = "ok"
        except BaseException:
            answer = " / ".join(traceback.format_exc().split("\n")).replace("\t", " ")
        with lock:
            print(number, answer, sep="\t", flush=True)

    print("ready", flush=True)
    for line in sys.stdin:
        number, port, user, host_key, method, *arguments = line.rstrip("\n").split("\t")
        job = Job(int(port), user, host_key, method, arguments)
        threading.Thread(target=one, args=(number, job), daemon=True).start()


def server_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--authorized", required=True)
    parser.add_argument("--ca")
    parser.add_argument("--host-key", action="append", default=[])
    parser.add_argument("--host-certificate", action="append", default=[])
    return parser.parse_args(sys.argv[2:])


def exact(read, length):
    """`length` bytes from `read(most)`, which gives some or, at the end, none."""
    got = b""
    while len(got) < length:
        piece = read(length - len(got))
        if not piece:
            raise EOFError(f"the channel ended after {len(got)} of {length} bytes")
        got += piece
    return got
