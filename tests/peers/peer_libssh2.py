"""libssh2 as a client, by ssh2-python; see jobs.py."""

import base64
import socket
import sys

from ssh2.exceptions import AuthenticationError
from ssh2.session import Session

import jobs


def client(job):
    stream = socket.create_connection(("127.0.0.1", job.port))
    session = Session()
    session.handshake(stream)
    key, _ = session.hostkey()
    if key != base64.b64decode(job.host_key):
        raise ValueError("another host key")
    if job.method == "password":
        session.userauth_password(job.user, job.arguments[0])
    elif job.method == "certificate":
        session.userauth_publickey_fromfile(job.user, job.arguments[0], publickey=job.arguments[1])
    elif job.method == "interactive":
        session.userauth_keyboardinteractive(job.user, job.arguments[0])
    elif job.method == "hostbased":
        file, host = job.arguments
        session.userauth_hostbased_fromfile(job.user, file, host, publickey=file + ".pub")
    elif job.method == "twice":
        try:
            session.userauth_publickey_fromfile(job.user, job.arguments[0])
        except AuthenticationError:
            # What was right and not enough is an error to it.
            session.userauth_password(job.user, job.arguments[1])
    else:
        session.userauth_publickey_fromfile(job.user, job.arguments[0])
    channel = session.open_session()
    channel.execute("cat")
    read = lambda most: channel.read(most)[1]
    for _ in range(2):
        channel.write(jobs.PIECE)
        if jobs.exact(read, len(jobs.PIECE)) != jobs.PIECE:
            raise ValueError("other bytes came back")
    channel.send_eof()
    if read(1):
        raise ValueError("more came back")
    channel.wait_eof()
    channel.close()
    channel.wait_closed()
    if channel.get_exit_status() != 0:
        raise ValueError(f"exit status {channel.get_exit_status()}")
    session.disconnect()


if sys.argv[1] == "client":
    jobs.serve_jobs(client)
