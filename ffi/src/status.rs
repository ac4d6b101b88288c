//! What calls say.
//!
//! # Statuses
//!
//! What calls say.

use crate::types::sansh_status;
use core::ffi::{CStr, c_char};
use ssh::config::ConfigError;
use ssh::crypto::CryptoError;
use ssh::keys::CertError;
use ssh::signer::{BadKeyFile, SignError};
use ssh::{NewError, SendError};

macro_rules! texts {
    ($($code:ident $text:literal,)*) => {
        impl Code {
            /// For people.
            fn text(self) -> &'static CStr {
                match self { $(Code::$code => $text,)* }
            }

            fn of(status: sansh_status) -> Option<Code> {
                [$(Code::$code),*].into_iter().find(|code| *code as sansh_status == status)
            }
        }
    };
}

/// Values of sansh_status.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_code {
    /// Done.
    SANSH_OK = 0,
    /// A pointer that must not be NULL is. Nothing changed.
    SANSH_E_NULL = -1,
    /// A panic was caught, in this call or an earlier one, and the handle cannot be trusted any more. Free it. Please
    /// report it.
    SANSH_E_POISONED = -2,
    /// A number that is none of those listed for this argument. Nothing changed.
    SANSH_E_ARGUMENT = -3,
    /// More bytes than were lent. Nothing changed: repeat the call with what is true.
    SANSH_E_RANGE = -4,
    /// sansh_send() without sansh_send_buf() or sansh_send_buf_for() right before it. Nothing was sent: start again with sansh_send_buf().
    SANSH_E_ORDER = -5,
    /// A call of the other role, or SANSH_STDERR from a client. Nothing changed.
    SANSH_E_ROLE = -6,
    /// The channel or ask is not there any more, or is another connection's, or asks something else. Nothing changed.
    SANSH_E_STALE = -7,
    /// The channel is not open yet, or was finished or closed from this side; or the connection has ended or has no
    /// login yet. Nothing changed.
    SANSH_E_CLOSED = -8,
    /// No room now. Wait for SANSH_EVENT_WRITABLE (sansh_send_buf()) or SANSH_EVENT_ROOM (all else); for an answer,
    /// keep the ask with sansh_later() and repeat it after the next events; for sansh_backlog_push(), nothing was kept.
    SANSH_E_FULL = -9,
    /// The peer's window is used up. Wait for SANSH_EVENT_WRITABLE.
    SANSH_E_WINDOW = -10,
    /// A key exchange runs. Wait for SANSH_EVENT_WRITABLE (sansh_send_buf()) or SANSH_EVENT_ROOM (all else).
    SANSH_E_REKEYING = -11,
    /// As many requests, channels or forwardings are open as the limits allow. Wait until some are answered or closed.
    SANSH_E_LIMIT = -12,
    /// Longer than a packet may be, or than the limits allow.
    SANSH_E_TOO_LONG = -13,
    /// Out of memory.
    SANSH_E_MEMORY = -14,
    /// Connections use this configuration; it can change no more. Make another one.
    SANSH_E_BUSY = -15,
    /// The list is empty or names an algorithm that this provider does not have. Nothing changed.
    SANSH_E_ALGORITHM = -16,
    /// No signature algorithm of this provider takes such a key.
    SANSH_E_KEY = -17,
    /// The text is not UTF-8, or has a character or a length that is not allowed there.
    SANSH_E_TEXT = -18,
    /// The limits do not fit together, or a limit is below what the protocol needs, or above what can be counted.
    SANSH_E_BAD_LIMIT = -19,
    /// A server needs a host key: sansh_config_host_key().
    SANSH_E_NO_HOST_KEY = -20,
    /// The operating system gave no random bytes. Try later, or pass a seed.
    SANSH_E_RANDOM = -21,
    /// The room is too small; the length says how much is needed.
    SANSH_E_SPACE = -22,
    /// Not this time: see the function.
    SANSH_E_OTHER = -23,
    /// The key is in no line of the text.
    SANSH_E_NOT_FOUND = -24,
    /// The key stands only in lines with options that the caller does not enforce.
    SANSH_E_RESTRICTED = -25,
    /// Nothing is known about the host.
    SANSH_E_HOST_UNKNOWN = -26,
    /// The host is known with other keys: somebody may stand in between.
    SANSH_E_HOST_CHANGED = -27,
    /// The key is marked as revoked for the host.
    SANSH_E_HOST_REVOKED = -28,
    /// The answer does not fit the question: see the function. The question stays open.
    SANSH_E_UNFIT = -29,
    /// Not every key is proved: learn none of them.
    SANSH_E_PROOF = -30,
    /// Not one frame of a tunnel. Drop it.
    SANSH_E_FRAME = -31,
    /// Not a private key file.
    SANSH_E_FILE_NOT_A_KEY = -101,
    /// A public key, where a private one is needed.
    SANSH_E_FILE_PUBLIC = -102,
    /// A private key in another file format.
    SANSH_E_FILE_FORMAT = -103,
    /// A private key that needs a passphrase.
    SANSH_E_FILE_ENCRYPTED = -104,
    /// Longer than any key file.
    SANSH_E_FILE_TOO_LONG = -105,
    /// The key file's end marker is missing, or text follows it.
    SANSH_E_FILE_FRAME = -106,
    /// The key file's text is not base64.
    SANSH_E_FILE_BASE64 = -107,
    /// The key file is damaged.
    SANSH_E_FILE_DAMAGED = -108,
    /// The key file holds several keys, or none.
    SANSH_E_FILE_KEY_COUNT = -109,
    /// The key file's check numbers differ.
    SANSH_E_FILE_CHECK_NUMBERS = -110,
    /// The key file's padding is wrong.
    SANSH_E_FILE_PADDING = -111,
    /// The key file's public and private half differ.
    SANSH_E_FILE_MISMATCH = -112,
    /// A private key of a type that cannot sign here.
    SANSH_E_FILE_KEY_TYPE = -113,
    /// Not a public key line.
    SANSH_E_FILE_LINE = -114,
    /// The passphrase is another one, or the key file is damaged.
    SANSH_E_FILE_WRONG_PASSPHRASE = -115,
    /// Turning the passphrase into a key would take more time or memory than any honest key file needs.
    SANSH_E_FILE_COST = -116,
    /// The format of the key file is right, but it uses something that is not known here.
    SANSH_E_FILE_UNSUPPORTED = -117,
    /// This format is not encrypted here, or the effort of its passphrase is out of range.
    SANSH_E_FILE_PASSPHRASE = -118,
    /// The file of revoked keys is damaged or not understood to its end: nobody may come in.
    SANSH_E_FILE_REVOCATIONS = -119,
    /// The certificate is longer than any that is read.
    SANSH_E_CERT_TOO_LONG = -201,
    /// Not a certificate, or of a type that is not known here.
    SANSH_E_CERT_TYPE = -202,
    /// The certificate is not well-formed.
    SANSH_E_CERT_FORM = -203,
    /// No authority that is trusted here signed it.
    SANSH_E_CERT_AUTHORITY = -204,
    /// The authority's key is revoked.
    SANSH_E_CERT_AUTHORITY_REVOKED = -205,
    /// The authority signed by an algorithm that is not taken here.
    SANSH_E_CERT_AUTHORITY_ALGORITHM = -206,
    /// The authority's signature does not verify.
    SANSH_E_CERT_SIGNATURE = -207,
    /// The authority's key is a security key that nobody touched when it signed.
    SANSH_E_CERT_UNTOUCHED = -208,
    /// The certified key is not valid, or of an algorithm that is not taken here.
    SANSH_E_CERT_KEY = -209,
    /// The certified key is revoked.
    SANSH_E_CERT_KEY_REVOKED = -210,
    /// The certificate is revoked.
    SANSH_E_CERT_REVOKED = -211,
    /// A user's certificate where a host's is due, or the other way round.
    SANSH_E_CERT_KIND = -212,
    /// It begins to be valid later.
    SANSH_E_CERT_NOT_YET = -213,
    /// It is not valid any more.
    SANSH_E_CERT_EXPIRED = -214,
    /// It names nobody.
    SANSH_E_CERT_NOBODY = -215,
    /// It names others.
    SANSH_E_CERT_NAME = -216,
    /// It has a critical option that is not known here, or any at all if it is a host's.
    SANSH_E_CERT_OPTION = -217,
    /// The value of an option cannot be read.
    SANSH_E_CERT_OPTION_VALUE = -218,
    /// It is good from some addresses only, and it was not said where the peer comes from.
    SANSH_E_CERT_SOURCE_UNKNOWN = -219,
    /// It is not good from this address.
    SANSH_E_CERT_SOURCE = -220,
    /// The cryptographic backend failed.
    SANSH_E_CERT_CRYPTO = -221,
    /// This library does not make such keys, or this key does not sign here.
    SANSH_E_KEY_UNSUPPORTED = -301,
    /// A signature did not verify and was thrown away.
    SANSH_E_KEY_FAULT = -302,
    /// The certificate is for another key.
    SANSH_E_KEY_OTHER = -303,
    /// The key or certificate is revoked.
    SANSH_E_REVOKED = -304,
    /// The time of the line is over.
    SANSH_E_EXPIRED = -305,
    /// The line does not name where the visitor comes from.
    SANSH_E_ELSEWHERE = -306,
    /// What came is no message of the agent protocol, or no answer to what was asked. Close the connection.
    SANSH_E_AGENT = -307,
}

