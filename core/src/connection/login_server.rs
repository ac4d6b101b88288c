//! Logins on a server, between the wire and the application: what a client asks, what is verified before anybody hears of it,
//! and what the application's verdict leads to. The states are [`auth::server`]'s.

use super::ask::{Kind, Refused, Ticket, Verdict};
use super::error::Error;
use super::machine::{Core, Found, Lent, Machine};
use crate::auth::record::{self, Detail, Judging};
use crate::auth::server::{Answer, Input};
use crate::auth::{self, Identity, server};
use crate::crypto::{CryptoError, SecurityKey, SignatureAlgorithm, Verified};
use crate::keys::{Certificate, CertificateKind, Restrictions};
use crate::message::{
    Context, HostBasedOffer, Message, Prompts, PublicKeyOffer, UserauthInfoRequest, UserauthInfoResponse,
    UserauthPasswdChangereq, UserauthRequest, parse_hostbound, parse_interactive, parse_password,
};
use crate::wire::{Malformed, Reader, SliceSink, put_string};
use alloc::vec::Vec;
use core::ops::Range;
use zeroize::Zeroize;

/// What a login request comes to before the application sees it.
enum Judged {
    Hopeless,
    Query,
    Login { secret: bool },
}

/// A login by a key, whichever method's.
struct Keyed<'a> {
    /// `publickey`, whether bound to the host key or not: to a client both are one method.
    method: &'static str,
    offer: PublicKeyOffer<'a>,
    /// The server's host key that it is bound to.
    bound: Option<&'a [u8]>,
    /// The client host's name and its user's.
    host: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Keyed<'a> {
    fn read(request: &UserauthRequest<'a>) -> Result<Self, Malformed> {
        let fields = request.fields.0;
        let (method, bound, host) = (auth::PUBLICKEY, None, None);
        Ok(match request.method.0 {
            auth::HOSTBOUND => {
                let (offer, host_key) = parse_hostbound(fields)?;
                Keyed { method, offer, bound: Some(host_key), host }
            }
            auth::HOSTBASED => {
                let HostBasedOffer { algorithm, key, host, user, signature } = HostBasedOffer::parse(fields)?;
                let offer = PublicKeyOffer { algorithm, key, signature: Some(signature) };
                Keyed { method: auth::HOSTBASED, offer, bound, host: Some((host, user)) }
            }
            _ => Keyed { method, offer: PublicKeyOffer::parse(fields)?, bound, host },
        })
    }

    /// Bytes between the key and the length field of the signature.
    fn behind_key(&self) -> usize {
        let (host, user) = self.host.unwrap_or_default();
        let strings = [self.bound, self.host.map(|_| host), self.host.map(|_| user)];
        strings.iter().flatten().fold(0, |sum: usize, string| sum.saturating_add(string.len()).saturating_add(4))
    }
}

/// `verify-required` of a certificate: its security key has to say that it verified its user. What cannot be read as a
/// certificate is a plain key, and demands nothing.
fn verified_as_required(key: &[u8], verified: &Verified) -> bool {
    let Ok(certificate) = Certificate::parse(key) else { return true };
    let required = Restrictions::of(&certificate).is_ok_and(|restrictions| restrictions.verify_required);
    !required || verified.security_key.is_some_and(SecurityKey::user_verified)
}

impl Machine {
    /// USERAUTH_REQUEST.
    pub(crate) fn login(&mut self, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        self.count_login_message()?;
        if self.core.logins.state == server::State::Prompted {
            // Questions that nobody answers are a failed attempt: each may have called somebody's telephone.
            self.core.count_failure()?;
        }
        let judged = self.judge(payload)?;
        self.core.logins.prompts = 0;
        match judged {
            Judged::Hopeless => self.hopeless(Input::Hopeless),
            Judged::Query => {
                let limits = &self.lent.shared.settings().limits;
                self.core.logins.probes = self.core.logins.probes.saturating_add(1);
                if self.core.logins.probes > limits.probes {
                    return Err(Error::TooManyAttempts);
                }
                self.core.logins.state = self.core.logins.state.on(Input::Query)?;
                let ticket = self.core.ask_login(Kind::KeyQuery)?;
                Ok(Some(Found::KeyQuery { payload: payload.clone(), ticket }))
            }
            Judged::Login { secret } => {
                self.core.logins.rounds = 0;
                self.core.logins.state = self.core.logins.state.on(Input::Request)?;
                self.ask_admission(payload, secret)
            }
        }
    }

