//! Answers: one call for each question, typed. A file for each subject.

pub mod admission;
pub mod certificate;
pub mod channel;
pub mod keys;
pub mod login;

use crate::conn::{Role, sansh_conn};
use crate::status::{Code, Code::*};
use crate::types::sansh_ask;
use ssh::ask::{Admission, Ask, Credential, Login, Question, Unanswered, Verdict};

impl<Q: Question> From<Unanswered<Q>> for Code {
    fn from(error: Unanswered<Q>) -> Self {
        match error {
            Unanswered::Stale => SANSH_E_STALE,
            // The number stays good, and C still has it.
            Unanswered::NoRoom(_) => SANSH_E_FULL,
            Unanswered::TooLong(_) => SANSH_E_TOO_LONG,
            Unanswered::Unfit(_) => SANSH_E_UNFIT,
            _ => SANSH_E_OTHER,
        }
    }
}

impl sansh_conn {
    /// Answers either role's question.
    fn answer<Q: Question>(&mut self, ask: sansh_ask, reply: Q::Reply<'_>) -> Result<(), Code> {
        Ok(on!(&mut self.of, |c| c.answer::<Q>(Ask::from_raw(ask), reply))?)
    }

    /// Answers a client's question.
    fn tell<Q: Question>(&mut self, ask: sansh_ask, reply: Q::Reply<'_>) -> Result<(), Code> {
        match &mut self.of {
            Role::Client(c) => Ok(c.answer::<Q>(Ask::from_raw(ask), reply)?),
            Role::Server(_) => Err(SANSH_E_ROLE),
        }
    }

    fn log_in(&mut self, ask: sansh_ask, login: Login<'_>) -> Result<(), Code> {
        self.tell::<Credential>(ask, login)
    }

    /// Answers a server's question.
    fn admit(&mut self, ask: sansh_ask, verdict: Verdict<'_>) -> Result<(), Code> {
        match &mut self.of {
            Role::Client(_) => Err(SANSH_E_ROLE),
            Role::Server(c) => Ok(c.answer::<Admission>(Ask::from_raw(ask), verdict)?),
        }
    }
}
