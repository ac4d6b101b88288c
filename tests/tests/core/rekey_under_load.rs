//! Ten thousand re-exchanges in one pair while everything else goes on: both sides start at random, both transmit buffers
//! are full, 64 channels carry data and unanswered requests both ways, reads and writes have any size from one byte up.
//! Every byte and every verdict is checked.

use core::cell::RefCell;
use sansh::channel::{Channel, Request, Stream};
use sansh::crypto::Provider;
use sansh::{Connection, Instant, SendError};
use sansh_testkit::apps::{self, Actor, Answer, App};
use sansh_testkit::dice::{Dice, Pattern};
use sansh_testkit::net::{Chop, Weather};
use sansh_testkit::pair::{Builder, HOST_KEY, Pair, RUSTCRYPTO, key};
use sansh_testkit::raw::NULL;
use sansh_testkit::told::{Opens, Question, Reply, Requests, Seen, Told};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

const CHANNELS: u32 = 64;

/// The verdict that both sides expect on the `n`-th request of a channel.
fn verdict(number: u32, n: u32) -> bool {
    (number ^ n).count_ones().is_multiple_of(2)
}

struct Lane {
    number: u32,
    open: bool,
    out: Pattern,
    into: Pattern,
    may_write: bool,
    /// Requests of ours, by their order.
    sent: VecDeque<u32>,
    next: u32,
    finished: bool,
    peer_finished: bool,
    granted: u32,
}

/// One end under load.
struct Load {
    actor: Actor,
    lanes: BTreeMap<Channel, Lane>,
    waiting: Vec<(Question, bool)>,
    may_request: bool,
    dice: Dice,
    rekeys: usize,
    stopping: Rc<RefCell<bool>>,
    opened: u32,
    /// Bytes checked, verdicts checked.
    checked: (u64, u64),
    /// Re-exchanges asked for, and those with a transmit buffer that was full.
    starts: (u64, u64),
    began: u64,
}

fn lane(number: u32, server: bool) -> Lane {
    let (out, into) = (u64::from(number) * 2 + u64::from(server), u64::from(number) * 2 + u64::from(!server));
    Lane {
        number,
        open: false,
        out: Pattern::new(out),
        into: Pattern::new(into),
        may_write: true,
        sent: VecDeque::new(),
        next: 0,
        finished: false,
        peer_finished: false,
        granted: 0,
    }
}

impl Load {
    fn new(server: bool, seed: u64, rekeys: usize, stopping: &Rc<RefCell<bool>>) -> Self {
        let mut actor = Actor::new(usize::from(server), Dice::new(seed));
        if server {
            actor.keys.push(key(HOST_KEY));
        } else {
            actor.password("user", "right");
        }
        actor.grants = false;
        actor.bypassed = true;
        actor.window = 3000;
        actor.manner(|seen| matches!(seen, Seen::Request { asked: true, .. }).then_some(Answer::Keep));
        Load {
            actor,
            lanes: BTreeMap::new(),
            waiting: Vec::new(),
            may_request: true,
            dice: Dice::new(seed),
            rekeys,
            stopping: Rc::clone(stopping),
            opened: 0,
            checked: (0, 0),
            starts: (0, 0),
            began: 0,
        }
    }

    fn note(&mut self, seen: Seen, server: bool) {
        match seen {
            Seen::Requested { channel, open: Opens::Other { body, .. } } => {
                let number = u32::from_be_bytes(body.as_slice().try_into().expect("a number"));
                let mut lane = lane(number, server);
                lane.open = true;
                self.lanes.insert(channel, lane);
            }
            Seen::Opened { channel, .. } => self.lanes.get_mut(&channel).expect("asked for").open = true,
            Seen::Writable(channel) => self.lanes.get_mut(&channel).expect("ours").may_write = true,
            Seen::Room => self.may_request = true,
            Seen::Data { channel, stream: Stream::Main, bytes } => {
                let lane = self.lanes.get_mut(&channel).expect("ours");
                lane.into.check(&bytes);
                lane.granted += u32::try_from(bytes.len()).expect("a packet");
                self.checked.0 += bytes.len() as u64;
            }
            Seen::Request { channel, request: Requests::Other { body, .. }, .. } => {
                let lane = &self.lanes[&channel];
                let n = u32::from_be_bytes(body.as_slice().try_into().expect("a number"));
                let question = self.actor.kept.pop_front().expect("kept");
                self.waiting.push((question, verdict(lane.number, n)));
            }
            Seen::Replied { channel, ok, .. } => {
                let lane = self.lanes.get_mut(&channel).expect("ours");
                let n = lane.sent.pop_front().expect("a request of ours");
                assert_eq!(ok, verdict(lane.number, n), "channel {} request {n}", lane.number);
                self.checked.1 += 1;
            }
            Seen::Eof(channel) => self.lanes.get_mut(&channel).expect("ours").peer_finished = true,
            Seen::Refused { .. } | Seen::Gone(_) | Seen::Closed(_) => panic!("server: {server}: {seen:?}"),
            _ => {}
        }
    }

