//! `authorized_keys` and `AuthorizedPrincipalsFile`: pure functions over their text.
//!
//! # Authorized keys
//!
//! May this key come in, and what may it do? (sshd(8), AUTHORIZED_KEYS FILE FORMAT). A server with few options asks
//! sansh_authorized_keys_find(), which names those that it enforces. A server that enforces all goes through the lines
//! of a key with sansh_authorized_next(), takes the first one whose sansh_authorized_admits() says SANSH_OK, keeps it
//! with the connection, and asks it before each thing that it grants:
//!
//!     size_t line = 0;
//!     sansh_authorized *by = NULL;
//!     while (sansh_authorized_next(text, len, key, key_len, 0, line, &by) == SANSH_OK) {
//!         if (sansh_authorized_admits(by, "192.0.2.7", NULL, time(NULL), 0) == SANSH_OK) break;
//!         line = sansh_authorized_line(by);
//!         sansh_authorized_free(by);
//!         by = NULL;
//!     }
//!
//! Lines that cannot be read, or that have an option that is not known, count as absent: sansh_bad_line().

use crate::entry::{self, Handle, Poison};
use crate::status::{Code, Code::*};
use crate::types::{sansh_bytes, sansh_status};
use core::ffi::c_char;
use core::net::IpAddr;
use ssh::UnixTime;
use ssh::files::AuthorizedPrincipals;
use ssh::files::authorized_keys::{AuthorizedKeys, Permissions, TurnedAway, Visitor};

/// A line of such a file that was found, with what its options permit. It keeps a copy of the line. Nothing changes it:
/// any number of threads may use it at once.
pub struct sansh_authorized {
    number: usize,
    /// The line, to be read again for questions; its options were good once.
    line: Vec<u8>,
    of: Of,
    comment: String,
    command: Option<String>,
    from: Option<String>,
    principals: Option<String>,
    environment: Vec<String>,
    poison: Poison,
}

/// Whose file it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Keys,
    Principals,
}

impl Handle for sansh_authorized {
    fn poison(&self) -> &Poison {
        &self.poison
    }
}

impl core::fmt::Debug for sansh_authorized {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("sansh_authorized")
    }
}

/// What may be granted.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_may {
    /// Forwarding the agent.
    SANSH_MAY_FORWARD_AGENT = 0,
    /// Forwarding ports at all; which, say sansh_authorized_may_open() and sansh_authorized_may_listen().
    SANSH_MAY_FORWARD_PORTS = 1,
    /// Forwarding X11.
    SANSH_MAY_FORWARD_X11 = 2,
    /// A terminal.
    SANSH_MAY_HAVE_PTY = 3,
    /// Running ~/.ssh/rc.
    SANSH_MAY_RUN_RC = 4,
    /// A security key's signature counts though nobody touched the key.
    SANSH_MAY_NOT_TOUCH = 5,
    /// A security key's signature counts though the key did not verify its user (a PIN, a finger).
    SANSH_MAY_NOT_VERIFY = 6,
    /// A tunnel device: sansh_authorized_tunnel().
    SANSH_MAY_TUNNEL = 7,
}

/// What stands in a line.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum sansh_authorized_text {
    /// The comment behind the key, or the name in a file of principals.
    SANSH_AUTHORIZED_COMMENT = 0,
    /// `command`: run it, whatever the client asks for.
    SANSH_AUTHORIZED_COMMAND = 1,
    /// `from`: sansh_authorized_admits() compares it.
    SANSH_AUTHORIZED_FROM = 2,
    /// `principals`: sansh_authorized_accepts() compares it.
    SANSH_AUTHORIZED_PRINCIPALS = 3,
    /// `environment`: `NAME=value`, each name once. sshd sets them only with `PermitUserEnvironment`.
    SANSH_AUTHORIZED_ENVIRONMENT = 4,
}

/// As the header says.
const _: () = {
    const fn is_shared<T: Send + Sync>() {}
    is_shared::<sansh_authorized>();
};

const NO_LINE: *mut sansh_authorized = core::ptr::null_mut();
const NO_NUMBER: i64 = -1;

