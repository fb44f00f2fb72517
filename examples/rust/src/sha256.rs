// SPDX-License-Identifier: BSD-2-Clause

//! SHA-256 (FIPS 180-4), which std does not have.

fn primes() -> impl Iterator<Item = u64> {
    (2u64..).filter(|n| (2..*n).all(|d| n % d != 0))
}

/// The first 32 bits behind the point of the ROOTth root of N: the largest number whose power is below.
fn fraction(n: u64, root: u32) -> u32 {
    let target = u128::from(n) << (32 * root);
    let (mut low, mut high) = (0u128, 1 << 36);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if middle.pow(root) <= target {
            low = middle;
        } else {
            high = middle;
        }
    }
    low as u32
}

fn block(state: &mut [u32; 8], constants: &[u32], bytes: &[u8]) {
    let mut w: Vec<u32> = bytes.chunks(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
    for i in 16..64 {
        let s0 = w[i - 15].rotate_right(7) ^ w[i - 15].rotate_right(18) ^ (w[i - 15] >> 3);
        let s1 = w[i - 2].rotate_right(17) ^ w[i - 2].rotate_right(19) ^ (w[i - 2] >> 10);
        w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for i in 0..64 {
        let s1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let t1 = h.wrapping_add(s1).wrapping_add((e & f) ^ (!e & g)).wrapping_add(constants[i]).wrapping_add(w[i]);
        let s0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
    }
    for (sum, more) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *sum = sum.wrapping_add(more);
    }
}

pub fn sha256(data: &[u8]) -> [u8; 32] {
    let constants: Vec<u32> = primes().take(64).map(|n| fraction(n, 3)).collect();
    let mut state = [0; 8];
    for (word, n) in state.iter_mut().zip(primes()) {
        *word = fraction(n, 2);
    }
    let whole = data.len() / 64 * 64;
    let mut tail = data[whole..].to_vec();
    tail.push(0x80);
    tail.resize((tail.len() + 8 + 63) / 64 * 64 - 8, 0);
    tail.extend((data.len() as u64 * 8).to_be_bytes());
    for bytes in data[..whole].chunks(64).chain(tail.chunks(64)) {
        block(&mut state, &constants, bytes);
    }
    let mut hash = [0; 32];
    for (bytes, word) in hash.chunks_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    hash
}

#[test]
fn hashes_are_those_of_the_standard() {
    let hex = |data: &[u8]| sha256(data).iter().map(|b| format!("{b:02x}")).collect::<String>();
    assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(
        hex(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    );
}
