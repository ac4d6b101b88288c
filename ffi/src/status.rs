//! What calls say.

use crate::types::sansh_status;
use core::ffi::{CStr, c_char};
use ssh::config::ConfigError;
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
    /// sansh_send() without sansh_send_buf() right before it. Nothing was sent: start again with sansh_send_buf().
    SANSH_E_ORDER = -5,
    /// A call of the other role. Nothing changed.
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
}

pub(crate) use sansh_code as Code;

texts! {
    SANSH_OK c"done",
    SANSH_E_NULL c"a pointer that must not be NULL is",
    SANSH_E_POISONED c"an internal error was caught; free this handle and please report it",
    SANSH_E_ARGUMENT c"a number that is none of those listed for this argument",
    SANSH_E_RANGE c"more bytes than were lent",
    SANSH_E_ORDER c"sansh_send without sansh_send_buf right before it",
    SANSH_E_ROLE c"a call of the other role",
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
    SANSH_E_FILE_NOT_A_KEY c"this is not a private key file; make one with `ssh-keygen -t ed25519`",
    SANSH_E_FILE_PUBLIC c"this is a public key; give the file of the private key, mostly without `.pub`",
    SANSH_E_FILE_FORMAT c"the private key is in another file format; bring a copy of it into OpenSSH's with `ssh-keygen -p -f FILE`",
    SANSH_E_FILE_ENCRYPTED c"the private key is encrypted with a passphrase; take it off a copy with `ssh-keygen -p -f FILE`, or use a key without one",
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

impl From<ssh::Stale> for Code {
    fn from(_: ssh::Stale) -> Self {
        Code::SANSH_E_STALE
    }
}

impl From<SignError> for Code {
    fn from(error: SignError) -> Self {
        match error {
            SignError::Algorithm => Code::SANSH_E_ALGORITHM,
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
            BadKeyFile::OutOfMemory => Code::SANSH_E_MEMORY,
            _ => Code::SANSH_E_OTHER,
        }
    }
}