/// Is a key in the text of an authorized_keys file (one line, or many)? SANSH_OK says yes, and at `*line` in which
/// line, from 1; `line` may be NULL.
///
/// Options in front of a key restrict it, so only lines count whose options the caller enforces: `enforced` names them,
/// comma-separated, in lower case; NULL is none. Their values: sansh_authorized_keys_option(). Lines that cannot be
/// read and lines of certificate authorities count as absent.
///
/// SANSH_E_NOT_FOUND, SANSH_E_RESTRICTED (the key stands there, but only with options that are not enforced: do not let
/// it in), SANSH_E_TEXT, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_keys_find(
    text: *const u8,
    text_len: usize,
    blob: *const u8,
    blob_len: usize,
    enforced: *const c_char,
    line: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), bytes(blob, blob_len), text_or_none(enforced), out_or_none(line); {
        let enforces = |name: &str| enforced.split(',').any(|one| one.trim() == name);
        let mut restricted = false;
        for entry in AuthorizedKeys::new(text).find_all(blob) {
            if entry.options().all(|option| enforces(&option.name)) {
                if let Some(place) = line {
                    *place = entry.line();
                }
                return Ok(());
            }
            restricted = true;
        }
        Err(if restricted { SANSH_E_RESTRICTED } else { SANSH_E_NOT_FOUND })
    })
}

/// Copies the value of option `name` (in lower case), the `index`-th of this name from 0, in line `line` of the text of
/// an authorized_keys file to `value`, a room of `room` bytes, and its length to `*len`. No NUL stands behind it. An
/// option without a value gives an empty one.
///
/// SANSH_E_NOT_FOUND (no such line, or no such option there), SANSH_E_SPACE (nothing was copied, `*len` says how much
/// is needed), SANSH_E_TEXT, SANSH_E_NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_keys_option(
    text: *const u8,
    text_len: usize,
    line: usize,
    name: *const c_char,
    index: usize,
    value: *mut u8,
    room: usize,
    len: *mut usize,
) -> sansh_status {
    enter!(alone; bytes(text, text_len), text(name), room(value, room, len); {
        let entry = AuthorizedKeys::new(text).entries().find(|entry| entry.line() == line).ok_or(SANSH_E_NOT_FOUND)?;
        let option = entry.options().filter(|option| option.name == name).nth(index).ok_or(SANSH_E_NOT_FOUND)?;
        entry::fill(value, len, option.value.as_deref().unwrap_or_default().as_bytes())
    })
}

/// The next line behind line `behind` (0 for the first one) of an authorized_keys file that has this key, at
/// `*authorized`; its number is sansh_authorized_line(). Free it with sansh_authorized_free(). With `authority` 0,
/// lines that let the key itself in; else those that make it an authority (`cert-authority`): `blob` is then a
/// certificate's `authority`, and the certificate's own restrictions count beside the line's. If it fails,
/// `*authorized` is NULL.
///
/// SANSH_E_NOT_FOUND (no further one: the key does not come in), SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_next(
    text: *const u8,
    text_len: usize,
    blob: *const u8,
    blob_len: usize,
    authority: i32,
    behind: usize,
    authorized: *mut *mut sansh_authorized,
) -> sansh_status {
    enter!(alone; out(authorized, NO_LINE), bytes(text, text_len), bytes(blob, blob_len); {
        let is_next = |number: usize, is_authority: bool| number > behind && is_authority == (authority != 0);
        let mut entries = AuthorizedKeys::new(text).entries();
        let entry = entries
            .find(|entry| entry.key().blob() == blob && is_next(entry.line(), entry.is_authority()))
            .ok_or(SANSH_E_NOT_FOUND)?;
        let found = (entry.line(), Of::Keys, entry.comment());
        *authorized = entry::give(kept(text, found, entry.permissions())?)?;
        Ok(())
    })
}

/// As sansh_authorized_next(), for a file of principals (`AuthorizedPrincipalsFile` in sshd_config(5)): the next line
/// with this name, compared byte for byte. Whose certificates count, is said elsewhere: sansh_authorities_of_users().
///
/// SANSH_E_NOT_FOUND (no further one), SANSH_E_NULL, SANSH_E_MEMORY.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_principal(
    text: *const u8,
    text_len: usize,
    name: *const u8,
    name_len: usize,
    behind: usize,
    authorized: *mut *mut sansh_authorized,
) -> sansh_status {
    enter!(alone; out(authorized, NO_LINE), bytes(text, text_len), bytes(name, name_len); {
        let mut entries = AuthorizedPrincipals::new(text).find_all(name);
        let entry = entries.find(|entry| entry.line() > behind).ok_or(SANSH_E_NOT_FOUND)?;
        let found = (entry.line(), Of::Principals, entry.principal());
        *authorized = entry::give(kept(text, found, entry.permissions())?)?;
        Ok(())
    })
}