pub(crate) use sansh_code as Code;

texts! {
    SANSH_OK c"done",
    SANSH_E_NULL c"a pointer that must not be NULL is",
    SANSH_E_POISONED c"an internal error was caught; free this handle and please report it",
    SANSH_E_ARGUMENT c"a number that is none of those listed for this argument",
    SANSH_E_RANGE c"more bytes than sansh_recv_buf, sansh_transmit_buf, sansh_send_buf, sansh_trace or sansh_backlog_front lent, or a length that no memory has",
    SANSH_E_ORDER c"sansh_send without sansh_send_buf or sansh_send_buf_for right before it",
    SANSH_E_ROLE c"a call of the other role: sansh_answer_admission_..., sansh_banner and SANSH_STDERR are a server's, sansh_answer_login_..., sansh_answer_prompts and sansh_answer_new_password a client's",
    SANSH_E_STALE c"no such channel or question on this connection any more",
    SANSH_E_CLOSED c"not open yet, or closed",
    SANSH_E_FULL c"no room now",
    SANSH_E_WINDOW c"the peer's window is used up",
    SANSH_E_REKEYING c"a key exchange runs",
    SANSH_E_LIMIT c"a limit is reached",
    SANSH_E_TOO_LONG c"longer than a packet or a limit allows",
    SANSH_E_MEMORY c"out of memory",
    SANSH_E_BUSY c"connections use this configuration; it can change no more",
    SANSH_E_ALGORITHM c"the list is empty or names an algorithm that this provider does not have",
    SANSH_E_KEY c"no signature algorithm of this provider takes such a key",
    SANSH_E_TEXT c"the text has a character or length that is not allowed there",
    SANSH_E_BAD_LIMIT c"the limits do not fit together, or one is below what the protocol needs, or too large",
    SANSH_E_NO_HOST_KEY c"a server needs a host key: sansh_config_host_key",
    SANSH_E_RANDOM c"the operating system gave no random bytes",
    SANSH_E_SPACE c"the room is too small; the length says how much is needed",
    SANSH_E_OTHER c"not possible",
    SANSH_E_NOT_FOUND c"the key is in no line",
    SANSH_E_RESTRICTED c"the key stands only in lines with options that are not enforced here",
    SANSH_E_HOST_UNKNOWN c"nothing is known about the host",
    SANSH_E_HOST_CHANGED c"the host is known with another key: somebody may stand in between",
    SANSH_E_HOST_REVOKED c"the key is marked as revoked for the host",
    SANSH_E_UNFIT c"the answer does not fit the question",
    SANSH_E_PROOF c"not every host key is proved",
    SANSH_E_FRAME c"this is not one frame of a tunnel",
    SANSH_E_FILE_NOT_A_KEY c"this is not a private key file; make one with `ssh-keygen -t ed25519`",
    SANSH_E_FILE_PUBLIC c"this is a public key; give the file of the private key, mostly without `.pub`",
    SANSH_E_FILE_FORMAT c"the private key is in another file format; bring a copy of it into OpenSSH's with `ssh-keygen -p -f FILE`",
    SANSH_E_FILE_ENCRYPTED c"the private key is encrypted: give its passphrase, or take it off a copy with `ssh-keygen -p -f FILE`",
    SANSH_E_FILE_TOO_LONG c"the file is longer than any private key; is it the right one?",
    SANSH_E_FILE_FRAME c"the file must end with the line `-----END OPENSSH PRIVATE KEY-----`, with no other text around the key",
    SANSH_E_FILE_BASE64 c"the text between the markers is not base64; copy the file again from its source",
    SANSH_E_FILE_DAMAGED c"the key file is damaged; copy it again from its source",
    SANSH_E_FILE_KEY_COUNT c"the key file must hold exactly one key; put each into a file of its own",
    SANSH_E_FILE_CHECK_NUMBERS c"the key file's two check numbers differ: it is damaged; copy it again",
    SANSH_E_FILE_PADDING c"the key file's padding is wrong: it is damaged; copy it again from its source",
    SANSH_E_FILE_MISMATCH c"the key file's public and private half differ; do not use it, make a new key",
    SANSH_E_FILE_KEY_TYPE c"the private key is of a type that this version cannot use; make one with `ssh-keygen -t ed25519`",
    SANSH_E_FILE_LINE c"no public key: write it as `ssh-ed25519 AAAA... comment`",
    SANSH_E_FILE_WRONG_PASSPHRASE c"this is not the passphrase of the private key, or the file is damaged",
    SANSH_E_FILE_COST c"turning the passphrase into a key would take more time or memory than any honest key file needs; write the file anew with the usual effort",
    SANSH_E_FILE_UNSUPPORTED c"the private key file uses a cipher or key derivation that is not supported",
    SANSH_E_FILE_PASSPHRASE c"this file format is not encrypted here (use OpenSSH's), or the effort of its passphrase is out of range",
    SANSH_E_FILE_REVOCATIONS c"the file of revoked keys is damaged or of a newer kind: mend it, and let nobody in before",
    SANSH_E_CERT_TOO_LONG c"the certificate is too long",
    SANSH_E_CERT_TYPE c"it is no certificate of a known type",
    SANSH_E_CERT_FORM c"the certificate is not well-formed",
    SANSH_E_CERT_AUTHORITY c"the certificate is signed by an authority that is not trusted here",
    SANSH_E_CERT_AUTHORITY_REVOKED c"the key of the certificate's authority is revoked",
    SANSH_E_CERT_AUTHORITY_ALGORITHM c"the certificate's authority signed by an algorithm that is not accepted here",
    SANSH_E_CERT_SIGNATURE c"the certificate is forged: the authority's signature does not verify",
    SANSH_E_CERT_UNTOUCHED c"nobody touched the authority's security key when it signed the certificate",
    SANSH_E_CERT_KEY c"the key in the certificate is not valid or not of a kind that is accepted here",
    SANSH_E_CERT_KEY_REVOKED c"the key in the certificate is revoked",
    SANSH_E_CERT_REVOKED c"the certificate is revoked",
    SANSH_E_CERT_KIND c"the certificate is a user's where a host's is due, or a host's where a user's is",
    SANSH_E_CERT_NOT_YET c"the certificate is not valid yet; is the clock right?",
    SANSH_E_CERT_EXPIRED c"the certificate has expired: its owner needs a new one",
    SANSH_E_CERT_NOBODY c"the certificate names nobody: its authority must say whose it is",
    SANSH_E_CERT_NAME c"the certificate is for other names",
    SANSH_E_CERT_OPTION c"the certificate has a critical option that is not supported here",
    SANSH_E_CERT_OPTION_VALUE c"the certificate's authority gave an option a value that cannot be read",
    SANSH_E_CERT_SOURCE_UNKNOWN c"the certificate is good from some addresses only, and this side does not know the peer's",
    SANSH_E_CERT_SOURCE c"the certificate is not good from the peer's address",
    SANSH_E_CERT_CRYPTO c"the certificate could not be checked: the cryptographic backend failed",
    SANSH_E_KEY_UNSUPPORTED c"this library does not make or use private keys of this type; take an agent or `ssh-keygen`",
    SANSH_E_KEY_FAULT c"the signature did not verify and was thrown away: this machine computes wrongly",
    SANSH_E_KEY_OTHER c"the certificate is for another key",
    SANSH_E_REVOKED c"the key or certificate is revoked",
    SANSH_E_EXPIRED c"its expiry-time is over",
    SANSH_E_ELSEWHERE c"its from does not name where the client comes from",
    SANSH_E_AGENT c"what came is no message of the agent protocol, or no answer to what was asked",
}