    /// USERAUTH_INFO_RESPONSE: the answers to our questions.
    pub(crate) fn info_response(&mut self, payload: &Range<usize>) -> Result<Option<Found>, Error> {
        self.count_login_message()?;
        let malformed = |what| Error::Malformed { number: UserauthInfoResponse::NUMBER, what };
        let message = UserauthInfoResponse::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
        // "If the num-responses field does not match the num-prompts field in the request message, the server MUST send a
        // failure message" (RFC 4256, section 3.4).
        let fits = message.responses.len() == self.core.logins.prompts;
        let short = message.responses.iter().all(|response| response.len() <= auth::PASSWORD_MAX);
        if !fits || !short {
            return self.hopeless(Input::HopelessResponse);
        }
        self.core.logins.state = self.core.logins.state.on(Input::Response)?;
        self.ask_admission(payload, true)
    }

    pub(crate) fn count_login_message(&mut self) -> Result<(), Error> {
        self.core.logins.messages = self.core.logins.messages.saturating_add(1);
        let most = self.lent.shared.settings().limits.auth_messages;
        if self.core.logins.messages > most { Err(Error::TooManyAttempts) } else { Ok(()) }
    }

    fn hopeless(&mut self, input: Input) -> Result<Option<Found>, Error> {
        // Whatever it was, a password may have been in it.
        self.lent.receive.wipe();
        self.core.logins.state = self.core.logins.state.on(input)?;
        self.core.count_failure()?;
        Ok(None)
    }

    fn ask_admission(&mut self, payload: &Range<usize>, secret: bool) -> Result<Option<Found>, Error> {
        self.core.wipe = secret;
        let steps = self.core.logins.steps;
        let accepted = self.core.logins.accepted;
        let ticket = self.core.ask_login(Kind::Admission)?;
        Ok(Some(Found::Login { payload: payload.clone(), ticket, steps, accepted }))
    }

    /// Reads the whole request before anybody is asked about the user (CVE-2018-15473), checks a signature, and puts the
    /// step on the record behind the accepted ones.
    fn judge(&mut self, payload: &Range<usize>) -> Result<Judged, Error> {
        let malformed = |what| Error::Malformed { number: UserauthRequest::NUMBER, what };
        let request = UserauthRequest::parse(self.lent.receive.slice(payload)).map_err(malformed)?;
        let (fields, method) = (request.fields.0, request.method.0);
        self.core.logins.asks_methods = method == "none";
        self.core.logins.kind = server::Kind::Other;
        if request.user.len() > auth::USER_MAX || method.len() > 64 {
            return Ok(Judged::Hopeless);
        }
        let settings = self.lent.shared.settings();
        let capacity = usize::try_from(settings.limits.login).unwrap_or(usize::MAX);
        let logins = &mut self.core.logins;
        let accepted = self.lent.login.get(..logins.accepted).unwrap_or_default();
        let same = Identity::new(accepted).is_some_and(|identity| identity.user() == request.user);
        if !same || request.service != auth::CONNECTION {
            // "The server implementation MUST carefully check them in every message, and MUST flush any accumulated
            // authentication states if they change. If it is unable to flush an authentication state, it MUST disconnect if
            // the 'user name' or 'service name' changes." (RFC 4252, section 5)
            if logins.steps > 0 {
                return Err(Error::UserChanged);
            }
            logins.accepted = 0;
            logins.change_asked = false;
            if !record::begin(&mut self.lent.login, capacity, request.user)? {
                return Ok(Judged::Hopeless);
            }
            logins.accepted = self.lent.login.len();
        }
        // "if the service does not exist, authentication MUST NOT be accepted" (RFC 4252, section 5).
        if request.service != auth::CONNECTION {
            return Ok(Judged::Hopeless);
        }
        self.lent.login.truncate(logins.accepted);
        let bare = |method| Judging { method, algorithm: "", key: b"", detail: Detail::Nothing };
        let (step, judged, kind) = match method {
            // The application says whether a user needs no authentication: "The server MUST always reject this request,
            // unless the client is to be granted access without any authentication, in which case, the server MUST
            // accept this request." (RFC 4252, section 4) "If no authentication is needed for the user, the server MUST
            // return SSH_MSG_USERAUTH_SUCCESS." (RFC 4252, section 5.2)
            "none" if fields.is_empty() => (bare("none"), Judged::Login { secret: false }, server::Kind::Other),
            "none" => return Ok(Judged::Hopeless),
            "password" => {
                let (password, new) = parse_password(fields).map_err(malformed)?;
                // A change that nobody asked for never succeeds (CVE-2012-5975).
                let asked = core::mem::take(&mut logins.change_asked);
                let short = [Some(password), new].iter().flatten().all(|secret| secret.0.len() <= auth::PASSWORD_MAX);
                if !short || (new.is_some() && !asked) {
                    return Ok(Judged::Hopeless);
                }
                (bare("password"), Judged::Login { secret: true }, server::Kind::Password)
            }
            auth::INTERACTIVE => {
                parse_interactive(fields).map_err(malformed)?;
                (bare(auth::INTERACTIVE), Judged::Login { secret: false }, server::Kind::Interactive)
            }
            // "publickey REQUIRED" (RFC 4252, section 5); "The only REQUIRED authentication 'method name' is publickey
            // authentication. All implementations MUST support this method" (RFC 4252, section 7).
            auth::PUBLICKEY | auth::HOSTBOUND | auth::HOSTBASED => return self.judge_key(payload),
            other if super::channels::listed(&settings.auth_methods, other) => {
                (bare(other), Judged::Login { secret: true }, server::Kind::Other)
            }
            // "the server SHOULD simply reject requests that it does not recognize" (RFC 4252, section 5).
            _ => return Ok(Judged::Hopeless),
        };
        if !step.record(&mut self.lent.login, capacity)? {
            return Ok(Judged::Hopeless);
        }
        self.core.logins.kind = kind;
        Ok(judged)
    }