/// Frees a line. NULL is allowed.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_free(authorized: *mut sansh_authorized) {
    enter!(free authorized)
}

/// Does the line let this visitor in, who has shown its key? Ask before the key is accepted. `address` is where the
/// connection comes from, as inet_ntop(3) writes it; `host` is the name of that address if it was looked up and looked
/// back; either may be NULL, and then no `from` that needs it lets anybody in. `now` is in seconds since 1970;
/// `east_of_utc` is how many seconds the server's clocks are ahead of UTC, for times without a zone.
///
/// SANSH_OK says yes, and nothing else does. SANSH_E_EXPIRED (its time is over), SANSH_E_ELSEWHERE (it does not name
/// where the visitor comes from), SANSH_E_ARGUMENT (`address` is none), SANSH_E_TEXT, SANSH_E_NULL, SANSH_E_POISONED:
/// the next line may still let it in.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_admits(
    authorized: *const sansh_authorized,
    address: *const c_char,
    host: *const c_char,
    now: u64,
    east_of_utc: i32,
) -> sansh_status {
    enter!(look authorized; text_or_none(address), text_or_none(host); {
        let address: Option<IpAddr> = match address {
            "" => None,
            text => Some(text.parse().map_err(|_| SANSH_E_ARGUMENT)?),
        };
        let host = Some(host).filter(|host| !host.is_empty());
        let visitor = Visitor::new(address, UnixTime(now)).host(host).east_of_utc(east_of_utc);
        match authorized.ask(|permissions| permissions.admits(&visitor))? {
            Ok(()) => Ok(()),
            Err(TurnedAway::Expired) => Err(SANSH_E_EXPIRED),
            Err(_) => Err(SANSH_E_ELSEWHERE),
        }
    })
}

/// May `what` (SANSH_MAY_…) be granted? 1 for yes; 0 for no, for a number that is none of these, and for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_may(authorized: *const sansh_authorized, what: i32) -> i32 {
    use sansh_may::*;
    enter!(look authorized;; {
        authorized.ask(|it| match what {
            n if n == SANSH_MAY_FORWARD_AGENT as i32 => it.agent_forwarding,
            n if n == SANSH_MAY_FORWARD_PORTS as i32 => it.port_forwarding,
            n if n == SANSH_MAY_FORWARD_X11 as i32 => it.x11_forwarding,
            n if n == SANSH_MAY_HAVE_PTY as i32 => it.pty,
            n if n == SANSH_MAY_RUN_RC as i32 => it.user_rc,
            n if n == SANSH_MAY_NOT_TOUCH as i32 => !it.touch_required,
            n if n == SANSH_MAY_NOT_VERIFY as i32 => !it.verify_required,
            n if n == SANSH_MAY_TUNNEL as i32 => it.tunnel.is_some(),
            _ => false,
        }).map(i32::from)
    } else |_code| 0)
}

/// May a connection to `host` at `port` be forwarded (`port-forwarding`, `permitopen`)? 1 for yes, 0 for no and for
/// NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_may_open(
    authorized: *const sansh_authorized,
    host: *const u8,
    host_len: usize,
    port: u16,
) -> i32 {
    enter!(look authorized; bytes(host, host_len); {
        let host = core::str::from_utf8(host).map_err(|_| SANSH_E_TEXT)?;
        authorized.ask(|it| it.may_open(host, port)).map(i32::from)
    } else |_code| 0)
}

/// May the server listen on `host` at `port` for the client (`port-forwarding`, `permitlisten`)? 1 for yes, 0 for no
/// and for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_may_listen(
    authorized: *const sansh_authorized,
    host: *const u8,
    host_len: usize,
    port: u16,
) -> i32 {
    enter!(look authorized; bytes(host, host_len); {
        let host = core::str::from_utf8(host).map_err(|_| SANSH_E_TEXT)?;
        authorized.ask(|it| it.may_listen(host, port)).map(i32::from)
    } else |_code| 0)
}

