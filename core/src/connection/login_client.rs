//! A client's login, between the wire and the application: what the server says, and what the application answers.
//! The states are [`auth::client`]'s.

use super::ask::{Kind, Login, Refused, Ticket, With};
use super::error::Error;
use super::input::LOGIN_SLOT;
use super::machine::{Core, Found, Lent, Machine};
use crate::auth::client::{Attempt, Expect, Input};
use crate::auth::{self, client};
use crate::crypto::SignatureAlgorithm;
use crate::message::{
    Field, Message, MethodFields, Text, UserauthBanner, UserauthFailure, UserauthInfoRequest, UserauthInfoResponse,
    UserauthPasswdChangereq, UserauthPkOk, UserauthRequest, UserauthSuccess,
};
use crate::transport::Method;
use crate::wire::{Sink, put_string};
use alloc::vec::Vec;
use core::ops::Range;

impl Machine {
    /// A message of a login that a server sends.
    pub(crate) fn login_reply(&mut self, number: u8, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        let malformed = |what| Error::Malformed { number, what };
        let bytes = self.lent.receive.slice(payload);
        match number {
            51 => {
                UserauthFailure::parse(bytes).map_err(malformed)?;
                self.core.login = self.core.login.on(Input::Failure)?;
                client::wipe_fields(&mut self.lent.login);
                self.core.ask_credential(Some(payload.clone())).map(Some)
            }
            52 => {
                UserauthSuccess::parse(bytes).map_err(malformed)?;
                if !self.core.attempt.proves && !self.core.settings().trivial_logins {
                    return Err(Error::TrivialLogin);
                }
                let proof = self.core.login.succeed()?;
                client::wipe_fields(&mut self.lent.login);
                self.core.enter_open(proof)?;
                Ok(None)
            }
            53 => {
                UserauthBanner::parse(bytes).map_err(malformed)?;
                self.core.banners = self.core.banners.saturating_add(1);
                if self.core.banners > self.core.settings().limits.banners {
                    return Err(Error::Flood);
                }
                Ok(Some(Found::Banner { payload: payload.clone() }))
            }
            // 60 is the method's: admitted is only what the open request can be answered by.
            _ => match self.core.login.method() {
                Method::Probe => self.pk_ok(payload).map(|()| None),
                Method::Password => {
                    UserauthPasswdChangereq::parse(bytes).map_err(malformed)?;
                    self.core.attempt.rounds = self.core.attempt.rounds.saturating_add(1);
                    if self.core.attempt.rounds > auth::ROUNDS_MAX {
                        return Err(Error::Flood);
                    }
                    self.core.login = self.core.login.on(Input::ChangeRequest)?;
                    let ticket = self.core.ask_login(Kind::NewPassword)?;
                    Ok(Some(Found::PasswordExpired { payload: payload.clone(), ticket }))
                }
                Method::Interactive => self.info_request(payload).map(Some),
                Method::Idle | Method::Open => Err(Error::Unexpected { number }),
            },
        }
    }

    /// Signed is only what was offered: "the public key algorithm name … and the public key blob" of PK_OK have to be those
    /// of the request (RFC 4252, section 7).
    fn pk_ok(&mut self, payload: &Range<usize>) -> Result<(), Error> {
        let malformed = |what| Error::Malformed { number: UserauthPkOk::NUMBER, what };
        let answer = UserauthPkOk::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
        let offered = client::signing(&self.lent.login)
            .is_some_and(|offer| offer.algorithm == answer.algorithm.0 && offer.key == answer.key);
        if !offered {
            return Err(Error::Unexpected { number: UserauthPkOk::NUMBER });
        }
        self.core.login = self.core.login.on(Input::PkOk)?;
        client::mark_signed(&mut self.lent.login);
        Ok(())
    }

    /// "the client MUST be prepared to handle multiple exchanges"; "The name and instruction fields MAY be empty
    /// strings; the client MUST be prepared to handle this correctly" (RFC 4256, section 3.2).
    fn info_request(&mut self, payload: &Range<usize>) -> Result<Found, Error> {
        let malformed = |what| Error::Malformed { number: UserauthInfoRequest::NUMBER, what };
        let request = UserauthInfoRequest::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
        let count = request.prompts.len();
        self.core.attempt.rounds = self.core.attempt.rounds.saturating_add(1);
        if count > auth::PROMPTS_MAX || self.core.attempt.rounds > auth::ROUNDS_MAX {
            return Err(Error::Flood);
        }
        self.core.prompts = count;
        self.core.login = self.core.login.on(Input::InfoRequest)?;
        let ticket = self.core.ask_login(Kind::Answers)?;
        Ok(Found::Prompts { payload: payload.clone(), ticket })
    }
}

