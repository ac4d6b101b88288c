//! The client's side of a login.
//!
//! "The client sends … SSH_MSG_USERAUTH_REQUEST"; the server answers each with SUCCESS, FAILURE, or a message of the
//! method (RFC 4252, sections 5 and 5.1). One request is open at a time; an answer without a question has no handler.
//!
//! ```text
//!  Service --SERVICE_ACCEPT--> Needed --asked--> Asked --given--> Composed --written--> Waiting --SUCCESS--> Done
//!                                ^  ^              |                 ^                   | | | |
//!                                |  |              +--a key to sign--|--> Unsigned       | | | +--PK_OK--> Unsigned
//!                                |  +--declined-- Signing <--asked---|----/              | | +--INFO_REQUEST--> Prompted
//!                                |  |                \------signed---+------answered-----|-|--------------------/
//!                                |  +--declined-- Expired --changed--+                   | +--PASSWD_CHANGEREQ--> Expired
//!                                +-----------------------------------------------FAILURE-+
//! ```

use super::Authenticated;
use crate::auth;
use crate::connection::error::Error;
use crate::connection::event::Purpose;
use crate::message::{Message, UserauthRequest, parse_password};
use crate::transport::Method;
use crate::wire::Reader;
use alloc::vec::Vec;
use zeroize::Zeroize;

/// Where a login is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum State {
    /// SERVICE_REQUEST is due or its answer is.
    #[default]
    Service,
    /// The application has to be asked for a credential.
    Needed,
    /// It was asked.
    Asked,
    /// A message has to be written.
    Composed(Expect),
    /// A signature has to be asked for.
    Unsigned,
    /// It was asked for.
    Signing,
    /// The server's answer is due.
    Waiting(Expect),
    /// The application was given the server's questions.
    Prompted,
    /// The application was asked for a new password.
    Expired,
    /// Logged in.
    Done,
}

/// What a message that is sent may be answered by, beside FAILURE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// SUCCESS.
    Verdict,
    /// PK_OK: it asks whether a key would do, and can prove nothing.
    PkOk,
    /// SUCCESS, or PASSWD_CHANGEREQ.
    PasswordVerdict,
    /// SUCCESS, or INFO_REQUEST.
    Prompts,
}

/// What happens to a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// SERVICE_ACCEPT came.
    ServiceAccepted,
    /// The application is asked for a credential (a FAILURE asks at once).
    Asking,
    /// The application gave one that is sent as it is.
    Given(Expect),
    /// It gave a key to sign with at once.
    GivenKey,
    /// The application is asked for a signature.
    AskingSignature,
    /// It signed.
    Signed,
    /// It did not.
    Declined,
    /// The request is written.
    Written,
    /// FAILURE came.
    Failure,
    /// SUCCESS came.
    Success,
    /// PK_OK came, for the key and algorithm that were asked about.
    PkOk,
    /// INFO_REQUEST came.
    InfoRequest,
    /// The application answered the questions.
    Answered,
    /// PASSWD_CHANGEREQ came.
    ChangeRequest,
    /// The application gave a new password.
    Changed,
}

impl State {
    /// The next state. A server's message that nothing asked for is its fault.
    pub(crate) fn on(self, input: Input) -> Result<State, Error> {
        use Input::*;
        use State::*;
        match (self, input) {
            (Service, ServiceAccepted) => Ok(Needed),
            (Needed, Asking) => Ok(Asked),
            (Asked, Given(expect)) => Ok(Composed(expect)),
            (Asked, GivenKey) => Ok(Unsigned),
            (Unsigned, AskingSignature) => Ok(Signing),
            (Signing, Signed) => Ok(Composed(Expect::Verdict)),
            (Signing | Expired, Declined) => Ok(Needed),
            (Composed(expect), Written) => Ok(Waiting(expect)),
            (Waiting(_), Failure) => Ok(Asked),
            (Waiting(Expect::PkOk), PkOk) => Ok(Unsigned),
            (Waiting(Expect::Prompts), InfoRequest) => Ok(Prompted),
            (Prompted, Answered) => Ok(Composed(Expect::Prompts)),
            (Waiting(Expect::PasswordVerdict), ChangeRequest) => Ok(Expired),
            (Expired, Changed) => Ok(Composed(Expect::PasswordVerdict)),
            // A query is never the proof of anything: "SSH_MSG_USERAUTH_SUCCESS" answers a request that can succeed.
            (Waiting(Expect::Verdict | Expect::PasswordVerdict | Expect::Prompts), Success) => Ok(Done),
            (_, ServiceAccepted) => Err(Error::Unexpected { number: 6 }),
            (_, Failure) => Err(Error::Unexpected { number: 51 }),
            (_, Success) => Err(Error::Unexpected { number: 52 }),
            (_, PkOk | InfoRequest | ChangeRequest) => Err(Error::Unexpected { number: 60 }),
            _ => Err(Error::Bug),
        }
    }

