"""AsyncSSH as a client (`client`) and as a server (`server ...`); see jobs.py."""

import asyncio
import base64
import sys
import threading

import asyncssh
from asyncssh.encryption import get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_mac_algs
from asyncssh.public_key import get_certificate_algs, get_public_key_algs

import jobs


def names(algorithms):
    return [name.decode() for name in algorithms]


# All that AsyncSSH has, not only what it prefers; Kerberos has no place here.
EVERYTHING = {
    "kex_algs": [name for name in names(get_kex_algs()) if not name.startswith("gss-")],
    "encryption_algs": names(get_encryption_algs()),
    "mac_algs": names(get_mac_algs()),
    "signature_algs": names(get_public_key_algs()),
    "compression_algs": ["none"],
}


class Client(asyncssh.SSHClient):
    """Takes one key, or any certificate for it: who signed it is not this peer's question."""

    def __init__(self, blob, job):
        self.blob = blob
        self.job = job

    def kbdint_auth_requested(self):
        return "" if self.job.method == "interactive" else None

    def kbdint_challenge_received(self, name, instructions, lang, prompts):
        return [self.job.arguments[0]] * len(prompts)

    def validate_host_public_key(self, host, addr, port, key):
        return key.public_data == self.blob

    def validate_host_ca_key(self, host, addr, port, key):
        return True


async def client(job):
    blob = base64.b64decode(job.host_key)
    options = dict(EVERYTHING, username=job.user, known_hosts=b"", config=None, agent_path=None, client_keys=[])
    options["server_host_key_algs"] = names(get_certificate_algs()) + names(get_public_key_algs())
    options["rekey_bytes"] = jobs.CLIENT_REKEY_BYTES
    if job.method == "password":
        options["password"] = job.arguments[0]
    elif job.method == "certificate":
        options["client_keys"] = [(job.arguments[0], job.arguments[1])]
    elif job.method == "hostbased":
        file, host = job.arguments
        options.update(client_host_keys=[file], client_host=host, client_username=jobs.CLIENT_USER)
    elif job.method == "twice":
        options.update(client_keys=[job.arguments[0]], password=job.arguments[1])
    elif job.method == "publickey":
        options["client_keys"] = [job.arguments[0]]
    connecting = asyncssh.connect("127.0.0.1", job.port, client_factory=lambda: Client(blob, job), **options)
    async with await asyncio.wait_for(connecting, 30) as connection:
        async with connection.create_process("cat", encoding=None) as process:
            for _ in range(2):
                process.stdin.write(jobs.PIECE)
                if await process.stdout.readexactly(len(jobs.PIECE)) != jobs.PIECE:
                    raise ValueError("other bytes came back")
            process.stdin.write_eof()
            if await process.stdout.read() != b"":
                raise ValueError("more came back")
            await process.wait_closed()
            if process.exit_status != 0:
                raise ValueError(f"exit status {process.exit_status}")


class Server(asyncssh.SSHServer):
    def __init__(self, arguments):
        self.arguments = arguments

    def password_auth_supported(self):
        return True

    def validate_ca_key(self, user, key):
        with open(self.arguments.ca) as authority:
            return user == self.arguments.user and key.public_data == base64.b64decode(authority.read().split()[1])

    def kbdint_auth_supported(self):
        return True

    def get_kbdint_challenge(self, user, lang, submethods):
        self.rounds = 0
        return "Questions", "", "", [("Password: ", False), ("Again: ", True)]

    def validate_kbdint_response(self, user, responses):
        self.rounds += 1
        if self.rounds == 2:
            return responses == []
        right = user == self.arguments.user and responses == [self.arguments.password] * 2
        # The second round asks nothing.
        return ("Thanks", "", "", []) if right else False

    def validate_host_based_user(self, user, host, host_user):
        return (user, host, host_user) == (self.arguments.user, jobs.CLIENT_HOST, jobs.CLIENT_USER)

    def validate_password(self, user, password):
        return user == self.arguments.user and password == self.arguments.password


async def echo(process):
    if process.command != "cat":
        process.exit(1)
        return
    while data := await process.stdin.read(8192):
        process.stdout.write(data)
        await process.stdout.drain()
    process.exit(0)


def client_hosts(arguments):
    """As in known_hosts."""
    for file in arguments.host_key:
        with open(file + ".pub") as public:
            if (line := public.read()).startswith("ssh-ed25519 "):
                yield f"{jobs.CLIENT_HOST} {line}"


async def server(arguments):
    listener = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: Server(arguments),
        process_factory=echo,
        encoding=None,
        # With the certificates that lie beside them.
        server_host_keys=arguments.host_key,
        authorized_client_keys=arguments.authorized,
        known_client_hosts="".join(client_hosts(arguments)).encode(),
        trust_client_host=True,
        config=None,
        rekey_bytes=jobs.SERVER_REKEY_BYTES,
        **EVERYTHING,
    )
    print("port", listener.get_port(), flush=True)
    await listener.wait_closed()


if sys.argv[1] == "client":
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    jobs.serve_jobs(lambda job: asyncio.run_coroutine_threadsafe(client(job), loop).result(60))
else:
    asyncio.run(server(jobs.server_arguments()))
