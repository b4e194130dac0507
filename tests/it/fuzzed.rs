//! The promises that `fuzz/` tests at length, over its seeds and some thousand variations of them.

#[path = "../../fuzz/documents.rs"]
mod documents;
#[path = "../../fuzz/harness.rs"]
mod harness;

#[test]
fn what_is_accepted_survives_whatever_was_changed() {
    let mut state = 0x5eed_u64;
    let mut random = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % limit.max(1)
    };
    for (target, seed) in harness::seeds().into_iter().chain(documents::seeds()) {
        let (run, times): (fn(&[u8]), usize) = match target {
            "zip_reader" => (harness::zip_reader, 3000),
            "folder_reader" => (harness::folder_reader, 60),
            "manifest" => (documents::manifest, 300),
            "bundle" => (documents::bundle, 30),
            "json" => (documents::json, 2000),
            _ => (harness::xml_reader, 400),
        };
        run(&seed);
        for _ in 0..times {
            let mut bytes = seed.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = b"<>/&'\" ]![-\n\0\xff"[random(14)],
                    1 => bytes[at] ^= 1 << random(8),
                    2 => drop(bytes.drain(at..bytes.len().min(at + 1 + random(9)))),
                    _ => {
                        let from = random(bytes.len());
                        let again = bytes[from..bytes.len().min(from + 1 + random(30))].to_vec();
                        bytes.splice(at..at, again);
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            run(&bytes);
        }
    }
}
