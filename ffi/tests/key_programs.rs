//! C programs around keys and files against `ssh-keygen`, `ssh-agent`, `ssh-add`, OpenSSL and PuTTY; under valgrind as well.

mod common;

use common::{Build, manifest};
use sansh_testkit::peers::{KeyPair, PATIENCE, Scratch, program, wait_until};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The command lines of a program of `tests/c`: from the shared library, under valgrind, and from the static library.
fn ways(build: &Build, name: &str) -> [Command; 3] {
    let source = manifest().join(format!("tests/c/{name}.c"));
    let shared = build.program("cc", &["-std=c99"], &source);
    let archive = build.static_program("cc", &["-std=c11"], &source);
    let mut valgrind = Command::new(program("valgrind").expect("valgrind"));
    valgrind.args(["-q", "--leak-check=full", "--error-exitcode=99", "--show-leak-kinds=definite,indirect,possible"]);
    valgrind.arg("--errors-for-leak-kinds=definite,indirect,possible").arg(&shared);
    [Command::new(shared), valgrind, Command::new(archive)]
}

/// What a program prints; it must succeed.
fn output(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {:?} {errors}", output.status.code());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A program that is installed, with its arguments.
fn tool(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program(name).expect("the program"));
    command.args(arguments);
    command
}

/// A folder with a key of its own for everything: `ed25519`, `user` and `host` with certificates by `ca`, `rsa`, `ecdsa`.
fn folder() -> Scratch {
    let scratch = Scratch::new().expect("scratch");
    let key = |name: &str, arguments: &[&str]| -> KeyPair {
        scratch.keygen(name, &[arguments, &["-C", "a comment"]].concat()).expect("key")
    };
    key("ed25519", &["-t", "ed25519"]);
    key("rsa", &["-t", "rsa", "-b", "2048"]);
    key("ecdsa", &["-t", "ecdsa", "-b", "384"]);
    let (ca, user) = (key("ca", &["-t", "ed25519"]), key("user", &["-t", "ed25519"]));
    let host = key("host", &["-t", "ecdsa"]);
    let valid = ["-V", "20240101000000Z:20300101000000Z"];
    let options = ["-I", "an id", "-n", "alice,bob", "-z", "77", "-O", "force-command=date", "-O", "no-x11-forwarding"];
    scratch.certify(&ca, &user, &[&options[..], &valid].concat()).expect("certificate");
    scratch
        .certify(&ca, &host, &[&["-h", "-I", "h", "-n", "a.lab", "-z", "1000"][..], &valid].concat())
        .expect("certificate");
    scratch
}

fn path(scratch: &Scratch, name: &str) -> String {
    scratch.file(name).to_str().unwrap().to_owned()
}

