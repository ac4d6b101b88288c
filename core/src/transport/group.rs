//! The group that an exchange agrees on first (RFC 4419): what was asked for, what was named, and how both are hashed.

use super::kex::bytes;
use crate::connection::error::Error;
use crate::crypto::Group;
use crate::wire::{Sink, put_string};
use alloc::vec::Vec;

/// What this client asks for, in bits: at least, preferably, at most. "The minimum … SHOULD be 2048" (RFC 8270); more than
/// 8192 costs a second and buys nothing.
pub(super) const ASKED: [u32; 3] = [2048, 4096, 8192];

/// The longest number of a group: 8192 bits, and a zero byte in front.
const LONGEST: usize = 1025;

/// An agreed group.
#[derive(Debug)]
pub(super) struct Agreed {
    sizes: [u32; 3],
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// One of ours.
    Fixed(Group<'static>),
    /// The server's: prime and generator, one behind the other.
    Named { both: Vec<u8>, prime: usize },
}

impl Agreed {
    /// Server: one of its own, for a client that asked for these sizes.
    pub(super) fn fixed(sizes: [u32; 3], group: Group<'static>) -> Agreed {
        Agreed { sizes, form: Form::Fixed(group) }
    }

    /// Client: what the server named. Whether it is any good is said where it is used.
    pub(super) fn named(group: Group<'_>) -> Result<Agreed, Error> {
        let (prime, generator) = (group.prime.len(), group.generator.len());
        if prime > LONGEST || generator > prime {
            return Err(Error::BadKexValue);
        }
        let mut both = bytes(prime.saturating_add(generator))?;
        if let Some((first, second)) = both.split_at_mut_checked(prime) {
            first.copy_from_slice(group.prime);
            second.copy_from_slice(group.generator);
        }
        Ok(Agreed { sizes: ASKED, form: Form::Named { both, prime } })
    }

    pub(super) fn group(&self) -> Group<'_> {
        match &self.form {
            Form::Fixed(group) => *group,
            Form::Named { both, prime } => {
                let (prime, generator) = both.split_at_checked(*prime).unwrap_or_default();
                Group { prime, generator }
            }
        }
    }

    /// `min || n || max || p || g`, between the host key and the public values (RFC 4419, section 3).
    pub(super) fn hash(&self, sink: &mut dyn Sink) {
        for size in self.sizes {
            sink.put(&size.to_be_bytes());
        }
        let Group { prime, generator } = self.group();
        put_string(sink, prime);
        put_string(sink, generator);
    }
}
