//! The data of channels, its credit, and its end.
//!
//! # Channels: data
//!
//! What is sent is written where it travels: sansh_send_buf(), then sansh_send(). What is received comes by SANSH_EVENT_DATA,
//! as much as this side has granted.

use crate::conn::{Place, Role, sansh_conn, sansh_stream};
use crate::status::{Code, Code::*};
use crate::types::{sansh_channel, sansh_space, sansh_status};
use ssh::Flow;
use ssh::channel::{Channel, Stream};

fn stream(number: i32) -> Result<Stream, Code> {
    match number {
        n if n == sansh_stream::SANSH_MAIN as i32 => Ok(Stream::Main),
        n if n == sansh_stream::SANSH_STDERR as i32 => Ok(Stream::Stderr),
        _ => Err(SANSH_E_ARGUMENT),
    }
}

impl sansh_conn {
    /// The place in the next packet of this channel, for `least` bytes and more.
    fn space(&mut self, channel: sansh_channel, stream: i32, least: usize) -> Result<sansh_space, Code> {
        let stream = self::stream(stream)?;
        if stream == Stream::Stderr && matches!(self.of, Role::Client(_)) {
            return Err(SANSH_E_ROLE);
        }
        let space = on!(&mut self.of, |c| {
            let mut writer = c.writer_for(Channel::from_raw(channel), stream, least)?;
            sansh_space::from(writer.space())
        });
        self.place = Some(Place { channel, stream, least, address: space.ptr.addr(), len: space.len });
        Ok(space)
    }
}

/// A place inside the next packet of a channel, at `*space`, for data of a stream (SANSH_MAIN; from a server
/// SANSH_STDERR too). It may be as small as one byte: the peer's window decides; never write beyond `space->len`. Write to
/// its front, then call sansh_send(). Lent until any next call on this connection that is not a look; sansh_send() then
/// says whether it still held. If it fails, `*space` is empty.
///
/// SANSH_E_FULL, SANSH_E_WINDOW, SANSH_E_REKEYING: wait for SANSH_EVENT_WRITABLE of this channel, then repeat.
/// SANSH_E_STALE, SANSH_E_CLOSED: nothing more can be sent. SANSH_E_ARGUMENT (no such stream), SANSH_E_ROLE
/// (SANSH_STDERR from a client), SANSH_E_NULL, SANSH_E_MEMORY, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_send_buf(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    stream: i32,
    space: *mut sansh_space,
) -> sansh_status {
    enter!(mut conn; out(space, NO_SPACE); {
        *space = conn.space(channel, stream, 1)?;
        Ok(())
    })
}

const NO_SPACE: sansh_space = sansh_space::NONE;

/// As sansh_send_buf(), for at least `n` bytes in one packet: for protocols whose packets are messages, as a tunnel's are.
/// SANSH_E_TOO_LONG (more than one packet to this peer ever carries); else as sansh_send_buf().
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_send_buf_for(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    stream: i32,
    n: usize,
    space: *mut sansh_space,
) -> sansh_status {
    enter!(mut conn; out(space, NO_SPACE); {
        *space = conn.space(channel, stream, n)?;
        Ok(())
    })
}

/// Seals the first `n` bytes of what sansh_send_buf() lent as one packet, in place. 0 sends nothing and ends the loan.
///
/// SANSH_E_ORDER: since sansh_send_buf() for this channel, another call was made that is not a look; nothing was sent,
/// start again with sansh_send_buf(). SANSH_E_RANGE (more than was lent: nothing was sent, and the loan goes on),
/// SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_send(conn: *mut sansh_conn, channel: sansh_channel, n: usize) -> sansh_status {
    enter!(mut conn;; {
        let lent = conn.before.filter(|lent| lent.channel == channel).ok_or(SANSH_E_ORDER)?;
        if n > lent.len {
            conn.place = Some(lent);
            return Err(SANSH_E_RANGE);
        }
        if n == 0 {
            return Ok(());
        }
        // Nothing was called in between, so this is the same place, and what was written there is still there.
        on!(&mut conn.of, |c| {
            let mut writer = c.writer_for(Channel::from_raw(channel), lent.stream, lent.least)?;
            let space = writer.space();
            if space.as_ptr().addr() != lent.address || n > space.len() {
                return Err(SANSH_E_ORDER);
            }
            writer.send(n);
        });
        Ok(())
    })
}

/// Lets the peer send `n` bytes more on this channel: as many as you have taken out of SANSH_EVENT_DATA for good. It is
/// sent when it is worth a packet. What would pass SANSH_LIMIT_CREDIT, over all channels, does not count: it is not kept for
/// later, so grant no more than what came. On a channel that the peer asked for, what is granted before the answer does not
/// count either: the answer says the window.
///
/// SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_grant(conn: *mut sansh_conn, channel: sansh_channel, n: u32) -> sansh_status {
    enter!(mut conn;; { Ok(on!(&mut conn.of, |c| c.grant(Channel::from_raw(channel), n))?) })
}

/// How the credit of this channel is handled from now on, beyond sansh_grant().
///
/// If `ceiling` is not 0, the window grows up to so many bytes, as far as the line has use for it (bandwidth x delay) and
/// SANSH_LIMIT_CREDIT has room; call it right after sansh_open_…() or sansh_answer_opening_accept(), whose `window` is where
/// it begins. If `grants` is not 0, data is granted back by itself as soon as its event is over: for a program that takes
/// everything at once. One that keeps anything grants by itself, or there is no bound to what it keeps.
///
/// SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_flow(
    conn: *mut sansh_conn,
    channel: sansh_channel,
    ceiling: u32,
    grants: i32,
) -> sansh_status {
    enter!(mut conn;; {
        let flow = Flow { ceiling, grants: grants != 0 };
        Ok(on!(&mut conn.of, |c| c.flow(Channel::from_raw(channel), flow))?)
    })
}

/// Says that no more data follows on this channel from this side. The peer's still comes.
///
/// SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_finish(conn: *mut sansh_conn, channel: sansh_channel) -> sansh_status {
    enter!(mut conn;; { Ok(on!(&mut conn.of, |c| c.finish(Channel::from_raw(channel)))?) })
}

/// Closes the channel. No event of it follows but SANSH_EVENT_CHANNEL_CLOSED.
///
/// SANSH_E_STALE, SANSH_E_NULL, SANSH_E_POISONED.
///
/// Since 0.1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sansh_close(conn: *mut sansh_conn, channel: sansh_channel) -> sansh_status {
    enter!(mut conn;; { Ok(on!(&mut conn.of, |c| c.close(Channel::from_raw(channel)))?) })
}
