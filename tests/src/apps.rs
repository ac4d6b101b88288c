//! Applications for both ends of a [`Pair`](crate::pair::Pair): scripted ones that answer now or later, in random order,
//! and that call again only when the connection has said that it is worth while. An event that should have said so and
//! does not come is found as work that is never done.

use crate::alloc::watch;
use crate::dice::Dice;
use crate::told::{
    Asked, Attempt, By, Detail, End, Globals, Means, Opens, Question, Reply, Requests, Seen, Told, Unsettled,
};
use sansh::channel::{Channel, Sent, Stream};
use sansh::signer::PrivateKey;
use sansh::{Connection, Instant, Role, SendError, Window};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a program does with a connection: it hears events, and gets a turn to call.
pub trait App<R: Role> {
    /// An event. Questions not answered or taken here are refused.
    fn told(&mut self, event: R::Event<'_>);
    /// Calls on the connection; says whether anything was done.
    fn turn(&mut self, conn: &mut Connection<R>, now: Instant) -> bool;
    /// The last event came.
    fn is_over(&self) -> bool;
    /// Whether the test holds questions back, so that waiting is in order.
    fn holds(&self) -> bool;
    /// What should have happened and has not. `held`: some question at either end is held back.
    fn owed(&self, held: bool) -> Vec<String>;
    /// The meter of its memory.
    fn meter(&self) -> usize;
    /// For the dump of a failed test.
    fn show(&self) -> String;
}

/// When an [`Actor`] answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// In the event.
    Now,
    /// On a later turn, in random order.
    Later,
    /// One or the other.
    Either,
}

/// What to do about a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Answer in the event.
    Now(Reply),
    /// Take it, and answer on a later turn.
    Later(Reply),
    /// Take it, and leave it to the test: see [`Actor::kept`].
    Keep,
    /// Neither answer nor take it.
    Ignore,
}

/// Something to do on a channel, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Send these bytes.
    Send(Stream, VecDeque<u8>),
    /// Send these bytes in one packet.
    Frame(Vec<u8>),
    /// Send this request.
    Request(Requests),
    /// EOF.
    Finish,
    /// CLOSE.
    Close,
}

/// Decides about what was seen; `None` leaves it to the defaults.
pub type Manner = Box<dyn FnMut(&Seen) -> Option<Answer>>;

/// A scripted program, for either role.
pub struct Actor {
    /// Everything it was told.
    pub seen: Vec<Seen>,
    /// What logins said beyond that.
    pub details: Vec<Detail>,
    /// Questions taken for the test to answer, oldest first.
    pub kept: VecDeque<Question>,
    /// Decides before the defaults do.
    pub manner: Option<Manner>,
    /// When the defaults answer.
    pub prompt: Prompt,
    /// Logins to try, in order; then it gives up.
    pub attempts: VecDeque<Attempt>,
    /// User keys of a client, host keys of a server.
    pub keys: Vec<PrivateKey>,
    /// The window given to channels that the peer opens.
    pub window: u32,
    /// Whether what came in is granted again.
    pub grants: bool,
    /// Channels on which nothing is granted all the same.
    pub ungranted: BTreeSet<Channel>,
    /// Sends all data back, and ends the channel when the peer has finished.
    pub echo: bool,
    /// The last event.
    pub end: Option<End>,
    /// Whether an unfinished login is in order.
    pub patient: bool,
    /// Whether data waiting for window is in order.
    pub starves: bool,
    /// Whether requests are sent past this actor, by the test itself.
    pub bypassed: bool,
    /// Channels that are open.
    pub open: BTreeSet<Channel>,
    /// What `open` and `request` gave back, in order.
    pub refusals: Vec<SendError>,
    dice: Dice,
    meter: usize,
    ready: bool,
    desk: Vec<(Question, Reply)>,
    acts: BTreeMap<Channel, VecDeque<Act>>,
    globals: VecDeque<Globals>,
    grant: BTreeMap<Channel, u32>,
    awaited: BTreeMap<Option<Channel>, VecDeque<Sent>>,
    opening: BTreeSet<Channel>,
    blocked: BTreeMap<Option<Channel>, SendError>,
}

impl core::fmt::Debug for Actor {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Actor").field("seen", &self.seen).field("end", &self.end).finish_non_exhaustive()
    }
}

