//! Events: a tag and a union of structs. Each subject has its file: the structs, and how they are filled.

pub mod admission;
pub mod channel;
pub mod closed;
pub mod global;
pub mod keys;
pub mod kind;
pub(crate) mod lists;
pub mod login;
pub mod next;

use crate::status::Code;
use kind::sansh_event_kind::*;
use lists::Lists;
use next::sansh_event;

/// What events lend beside what the core lends.
#[derive(Default)]
pub(crate) struct Shelf {
    lists: Lists,
    /// The text of the end.
    words: Vec<u8>,
}

/// The heap of a [`Shelf`] at its worst. The steps of a login are bounded by its messages.
pub(crate) fn shelf_bytes(limits: &ssh::Limits) -> usize {
    let steps = usize::try_from(limits.auth_messages).unwrap_or(usize::MAX);
    let steps = steps.saturating_mul(size_of::<admission::sansh_step>());
    steps.saturating_add(lists::LISTS_BYTES).saturating_add(closed::WORDS_BYTES)
}

macro_rules! set {
    ($event:ident, $kind:ident, $($member:ident: $value:expr)?) => {{
        $event.kind = $kind as i32;
        $($event.u.$member = $value;)?
    }};
}
use set;

fn client(happened: ssh::event::client::Event<'_>, event: &mut sansh_event, shelf: &mut Shelf) -> Result<(), Code> {
    use ssh::event::client::Event;
    let lists = &mut shelf.lists;
    match happened {
        Event::HostKey { key, exchange, ask } => {
            event.ask = ask.raw();
            keys::host_key(key, exchange, event);
        }
        Event::LoginNeeded { methods, partial, ask } => {
            event.ask = ask.raw();
            login::needed(methods, partial, event);
        }
        Event::Prompts { name, instruction, prompts, ask } => {
            event.ask = ask.raw();
            login::prompts(name, instruction, prompts, event, lists)?;
        }
        Event::PasswordExpired { prompt, ask } => {
            event.ask = ask.raw();
            login::password_expired(prompt, event);
        }
        Event::Sign { purpose, algorithm, key, message, ask } => {
            event.ask = ask.raw();
            keys::sign(purpose, algorithm, key, message, event);
        }
        Event::Banner(text) => login::banner(text, event),
        Event::Ready { method } => admission::in_by(method, event),
        Event::Room => set!(event, SANSH_EVENT_ROOM,),
        Event::Channel(channel, happened) => channel::happened(channel, happened, event, lists)?,
        Event::Global(happened) => global::happened(happened, event, lists)?,
        Event::Closed(reason) => closed::closed(&reason, event, &mut shelf.words),
        _ => {}
    }
    Ok(())
}

fn server(happened: ssh::event::server::Event<'_>, event: &mut sansh_event, shelf: &mut Shelf) -> Result<(), Code> {
    use ssh::event::server::Event;
    let lists = &mut shelf.lists;
    match happened {
        Event::Sign { purpose, algorithm, key, message, ask } => {
            event.ask = ask.raw();
            keys::sign(purpose, algorithm, key, message, event);
        }
        Event::KeyQuery { user, key, ask } => {
            event.ask = ask.raw();
            keys::key_query(user, key, event);
        }
        Event::Login { user, method, so_far, ask } => {
            event.ask = ask.raw();
            admission::login(user, &method, &so_far, event, lists)?;
        }
        Event::Ready { identity } => admission::ready(&identity, event, lists)?,
        Event::Room => set!(event, SANSH_EVENT_ROOM,),
        Event::Channel(channel, happened) => channel::happened(channel, happened, event, lists)?,
        Event::Global(happened) => global::happened(happened, event, lists)?,
        Event::Closed(reason) => closed::closed(&reason, event, &mut shelf.words),
        _ => {}
    }
    Ok(())
}
