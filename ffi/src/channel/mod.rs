//! What the application does with channels and global requests. A file for each subject.

pub mod data;
pub mod global;
pub mod open;
pub mod request;
pub mod tun;

use crate::conn::sansh_conn;
use crate::status::Code;
use crate::types::{sansh_channel, sansh_sent};
use ssh::Window;
use ssh::channel::{Channel, Global, Open, Request};

impl sansh_conn {
    fn open(&mut self, open: Open<'_>, window: u32) -> Result<sansh_channel, Code> {
        Ok(on!(&mut self.of, |c| c.open(open, Window::Fixed(window)))?.into_raw())
    }

    fn request(&mut self, channel: sansh_channel, request: Request<'_>) -> Result<sansh_sent, Code> {
        Ok(on!(&mut self.of, |c| c.request(Channel::from_raw(channel), request))?.0)
    }

    fn global(&mut self, request: Global<'_>) -> Result<sansh_sent, Code> {
        Ok(on!(&mut self.of, |c| c.global(request))?.0)
    }
}

/// Gives the number of a request to C, if C wants it.
macro_rules! sent {
    ($sent:ident, $call:expr) => {{
        let number = $call?;
        if let Some(place) = $sent {
            *place = number;
        }
        Ok(())
    }};
}
use sent;