impl Actor {
    /// A program that accepts everything, answers at once and has nothing to do.
    #[must_use]
    pub fn new(meter: usize, dice: Dice) -> Self {
        Actor {
            seen: Vec::new(),
            details: Vec::new(),
            kept: VecDeque::new(),
            manner: None,
            prompt: Prompt::Now,
            attempts: VecDeque::new(),
            keys: Vec::new(),
            window: 100_000,
            grants: true,
            ungranted: BTreeSet::new(),
            echo: false,
            end: None,
            patient: false,
            starves: false,
            bypassed: false,
            open: BTreeSet::new(),
            refusals: Vec::new(),
            dice,
            meter,
            ready: false,
            desk: Vec::new(),
            acts: BTreeMap::new(),
            globals: VecDeque::new(),
            grant: BTreeMap::new(),
            awaited: BTreeMap::new(),
            opening: BTreeSet::new(),
            blocked: BTreeMap::new(),
        }
    }

    /// The user is in.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.ready
    }

    /// Decides before the defaults do.
    pub fn manner(&mut self, manner: impl FnMut(&Seen) -> Option<Answer> + 'static) {
        self.manner = Some(Box::new(manner));
    }

    /// Tries this.
    pub fn attempt(&mut self, user: &str, with: Means) {
        self.attempts.push_back(Attempt { user: user.into(), with });
    }

    /// Tries a password.
    pub fn password(&mut self, user: &str, password: &str) {
        self.attempts.push_back(Attempt { user: user.into(), with: Means::Password(password.into()) });
    }

    /// Tries the user key of this seed.
    pub fn public_key(&mut self, user: &str, seed: u8, probe: bool) {
        let key = crate::pair::key(seed);
        let with = Means::PublicKey { algorithm: "ssh-ed25519".into(), key: key.public_blob().to_vec(), probe };
        self.attempts.push_back(Attempt { user: user.into(), with });
        self.keys.push(key);
    }

    /// Does this on the channel when everything before it is done.
    pub fn act(&mut self, channel: Channel, act: Act) {
        self.acts.entry(channel).or_default().push_back(act);
    }

    /// Sends bytes on the main stream.
    pub fn send(&mut self, channel: Channel, bytes: &[u8]) {
        self.act(channel, Act::Send(Stream::Main, bytes.iter().copied().collect()));
    }

    /// Sends a request.
    pub fn request(&mut self, channel: Channel, request: Requests) {
        self.act(channel, Act::Request(request));
    }

    /// Sends a global request.
    pub fn global(&mut self, request: Globals) {
        self.globals.push_back(request);
    }

    /// Sends a request of another name.
    pub fn other(&mut self, channel: Channel, name: &str, want_reply: bool) {
        self.request(channel, Requests::Other { name: name.into(), want_reply, body: b"body".to_vec() });
    }

    /// What came in on a stream of a channel.
    #[must_use]
    pub fn received(&self, wanted: Channel, from: Stream) -> Vec<u8> {
        let mut all = Vec::new();
        for seen in &self.seen {
            if let Seen::Data { channel, stream, bytes } = seen
                && (*channel, *stream) == (wanted, from)
            {
                all.extend_from_slice(bytes);
            }
        }
        all
    }

    /// The verdicts on our requests on a channel, in the order in which they came.
    #[must_use]
    pub fn replies(&self, wanted: Channel) -> Vec<bool> {
        let reply = |seen: &Seen| match seen {
            Seen::Replied { channel, ok, .. } if *channel == wanted => Some(*ok),
            _ => None,
        };
        self.seen.iter().filter_map(reply).collect()
    }

    /// The verdicts on our global requests.
    #[must_use]
    pub fn global_replies(&self) -> Vec<(bool, Vec<u8>)> {
        let reply = |seen: &Seen| match seen {
            Seen::GlobalReplied { ok, data, .. } => Some((*ok, data.clone())),
            _ => None,
        };
        self.seen.iter().filter_map(reply).collect()
    }

    /// The requests that came in on a channel.
    #[must_use]
    pub fn requests(&self, wanted: Channel) -> Vec<Requests> {
        let request = |seen: &Seen| match seen {
            Seen::Request { channel, request, .. } if *channel == wanted => Some(request.clone()),
            _ => None,
        };
        self.seen.iter().filter_map(request).collect()
    }

    /// The channel that the peer asked for last.
    ///
    /// # Panics
    /// If it asked for none.
    #[must_use]
    pub fn asked_for(&self) -> Channel {
        let asked = |seen: &Seen| if let Seen::Requested { channel, .. } = seen { Some(*channel) } else { None };
        self.seen.iter().rev().find_map(asked).expect("the peer asked for a channel")
    }

    /// The last event.
    ///
    /// # Panics
    /// If it has not come.
    #[must_use]
    pub fn ended(&self) -> &End {
        self.end.as_ref().unwrap_or_else(|| panic!("the connection has not ended: {:#?}", self.seen))
    }

    /// Whether an event was seen that `f` knows.
    pub fn saw(&self, f: impl FnMut(&Seen) -> bool) -> bool {
        self.seen.iter().any(f)
    }

    /// How many events were seen that `f` knows.
    pub fn count(&self, f: impl FnMut(&&Seen) -> bool) -> usize {
        self.seen.iter().filter(f).count()
    }

    /// A channel that this side opened: an answer is due.
    pub fn awaits_opening(&mut self, channel: Channel) {
        self.opening.insert(channel);
    }

    fn default_reply(&mut self, seen: &Seen) -> Option<Reply> {
        Some(match seen {
            Seen::HostKey { .. } => Reply::Trust(true),
            Seen::LoginNeeded { .. } => self.attempts.pop_front().map_or(Reply::GiveUp, Reply::Try),
            Seen::Sign { algorithm, key, message, .. } => {
                if key == crate::raw::NULL_KEY {
                    return Some(Reply::Signature(Some(crate::raw::NULL_SIGNATURE.to_vec())));
                }
                let key = self.keys.iter().find(|own| own.public_blob() == key);
                Reply::Signature(key.map(|key| key.sign(algorithm, message).expect("a signature")))
            }
            Seen::KeyQuery { .. } => Reply::Fits(true),
            Seen::Prompts { prompts, .. } => Reply::Answers(prompts.iter().map(|_| "answer".into()).collect()),
            Seen::PasswordExpired { .. } => Reply::NewPassword(Some("newer".into())),
            Seen::Login { by: By::Password(password), .. } if password == b"right" => Reply::Admit,
            Seen::Login { by: By::PublicKey { .. }, .. } => Reply::Admit,
            Seen::Login { .. } => Reply::Deny(String::new()),
            Seen::Requested { .. } => Reply::Accept { window: self.window, data: Vec::new() },
            Seen::Request { asked: true, .. } => Reply::Permit(true),
            Seen::Global { asked: true, request } => match request {
                Globals::TcpipForward { port: 0, .. } => Reply::Port(40_000),
                _ => Reply::Yes,
            },
            _ => return None,
        })
    }

    fn note(&mut self, seen: &Seen) {
        match seen {
            Seen::Ready { .. } => self.ready = true,
            Seen::Opened { channel, .. } => {
                assert!(self.opening.remove(channel), "Opened for {channel:?}, which was not asked for");
                self.open.insert(*channel);
            }
            Seen::Refused { channel, .. } => {
                assert!(self.opening.remove(channel), "Refused for {channel:?}, which was not asked for");
                self.forget(*channel);
            }
            Seen::Requested { channel, .. } => assert!(!self.open.contains(channel), "{channel:?} is open already"),
            Seen::Gone(channel) => self.forget(*channel),
            Seen::Writable(channel) => {
                self.blocked.remove(&Some(*channel));
            }
            Seen::Room => self.blocked.retain(|_, why| *why == SendError::Window),
            Seen::Data { channel, bytes, .. } => {
                assert!(!bytes.is_empty(), "Data without bytes");
                if self.grants && !self.ungranted.contains(channel) {
                    *self.grant.entry(*channel).or_default() += u32::try_from(bytes.len()).expect("a packet");
                }
                if self.echo {
                    self.send(*channel, bytes);
                }
            }
            Seen::Eof(channel) if self.echo => {
                self.act(*channel, Act::Finish);
                self.act(*channel, Act::Request(Requests::ExitStatus(0)));
                self.act(*channel, Act::Close);
            }
            Seen::Replied { channel, to, .. } => self.replied(Some(*channel), *to),
            Seen::GlobalReplied { to, .. } => self.replied(None, *to),
            Seen::Closed(end) => {
                assert!(self.end.is_none(), "Closed came twice");
                self.end = Some(end.clone());
            }
            _ => {}
        }
    }

    fn replied(&mut self, place: Option<Channel>, to: Sent) {
        if self.bypassed {
            return;
        }
        let due = self.awaited.get_mut(&place).and_then(VecDeque::pop_front);
        assert_eq!(due, Some(to), "replies come in the order of the requests");
        if self.blocked.get(&place) == Some(&SendError::Limit) {
            self.blocked.remove(&place);
        }
    }

    fn forget(&mut self, channel: Channel) {
        self.open.remove(&channel);
        self.acts.remove(&channel);
        self.grant.remove(&channel);
        self.awaited.remove(&Some(channel));
        self.blocked.remove(&Some(channel));
    }

    /// Hears one event, whatever the role.
    fn hear(&mut self, seen: Seen, asked: Option<Asked<'_>>) {
        assert!(self.end.is_none(), "an event behind Closed: {seen:?}");
        if let Seen::Unknown(what) = &seen {
            panic!("an event that the test kit does not know: {what}");
        }
        self.note(&seen);
        if let Some(asked) = asked {
            let manner = self.manner.as_mut().and_then(|manner| manner(&seen));
            let answer = manner.unwrap_or_else(|| {
                let reply = self.default_reply(&seen).expect("every question has a default");
                let now = match self.prompt {
                    Prompt::Now => true,
                    Prompt::Later => false,
                    Prompt::Either => self.dice.once_in(2),
                };
                if now { Answer::Now(reply) } else { Answer::Later(reply) }
            });
            let accepted = matches!(&answer, Answer::Now(Reply::Accept { .. }) | Answer::Later(Reply::Accept { .. }));
            if let (Seen::Requested { channel, .. }, true) = (&seen, accepted) {
                self.open.insert(*channel);
            }
            match answer {
                Answer::Now(reply) => asked.answer(&reply, self.meter),
                Answer::Later(reply) => self.desk.push((asked.later(), reply)),
                Answer::Keep => self.kept.push_back(asked.later()),
                Answer::Ignore => {}
            }
        }
        self.seen.push(seen);
    }

    fn answer_some<R: Role>(&mut self, conn: &mut Connection<R>) -> bool {
        let mut done = false;
        for _ in 0..self.desk.len() {
            if self.prompt != Prompt::Now && self.dice.once_in(3) {
                // Not yet: but "not yet" is something that goes on.
                done = true;
                continue;
            }
            let (question, reply) = self.desk.swap_remove(self.dice.below(self.desk.len()));
            match question.answer(conn, &reply, self.meter) {
                Ok(()) | Err(Unsettled::Stale) => done = true,
                Err(Unsettled::NoRoom(question)) => self.desk.push((question, reply)),
                Err(Unsettled::TooLong(_)) => panic!("too long an answer: {reply:?}"),
                Err(Unsettled::Unfit(_)) => panic!("an answer that does not fit: {reply:?}"),
            }
        }
        done
    }

    fn do_globals<R: Role>(&mut self, conn: &mut Connection<R>) -> bool {
        let mut done = false;
        while !self.blocked.contains_key(&None)
            && let Some(request) = self.globals.front()
        {
            match watch(self.meter, || conn.global(request.lend())) {
                Ok(sent) => {
                    if request.wants_reply() {
                        self.awaited.entry(None).or_default().push_back(sent);
                    }
                    self.globals.pop_front();
                    done = true;
                }
                Err(error) => {
                    self.refusals.push(error);
                    if matches!(error, SendError::Closed | SendError::TooLong) {
                        self.globals.pop_front();
                    } else {
                        self.blocked.insert(None, error);
                    }
                }
            }
        }
        done
    }

    fn do_acts<R: Role>(&mut self, conn: &mut Connection<R>, channel: Channel) -> bool {
        let mut done = false;
        loop {
            if self.blocked.contains_key(&Some(channel)) {
                return done;
            }
            let Some(act) = self.acts.get_mut(&channel).and_then(|acts| acts.front_mut()) else { return done };
            let result = match act {
                Act::Send(stream, bytes) if !bytes.is_empty() => {
                    let stream = *stream;
                    let front = bytes.make_contiguous();
                    watch(self.meter, || {
                        let mut writer = conn.writer(channel, stream)?;
                        let space = writer.space();
                        assert!(!space.is_empty(), "a writer without space");
                        let n = space.len().min(front.len());
                        space[..n].copy_from_slice(&front[..n]);
                        writer.send(n);
                        Ok(n)
                    })
                    .map(|n| {
                        bytes.drain(..n);
                        bytes.is_empty()
                    })
                }
                Act::Send(..) => Ok(true),
                Act::Frame(bytes) => watch(self.meter, || {
                    let mut writer = conn.writer_for(channel, Stream::Main, bytes.len())?;
                    let space = writer.space().get_mut(..bytes.len()).expect("room for as much as was asked for");
                    space.copy_from_slice(bytes);
                    writer.send(bytes.len());
                    Ok(true)
                }),
                Act::Request(request) => watch(self.meter, || conn.request(channel, request.lend())).map(|sent| {
                    if request.wants_reply() {
                        self.awaited.entry(Some(channel)).or_default().push_back(sent);
                    }
                    true
                }),
                Act::Finish => watch(self.meter, || conn.finish(channel)).map(|()| true).map_err(|_| SendError::Stale),
                Act::Close => watch(self.meter, || conn.close(channel)).map(|()| true).map_err(|_| SendError::Stale),
            };
            match result {
                Ok(finished) => {
                    done = true;
                    if finished {
                        let acts = self.acts.get_mut(&channel).expect("there was one");
                        if acts.pop_front() == Some(Act::Close) {
                            // No event of it follows but Closed, so nothing is awaited any more.
                            self.awaited.remove(&Some(channel));
                        }
                    }
                }
                Err(error @ (SendError::Stale | SendError::Closed | SendError::TooLong)) => {
                    self.refusals.push(error);
                    self.acts.remove(&channel);
                    return true;
                }
                Err(error) => {
                    self.refusals.push(error);
                    self.blocked.insert(Some(channel), error);
                    return done;
                }
            }
        }
    }
}

