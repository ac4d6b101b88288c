"""libssh as a client, by ssh-python; see jobs.py."""

import base64
import socket
import struct
import sys

from ssh import options
from ssh.exceptions import AuthenticationPartial, SSHError
from ssh.key import copy_cert_to_privkey, import_cert_file, import_privkey_file
from ssh.session import Session

import jobs


def is_shown(session, wanted):
    try:
        shown = session.get_server_publickey().export_pubkey_base64()
    except SSHError:
        # It has checked a security key's signature, and has no copy of the key to show.
        return base64.b64decode(wanted)[4:].startswith(b"sk-")
    return shown in (wanted, wanted.encode())


# SSH_AUTH_INFO: there are questions.
INFO = 3


def interactive(session, job):
    while session.userauth_kbdint(job.user, "") == INFO:
        for number in range(session.userauth_kbdint_getnprompts()):
            session.userauth_kbdint_setanswer(number, job.arguments[0].encode())


def client(job):
    stream = socket.create_connection(("127.0.0.1", job.port))
    session = Session()
    session.options_set(options.HOST, "127.0.0.1")
    session.options_set(options.USER, job.user)
    # The library wants the address of 64 bits.
    session.options_set(options.REKEY_DATA, struct.pack("=Q", jobs.CLIENT_REKEY_BYTES))
    session.set_socket(stream)
    session.connect()
    if not is_shown(session, job.host_key):
        raise ValueError("another host key")
    if job.method == "password":
        session.userauth_password(job.user, job.arguments[0])
    elif job.method == "interactive":
        interactive(session, job)
    elif job.method == "hostbased":
        raise ValueError("libssh has no hostbased")
    else:
        key = import_privkey_file(job.arguments[0])
        if job.method == "certificate":
            copy_cert_to_privkey(import_cert_file(job.arguments[1]), key)
        try:
            session.userauth_publickey(key)
            partial = False
        except AuthenticationPartial:
            partial = True
        if partial and job.method == "twice":
            session.userauth_password(job.user, job.arguments[1])
    channel = session.channel_new()
    channel.open_session()
    channel.request_exec("cat")
    read = lambda most: channel.read(most)[1]
    for _ in range(2):
        channel.write(jobs.PIECE)
        if jobs.exact(read, len(jobs.PIECE)) != jobs.PIECE:
            raise ValueError("other bytes came back")
    channel.send_eof()
    if read(1) or channel.get_exit_status() != 0:
        raise ValueError("not ended well")
    channel.close()
    session.disconnect()


if sys.argv[1] == "client":
    jobs.serve_jobs(client)