/// Key files as other programs write them, `file passphrase` one a line; `-` is none.
fn files_of_others(scratch: &Scratch) -> String {
    let at = |name: &str| path(scratch, name);
    let copied = |from: &str, to: &str| {
        fs::copy(scratch.file(&format!("{from}.pub")), scratch.file(&format!("{to}.pub"))).unwrap();
    };
    let mut list = String::from("ed25519 -\nrsa -\necdsa -\n");
    for (name, arguments, passphrase) in [
        ("encrypted", &["-t", "ed25519", "-a", "1", "-N", "sesame"][..], "sesame"),
        ("encrypted_rsa", &["-t", "rsa", "-b", "2048", "-a", "1", "-N", "sesame"], "sesame"),
        ("pem_rsa", &["-t", "rsa", "-b", "2048", "-m", "PEM"], "-"),
        ("pem_ecdsa", &["-t", "ecdsa", "-m", "PEM"], "-"),
        ("pkcs8_ecdsa", &["-t", "ecdsa", "-b", "521", "-m", "PKCS8"], "-"),
        ("pkcs8_rsa_encrypted", &["-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "sesame"], "sesame"),
    ] {
        scratch.keygen(name, arguments).expect("key");
        list += &format!("{name} {passphrase}\n");
    }
    for (to, arguments) in [
        ("openssl_scrypt", &["pkcs8", "-topk8", "-scrypt", "-passout", "pass:sesame"][..]),
        ("openssl_old", &["rsa", "-aes128", "-traditional", "-passout", "pass:sesame"]),
    ] {
        output(tool("openssl", arguments).args(["-in", &at("pem_rsa"), "-out", &at(to)]));
        copied("pem_rsa", to);
        list += &format!("{to} sesame\n");
    }
    let passphrase = scratch.write_private("passphrase", "sesame").expect("file");
    scratch.write_private("no_passphrase", "").expect("file");
    for (to, from, version, passphrase_file) in [
        ("putty3", "ed25519", "version=3,kdf=argon2id,memory=1024,passes=2", "passphrase"),
        ("putty2", "ecdsa", "version=2", "passphrase"),
        ("putty3_plain", "rsa", "version=3", "no_passphrase"),
    ] {
        output(
            tool("puttygen", &[&at(from), "-O", "private", "-o", &at(to), "--ppk-param", version, "--new-passphrase"])
                .arg(scratch.file(passphrase_file)),
        );
        copied(from, to);
        list += &format!("{to} {}\n", if passphrase_file == "passphrase" { "sesame" } else { "-" });
    }
    assert!(passphrase.exists());
    list
}

/// The type and the base64 of a key line.
fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().take(2).collect()
}

/// Reads a file that C wrote with the program that the format belongs to; its public key must be the one beside it.
fn is_read_elsewhere(scratch: &Scratch, name: &str) {
    let file = scratch.file(name);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let expected = fs::read_to_string(scratch.file(&format!("{name}.pub"))).unwrap();
    let (kind, format) = name.trim_start_matches("out-").split_once('-').unwrap();
    let passphrase = if ["encrypted", "pkcs8", "putty3"].contains(&format) { "sesame" } else { "" };
    let file = match format {
        "putty2" | "putty3" => {
            let (to, old) =
                (scratch.file("converted"), if passphrase.is_empty() { "no_passphrase" } else { "passphrase" });
            let mut puttygen = tool("puttygen", &[file.to_str().unwrap(), "-O", "private-openssh-new", "-o"]);
            let new = scratch.file("no_passphrase");
            puttygen.arg(&to).arg("--old-passphrase").arg(scratch.file(old)).arg("--new-passphrase").arg(new);
            output(&mut puttygen);
            to
        }
        // ssh-keygen reads such files of some versions only.
        "pkcs8" if kind == "ed25519" => {
            let (to, passin) = (scratch.file("converted"), format!("pass:{passphrase}"));
            let shown = output(tool("openssl", &["pkey", "-passin", &passin, "-text", "-in"]).arg(&file));
            assert!(shown.contains("ED25519 Private-Key"), "{shown}");
            let _ = fs::remove_file(to);
            return;
        }
        _ => file,
    };
    let passphrase = if format.starts_with("putty") { "" } else { passphrase };
    let shown = output(tool("ssh-keygen", &["-y", "-P", passphrase, "-f"]).arg(file));
    assert_eq!(words(&shown), words(&expected), "{name}");
}

#[test]
fn keys_are_read_written_and_certified() {
    let build = Build::new("keys");
    let scratch = folder();
    let list = files_of_others(&scratch);
    scratch.write("list", list).expect("file");
    // Files that ask for what no honest file needs, and for what nobody has.
    let text = fs::read_to_string(scratch.file("putty3")).unwrap();
    let costly = text.replace("Argon2-Memory: 1024", "Argon2-Memory: 4000000000");
    assert_ne!(costly, text);
    scratch.write("costly", costly).expect("file");
    let unknown = text.replace("Encryption: aes256-cbc", "Encryption: serpent-cbc");
    assert_ne!(unknown, text);
    scratch.write("unknown_cipher", unknown).expect("file");
    for mut command in ways(&build, "keys") {
        output(command.arg(scratch.path()));
        let mut written = 0;
        for entry in fs::read_dir(scratch.path()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.starts_with("out-") && !name.ends_with(".pub") {
                is_read_elsewhere(&scratch, &name);
                fs::remove_file(scratch.file(&name)).unwrap();
                written += 1;
            }
        }
        let rsa = if cfg!(feature = "aws_lc") { 6 } else { 0 };
        assert_eq!(written, 5 + 3 * 6 + rsa);
    }
}

#[test]
fn files_say_whom_to_trust() {
    let build = Build::new("hosts");
    let scratch = folder();
    let ed25519 = fs::read_to_string(scratch.file("ed25519.pub")).unwrap();
    let user = fs::read_to_string(scratch.file("user.pub")).unwrap();
    scratch.write("theirs", format!("hidden.lab {ed25519}")).expect("file");
    output(&mut tool("ssh-keygen", &["-q", "-H", "-f", &path(&scratch, "theirs")]));
    scratch.write("revoked", format!("serial: 1000\nkey: {user}")).expect("file");
    let (krl, ca) = (path(&scratch, "krl"), path(&scratch, "ca.pub"));
    output(&mut tool("ssh-keygen", &["-q", "-k", "-f", &krl, "-z", "42", "-s", &ca, &path(&scratch, "revoked")]));
    for mut command in ways(&build, "hosts") {
        output(command.arg(scratch.path()));
        for (file, name, key) in [
            ("known_hosts", "a.lab", &ed25519),
            ("known_hosts", "[b.lab]:2222", &ed25519),
            ("known_hosts_replaced", "[b.lab]:2222", &user),
            ("known_hosts_hashed", "a.lab", &ed25519),
            ("known_hosts_hashed", "[b.lab]:2222", &ed25519),
        ] {
            let found = output(&mut tool("ssh-keygen", &["-F", name, "-f", &path(&scratch, file)]));
            assert!(found.contains(words(key)[1]), "{file} {name}: {found}");
        }
    }
}

/// A program in the background, which ends with the test.
struct Background(Child);

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_agent_is_asked() {
    let build = Build::new("agent-ask");
    for mut command in ways(&build, "agent") {
        let scratch = folder();
        let socket = scratch.file("socket");
        let mut agent = tool("ssh-agent", &["-D", "-a", socket.to_str().unwrap()]);
        let agent = Background(
            agent.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("ssh-agent"),
        );
        assert!(wait_until(PATIENCE, || socket.exists()));
        output(command.arg(scratch.path()).arg("ask").arg(&socket));
        drop(agent);
    }
}

#[test]
fn an_agent_is_asked_in_one_program() {
    let build = Build::new("agent-pair");
    let scratch = folder();
    for mut command in ways(&build, "agent") {
        output(command.arg(scratch.path()).arg("pair"));
    }
}

#[test]
fn an_agent_in_c_serves_ssh_add_and_ssh_keygen() {
    let build = Build::new("agent-serve");
    for mut command in ways(&build, "agent") {
        let scratch = folder();
        let socket = scratch.file("socket");
        command.arg(scratch.path()).arg("serve").arg(&socket).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut agent = Background(command.spawn().expect("the agent"));
        let mut line = String::new();
        BufReader::new(agent.0.stdout.take().expect("pipe")).read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        let with_agent = |name: &str, arguments: &[&str]| -> Command {
            let mut command = tool(name, arguments);
            command.env("SSH_AUTH_SOCK", &socket);
            command
        };
        let none = with_agent("ssh-add", &["-l"]).output().unwrap();
        assert_eq!(none.status.code(), Some(1), "{none:?}");
        let at = |name: &str| path(&scratch, name);
        output(&mut with_agent("ssh-add", &["-q", &at("ed25519")]));
        output(&mut with_agent("ssh-add", &["-q", "-c", "-t", "600", &at("ecdsa")]));
        output(&mut with_agent("ssh-add", &["-q", &at("user")])); // and its certificate
        let listed = output(&mut with_agent("ssh-add", &["-l"]));
        assert_eq!(listed.lines().count(), 4, "{listed}");
        let fingerprint = output(&mut tool("ssh-keygen", &["-l", "-f", &at("ed25519.pub")]));
        assert!(listed.contains(fingerprint.split(' ').nth(1).unwrap()), "{listed}");
        for name in ["ed25519.pub", "ecdsa.pub", "user.pub"] {
            output(&mut with_agent("ssh-add", &["-T", &at(name)]));
        }
        let message = scratch.write("message", "what is signed").expect("file");
        let private = scratch.file("ed25519");
        fs::remove_file(&private).unwrap();
        signs_by(&mut with_agent("ssh-keygen", &["-Y", "sign", "-n", "file", "-f", &at("ed25519.pub")]), &message);
        output(&mut with_agent("ssh-add", &["-q", "-d", &at("ecdsa.pub")]));
        output(&mut with_agent("ssh-add", &["-q", "-D"]));
        assert_eq!(with_agent("ssh-add", &["-l"]).output().unwrap().status.code(), Some(1));
        // As an administrator would end it; it must, without a leak.
        output(&mut tool("kill", &["-TERM", &agent.0.id().to_string()]));
        let status = agent.0.wait().expect("end");
        let mut errors = String::new();
        std::io::Read::read_to_string(&mut agent.0.stderr.take().expect("pipe"), &mut errors).expect("text");
        assert_eq!(status.code(), Some(0), "{errors}");
    }
}

/// Signs a file through the agent, and has the signature checked.
fn signs_by(sign: &mut Command, message: &Path) {
    output(sign.arg(message));
    let signature: PathBuf = message.with_extension("sig");
    let mut check = tool("ssh-keygen", &["-Y", "check-novalidate", "-n", "file", "-s"]);
    check.arg(signature).stdin(fs::File::open(message).unwrap());
    let shown = check.output().unwrap();
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
}
