//! What a session lets the server open: X11 connections after `x11-req`, agent connections after `auth-agent-req`.
//!
//! "Implementations MUST reject any X11 channel open requests if they have not requested X11 forwarding" (RFC 4254, section
//! 6.3.2); the agent's channels likewise (draft-ietf-sshm-ssh-agent, section 5.3). A channel does not say for which session
//! it is, so any open session that asked will do.

/// What one session asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Callbacks {
    /// Our `x11-req`, if one was sent and not refused.
    pub(crate) x11: Option<Asked>,
    /// Our `auth-agent-req`.
    pub(crate) agent: Option<Asked>,
}

/// A request that lets channels come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Which request of the channel.
    pub(crate) sent: u32,
    /// How many channels may still come; `None` for any number.
    pub(crate) left: Option<u32>,
}

impl Callbacks {
    /// The request `sent` was refused: nothing comes of it.
    pub(crate) fn refused(&mut self, sent: u32) {
        for asked in [&mut self.x11, &mut self.agent] {
            asked.take_if(|asked| asked.sent == sent);
        }
    }
}

impl Asked {
    /// A channel comes for it. False if none may any more.
    pub(crate) fn take(&mut self) -> bool {
        match &mut self.left {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left = left.saturating_sub(1);
                true
            }
        }
    }
}