    fn stopping(&self) -> bool {
        *self.stopping.borrow()
    }
}

impl<R: Told> App<R> for Load {
    fn told(&mut self, event: R::Event<'_>) {
        App::<R>::told(&mut self.actor, event);
        if let Some(seen) = self.actor.seen.pop() {
            self.note(seen, R::IS_SERVER);
        }
    }

    fn turn(&mut self, conn: &mut Connection<R>, _: Instant) -> bool {
        let mut done = false;
        if !R::IS_SERVER && self.actor.is_ready() && self.opened < CHANNELS {
            let body = self.opened.to_be_bytes().to_vec();
            let open = Opens::Other { kind: "load@test".into(), body };
            match apps::open(conn, &mut self.actor, &open, 3000) {
                Ok(channel) => {
                    self.lanes.insert(channel, lane(self.opened, false));
                    self.opened += 1;
                    done = true;
                }
                Err(SendError::Full | SendError::Rekeying) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        let stopping = self.stopping();
        // Some of the answers, in any order.
        for _ in 0..self.waiting.len() {
            if stopping || self.dice.once_in(4) {
                let (question, yes) = self.waiting.swap_remove(self.dice.below(self.waiting.len()));
                question.answer(conn, &Reply::Permit(yes), 0).expect("a bare verdict always finds room");
                done = true;
            }
        }
        let start = self.dice.below(self.lanes.len().max(1));
        let channels: Vec<Channel> = self.lanes.keys().copied().collect();
        for n in 0..channels.len() {
            let channel = channels[(start + n) % channels.len()];
            let lane = self.lanes.get_mut(&channel).expect("listed");
            if !lane.open {
                continue;
            }
            if lane.granted > 0 && self.dice.once_in(3) {
                conn.grant(channel, lane.granted).expect("open");
                lane.granted = 0;
                done = true;
            }
            while lane.may_write && !lane.finished {
                if stopping {
                    conn.finish(channel).expect("open");
                    lane.finished = true;
                    done = true;
                    break;
                }
                match conn.writer(channel, Stream::Main) {
                    Ok(mut writer) => {
                        let space = writer.space();
                        let n = if self.dice.once_in(2) { space.len() } else { self.dice.size(space.len()) };
                        lane.out.fill(&mut space[..n]);
                        writer.send(n);
                        done = true;
                    }
                    Err(SendError::Full | SendError::Window | SendError::Rekeying) => lane.may_write = false,
                    Err(error) => panic!("{error:?}: {:?}", conn.next_event()),
                }
            }
            // Three requests are always open.
            while self.may_request && !stopping && lane.sent.len() < 3 {
                let body = lane.next.to_be_bytes();
                match conn.request(channel, Request::Other { name: "ask@test", want_reply: true, body: &body }) {
                    Ok(_) => {
                        lane.sent.push_back(lane.next);
                        lane.next += 1;
                        done = true;
                    }
                    Err(SendError::Full | SendError::Rekeying) => self.may_request = false,
                    Err(error) => panic!("{error:?}: {:?}", conn.next_event()),
                }
            }
        }
        // Once between two exchanges, at any time.
        let now = conn.counters().exchanges;
        let idle = sansh::danger::phase(conn) == sansh::danger::Phase::Open && self.began != now;
        if self.lanes.len() == CHANNELS as usize && !stopping && idle && self.dice.once_in(self.rekeys) {
            self.began = now;
            self.starts.0 += 1;
            self.starts.1 += u64::from(conn.transmit_buf().len() > 4000);
            conn.rekey();
            done = true;
        }
        done
    }

    fn is_over(&self) -> bool {
        App::<R>::is_over(&self.actor)
    }

    fn holds(&self) -> bool {
        false
    }

    fn owed(&self, _: bool) -> Vec<String> {
        let mut owed = Vec::new();
        for lane in self.lanes.values() {
            if !(lane.finished && lane.peer_finished && lane.sent.is_empty()) {
                owed.push(format!(
                    "channel {}: finished {}, peer finished {}, verdicts awaited {:?}, may write {}",
                    lane.number, lane.finished, lane.peer_finished, lane.sent, lane.may_write
                ));
            }
        }
        owed
    }

    fn meter(&self) -> usize {
        usize::from(R::IS_SERVER)
    }

    fn show(&self) -> String {
        format!(
            "checked {:?}, {} verdicts waiting, may request {}\n",
            self.checked,
            self.waiting.len(),
            self.may_request
        )
    }
}

fn under_load(provider: &'static dyn Provider, kex: &str, ciphers: &str, exchanges: u64, seed: u64) {
    let stopping = Rc::new(RefCell::new(false));
    let weather = Weather { read: Chop::Random(9000), write: Chop::Random(3000), delay: 0, room: 9000 };
    let mut pair: Pair<Load, Load> = Builder::new(provider)
        .seed(seed)
        .trace(2048)
        .weather(weather)
        .names("load@test", "ask@test", "")
        .limits(|limits| {
            limits.packet = 4096;
            limits.handshake_receive = 8 * 1024;
            limits.receive = 8 * 1024;
            limits.handshake_transmit = 8 * 1024;
            limits.transmit = 8 * 1024;
            limits.send_packet = 600;
        })
        .client(|config| {
            config.kex(kex).unwrap().ciphers(ciphers).unwrap();
        })
        .with(Load::new(false, seed + 1, 5, &stopping), Load::new(true, seed + 2, 5, &stopping));
    let mut idle = 0;
    while pair.client.conn.counters().exchanges.min(pair.server.conn.counters().exchanges) <= exchanges {
        idle = if pair.turn() { 0 } else { idle + 1 };
        assert!(idle < 20, "it hangs with {:?} exchanges: {}", pair.client.conn.counters().exchanges, pair.dump());
    }
    *stopping.borrow_mut() = true;
    pair.run();
    let ends = [pair.client.conn.counters(), pair.server.conn.counters()];
    assert_eq!(ends[0].exchanges, ends[1].exchanges);
    for mine in pair.client.app.lanes.values() {
        let theirs = pair.server.app.lanes.values().find(|lane| lane.number == mine.number).expect("both ends");
        assert_eq!((mine.out.position, theirs.out.position), (theirs.into.position, mine.into.position));
    }
    let (client, server) = (&pair.client.app, &pair.server.app);
    println!(
        "{} {kex} {ciphers}: {} exchanges; client: {} bytes and {} verdicts checked, {} of {} times full when it began; \
         server: {} and {}, {} of {}",
        provider.name(),
        ends[0].exchanges,
        client.checked.0,
        client.checked.1,
        client.starts.1,
        client.starts.0,
        server.checked.0,
        server.checked.1,
        server.starts.1,
        server.starts.0,
    );
    for app in [client, server] {
        assert!(app.checked.0 > exchanges * 100, "there was a load");
        assert!(app.checked.1 > exchanges / 10, "there were requests");
        assert!(app.starts.0 > exchanges / 10, "each side began");
        assert!(app.starts.1 * 2 > app.starts.0, "with full buffers");
    }
}

#[test]
fn ten_thousand_re_exchanges_under_load() {
    under_load(&RUSTCRYPTO, "curve25519-sha256", "aes128-gcm@openssh.com", 10_000, 1);
}

#[test]
fn ten_thousand_re_exchanges_without_cryptography() {
    under_load(&NULL, "null", "null", 10_000, 2);
}

#[test]
fn five_hundred_re_exchanges_with_each_cipher() {
    for (n, cipher) in ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com", "aes256-ctr"].into_iter().enumerate()
    {
        under_load(&RUSTCRYPTO, "mlkem768x25519-sha256", cipher, 500, 10 + n as u64);
    }
}