    /// What may arrive.
    /// "A client MUST NOT send a subsequent request if it has not received a response from the server for a previous
    /// request" (RFC 4252, section 5.1): while one is open, none is composed.
    pub(crate) fn method(self) -> Method {
        match self {
            State::Waiting(Expect::Verdict) => Method::Open,
            State::Waiting(Expect::PkOk) => Method::Probe,
            State::Waiting(Expect::PasswordVerdict) => Method::Password,
            State::Waiting(Expect::Prompts) => Method::Interactive,
            _ => Method::Idle,
        }
    }

    /// The proof, once.
    pub(crate) fn succeed(&mut self) -> Result<Authenticated, Error> {
        *self = self.on(Input::Success)?;
        Ok(Authenticated(()))
    }
}

/// By what this client tries, and whether that shows anybody anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Attempt {
    /// Of `keyboard-interactive`: the answers in the slot do not name it.
    pub(crate) interactive: bool,
    /// A password, a signature or an answer was sent: SUCCESS is no gift (CVE-2021-36367, CVE-2021-36369).
    pub(crate) proves: bool,
    /// INFO_REQUESTs of this attempt.
    pub(crate) rounds: u32,
}

/// A login in its slot: `string session_id`, then the request as it is sent, without the signature. This is the very
/// text that a signature covers (RFC 4252, section 7).
pub(crate) fn request(login: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(login);
    reader.string().ok()?;
    Some(reader.rest())
}

/// The request of a login.
pub(crate) fn parsed(login: &[u8]) -> Option<UserauthRequest<'_>> {
    UserauthRequest::parse(request(login)?).ok()
}

/// What a login signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signing<'a> {
    pub(crate) purpose: Purpose,
    /// As the request names it: a certificate's algorithm, perhaps.
    pub(crate) algorithm: &'a str,
    pub(crate) key: &'a [u8],
}

/// The key of a login, if it is one by a key: its fields, as far as they stand before the signature.
pub(crate) fn signing(login: &[u8]) -> Option<Signing<'_>> {
    let request = parsed(login)?;
    let mut reader = Reader::new(request.fields.0);
    let purpose = match request.method.0 {
        auth::PUBLICKEY | auth::HOSTBOUND => {
            reader.byte().ok()?;
            Purpose::Login
        }
        auth::HOSTBASED => Purpose::HostBased,
        _ => return None,
    };
    let algorithm = core::str::from_utf8(reader.string().ok()?).ok()?;
    Some(Signing { purpose, algorithm, key: reader.string().ok()? })
}

/// Makes a query a request that carries a signature.
pub(crate) fn mark_signed(login: &mut [u8]) {
    // The boolean is the first of the method's own fields.
    let Some(fields) = parsed(login).map(|request| request.fields.0.len()) else { return };
    let at = login.len().saturating_sub(fields);
    if let Some(flag) = login.get_mut(at) {
        *flag = 1;
    }
}

/// The password of a login. Asked again for a new one, it is still the old one: "The password was not changed because the
/// new password was not acceptable" (RFC 4252, section 8).
pub(crate) fn password(login: &[u8]) -> Option<&[u8]> {
    let request = parsed(login).filter(|request| request.method.0 == "password")?;
    parse_password(request.fields.0).ok().map(|(old, _)| old.0)
}

