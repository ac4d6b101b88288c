//! P6: the heap of one idle, authenticated connection with one open channel, buffers released; its own value included.

use crate::pair::Setup;
use crate::providers;
use sansh::{Client, Connection, Instant, SECOND, Server};
use sansh_testalloc::{read, reset, watch};

pub(crate) fn run() {
    println!("P6  bytes of an idle connection with one channel: value, heap, both; and the heap's peak until then");
    println!("{:<12} {:<7} {:>8} {:>8} {:>8} {:>9}", "provider", "role", "value", "heap", "both", "peak");
    for provider in providers() {
        let mut setup = Setup::new(provider, "aes256-gcm@openssh.com", "mlkem768x25519-sha256");
        // What a provider keeps for the process is not the connection's.
        drop(setup.with_channel());
        reset(0);
        let pair = watch(0, || {
            let mut pair = setup.with_channel();
            for second in 2..6 {
                let now = Instant(second * SECOND);
                pair.client.handle_timeout(now);
                pair.server.handle_timeout(now);
            }
            pair
        });
        let both = read(0);
        let (client, server) = (size_of::<Connection<Client>>() as isize, size_of::<Connection<Server>>() as isize);
        // The ends live in one value; dropping one shows what was the other's.
        let sansh_pair = pair;
        let crate::pair::Pair { client: first, server: second, .. } = sansh_pair;
        watch(0, || drop(first));
        let servers = read(0).live;
        watch(0, || drop(second));
        let nothing = read(0).live;
        for (role, value, heap) in [("client", client, both.live - servers), ("server", server, servers - nothing)] {
            println!("{:<12} {role:<7} {value:>8} {heap:>8} {:>8} {:>9}", provider.name(), value + heap, both.peak / 2);
        }
    }
}
