//! Why a cell is blank although nobody measured it: one table. A row that passes in spite of its reason fails the test.
//! What a peer does not offer needs no line here: that is read off the wire.

use super::keys::MLDSA;
use super::logins::NOT_YET;
use super::rows::{BY_PEER, BY_SANSH, Row, Subject};

/// One reason: for these columns, and for the rows of this subject that the function picks.
struct Reason {
    /// None for all.
    columns: &'static [&'static str],
    subject: Subject,
    rows: fn(&str) -> bool,
    /// What stands in the words of the failure: another failure than this is one.
    sign: &'static str,
    text: &'static str,
}

const REASONS: &[Reason] = &[
    Reason {
        columns: &["dropbear", "dbclient"],
        subject: Subject::Rekey,
        rows: |name| name == BY_PEER,
        sign: ", 0 theirs",
        text: "Dropbear starts one after 1 GiB or 8 hours, and nothing shortens that",
    },
    Reason {
        columns: &["tinysshd"],
        subject: Subject::Rekey,
        rows: |name| name == BY_PEER,
        sign: ", 0 theirs",
        text: "TinySSH starts none",
    },
    Reason {
        columns: &["tinysshd"],
        subject: Subject::Rekey,
        rows: |name| name == BY_SANSH,
        sign: "not done in time at After",
        text: "TinySSH answers one and then hangs, with OpenSSH's client as with sansh; its other rows go without",
    },
    Reason {
        columns: &["libssh2 client"],
        subject: Subject::Rekey,
        rows: |name| name == BY_PEER,
        sign: ", 0 theirs",
        text: "libssh2 has no call to start one",
    },
    Reason {
        columns: &["dbclient"],
        subject: Subject::HostKey,
        rows: |name| name.starts_with("sk-"),
        sign: "exited: Bad ",
        text: "Dropbear's client names security keys among its host key algorithms and cannot check their signatures",
    },
    Reason {
        columns: &["libssh2 client"],
        subject: Subject::HostCertificate,
        rows: |_| true,
        sign: "ssh2.exceptions.Ke",
        text: "libssh2 names certificates among its host key algorithms and cannot read them",
    },
    Reason {
        columns: &["tinysshd"],
        subject: Subject::UserKey,
        rows: |name| name != "ssh-ed25519",
        sign: "no login",
        text: "TinySSH knows ssh-ed25519 alone",
    },
    Reason {
        columns: &["dbclient"],
        subject: Subject::UserKey,
        rows: |name| name == "rsa-sha2-512",
        sign: "exited",
        text: "Dropbear's client signs by RSA with SHA-256 alone",
    },
    Reason {
        columns: &CLIENTS,
        subject: Subject::UserKey,
        rows: |name| name == MLDSA,
        sign: "the client says",
        text: "the peer cannot read such a key",
    },
    Reason {
        columns: &["dbclient"],
        subject: Subject::UserCertificate,
        rows: |_| true,
        sign: "dbclient has no certificates",
        text: "Dropbear has no certificates",
    },
    Reason {
        columns: &[],
        subject: Subject::UserCertificate,
        rows: |name| name == "ssh-mldsa44-ed25519-cert-v01@openssh.com",
        sign: "nothing here certifies",
        text: "no program here makes such a certificate",
    },
    Reason {
        columns: &["dropbear"],
        subject: Subject::UserCertificate,
        rows: |_| true,
        sign: "no login",
        text: "Dropbear has no certificates",
    },
    Reason {
        columns: &["sshd", "sshd, 2", "sshd of Debian 12"],
        subject: Subject::UserCertificate,
        rows: |name| name.starts_with("webauthn-"),
        sign: "no login",
        text: "OpenSSH takes webauthn's signatures by plain keys alone",
    },
    Reason {
        columns: &["russh client"],
        subject: Subject::UserCertificate,
        rows: |name| name.starts_with("rsa-"),
        sign: "refused: Failure",
        text: "russh's client gives an RSA certificate the name of SHA-1, which sansh does not have",
    },
    Reason {
        columns: &["libssh client"],
        subject: Subject::UserCertificate,
        rows: |name| name.starts_with("ssh-ed25519-"),
        sign: "KeyImportError",
        text: "libssh does not join an Ed25519 key and its certificate",
    },
    Reason {
        columns: &["tinysshd"],
        subject: Subject::UserCertificate,
        rows: |_| true,
        sign: "no login",
        text: "TinySSH knows ssh-ed25519 alone",
    },
    Reason {
        columns: &["tinysshd"],
        subject: Subject::Login,
        rows: |name| name != "publickey" && name != "publickey, then password",
        sign: "no login",
        text: "TinySSH has no login but by public key",
    },
    Reason {
        columns: &["tinysshd"],
        subject: Subject::Login,
        rows: |name| name == "publickey, then password",
        sign: "step 1",
        text: "TinySSH has no login but by public key",
    },
    Reason {
        columns: &["sshd", "sshd, 2", "sshd of Debian 12"],
        subject: Subject::Login,
        rows: |name| name == "keyboard-interactive",
        sign: "no login",
        text: "OpenSSH's server asks by PAM, which would be the machine's own",
    },
    Reason {
        columns: &["ssh", "ssh, 2", "ssh of Debian 12"],
        subject: Subject::Login,
        rows: |name| name == "hostbased",
        sign: "ssh-keysign",
        text: "OpenSSH's client signs by a set-uid program with the machine's own keys",
    },
    Reason {
        columns: &["dropbear"],
        subject: Subject::Login,
        rows: |name| name == "keyboard-interactive",
        sign: "no login",
        text: "Dropbear's server asks by PAM, which would be the machine's own",
    },
    Reason {
        columns: &["dropbear"],
        subject: Subject::Login,
        rows: |name| name == "publickey, then password",
        sign: "step 1",
        text: NOT_YET,
    },
    Reason {
        columns: &["dbclient"],
        subject: Subject::Login,
        rows: |name| name == "publickey, then password",
        sign: "told one of both",
        text: NOT_YET,
    },
    Reason {
        columns: &["dropbear"],
        subject: Subject::Login,
        rows: |name| name == "hostbased",
        sign: "no login",
        text: "the peer has no such login",
    },
    Reason {
        columns: &["dbclient", "paramiko client", "libssh client"],
        subject: Subject::Login,
        rows: |name| name == "hostbased",
        sign: "hostbased",
        text: "the peer has no such login",
    },
    Reason {
        columns: &["paramiko server"],
        subject: Subject::Login,
        rows: |name| name == "hostbased",
        sign: "no login",
        text: "the peer has no such login",
    },
    Reason {
        columns: &["AsyncSSH server"],
        subject: Subject::Login,
        rows: |name| name == "publickey, then password",
        sign: "step 1",
        text: "AsyncSSH's server has no login in steps",
    },
    Reason {
        columns: &["libssh2 client"],
        subject: Subject::Login,
        rows: |name| name == "hostbased",
        sign: "ssh2.exceptions.SSH2Error",
        text: "libssh2 gives up before it sends the request, and does not say why",
    },
    Reason {
        columns: &["russh server"],
        subject: Subject::Login,
        rows: |name| name == "keyboard-interactive",
        sign: "no login",
        text: NOT_YET,
    },
    Reason {
        columns: &["russh client"],
        subject: Subject::Login,
        rows: |name| name == "keyboard-interactive",
        sign: "an unknown method",
        text: NOT_YET,
    },
    Reason {
        columns: &["russh server"],
        subject: Subject::Login,
        rows: |name| name == "hostbased",
        sign: "no login",
        text: NOT_YET,
    },
    Reason {
        columns: &["russh client"],
        subject: Subject::Login,
        rows: |name| name == "hostbased",
        sign: "an unknown method",
        text: NOT_YET,
    },
    Reason {
        columns: &["russh server"],
        subject: Subject::Login,
        rows: |name| name == "publickey, then password",
        sign: "no login",
        text: NOT_YET,
    },
    Reason {
        columns: &["russh client"],
        subject: Subject::Login,
        rows: |name| name == "publickey, then password",
        sign: "an unknown method",
        text: NOT_YET,
    },
];

/// The peers that are clients.
const CLIENTS: [&str; 9] = [
    "ssh",
    "ssh, 2",
    "ssh of Debian 12",
    "dbclient",
    "AsyncSSH client",
    "paramiko client",
    "russh client",
    "libssh client",
    "libssh2 client",
];

/// The reason for a cell, if one is written, and what the failure has to say.
pub(crate) fn written(column: &str, row: &Row) -> Option<(&'static str, &'static str)> {
    let fits = |reason: &&Reason| {
        (reason.columns.is_empty() || reason.columns.contains(&column))
            && reason.subject == row.subject
            && (reason.rows)(&row.name)
    };
    REASONS.iter().find(fits).map(|reason| (reason.text, reason.sign))
}