/// Wipes the method's own fields from a login that is written: a password may be among them.
pub(crate) fn wipe_fields(login: &mut Vec<u8>) {
    let fields = parsed(login).map(|request| request.fields.0.len());
    let keep = login.len().saturating_sub(fields.unwrap_or(login.len()));
    login.get_mut(keep..).unwrap_or_default().zeroize();
    login.truncate(keep);
}

#[cfg(test)]
mod tests {
    use super::*;
    use Input::*;
    use State::*;
    use std::{format, string::String, vec};

    /// Every state by every input: the reviewed table. `!` is the server's fault, `-` cannot happen.
    #[test]
    fn every_state_by_every_input() {
        let expects = [Expect::Verdict, Expect::PkOk, Expect::PasswordVerdict, Expect::Prompts];
        let mut states = vec![Service, Needed, Asked, Unsigned, Signing, Prompted, Expired, Done];
        states.extend(expects.map(Composed));
        states.extend(expects.map(Waiting));
        let mut inputs = vec![ServiceAccepted, Asking];
        inputs.extend(expects.map(Given));
        inputs.extend([GivenKey, AskingSignature, Signed, Declined, Answered, Changed, Written]);
        inputs.extend([Failure, Success, PkOk, InfoRequest, ChangeRequest]);
        let of = |expect: Expect| match expect {
            Expect::Verdict => "",
            Expect::PkOk => "?",
            Expect::PasswordVerdict => "p",
            Expect::Prompts => "i",
        };
        let short = |state: State| match state {
            Composed(expect) => format!("com{}", of(expect)),
            Waiting(expect) => format!("wai{}", of(expect)),
            other => format!("{other:?}")[..3].to_lowercase(),
        };
        let mut table = String::new();
        for state in states {
            table += &format!("{:<4}", short(state));
            for input in inputs.iter().copied() {
                let cell = match state.on(input) {
                    Ok(next) => short(next),
                    Err(Error::Bug) => "-".into(),
                    Err(_) => "!".into(),
                };
                table += &format!(" {cell:<4}");
            }
            table = table.trim_end().into();
            table += "\n";
        }
        // Columns: SERVICE_ACCEPT; asking; given as it is: plain, to ask about, a password, interactive; a key to sign;
        // asking for a signature, signed, declined; questions answered; password changed; written; FAILURE, SUCCESS, PK_OK,
        // INFO_REQUEST, PASSWD_CHANGEREQ.
        let reviewed = "\
ser  nee  -    -    -    -    -    -    -    -    -    -    -    -    !    !    !    !    !
nee  !    ask  -    -    -    -    -    -    -    -    -    -    -    !    !    !    !    !
ask  !    -    com  com? comp comi uns  -    -    -    -    -    -    !    !    !    !    !
uns  !    -    -    -    -    -    -    sig  -    -    -    -    -    !    !    !    !    !
sig  !    -    -    -    -    -    -    -    com  nee  -    -    -    !    !    !    !    !
pro  !    -    -    -    -    -    -    -    -    -    comi -    -    !    !    !    !    !
exp  !    -    -    -    -    -    -    -    -    nee  -    comp -    !    !    !    !    !
don  !    -    -    -    -    -    -    -    -    -    -    -    -    !    !    !    !    !
com  !    -    -    -    -    -    -    -    -    -    -    -    wai  !    !    !    !    !
com? !    -    -    -    -    -    -    -    -    -    -    -    wai? !    !    !    !    !
comp !    -    -    -    -    -    -    -    -    -    -    -    waip !    !    !    !    !
comi !    -    -    -    -    -    -    -    -    -    -    -    waii !    !    !    !    !
wai  !    -    -    -    -    -    -    -    -    -    -    -    -    ask  don  !    !    !
wai? !    -    -    -    -    -    -    -    -    -    -    -    -    ask  !    uns  !    !
waip !    -    -    -    -    -    -    -    -    -    -    -    -    ask  don  !    !    exp
waii !    -    -    -    -    -    -    -    -    -    -    -    -    ask  don  !    pro  !
";
        assert_eq!(table, reviewed, "\n{table}");
    }
}
