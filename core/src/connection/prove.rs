//! A server proves host keys (OpenSSH PROTOCOL, section 2.5): `hostkeys-prove-00@openssh.com` names some of its keys, and each
//! signature is asked for by a `Sign` event, one after the other, while everything else goes on.
//!
//! One proof runs at a time; a second request is refused. The reply leaves in its turn among the replies to global requests,
//! whole, when there is room.

use super::ask::Kind;
use super::error::Error;
use super::input::PROOF_SLOT;
use super::machine::{Core, Found, Lent, Stage};
use crate::channel::KeyList;
use crate::message::{Message, RequestSuccess, Rest};
use crate::wire::{Appending, put_string};
use alloc::vec::Vec;

/// The most keys proved at once: a server has one of each type.
const KEYS_MAX: usize = 16;

/// The longest reply.
const REPLY_MAX: usize = 16 * 1024;

/// What a proof holds at most, in bytes: the reply, and what is signed.
pub(crate) const PROOF_BYTES: usize = REPLY_MAX + crate::keys::rotation::KEY_MAX + 128;

/// A running proof.
#[derive(Debug, Default)]
pub(crate) struct Proofs {
    /// Which global request it answers.
    position: Option<u32>,
    /// The configuration's keys that are asked about, by their place.
    keys: [u8; KEYS_MAX],
    count: usize,
    /// How many are signed.
    signed: usize,
    /// The open question.
    pub(crate) ask: Option<u32>,
    reply: Vec<u8>,
}

impl Core {
    /// The client wants these keys proved. False if they are not all ours, or too many, or another proof runs.
    pub(crate) fn begin_proofs(&mut self, keys: KeyList<'_>, position: u32) -> bool {
        if self.channels.proofs.position.is_some() {
            return false;
        }
        let mut proofs = Proofs { position: Some(position), ..Proofs::default() };
        for key in keys.iter() {
            let own = self.settings().host_keys.iter().position(|own| own.blob == key.blob());
            let asked = proofs.keys.get(..proofs.count).unwrap_or_default();
            if own.is_some_and(|own| asked.iter().any(|at| usize::from(*at) == own)) {
                // Once is enough: a signature costs more than the request.
                return false;
            }
            let (Some(own), Some(place)) =
                (own.and_then(|at| u8::try_from(at).ok()), proofs.keys.get_mut(proofs.count))
            else {
                return false;
            };
            *place = own;
            proofs.count = proofs.count.saturating_add(1);
        }
        let wanted = proofs.count > 0;
        if wanted {
            self.channels.proofs = proofs;
        }
        wanted
    }

    /// Whether a signature has to be asked for.
    pub(crate) fn proof_is_due(&self) -> bool {
        let proofs = &self.channels.proofs;
        self.stage == Stage::Open && proofs.position.is_some() && proofs.ask.is_none() && proofs.signed < proofs.count
    }

    /// Asks for the next signature.
    pub(crate) fn ask_proof(&mut self) -> Result<Found, Error> {
        let serial = self.serial()?;
        self.channels.proofs.ask = Some(serial);
        Ok(Found::Sign { slot: PROOF_SLOT, ticket: self.lend(serial, Kind::Signature, PROOF_SLOT) })
    }

    /// The place of the key that is to sign, among the configuration's.
    pub(crate) fn proof_key(&self) -> Option<usize> {
        let proofs = &self.channels.proofs;
        proofs.keys.get(proofs.signed).map(|at| usize::from(*at))
    }

    /// What is signed is written into the slot that the event lends: a server's is free behind the login.
    pub(crate) fn write_proof_text(&self, lent: &mut Lent) -> Result<(), Error> {
        let Lent { login, shared, .. } = lent;
        let key = self.proof_key().and_then(|at| shared.settings().host_keys.get(at)).ok_or(Error::Bug)?;
        let session = self.transport.session().ok_or(Error::Bug)?;
        crate::keys::rotation::write(login, session, &key.blob).ok_or(Error::OutOfMemory).map(|_| ())
    }

    /// The application's signature. One that is declined, or too long, refuses the whole request.
    pub(crate) fn on_proof(&mut self, signature: Option<&[u8]>) -> Result<(), Error> {
        let proofs = &mut self.channels.proofs;
        let more = signature.map_or(0, |signature| signature.len().saturating_add(4));
        // What would never leave is refused, or no later reply would either.
        let whole = proofs.reply.len().saturating_add(more);
        let fits = whole <= REPLY_MAX && self.transport.ever_fits(whole.saturating_add(1));
        let Some(signature) = signature.filter(|_| fits) else {
            let position = proofs.position.take();
            *proofs = Proofs::default();
            if let Some(position) = position {
                self.channels.globals.decide(position, false);
            }
            return Ok(());
        };
        proofs.reply.try_reserve(more).map_err(|_| Error::OutOfMemory)?;
        put_string(&mut Appending(&mut proofs.reply), signature);
        proofs.signed = proofs.signed.saturating_add(1);
        Ok(())
    }

    /// Writes the reply, if it is whole, its turn has come and there is room.
    pub(crate) fn flush_proofs(&mut self) -> Result<(), Error> {
        let proofs = &self.channels.proofs;
        let Some(position) = proofs.position else { return Ok(()) };
        if proofs.signed < proofs.count || !self.channels.globals.is_first(position) {
            return Ok(());
        }
        let reply = &proofs.reply;
        if self.transport.send(&|sink| RequestSuccess::new(Rest(reply)).write(sink))? {
            self.channels.globals.decide(position, true);
            self.channels.globals.written();
            self.channels.proofs = Proofs::default();
        }
        Ok(())
    }
}
