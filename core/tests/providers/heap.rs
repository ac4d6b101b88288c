//! The heap that a provider says it needs is never exceeded.

use super::packets::{SUITES, Suite};
use super::signatures::{row, signed_by_ssh_keygen};
use super::{providers, random};
use sansh::crypto::{CryptoRng, Hash, KexMethod, Provider, SharedSecret};
use sansh_testalloc::Meter;

#[global_allocator]
static COUNTING: sansh_testalloc::Counting = sansh_testalloc::Counting;

/// What AWS-LC takes from malloc is counted too, where the allocator's feature `malloc` is on: in a run of all tests.
#[test]
fn the_objects_of_a_connection_never_hold_more_than_the_provider_says() {
    for provider in providers() {
        let mut most = 0;
        // What a backend keeps for the thread, from its first use on, is not a connection's.
        for warm in [false, true] {
            // The two add up: every method with one suite, and every suite with one method.
            let methods = provider.kex().iter().map(|method| (*method, SUITES[3]));
            let suites = SUITES.iter().map(|suite| (provider.kex()[0], *suite));
            for (method, suite) in methods.chain(suites) {
                let heap = heap_of(provider, method, suite);
                if warm {
                    most = most.max(heap.peak);
                    assert_eq!(heap.live, 0);
                }
            }
        }
        let said = provider.state_bytes();
        assert!(most > 0 && most as usize <= said, "{}: {most} of {said}", provider.name());
        assert!(said <= 13 * 1024, "{}: {said}", provider.name());
        println!("{}: {most} of {said}", provider.name());
    }
}

/// What a connection of this method and suite holds at one time.
fn heap_of(provider: &dyn Provider, method: &dyn KexMethod, suite: Suite) -> Meter {
    let keys = suite.keys();
    let mut public = vec![0; method.public_len()];
    let mut reply = vec![0; method.public_len()];
    let mut secret = SharedSecret::empty();
    let group = method.groups().and_then(|groups| groups.choose(8192, 8192, 8192));
    let start = |random: &mut dyn CryptoRng, public: &mut [u8]| match (method.groups(), group) {
        (Some(groups), Some(group)) => groups.start(group, random, public).expect("starts"),
        _ => method.start(random, public).expect("starts"),
    };
    let (length, other) = start(&mut random(1), &mut public);
    drop(other);
    sansh_testalloc::reset(0);
    sansh_testalloc::watch(0, || {
        let digest = provider.digest(Hash::Sha512).expect("a digest");
        let seals = [suite.seal(provider, &keys), suite.seal(provider, &keys)];
        let opens = [suite.open(provider, &keys), suite.open(provider, &keys)];
        // One side or the other, while the directions of before are still there.
        let (theirs, random) = (&public[..length], &mut random(2));
        let replied = match (method.groups(), group) {
            (Some(groups), Some(group)) => groups.respond(group, random, theirs, &mut reply, &mut secret),
            _ => method.respond(random, theirs, &mut reply, &mut secret),
        };
        let reply = &reply[..replied.expect("responds")];
        let (_, mut client) = start(&mut super::random(3), &mut public);
        client.finish(reply, &mut secret).expect("finishes, with another secret");
        drop((digest, seals, opens, client));
    });
    sansh_testalloc::read(0)
}

/// A verification holds nothing when it is over, whatever it took meanwhile; the pure-Rust provider takes nothing at all.
#[test]
fn verifications_leave_nothing_behind() {
    for (name, arguments) in [
        ("ssh-ed25519", &["-t", "ed25519"][..]),
        ("ecdsa-sha2-nistp256", &["-t", "ecdsa", "-b", "256"]),
        ("ecdsa-sha2-nistp521", &["-t", "ecdsa", "-b", "521"]),
        ("rsa-sha2-512", &["-t", "rsa", "-b", "4096"]),
    ] {
        let signed = signed_by_ssh_keygen(arguments);
        for provider in providers() {
            let row = row(provider, name);
            let verify = || row.verify(&signed.key, &signed.message, &signed.signature).is_ok();
            assert!(verify());
            sansh_testalloc::reset(0);
            assert!(sansh_testalloc::watch(0, verify));
            let heap = sansh_testalloc::read(0);
            assert_eq!(heap.live, 0, "{} {name}", provider.name());
            assert!(provider.name() != "rustcrypto" || heap.count == 0, "{name}: {heap:?}");
            println!("{} {name}: {}", provider.name(), heap.peak);
        }
    }
}