    /// A login by a key: the user's, or the client host's.
    fn judge_key(&mut self, payload: &Range<usize>) -> Result<Judged, Error> {
        let malformed = |what| Error::Malformed { number: UserauthRequest::NUMBER, what };
        // Read once to find the key and verify, and once more behind that to put it on record: verifying moves things about.
        fn read(bytes: &[u8]) -> Result<Keyed<'_>, Malformed> {
            UserauthRequest::parse(bytes).and_then(|request| Keyed::read(&request))
        }
        let settings = self.lent.shared.settings();
        let capacity = usize::try_from(settings.limits.login).unwrap_or(usize::MAX);
        let keyed = read(self.lent.receive.slice(payload)).map_err(malformed)?;
        let (host, user) = keyed.host.unwrap_or_default();
        if host.len() > auth::USER_MAX || user.len() > auth::USER_MAX {
            return Ok(Judged::Hopeless);
        }
        // Bound is it to the key that signed this connection's first exchange (OpenSSH PROTOCOL, section 3.1).
        let own = self.core.transport.kex.first_host.and_then(|row| self.lent.shared.host_key(row));
        if keyed.bound.is_some() && keyed.bound != own.map(|own| &own.blob[..]) {
            return Ok(Judged::Hopeless);
        }
        // "If the server does not support some algorithm, it MUST simply reject the request" (RFC 4252, section 7).
        // The allow-list is compared by the whole name, the blob by the algorithm (CVE-2026-35387).
        let rows = settings.signatures.rows().iter().copied();
        let Some(row) =
            rows.into_iter().find(|row| row.name() == keyed.offer.algorithm && row.accepts(keyed.offer.key))
        else {
            return Ok(Judged::Hopeless);
        };
        let touch = settings.touch;
        let (key, behind) = (keyed.offer.key.len(), keyed.behind_key());
        let signature = keyed.offer.signature.map(<[u8]>::len);
        // "it MUST check whether the supplied key is acceptable for authentication, and if so, it MUST check whether
        // the signature is correct" (RFC 4252, section 7). The order is the other way round: nobody is asked about a
        // key that has not signed. "The server MUST check that the key is a valid authenticator for the user, and MUST
        // check that the signature is valid. If both hold, the authentication request MUST be accepted; otherwise, it
        // MUST be rejected." (RFC 4252, section 7): the first is the application's to say.
        let verified = match signature {
            None => Verified::default(),
            Some(signature) => match self.verify_login(payload, row, key, behind, signature)? {
                Some(verified) => verified,
                None => return Ok(Judged::Hopeless),
            },
        };
        // Somebody has to have touched a security key, unless the configuration says otherwise (CVE-2026-39831).
        if touch && verified.security_key.is_some_and(|key| !key.user_present()) {
            return Ok(Judged::Hopeless);
        }
        let keyed = read(self.lent.receive.slice(payload)).map_err(malformed)?;
        if signature.is_some() && !verified_as_required(keyed.offer.key, &verified) {
            return Ok(Judged::Hopeless);
        }
        let detail = match (keyed.host, verified.security_key) {
            (Some((host, user)), _) => Detail::Host(host, user),
            (None, Some(security_key)) => Detail::SecurityKey(security_key),
            (None, None) => Detail::Nothing,
        };
        let step = Judging { method: keyed.method, algorithm: row.name(), key: keyed.offer.key, detail };
        if !step.record(&mut self.lent.login, capacity)? {
            return Ok(Judged::Hopeless);
        }
        let hosts = keyed.method == auth::HOSTBASED;
        let wanted = if hosts { CertificateKind::Host } else { CertificateKind::User };
        let certificate = row.certified().is_some();
        self.core.logins.kind = if certificate { server::Kind::Certificate(wanted) } else { server::Kind::Other };
        Ok(if signature.is_some() { Judged::Login { secret: false } } else { Judged::Query })
    }

    /// The signature covers `string session_id` and the request up to the signature (RFC 4252, sections 7 and 9): the session
    /// identifier is written into the room in front of the request, so that both lie in one piece. `None` for a bad one.
    fn verify_login(
        &mut self,
        payload: &Range<usize>,
        row: &'static dyn SignatureAlgorithm,
        key: usize,
        behind: usize,
        signature: usize,
    ) -> Result<Option<Verified>, Error> {
        let session = self.core.transport.session().ok_or(Error::Bug)?;
        let prefix = session.len().saturating_add(4);
        let whole = self.lent.receive.with_headroom(payload, prefix);
        put_string(&mut SliceSink::new(whole), session);
        let signature_at = whole.len().saturating_sub(signature);
        let signed = signature_at.saturating_sub(4);
        let key_end = signed.saturating_sub(behind);
        let key_at = key_end.saturating_sub(key);
        let (Some(message), Some(key), Some(signature)) =
            (whole.get(..signed), whole.get(key_at..key_end), whole.get(signature_at..))
        else {
            return Err(Error::Bug);
        };
        // "The server MUST verify … that the 'signature' value is a valid signature on the appropriate value by the given
        // host key" (RFC 4252, section 9): for `hostbased`, as for a user's key. The rest of that sentence is the
        // application's, which is asked with the host, the user there and the key.
        match row.verify(key, message, signature) {
            Ok(verified) => Ok(Some(verified)),
            Err(CryptoError::BadSignature) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }
}

