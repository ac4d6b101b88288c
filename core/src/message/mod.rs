//! One borrowed struct per message, and THE table from which parsing, naming and admission derive.
//!
//! A message is declared once, in the file of its layer, as a number and a list of fields; the `message!` macro makes the
//! struct, [`Message::parse`], [`Message::write`] and the notation of [`trace`](crate::trace) from that one list.
//! Nothing here knows a connection: fuzzers and testing tools use it alone.

mod auth;
mod connection;
mod field;
mod kex;
mod prompt;
mod table;
mod transport;

pub use auth::{
    HostBasedOffer, MethodFields, PublicKeyOffer, UserauthBanner, UserauthFailure, UserauthInfoRequest,
    UserauthInfoResponse, UserauthPasswdChangereq, UserauthPkOk, UserauthRequest, UserauthSuccess,
};
pub(crate) use auth::{parse_hostbound, parse_interactive, parse_password};
pub use connection::{
    ChannelClose, ChannelData, ChannelEof, ChannelExtendedData, ChannelFailure, ChannelOpen, ChannelOpenConfirmation,
    ChannelOpenFailure, ChannelRequest, ChannelSuccess, ChannelWindowAdjust, GlobalRequest, RequestFailure,
    RequestSuccess,
};
pub use field::{Cookie, Field, Rest, Secret, Text};
pub(crate) use kex::{ExchangeInit, ExchangeReply};
pub use kex::{
    KexDhGexGroup, KexDhGexInit, KexDhGexReply, KexDhGexRequest, KexEcdhInit, KexEcdhReply, KexInit, NewKeys,
};
pub use prompt::{Prompt, Prompts, Responses};
pub use table::{Context, From, Layer, Row, TABLE, row};
pub use transport::{Debug, Disconnect, ExtInfo, Ignore, Ping, Pong, ServiceAccept, ServiceRequest, Unimplemented};

use crate::wire::{Malformed, Sink};
use core::fmt;

/// What all messages can do.
pub trait Message<'a>: Sized {
    /// The message number (RFC 4250, section 4.1.2).
    const NUMBER: u8;
    /// Reads a whole payload, number first.
    ///
    /// # Errors
    /// [`Malformed`] for another number, a field that does not fit, or bytes behind the last field.
    fn parse(payload: &'a [u8]) -> Result<Self, Malformed>;
    /// Writes the payload, number first.
    fn write(&self, sink: &mut dyn Sink);
    /// Writes the fields as the notation shows them: `2, "session", …`.
    ///
    /// # Errors
    /// Only those of `out`.
    fn show(&self, out: &mut dyn fmt::Write) -> fmt::Result;
}

/// Declares messages: `/// doc  Name<'a> = NUMBER { field: Type, … }`. The number must be the table's.
macro_rules! messages {
    ($($(#[$doc:meta])* $name:ident<'a> = $number:literal { $($(#[$fdoc:meta])* $field:ident : $type:ty),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name<'a> {
            $($(#[$fdoc])* pub $field: $type,)*
            /// Messages without a borrowed field borrow nothing.
            #[doc(hidden)] pub marker: core::marker::PhantomData<&'a ()>,
        }

        impl<'a> $name<'a> {
            /// A message of these fields.
            #[allow(clippy::new_without_default, clippy::too_many_arguments, reason = "the fields are the RFC's")]
            #[must_use]
            pub fn new($($field: $type),*) -> Self {
                $name { $($field,)* marker: core::marker::PhantomData }
            }
        }

        impl<'a> $crate::message::Message<'a> for $name<'a> {
            const NUMBER: u8 = $number;

            fn parse(payload: &'a [u8]) -> Result<Self, $crate::wire::Malformed> {
                let mut reader = $crate::wire::Reader::new(payload);
                if reader.byte()? != $number {
                    return Err($crate::wire::Malformed::Number);
                }
                let message = $name {
                    $($field: <$type as $crate::message::Field<'a>>::read(&mut reader)?,)*
                    marker: core::marker::PhantomData,
                };
                reader.end()?;
                Ok(message)
            }

            fn write(&self, sink: &mut dyn $crate::wire::Sink) {
                sink.put(&[$number]);
                $($crate::message::Field::write(&self.$field, sink);)*
            }

            fn show(&self, out: &mut dyn core::fmt::Write) -> core::fmt::Result {
                $crate::message::show_fields(
                    out,
                    &[$(($crate::message::Field::is_shown(&self.$field), &|out| {
                        $crate::message::Field::show(&self.$field, out)
                    })),*],
                )
            }
        }
    )* };
}
pub(crate) use messages;

type Show<'a> = &'a dyn Fn(&mut dyn fmt::Write) -> fmt::Result;

/// Shows fields with commas between them.
fn show_fields(out: &mut dyn fmt::Write, fields: &[(bool, Show<'_>)]) -> fmt::Result {
    let mut separator = "";
    for (_, field) in fields.iter().filter(|(shown, _)| *shown) {
        out.write_str(separator)?;
        field(out)?;
        separator = ", ";
    }
    Ok(())
}

/// How long a message is on the wire, number included.
#[must_use]
pub fn encoded_len<'a>(message: &impl Message<'a>) -> usize {
    let mut counter = crate::wire::Counter::default();
    message.write(&mut counter);
    counter.0
}
