"""paramiko as a client (`client`) and as a server (`server ...`); see jobs.py."""

import base64
import socket
import sys
import threading

import paramiko

import jobs


def everything(transport):
    """Offers all that paramiko has, not only what it prefers."""
    options = transport.get_security_options()
    options.kex = [name for name in transport._kex_info if not name.startswith("gss-")]
    options.ciphers = list(transport._cipher_info)
    options.digests = list(transport._mac_info)
    return transport


def split(blob):
    """The first string of a blob, and the rest."""
    length = 4 + int.from_bytes(blob[:4], "big")
    return blob[4:length], blob[length:]


def client(job):
    transport = everything(paramiko.Transport(socket.create_connection(("127.0.0.1", job.port))))
    try:
        transport.start_client(timeout=30)
        # In a certificate it sees the plain key, whose fields stand behind the name.
        name, fields = split(transport.get_remote_server_key().asbytes())
        shown, others = split(base64.b64decode(job.host_key))
        if fields not in others or not shown.startswith(name):
            raise ValueError("another host key")
        if job.method == "password":
            left = transport.auth_password(job.user, job.arguments[0])
        elif job.method == "interactive":
            answer = lambda title, instructions, prompts: [job.arguments[0]] * len(prompts)
            left = transport.auth_interactive(job.user, answer)
        elif job.method == "hostbased":
            raise ValueError("paramiko has no hostbased")
        else:
            key = paramiko.PKey.from_path(job.arguments[0])
            if job.method == "certificate":
                key.load_certificate(job.arguments[1])
            left = transport.auth_publickey(job.user, key)
            if job.method == "twice" and left == ["password"]:
                left = transport.auth_password(job.user, job.arguments[1])
        if left:
            raise ValueError(f"more is wanted: {left}")
        channel = transport.open_session()
        channel.settimeout(30)
        channel.exec_command("cat")
        for renegotiate in (True, False):
            channel.sendall(jobs.PIECE)
            if jobs.exact(channel.recv, len(jobs.PIECE)) != jobs.PIECE:
                raise ValueError("other bytes came back")
            if renegotiate:
                transport.renegotiate_keys()
        channel.shutdown_write()
        if channel.recv(1) != b"" or channel.recv_exit_status() != 0:
            raise ValueError("not ended well")
    finally:
        transport.close()


class Server(paramiko.ServerInterface):
    def __init__(self, arguments, transport):
        self.arguments = arguments
        self.transport = transport
        self.by_key = False
        self.rounds = 0
        with open(arguments.authorized) as lines:
            self.keys = [base64.b64decode(line.split()[1]) for line in lines]

    def get_allowed_auths(self, user):
        if user == jobs.TWICE:
            return "password" if self.by_key else "publickey"
        return "publickey,password,keyboard-interactive"

    def check_auth_interactive(self, user, submethods):
        self.rounds = 0
        self.asked = user
        return paramiko.InteractiveQuery("Questions", "", ("Password: ", False), ("Again: ", True))

    def check_auth_interactive_response(self, responses):
        self.rounds += 1
        if self.rounds == 2:
            return paramiko.AUTH_FAILED if responses else paramiko.AUTH_SUCCESSFUL
        right = self.asked == self.arguments.user and list(responses) == [self.arguments.password] * 2
        # The second round asks nothing.
        return paramiko.InteractiveQuery("Thanks", "") if right else paramiko.AUTH_FAILED

    def check_auth_password(self, user, password):
        known = user == self.arguments.user or (user == jobs.TWICE and self.by_key)
        right = known and password == self.arguments.password
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, user, key):
        if user == jobs.TWICE and key.asbytes() in self.keys:
            self.by_key = True
            return paramiko.AUTH_PARTIALLY_SUCCESSFUL
        right = user == self.arguments.user and key.asbytes() in self.keys
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, number):
        known = kind == "session"
        return paramiko.OPEN_SUCCEEDED if known else paramiko.OPEN_FAILED_UNKNOWN_CHANNEL_TYPE

    def check_channel_exec_request(self, channel, command):
        if command != b"cat":
            return False
        threading.Thread(target=self.echo, args=(channel,), daemon=True).start()
        return True

    def echo(self, channel):
        renegotiated = False
        while data := channel.recv(8192):
            channel.sendall(data)
            if not renegotiated:
                renegotiated = True
                self.transport.renegotiate_keys()
        channel.send_exit_status(0)
        channel.close()


def serve(arguments, stream):
    transport = everything(paramiko.Transport(stream))
    for file in arguments.host_key:
        try:
            transport.add_server_key(paramiko.PKey.from_path(file))
        except paramiko.UnknownKeyType as error:
            print(f"{file}: {error!r}", file=sys.stderr)
    transport.start_server(event=threading.Event(), server=Server(arguments, transport))


def server(arguments):
    paramiko.Transport.load_server_moduli("/etc/ssh/moduli")
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print("port", listener.getsockname()[1], flush=True)
    while True:
        stream, _ = listener.accept()
        threading.Thread(target=serve, args=(arguments, stream), daemon=True).start()


if sys.argv[1] == "client":
    jobs.serve_jobs(client)
else:
    server(jobs.server_arguments())