/// What a status means, for people: a NUL-terminated text that lives for ever. Of an unknown one, a text that says so.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn sansh_status_text(status: sansh_status) -> *const c_char {
    enter!(alone;; { Ok(Code::of(status).map_or(c"unknown status", Code::text).as_ptr()) } else |code| code.text().as_ptr())
}

impl From<ConfigError> for Code {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::UnknownAlgorithm => Code::SANSH_E_ALGORITHM,
            ConfigError::UnknownKey => Code::SANSH_E_KEY,
            ConfigError::BadText => Code::SANSH_E_TEXT,
            ConfigError::BadLimit => Code::SANSH_E_BAD_LIMIT,
            ConfigError::OutOfMemory => Code::SANSH_E_MEMORY,
            _ => Code::SANSH_E_OTHER,
        }
    }
}

impl From<NewError> for Code {
    fn from(error: NewError) -> Self {
        match error {
            NewError::NoHostKey => Code::SANSH_E_NO_HOST_KEY,
            NewError::OutOfMemory => Code::SANSH_E_MEMORY,
            _ => Code::SANSH_E_OTHER,
        }
    }
}

impl From<SendError> for Code {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Full => Code::SANSH_E_FULL,
            SendError::Window => Code::SANSH_E_WINDOW,
            SendError::Rekeying => Code::SANSH_E_REKEYING,
            SendError::Stale => Code::SANSH_E_STALE,
            SendError::Closed => Code::SANSH_E_CLOSED,
            SendError::Limit => Code::SANSH_E_LIMIT,
            SendError::TooLong => Code::SANSH_E_TOO_LONG,
            SendError::OutOfMemory => Code::SANSH_E_MEMORY,
            _ => Code::SANSH_E_OTHER,
        }
    }
}

