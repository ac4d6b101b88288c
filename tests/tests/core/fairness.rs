//! Channels that wait get one packet each in turn: those that ask all the time get no more than one that waits to be told.

use sansh::channel::{Channel, Stream};
use sansh::{Client, Connection, Instant, SendError};
use sansh_testkit::apps::{self, Actor, App};
use sansh_testkit::dice::Dice;
use sansh_testkit::net::{Chop, Weather};
use sansh_testkit::pair::{HOST_KEY, Pair, key};
use sansh_testkit::told::{Opens, Seen};

/// A client with 64 channels: all but the last call `writer` at every turn, the last only when told that it is worth it.
struct Crowd {
    actor: Actor,
    channels: Vec<Channel>,
    polite_may: bool,
    sent: Vec<u64>,
    dice: Dice,
}

const CHANNELS: usize = 64;

impl App<Client> for Crowd {
    fn told(&mut self, event: sansh::event::client::Event<'_>) {
        App::<Client>::told(&mut self.actor, event);
        if let Some(Seen::Writable(channel)) = self.actor.seen.last()
            && self.channels.last() == Some(channel)
        {
            self.polite_may = true;
        }
        if matches!(self.actor.seen.last(), Some(Seen::Writable(_))) {
            self.actor.seen.pop();
        }
    }

    fn turn(&mut self, conn: &mut Connection<Client>, now: Instant) -> bool {
        let mut done = App::<Client>::turn(&mut self.actor, conn, now);
        if self.actor.is_ready() && self.channels.len() < CHANNELS {
            let channel = apps::open(conn, &mut self.actor, &Opens::Session, 1000).expect("open");
            self.channels.push(channel);
            done = true;
        }
        if self.actor.open.len() < CHANNELS {
            return done;
        }
        if self.polite_may {
            self.polite_may = write(conn, self.channels[CHANNELS - 1], &mut self.sent[CHANNELS - 1]);
            done |= self.polite_may;
        }
        // The greedy ones ask again and again, each time from another one on.
        let start = self.dice.below(CHANNELS - 1);
        for n in 0..(CHANNELS - 1) * 3 {
            let at = (start + n) % (CHANNELS - 1);
            done |= write(conn, self.channels[at], &mut self.sent[at]);
        }
        done
    }

    fn is_over(&self) -> bool {
        App::<Client>::is_over(&self.actor)
    }
    fn holds(&self) -> bool {
        false
    }
    fn owed(&self, _: bool) -> Vec<String> {
        Vec::new()
    }
    fn meter(&self) -> usize {
        0
    }
    fn show(&self) -> String {
        format!("{:?}", self.sent)
    }
}

fn write(conn: &mut Connection<Client>, channel: Channel, sent: &mut u64) -> bool {
    match conn.writer(channel, Stream::Main) {
        Ok(mut writer) => {
            let n = writer.space().len();
            assert!(n > 0, "a writer without space");
            writer.send(n);
            *sent += n as u64;
            true
        }
        Err(SendError::Full | SendError::Window | SendError::Rekeying) => false,
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn greedy_channels_and_a_polite_one_share_within_a_tenth() {
    share(true);
}

#[test]
fn they_do_so_with_a_program_that_writes_when_it_has_heard_everything() {
    share(false);
}

/// `each`: the program writes behind each event, or only when there is no further one.
fn share(each: bool) {
    let mut dice = Dice::new(1);
    let mut crowd = Actor::new(0, Dice::new(2));
    crowd.password("user", "right");
    let crowd =
        Crowd { actor: crowd, channels: Vec::new(), polite_may: true, sent: vec![0; CHANNELS], dice: dice.clone() };
    let mut server = Actor::new(1, Dice::new(3));
    server.keys.push(key(HOST_KEY));
    server.window = 1_000_000;
    let weather = Weather { write: Chop::Random(3000), read: Chop::Random(8000), delay: 0, room: 8000 };
    let mut pair = Pair::builder()
        .weather(weather)
        .trace(0)
        .limits(|limits| {
            limits.transmit = 32 * 1024;
            limits.send_packet = 1000;
        })
        .with(crowd, server);
    pair.strict_turns = each;
    let wanted = 200 * 1000 * CHANNELS as u64;
    let mut idle = 0;
    while pair.client.app.sent.iter().sum::<u64>() < wanted {
        idle = if pair.turn() { 0 } else { idle + 1 };
        assert!(idle < 10, "it hangs: {}", pair.dump());
        pair.server.app.seen.clear();
        let _ = dice.number();
    }
    let sent = &pair.client.app.sent;
    println!(
        "{each}: the polite one {}, the greedy ones {:?} to {:?}",
        sent[CHANNELS - 1],
        sent[..CHANNELS - 1].iter().min(),
        sent[..CHANNELS - 1].iter().max()
    );
    let mean = sent.iter().sum::<u64>() / CHANNELS as u64;
    for (n, bytes) in sent.iter().enumerate() {
        let who = if n == CHANNELS - 1 { "the polite one" } else { "a greedy one" };
        assert!(bytes.abs_diff(mean) * 10 <= mean, "{who} sent {bytes}, the mean is {mean}: {sent:?}");
    }
}
