//! OpenSSH PROTOCOL, section 2.3: a tunnel's packets are frames. One goes in as a whole, and comes out as a whole.

use sansh::SendError;
use sansh::channel::tun::{Frame, INET, INET6, Layer};
use sansh::channel::{Channel, Stream};
use sansh_testkit::apps::Act;
use sansh_testkit::dice::{Dice, Pattern};
use sansh_testkit::net::{Chop, Weather};
use sansh_testkit::pair::Pair;
use sansh_testkit::told::{Opens, Seen};

fn tunnel(pair: &mut Pair, layer: Layer) -> (Channel, Channel) {
    let mine = pair.open(&Opens::Tun { layer, unit: None });
    (mine, pair.server.app.asked_for())
}

fn frame(layer: Layer, family: u32, packet: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; layer.header_len() + packet.len()];
    let head = Frame::head(layer, family, packet.len(), &mut bytes).expect("room");
    bytes[head..].copy_from_slice(packet);
    bytes
}

/// The data of each event.
fn frames(seen: &[Seen], wanted: Channel) -> Vec<Vec<u8>> {
    let bytes = |seen: &Seen| match seen {
        Seen::Data { channel, bytes, .. } if *channel == wanted => Some(bytes.clone()),
        _ => None,
    };
    seen.iter().filter_map(bytes).collect()
}

#[test]
fn frames_arrive_whole_one_in_each_event() {
    let weathers = [
        Weather::default(),
        Weather { read: Chop::Random(700), write: Chop::Random(5000), delay: 3_000_000, room: 9000 },
        Weather::one_byte(),
    ];
    for (n, weather) in weathers.into_iter().enumerate() {
        for layer in [Layer::Two, Layer::Three] {
            let mut pair = Pair::builder().seed(n as u64).weather(weather).logged_in();
            // One frame of the largest at a time, and little more.
            pair.server.app.window = 33_000;
            let (mine, theirs) = tunnel(&mut pair, layer);
            let (mut dice, mut pattern) = (Dice::new(7), Pattern::new(3));
            let (mut up, mut down) = (Vec::new(), Vec::new());
            for n in 0..60 {
                let size = match n % 5 {
                    0 => 1,
                    1 => 1500,
                    2 => 32_000,
                    _ => 1 + dice.below(9000),
                };
                let family = if dice.once_in(2) { INET } else { INET6 };
                let frame = frame(layer, family, &pattern.take(size));
                if n % 2 == 0 { up.push(frame) } else { down.push(frame) }
            }
            up.iter().for_each(|frame| pair.client.app.act(mine, Act::Frame(frame.clone())));
            down.iter().for_each(|frame| pair.server.app.act(theirs, Act::Frame(frame.clone())));
            pair.turns(200);
            pair.server.conn.rekey();
            pair.run();
            assert_eq!(pair.client.conn.counters().exchanges, 2);
            assert!(frames(&pair.server.app.seen, theirs) == up, "{}", pair.dump());
            assert!(frames(&pair.client.app.seen, mine) == down, "{}", pair.dump());
            for (sent, got) in up.iter().zip(frames(&pair.server.app.seen, theirs)) {
                let read = Frame::parse(layer, &got).expect("a frame");
                assert_eq!(read.packet, &sent[layer.header_len()..]);
                assert_eq!(read.family.is_some(), layer == Layer::Three);
            }
            assert!(pair.client.conn.counters().window_stalls > 0, "the window was too small now and then");
        }
    }
}

#[test]
fn a_frame_waits_for_a_window_that_has_room_for_all_of_it() {
    let mut pair = Pair::logged_in();
    pair.server.app.window = 2000;
    pair.server.app.grants = false;
    pair.client.app.starves = true;
    let (mine, theirs) = tunnel(&mut pair, Layer::Two);
    let (first, second) = (vec![1; 1500], vec![2; 1500]);
    pair.client.app.act(mine, Act::Frame(first.clone()));
    pair.client.app.act(mine, Act::Frame(second.clone()));
    pair.run();
    let got = frames(&pair.server.app.seen, theirs);
    assert_eq!(got, core::slice::from_ref(&first), "500 bytes of window are not used for a part");
    assert_eq!(pair.client.conn.writer_for(mine, Stream::Main, 501).err(), Some(SendError::Window));
    let writable = |pair: &Pair| pair.client.app.count(|seen| *seen == &Seen::Writable(mine));
    let before = writable(&pair);
    // Not yet enough: a window that is still too small wakes nobody.
    pair.client.conn.writer_for(mine, Stream::Main, 1500).expect_err("too small");
    pair.server.conn.grant(theirs, 600).expect("open");
    pair.run();
    assert_eq!(writable(&pair), before);
    pair.server.conn.grant(theirs, 2000).expect("open");
    pair.run();
    assert_eq!(frames(&pair.server.app.seen, theirs), [first, second]);
    assert_eq!(writable(&pair), before + 1);
}

#[test]
fn a_frame_that_no_packet_carries_is_too_long() {
    let mut pair = Pair::logged_in();
    let (mine, _) = tunnel(&mut pair, Layer::Two);
    assert_eq!(pair.client.conn.writer_for(mine, Stream::Main, 32_769).err(), Some(SendError::TooLong));
    assert_eq!(pair.client.conn.writer_for(mine, Stream::Main, usize::MAX).err(), Some(SendError::TooLong));
    let mut writer = pair.client.conn.writer_for(mine, Stream::Main, 32_768).expect("as long as a packet");
    assert_eq!(writer.space().len(), 32_768);

    // What this side, or the other, sets as its own bound counts.
    let mut pair = Pair::builder().limits(|limits| limits.send_packet = 1000).logged_in();
    let (mine, _) = tunnel(&mut pair, Layer::Two);
    assert_eq!(pair.client.conn.writer_for(mine, Stream::Main, 1001).err(), Some(SendError::TooLong));
    let mut pair = Pair::builder().limits(|limits| limits.packet = 4096).logged_in();
    let (mine, _) = tunnel(&mut pair, Layer::Two);
    assert_eq!(pair.client.conn.writer_for(mine, Stream::Main, 4096 - 1023).err(), Some(SendError::TooLong));
    assert!(pair.client.conn.writer_for(mine, Stream::Main, 4096 - 1024).is_ok());
    // And a buffer that never holds it.
    let mut pair = Pair::builder()
        .limits(|limits| {
            (limits.transmit, limits.handshake_transmit) = (16 * 1024, 16 * 1024);
        })
        .logged_in();
    let (mine, _) = tunnel(&mut pair, Layer::Two);
    assert_eq!(pair.client.conn.writer_for(mine, Stream::Main, 30_000).err(), Some(SendError::TooLong));
}

#[test]
fn a_full_buffer_is_waited_for_as_well() {
    let mut pair = Pair::builder()
        .limits(|limits| limits.transmit = 40_000)
        .weather(Weather { room: 500, ..Weather::default() })
        .logged_in();
    let (mine, theirs) = tunnel(&mut pair, Layer::Two);
    let all: Vec<Vec<u8>> = (0..20).map(|n| Pattern::new(n).take(20_000 + 100 * n as usize)).collect();
    all.iter().for_each(|frame| pair.client.app.act(mine, Act::Frame(frame.clone())));
    pair.run();
    assert!(pair.client.app.refusals.contains(&SendError::Full));
    assert!(frames(&pair.server.app.seen, theirs) == all);
}