impl Core {
    /// The application is asked for a credential, with the FAILURE that came, if one came.
    pub(crate) fn ask_credential(&mut self, payload: Option<Range<usize>>) -> Result<Found, Error> {
        Ok(Found::LoginNeeded { payload, ticket: self.ask_login(Kind::Credential)? })
    }

    pub(crate) fn answer_credential(&mut self, _: &Lent, ticket: Ticket, login: Login<'_>) -> Result<(), Refused> {
        self.check_single(ticket, Kind::Credential, 0)?;
        // Whether it fits is known before the question is used up.
        let composed = match login {
            Login::GiveUp => None,
            Login::Try { user, with } => Some((self.compose(user, &with)?, with)),
        };
        self.take_single(ticket, Kind::Credential, 0)?;
        let Some((draft, with)) = composed else {
            self.fail(Error::GaveUp);
            return Ok(());
        };
        let input = match with {
            With::PublicKey { probe: true, .. } => Input::Given(Expect::PkOk),
            With::PublicKey { .. } | With::HostBased { .. } => Input::GivenKey,
            With::Password(_) => Input::Given(Expect::PasswordVerdict),
            With::Interactive { .. } => Input::Given(Expect::Prompts),
            With::None | With::Other { .. } => Input::Given(Expect::Verdict),
        };
        let interactive = matches!(with, With::Interactive { .. });
        self.attempt = Attempt { interactive, proves: !interactive && with != With::None, rounds: 0 };
        self.transport.trace.login = with.context();
        let result = self.send_draft(draft, input);
        self.settle_answer(result);
        Ok(())
    }

    pub(crate) fn answer_prompts(&mut self, _: &Lent, ticket: Ticket, answers: &[&str]) -> Result<(), Refused> {
        self.check_single(ticket, Kind::Answers, 0)?;
        // None at all refuses the questions: the server answers with a FAILURE.
        if !answers.is_empty() && answers.len() != self.prompts {
            return Err(Refused::Unfit);
        }
        let draft = self.draft(&|sink| {
            sink.put(&[UserauthInfoResponse::NUMBER]);
            // "the client MUST respond with an SSH_MSG_USERAUTH_INFO_RESPONSE message"; "the client MUST send a
            // response message with a `0' num-responses field to complete the exchange"; "The responses MUST be ordered
            // as the prompts were ordered. That is, response[n] MUST be the answer to prompt[n]." (RFC 4256, section
            // 3.4)
            u32::try_from(answers.len()).unwrap_or(u32::MAX).write(sink);
            // "Clients MUST also accept empty responses from the user and pass them on as empty strings" (RFC 4256,
            // section 3.3); "it MUST convert the responses to ISO-10646 UTF-8 before transmitting" (RFC 4256, section
            // 3.4): a `str` is.
            answers.iter().for_each(|answer| put_string(sink, answer.as_bytes()));
        })?;
        self.take_single(ticket, Kind::Answers, 0)?;
        self.attempt.proves |= !answers.is_empty();
        let result = self.send_draft(draft, Input::Answered);
        self.settle_answer(result);
        Ok(())
    }

    /// The request goes again, with the old password and the new one (RFC 4252, section 8).
    pub(crate) fn answer_new_password(
        &mut self,
        lent: &Lent,
        ticket: Ticket,
        new: Option<&str>,
    ) -> Result<(), Refused> {
        self.check_single(ticket, Kind::NewPassword, 0)?;
        let draft = match new {
            None => None,
            Some(new) => {
                let user = client::parsed(&lent.login).map_or(&[][..], |request| request.user);
                let old = client::password(&lent.login).unwrap_or_default();
                Some(self.draft(&|sink| {
                    let fields = MethodFields(b"");
                    UserauthRequest::new(user, auth::CONNECTION, Text("password"), fields).write(sink);
                    true.write(sink);
                    put_string(sink, old);
                    put_string(sink, new.as_bytes());
                })?)
            }
        };
        self.take_single(ticket, Kind::NewPassword, 0)?;
        let result = match draft {
            Some(draft) => self.send_draft(draft, Input::Changed),
            None => self.login.on(Input::Declined).map(|state| self.login = state),
        };
        self.settle_answer(result);
        Ok(())
    }

    pub(crate) fn sign_login(&mut self, signature: Option<&[u8]>) -> Result<(), Error> {
        let Some(signature) = signature else {
            // Who declines for ever has nothing left to try.
            self.declined = self.declined.saturating_add(1);
            if self.declined >= self.settings().limits.attempts {
                return Err(Error::GaveUp);
            }
            self.login = self.login.on(Input::Declined)?;
            return Ok(());
        };
        self.signature = Vec::new();
        self.signature.try_reserve_exact(signature.len()).map_err(|_| Error::OutOfMemory)?;
        self.signature.extend_from_slice(signature);
        self.login = self.login.on(Input::Signed)?;
        Ok(())
    }