impl From<CertError> for Code {
    fn from(error: CertError) -> Self {
        match error {
            CertError::TooLong => Code::SANSH_E_CERT_TOO_LONG,
            CertError::Type => Code::SANSH_E_CERT_TYPE,
            CertError::Malformed(_)
            | CertError::Nonce
            | CertError::Role
            | CertError::Text
            | CertError::Principals
            | CertError::Options
            | CertError::AuthorityIsCertificate => Code::SANSH_E_CERT_FORM,
            CertError::UnknownAuthority => Code::SANSH_E_CERT_AUTHORITY,
            CertError::RevokedAuthority => Code::SANSH_E_CERT_AUTHORITY_REVOKED,
            CertError::AuthorityAlgorithm => Code::SANSH_E_CERT_AUTHORITY_ALGORITHM,
            CertError::AuthoritySignature => Code::SANSH_E_CERT_SIGNATURE,
            CertError::AuthorityUntouched => Code::SANSH_E_CERT_UNTOUCHED,
            CertError::Key => Code::SANSH_E_CERT_KEY,
            CertError::RevokedKey => Code::SANSH_E_CERT_KEY_REVOKED,
            CertError::RevokedCertificate => Code::SANSH_E_CERT_REVOKED,
            CertError::WrongRole => Code::SANSH_E_CERT_KIND,
            CertError::NotYetValid => Code::SANSH_E_CERT_NOT_YET,
            CertError::Expired => Code::SANSH_E_CERT_EXPIRED,
            CertError::NoPrincipals => Code::SANSH_E_CERT_NOBODY,
            CertError::WrongName => Code::SANSH_E_CERT_NAME,
            CertError::UnknownOption => Code::SANSH_E_CERT_OPTION,
            CertError::BadOption => Code::SANSH_E_CERT_OPTION_VALUE,
            CertError::SourceUnknown => Code::SANSH_E_CERT_SOURCE_UNKNOWN,
            CertError::WrongSource => Code::SANSH_E_CERT_SOURCE,
            CertError::Crypto(CryptoError::OutOfMemory) => Code::SANSH_E_MEMORY,
            CertError::Crypto(_) => Code::SANSH_E_CERT_CRYPTO,
            // A refusal without a number of its own is one all the same.
            _ => Code::SANSH_E_CERT_FORM,
        }
    }
}