impl Core {
    /// Whether a login's answer is due, so that the next request stays unread.
    pub(crate) fn login_waits(&self) -> bool {
        self.server && (self.service || self.logins.state.waits())
    }

    /// A request failed: "the server SHOULD limit the number of failed authentication attempts" (RFC 4252, section 4).
    /// A `none`, by which a client asks for the methods, is no attempt; the number of messages bounds it.
    pub(crate) fn count_failure(&mut self) -> Result<(), Error> {
        if !self.logins.asks_methods {
            self.logins.failed = self.logins.failed.saturating_add(1);
        }
        if self.logins.failed >= self.settings().limits.attempts { Err(Error::TooManyAttempts) } else { Ok(()) }
    }

    pub(crate) fn ask_login(&mut self, kind: Kind) -> Result<Ticket, Error> {
        let serial = self.serial()?;
        self.auth_ask = Some(serial);
        Ok(self.lend(serial, kind, 0))
    }

    pub(crate) fn answer_key_query(&mut self, _: &Lent, ticket: Ticket, fits: bool) -> Result<(), Refused> {
        self.take_single(ticket, Kind::KeyQuery, 0)?;
        let answer = if fits { Answer::PkOk } else { Answer::Failure { partial: false } };
        let result = self.answer_login(answer);
        self.settle_answer(result);
        Ok(())
    }

    pub(crate) fn answer_admission(
        &mut self,
        lent: &Lent,
        ticket: Ticket,
        verdict: Verdict<'_>,
    ) -> Result<(), Refused> {
        self.check_single(ticket, Kind::Admission, 0)?;
        self.check_verdict(lent, &verdict)?;
        let question = match verdict {
            Verdict::Prompt { name, instruction, prompts } => {
                let prompts = Prompts::of(prompts);
                let message = UserauthInfoRequest::new(name.as_bytes(), instruction.as_bytes(), b"", prompts);
                Some(self.in_slot(&|sink| message.write(sink))?)
            }
            Verdict::ChangePassword { prompt } => {
                let message = UserauthPasswdChangereq::new(prompt.as_bytes(), b"");
                Some(self.in_slot(&|sink| message.write(sink))?)
            }
            _ => None,
        };
        self.take_single(ticket, Kind::Admission, 0)?;
        let result = self.settle_verdict(lent, &verdict, question);
        self.settle_answer(result);
        Ok(())
    }