    /// A signature by the user's key, or the client host's, is due.
    pub(crate) fn ask_login_signature(&mut self) -> Result<Found, Error> {
        self.login = self.login.on(Input::AskingSignature)?;
        let serial = self.serial()?;
        self.auth_ask = Some(serial);
        Ok(Found::Sign { slot: LOGIN_SLOT, ticket: self.lend(serial, Kind::Signature, LOGIN_SLOT) })
    }

    fn send_draft(&mut self, draft: Result<Vec<u8>, Error>, input: Input) -> Result<(), Error> {
        self.draft = draft?;
        self.login = self.login.on(input)?;
        Ok(())
    }

    /// The request without its signature.
    fn compose(&self, user: &str, with: &With<'_>) -> Result<Result<Vec<u8>, Error>, Refused> {
        if let With::PublicKey { .. } = with
            && self.transport.peer_hostbound
            && !self.transport.kex.host_key.is_empty()
        {
            // Bound to the host key, so that an agent knows for whom it signs; what does not fit goes without.
            match self.compose_as(user, with, Some(&self.transport.kex.host_key)) {
                Err(Refused::TooLong) => {}
                composed => return composed,
            }
        }
        self.compose_as(user, with, None)
    }

    fn compose_as(
        &self,
        user: &str,
        with: &With<'_>,
        host_key: Option<&[u8]>,
    ) -> Result<Result<Vec<u8>, Error>, Refused> {
        let method = match with {
            With::None => "none",
            With::Password(_) => "password",
            With::PublicKey { .. } if host_key.is_some() => auth::HOSTBOUND,
            With::PublicKey { .. } => auth::PUBLICKEY,
            With::Interactive { .. } => auth::INTERACTIVE,
            With::HostBased { .. } => auth::HOSTBASED,
            With::Other { method, .. } => method,
        };
        self.draft(&|sink| {
            let fields = MethodFields(b"");
            // User names "MUST be encoded using ISO 10646 UTF-8" (RFC 4251, section 4.5): a `str` is.
            UserauthRequest::new(user.as_bytes(), auth::CONNECTION, Text(method), fields).write(sink);
            match *with {
                With::None => {}
                With::Password(password) => {
                    false.write(sink);
                    // "it MUST convert the password to ISO-10646 UTF-8 before transmitting" (RFC 4252, section 8): a
                    // `str` is.
                    put_string(sink, password.as_bytes());
                }
                With::PublicKey { algorithm, key, probe } => {
                    (!probe).write(sink);
                    put_string(sink, self.algorithm_for(algorithm, key).as_bytes());
                    put_string(sink, key);
                    if let Some(host_key) = host_key {
                        put_string(sink, host_key);
                    }
                }
                With::Interactive { submethods } => {
                    put_string(sink, b"");
                    // "Otherwise, it MUST send the empty string" (RFC 4256, section 3.1).
                    put_string(sink, submethods.as_bytes());
                }
                With::HostBased { algorithm, key, host, user } => {
                    put_string(sink, self.algorithm_for(algorithm, key).as_bytes());
                    put_string(sink, key);
                    put_string(sink, host.as_bytes());
                    put_string(sink, user.as_bytes());
                }
                With::Other { fields, .. } => sink.put(fields),
            }
        })
    }

    /// The algorithm that was named, or else the first that the server takes for such a key: it has to be one of
    /// `server-sig-algs` if the server sent them (RFC 8308, section 3.1; RFC 8332, section 3.3).
    fn algorithm_for<'a>(&self, named: &'a str, key: &'a [u8]) -> &'a str {
        if !named.is_empty() {
            return named;
        }
        let fitting = || self.settings().provider.signatures().iter().filter(|row| row.accepts(key));
        // Servers name the key's algorithm, and mean the certificate's as well.
        let plain = |row: &&'static dyn SignatureAlgorithm| row.certified().unwrap_or(*row).name();
        let takes = |row: &&&'static dyn SignatureAlgorithm| {
            self.transport.peer_takes(row.name()) || self.transport.peer_takes(plain(row))
        };
        let taken = fitting().find(takes).or_else(|| fitting().next());
        taken.map_or_else(|| crate::keys::PublicKey::new(key).key_type(), |row| row.name())
    }

    /// `string session_id`, then a message, in a slot of `Limits.login` bytes.
    fn draft(&self, message: &dyn Fn(&mut dyn Sink)) -> Result<Result<Vec<u8>, Error>, Refused> {
        self.in_slot(&|sink| {
            put_string(sink, self.transport.session().unwrap_or_default());
            message(sink);
        })
    }
}

impl With<'_> {
    /// What 60 means in answers to it.
    fn context(&self) -> crate::message::Context {
        use crate::message::Context;
        match self {
            With::Password(_) => Context::Password,
            With::Interactive { .. } => Context::Interactive,
            _ => Context::PublicKey,
        }
    }
}
