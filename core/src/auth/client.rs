//! The client's side of a login.
//!
//! "The client sends … SSH_MSG_USERAUTH_REQUEST"; the server answers each with SUCCESS, FAILURE, or a message of the
//! method (RFC 4252, sections 5 and 5.1). One request is open at a time; an answer without a question has no handler.
//!
//! ```text
//!  Service --SERVICE_ACCEPT--> Needed --asked--> Asked --answered--> Composed --written--> Waiting --SUCCESS--> Done
//!                                ^  ^              |                    |                   |  |
//!                                |  |              +--public key, no probe--> Signing       |  +--PK_OK--> Signing
//!                                |  +--declined------------------------------/   \--signed--> Composed
//!                                +----------------------------------------------------FAILURE--+
//! ```

use super::Authenticated;
use crate::connection::error::Error;
use crate::message::{Message, PublicKeyOffer, UserauthRequest};
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
    /// A request has to be written.
    Composed { probe: bool },
    /// A signature has to be asked for.
    Unsigned,
    /// It was asked for.
    Signing,
    /// The server's answer is due.
    Waiting { probe: bool },
    /// Logged in.
    Done,
}

/// What happens to a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// SERVICE_ACCEPT came.
    ServiceAccepted,
    /// The application is asked for a credential (a FAILURE asks at once).
    Asking,
    /// The application gave one that is sent as it is.
    Given,
    /// It gave a key to ask about first.
    GivenProbe,
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
}

impl State {
    /// The next state. A server's message that nothing asked for is its fault.
    pub(crate) fn on(self, input: Input) -> Result<State, Error> {
        use Input::*;
        use State::*;
        match (self, input) {
            (Service, ServiceAccepted) => Ok(Needed),
            (Needed, Asking) => Ok(Asked),
            (Asked, Given) => Ok(Composed { probe: false }),
            (Asked, GivenProbe) => Ok(Composed { probe: true }),
            (Asked, GivenKey) => Ok(Unsigned),
            (Unsigned, AskingSignature) => Ok(Signing),
            (Signing, Signed) => Ok(Composed { probe: false }),
            (Signing, Declined) => Ok(Needed),
            (Composed { probe }, Written) => Ok(Waiting { probe }),
            (Waiting { .. }, Failure) => Ok(Asked),
            (Waiting { probe: true }, PkOk) => Ok(Unsigned),
            // A query is never the proof of anything: "SSH_MSG_USERAUTH_SUCCESS" answers a request that can succeed.
            (Waiting { probe: false }, Success) => Ok(Done),
            (_, ServiceAccepted) => Err(Error::Unexpected { number: 6 }),
            (_, Failure) => Err(Error::Unexpected { number: 51 }),
            (_, Success) => Err(Error::Unexpected { number: 52 }),
            (_, PkOk) => Err(Error::Unexpected { number: 60 }),
            _ => Err(Error::Bug),
        }
    }

    /// What may arrive.
    pub(crate) fn method(self) -> Method {
        match self {
            State::Waiting { probe: true } => Method::Probe,
            State::Waiting { probe: false } => Method::Open,
            _ => Method::Idle,
        }
    }

    /// The proof, once.
    pub(crate) fn succeed(&mut self) -> Result<Authenticated, Error> {
        *self = self.on(Input::Success)?;
        Ok(Authenticated(()))
    }
}

/// A login in its slot: `string session_id`, then the request as it is sent, without the signature. This is the very
/// text that a signature covers (RFC 4252, section 7).
pub(crate) fn request(login: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(login);
    reader.string().ok()?;
    Some(reader.rest())
}

/// The method's name in a login.
pub(crate) fn method(login: &[u8]) -> Option<&str> {
    UserauthRequest::parse(request(login)?).ok().map(|request| request.method.0)
}

/// The key of a login, if it is a `publickey` one.
pub(crate) fn offer(login: &[u8]) -> Option<PublicKeyOffer<'_>> {
    let request = UserauthRequest::parse(request(login)?).ok()?;
    let mut reader = Reader::new(request.fields.0);
    reader.byte().ok()?;
    let algorithm = core::str::from_utf8(reader.string().ok()?).ok()?;
    let key = reader.string().ok()?;
    reader.end().ok()?;
    (request.method.0 == "publickey").then_some(PublicKeyOffer { algorithm, key, signature: None })
}

/// Makes a query a request that carries a signature.
pub(crate) fn mark_signed(login: &mut [u8]) {
    let Some(behind) = offer(login).map(|offer| offer.key.len().saturating_add(offer.algorithm.len())) else { return };
    // boolean, string algorithm, string key stand at the end.
    let at = login.len().saturating_sub(behind).saturating_sub(9);
    if let Some(flag) = login.get_mut(at) {
        *flag = 1;
    }
}

/// Wipes the method's own fields from a login that is written: a password may be among them.
pub(crate) fn wipe_fields(login: &mut Vec<u8>) {
    let fields = request(login).and_then(|request| UserauthRequest::parse(request).ok()).map(|r| r.fields.0.len());
    let keep = login.len().saturating_sub(fields.unwrap_or(login.len()));
    login.get_mut(keep..).unwrap_or_default().zeroize();
    login.truncate(keep);
}

#[cfg(test)]
mod tests {
    use super::*;
    use Input::*;
    use State::*;
    use std::{format, string::String};

    /// Every state by every input: the reviewed table. `!` is the server's fault, `-` cannot happen.
    #[test]
    fn every_state_by_every_input() {
        let states = [
            Service,
            Needed,
            Asked,
            Composed { probe: false },
            Composed { probe: true },
            Unsigned,
            Signing,
            Waiting { probe: false },
            Waiting { probe: true },
            Done,
        ];
        let inputs = [
            ServiceAccepted,
            Asking,
            Given,
            GivenProbe,
            GivenKey,
            AskingSignature,
            Signed,
            Declined,
            Written,
            Failure,
            Success,
            PkOk,
        ];
        let short = |state: State| match state {
            Composed { probe: true } => "com?".into(),
            Waiting { probe: true } => "wai?".into(),
            other => format!("{other:?}")[..3].to_lowercase(),
        };
        let mut table = String::new();
        for state in states {
            table += &format!("{:<4}", short(state));
            for input in inputs {
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
        // Columns: SERVICE_ACCEPT; asking; given as it is, to ask about, to sign; asking for a signature, signed, declined;
        // written; FAILURE, SUCCESS, PK_OK.
        let reviewed = "\
ser  nee  -    -    -    -    -    -    -    -    !    !    !
nee  !    ask  -    -    -    -    -    -    -    !    !    !
ask  !    -    com  com? uns  -    -    -    -    !    !    !
com  !    -    -    -    -    -    -    -    wai  !    !    !
com? !    -    -    -    -    -    -    -    wai? !    !    !
uns  !    -    -    -    -    sig  -    -    -    !    !    !
sig  !    -    -    -    -    -    com  nee  -    !    !    !
wai  !    -    -    -    -    -    -    -    -    ask  don  !
wai? !    -    -    -    -    -    -    -    -    ask  !    uns
don  !    -    -    -    -    -    -    -    -    !    !    !
";
        assert_eq!(table, reviewed, "\n{table}");
    }
}