    /// Whether the verdict fits what is judged. Nothing is used up by one that does not.
    fn check_verdict(&self, lent: &Lent, verdict: &Verdict<'_>) -> Result<(), Refused> {
        let kind = self.logins.kind;
        let fits = match verdict {
            // No way leads past the check of a certificate: its restrictions come with it.
            Verdict::Accept | Verdict::Partial { .. } => !matches!(kind, server::Kind::Certificate(_)),
            Verdict::AcceptCertificate(checked) | Verdict::PartialCertificate { checked, .. } => {
                kind == server::Kind::Certificate(checked.kind()) && self.judged_key(lent) == Some(checked.blob())
            }
            Verdict::Prompt { prompts, .. } => {
                kind == server::Kind::Interactive
                    && prompts.len() <= auth::PROMPTS_MAX
                    && self.logins.rounds < auth::ROUNDS_MAX
                    // "The prompt field(s) MUST NOT be empty strings" (RFC 4256, section 3.2).
                    && prompts.iter().all(|prompt| !prompt.text.is_empty())
            }
            Verdict::ChangePassword { .. } => kind == server::Kind::Password,
            Verdict::Deny { .. } => true,
        };
        let named = match verdict {
            Verdict::Partial { go_on } | Verdict::PartialCertificate { go_on, .. } | Verdict::Deny { go_on } => go_on,
            _ => "",
        };
        match (fits, server::fit(named)) {
            (false, _) => Err(Refused::Unfit),
            (_, false) => Err(Refused::TooLong),
            _ => Ok(()),
        }
    }

    /// The key of the step that is judged: it stands on the record behind the accepted ones.
    fn judged_key<'l>(&self, lent: &'l Lent) -> Option<&'l [u8]> {
        let mut step = Reader::new(lent.login.get(self.logins.accepted..)?);
        step.string().ok()?;
        step.string().ok()?;
        step.string().ok()
    }

    fn settle_verdict(
        &mut self,
        lent: &Lent,
        verdict: &Verdict<'_>,
        question: Option<Result<Vec<u8>, Error>>,
    ) -> Result<(), Error> {
        if let Some(question) = question {
            self.draft.zeroize();
            self.draft = question?;
        }
        let answer = match *verdict {
            // "The server MUST respond with SSH_MSG_USERAUTH_SUCCESS (if no more authentications are needed), or
            // SSH_MSG_USERAUTH_FAILURE (if the request failed, or more authentications are needed)" (RFC 4252, section
            // 7).
            Verdict::Accept | Verdict::AcceptCertificate(_) => Answer::Success,
            Verdict::Partial { go_on } | Verdict::PartialCertificate { go_on, .. } => {
                self.logins.go_on(go_on);
                // "The value of 'partial success' MUST be TRUE if the authentication request to which this is a
                // response was successful. It MUST be FALSE if the request was not successfully processed." (RFC 4252,
                // section 5.1)
                Answer::Failure { partial: true }
            }
            Verdict::Deny { go_on } => {
                self.logins.go_on(go_on);
                Answer::Failure { partial: false }
            }
            Verdict::Prompt { prompts, .. } => {
                self.logins.prompts = prompts.len();
                self.logins.rounds = self.logins.rounds.saturating_add(1);
                self.transport.trace.login = Context::Interactive;
                Answer::Prompts
            }
            Verdict::ChangePassword { .. } => {
                self.logins.change_asked = true;
                self.transport.trace.login = Context::Password;
                Answer::Change
            }
        };
        match answer {
            Answer::Success | Answer::Failure { partial: true } => {
                // The step that was judged is an accepted one now.
                self.logins.accepted = lent.login.len();
                self.logins.steps = self.logins.steps.saturating_add(1);
            }
            Answer::Failure { partial: false } => self.count_failure()?,
            _ => {}
        }
        self.answer_login(answer)
    }

    fn answer_login(&mut self, answer: Answer) -> Result<(), Error> {
        if answer == Answer::PkOk {
            self.transport.trace.login = Context::PublicKey;
        }
        self.logins.state = self.logins.state.on(Input::Answered(answer))?;
        Ok(())
    }

    /// Writes a question that is owed. False: there was no room.
    pub(crate) fn write_question(&mut self) -> Result<bool, Error> {
        let question = &self.draft;
        let wrote = self.transport.send(&|sink| sink.put(question))?;
        if wrote {
            self.draft = Vec::new();
            self.logins.state = self.logins.state.on(Input::Written)?;
        }
        Ok(wrote)
    }
}