/// Does a certificate of this line's authority come in that has the principal `name`, where `user` is who it asks to
/// be: by the line's `principals`, or without them by the user's own name? 1 for yes, 0 for no and for NULL. The `name`
/// of a sansh_check is then this principal.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_accepts(
    authorized: *const sansh_authorized,
    name: *const u8,
    name_len: usize,
    user: *const u8,
    user_len: usize,
) -> i32 {
    enter!(look authorized; bytes(name, name_len), bytes(user, user_len); {
        authorized.ask(|it| it.accepts_principal(name, user)).map(i32::from)
    } else |_code| 0)
}

/// A text of the line: `which` is SANSH_AUTHORIZED_…, `index` is 0 but for those that may stand several times. UTF-8.
/// Lent until the line is freed. `ptr` is NULL if there is none; an empty text has a `ptr`.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_value(
    authorized: *const sansh_authorized,
    which: i32,
    index: usize,
) -> sansh_bytes {
    use sansh_authorized_text::*;
    enter!(look authorized;; {
        let text = match (which, index) {
            (n, 0) if n == SANSH_AUTHORIZED_COMMENT as i32 => Some(&authorized.comment),
            (n, 0) if n == SANSH_AUTHORIZED_COMMAND as i32 => authorized.command.as_ref(),
            (n, 0) if n == SANSH_AUTHORIZED_FROM as i32 => authorized.from.as_ref(),
            (n, 0) if n == SANSH_AUTHORIZED_PRINCIPALS as i32 => authorized.principals.as_ref(),
            (n, index) if n == SANSH_AUTHORIZED_ENVIRONMENT as i32 => authorized.environment.get(index),
            _ => None,
        };
        text.map(|text| text.as_str().into()).ok_or(SANSH_E_NOT_FOUND)
    } else |_code| sansh_bytes::NONE)
}

/// The number of the tunnel device (`tunnel`), at `*number`; -1 is any.
///
/// SANSH_E_NOT_FOUND (the line names none), SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_tunnel(
    authorized: *const sansh_authorized,
    number: *mut i64,
) -> sansh_status {
    enter!(look authorized; out(number, NO_NUMBER); {
        let tunnel = authorized.ask(|it| it.tunnel)?.ok_or(SANSH_E_NOT_FOUND)?;
        *number = tunnel.map_or(NO_NUMBER, i64::from);
        Ok(())
    })
}

/// The line's number, from 1. 0 for NULL.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_authorized_line(authorized: *const sansh_authorized) -> usize {
    enter!(look authorized;; { Ok(authorized.number) } else |_code| 0)
}

impl sansh_authorized {
    /// Reads the line again. One that does not come out as it did grants nothing.
    fn ask<T>(&self, question: impl FnOnce(&Permissions<'_>) -> T) -> Result<T, Code> {
        match self.of {
            Of::Keys => {
                let entry = AuthorizedKeys::new(&self.line).entries().next().ok_or(SANSH_E_OTHER)?;
                Ok(question(entry.permissions()))
            }
            Of::Principals => {
                let entry = AuthorizedPrincipals::new(&self.line).entries().next().ok_or(SANSH_E_OTHER)?;
                Ok(question(entry.permissions()))
            }
        }
    }
}

/// A copy of a line and of the texts in its options. What a line has is bounded by its 64 KiB.
fn kept(
    text: &[u8],
    (number, of, comment): (usize, Of, &str),
    permissions: &Permissions<'_>,
) -> Result<sansh_authorized, Code> {
    let at = number.checked_sub(1).ok_or(SANSH_E_OTHER)?;
    let line = text.split(|byte| *byte == b'\n').nth(at).ok_or(SANSH_E_OTHER)?.to_vec();
    Ok(sansh_authorized {
        number,
        line,
        of,
        comment: comment.to_owned(),
        command: permissions.command.as_deref().map(str::to_owned),
        from: permissions.from.as_deref().map(str::to_owned),
        principals: permissions.principals.as_deref().map(str::to_owned),
        environment: permissions.environment.iter().map(|variable| variable.as_ref().to_owned()).collect(),
        poison: Poison::default(),
    })
}