impl<R: Told> App<R> for Actor {
    fn told(&mut self, event: R::Event<'_>) {
        self.details.extend(R::detail(&event));
        let (seen, asked) = R::told(event);
        self.hear(seen, asked);
    }

    fn turn(&mut self, conn: &mut Connection<R>, _now: Instant) -> bool {
        let mut done = self.answer_some(conn);
        for (channel, n) in core::mem::take(&mut self.grant) {
            // A channel that was closed meanwhile takes no grant.
            let _ = watch(self.meter, || conn.grant(channel, n));
            done = true;
        }
        if self.end.is_some() {
            return done;
        }
        done |= self.do_globals(conn);
        let channels: Vec<Channel> = self.acts.keys().copied().collect();
        for channel in channels {
            done |= self.do_acts(conn, channel);
        }
        self.acts.retain(|_, acts| !acts.is_empty());
        done
    }

    fn is_over(&self) -> bool {
        self.end.is_some()
    }

    fn holds(&self) -> bool {
        !self.kept.is_empty()
    }

    fn owed(&self, held: bool) -> Vec<String> {
        if self.end.is_some() {
            return Vec::new();
        }
        let mut owed = Vec::new();
        if !self.desk.is_empty() {
            owed.push(format!("answers that find no room: {:?}", self.desk));
        }
        if held {
            return owed;
        }
        for (place, why) in &self.blocked {
            if !(self.starves && *why == SendError::Window) {
                owed.push(format!("{place:?} waits since {why:?} for an event that says to go on"));
            }
        }
        if !self.ready && !self.patient {
            owed.push("the login is not finished".into());
        }
        if !self.opening.is_empty() {
            owed.push(format!("no answer to the opening of {:?}", self.opening));
        }
        for (place, sent) in self.awaited.iter().filter(|(_, sent)| !sent.is_empty()) {
            owed.push(format!("no answer to {sent:?} of {place:?}"));
        }
        owed
    }

    fn meter(&self) -> usize {
        self.meter
    }

    fn show(&self) -> String {
        let last = self.seen.len().saturating_sub(30);
        let mut text = String::new();
        for seen in &self.seen[last..] {
            let line = format!("{seen:?}");
            text.push_str("    ");
            text.extend(line.chars().take(200));
            text.push('\n');
        }
        text
    }
}

/// Opens a channel, and notes that an answer is due.
///
/// # Errors
/// As `Connection::open`.
pub fn open<R: Role>(
    conn: &mut Connection<R>,
    actor: &mut Actor,
    open: &Opens,
    window: u32,
) -> Result<Channel, SendError> {
    let channel = watch(actor.meter, || conn.open(open.lend(), Window::Fixed(window)))?;
    actor.awaits_opening(channel);
    Ok(channel)
}