impl From<ssh::Stale> for Code {
    fn from(_: ssh::Stale) -> Self {
        Code::SANSH_E_STALE
    }
}

impl From<SignError> for Code {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Algorithm => Code::SANSH_E_ALGORITHM,
            SignError::Unsupported(_) => Code::SANSH_E_KEY_UNSUPPORTED,
            SignError::Fault => Code::SANSH_E_KEY_FAULT,
            SignError::OutOfMemory => Code::SANSH_E_MEMORY,
            _ => Code::SANSH_E_OTHER,
        }
    }
}

impl From<ssh::keys::OutOfMemory> for Code {
    fn from(_: ssh::keys::OutOfMemory) -> Self {
        Code::SANSH_E_MEMORY
    }
}

impl From<ssh::keys::BadKeyLine> for Code {
    fn from(error: ssh::keys::BadKeyLine) -> Self {
        match error {
            ssh::keys::BadKeyLine::OutOfMemory => Code::SANSH_E_MEMORY,
            ssh::keys::BadKeyLine::Comment => Code::SANSH_E_TEXT,
            _ => Code::SANSH_E_FILE_LINE,
        }
    }
}

impl From<BadKeyFile> for Code {
    fn from(error: BadKeyFile) -> Self {
        match error {
            BadKeyFile::NotAKey => Code::SANSH_E_FILE_NOT_A_KEY,
            BadKeyFile::Public => Code::SANSH_E_FILE_PUBLIC,
            BadKeyFile::Format => Code::SANSH_E_FILE_FORMAT,
            BadKeyFile::Encrypted => Code::SANSH_E_FILE_ENCRYPTED,
            BadKeyFile::TooLong => Code::SANSH_E_FILE_TOO_LONG,
            BadKeyFile::Frame => Code::SANSH_E_FILE_FRAME,
            BadKeyFile::Base64 => Code::SANSH_E_FILE_BASE64,
            BadKeyFile::Damaged => Code::SANSH_E_FILE_DAMAGED,
            BadKeyFile::KeyCount => Code::SANSH_E_FILE_KEY_COUNT,
            BadKeyFile::CheckNumbers => Code::SANSH_E_FILE_CHECK_NUMBERS,
            BadKeyFile::Padding => Code::SANSH_E_FILE_PADDING,
            BadKeyFile::Mismatch => Code::SANSH_E_FILE_MISMATCH,
            BadKeyFile::KeyType => Code::SANSH_E_FILE_KEY_TYPE,
            BadKeyFile::WrongPassphrase => Code::SANSH_E_FILE_WRONG_PASSPHRASE,
            BadKeyFile::Cost => Code::SANSH_E_FILE_COST,
            BadKeyFile::Unsupported(_) => Code::SANSH_E_FILE_UNSUPPORTED,
            BadKeyFile::OutOfMemory => Code::SANSH_E_MEMORY,
            _ => Code::SANSH_E_OTHER,
        }
    }
}
