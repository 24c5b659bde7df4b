//! Shamir's secret sharing (CACM 22, 1979), byte by byte over the field of AES, as SLIP-39 does it.
//!
//! Every polynomial is drawn anew and whole, its highest coefficient included: one that may not be zero
//! would tell something. No table is indexed by a secret and no branch is taken on one.

use crate::dice::Dice;

/// A point of the polynomials: where, and what they are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point<const N: usize> {
    pub at: u8,
    pub value: [u8; N],
}

/// Splits a secret into shares at the places from 1 on, of which so many give it back and fewer tell nothing.
pub fn split<const N: usize>(
    secret: &[u8; N],
    threshold: usize,
    holders: u8,
    dice: &mut Dice,
) -> Vec<Point<N>> {
    let mut coefficients = vec![*secret];
    coefficients.extend((1..threshold).map(|_| dice.bytes::<N>()));
    (1..=holders)
        .map(|at| Point {
            at,
            value: evaluate(&coefficients, at),
        })
        .collect()
}

/// What the polynomials through these points are at zero: the secret, if the points are good and enough.
/// `None` where two of them stand at one place.
pub fn combine<const N: usize>(points: &[Point<N>]) -> Option<[u8; N]> {
    interpolate(points, 0)
}

fn evaluate<const N: usize>(coefficients: &[[u8; N]], at: u8) -> [u8; N] {
    let mut value = [0; N];
    for coefficient in coefficients.iter().rev() {
        for (byte, added) in value.iter_mut().zip(coefficient) {
            *byte = product(*byte, at) ^ added;
        }
    }
    value
}

fn interpolate<const N: usize>(points: &[Point<N>], at: u8) -> Option<[u8; N]> {
    let mut value = [0; N];
    for (index, point) in points.iter().enumerate() {
        let mut weight = 1;
        for (other, second) in points.iter().enumerate() {
            if other == index {
                continue;
            }
            if second.at == point.at {
                return None;
            }
            let part = product(at ^ second.at, inverse(point.at ^ second.at));
            weight = product(weight, part);
        }
        for (byte, share) in value.iter_mut().zip(&point.value) {
            *byte ^= product(weight, *share);
        }
    }
    Some(value)
}

/// Multiplies modulo x^8 + x^4 + x^3 + x + 1.
fn product(mut one: u8, other: u8) -> u8 {
    let mut sum = 0;
    for bit in 0..8 {
        sum ^= one & mask(other >> bit);
        one = (one << 1) ^ (0x1b & mask(one >> 7));
    }
    sum
}

/// All ones if the lowest bit is one.
const fn mask(bit: u8) -> u8 {
    (bit & 1).wrapping_neg()
}

/// The 254th power, by squares: the inverse of all but zero.
fn inverse(of: u8) -> u8 {
    let mut power = of;
    let mut result = 1;
    for _ in 0..7 {
        power = product(power, power);
        result = product(result, power);
    }
    result
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    fn bytes(text: &str) -> [u8; 16] {
        let bytes = HEXLOWER.decode(text.as_bytes()).expect("it is hexadecimal");
        bytes.try_into().expect("it has sixteen bytes")
    }

    /// The vector of bc-shamir, which shares as SLIP-39 does: five shares at 0 to 4, three of which give the
    /// secret at 255.
    #[test]
    fn the_published_shares_give_the_published_secret() {
        let shares = [
            "00112233445566778899aabbccddeeff",
            "d43099fe444807c46921a4f33a2a798b",
            "d9ad4e3bec2e1a7485698823abf05d36",
            "0d8cf5f6ec337bc764d1866b5d07ca42",
            "1aa7fe3199bc5092ef3816b074cabdf2",
        ];
        let point = |at: usize| Point {
            at: u8::try_from(at).expect("it is small"),
            value: bytes(shares[at]),
        };
        let secret = bytes("0ff784df000c4380a5ed683f7e6e3dcf");
        for chosen in [[1, 2, 4], [0, 1, 2], [4, 3, 2], [0, 2, 4]] {
            let found = interpolate(&chosen.map(point), 255);
            assert_eq!(found, Some(secret), "{chosen:?}");
        }
        assert_ne!(interpolate(&[0, 1].map(point), 255), Some(secret));
    }

    #[test]
    fn the_field_is_that_of_aes() {
        assert_eq!(product(0x57, 0x83), 0xc1, "FIPS 197, section 4.2");
        assert_eq!(product(0x57, 0x13), 0xfe, "FIPS 197, section 4.2.1");
        for of in 1..=u8::MAX {
            assert_eq!(product(of, inverse(of)), 1);
        }
    }

    #[test]
    fn as_many_shares_as_are_needed_give_the_secret_and_one_less_does_not() {
        let mut dice = Dice::from_seed([3; 32]);
        for (threshold, holders) in [(1, 1), (3, 4), (3, 5), (16, 31), (31, 31)] {
            let secret: [u8; 32] = dice.bytes();
            let shares = split(&secret, threshold, holders, &mut dice);
            assert_eq!(shares.len(), usize::from(holders));
            for start in 0..=shares.len() - threshold {
                let chosen = &shares[start..start + threshold];
                assert_eq!(combine(chosen), Some(secret));
                if threshold > 1 {
                    assert_ne!(combine(&chosen[1..]), Some(secret));
                }
            }
        }
    }

    #[test]
    fn a_share_that_was_changed_gives_another_secret_and_one_place_twice_none() {
        let mut dice = Dice::from_seed([4; 32]);
        let secret: [u8; 32] = dice.bytes();
        let mut shares = split(&secret, 3, 5, &mut dice);
        shares[1].value[7] ^= 1;
        assert_ne!(combine(&shares[..3]), Some(secret));
        assert_eq!(combine(&shares[2..]), Some(secret));
        shares[3].at = shares[2].at;
        assert_eq!(combine(&shares[2..]), None);
    }

    /// One share less than needed: every secret is as likely as any other, bit by bit.
    #[test]
    fn fewer_shares_tell_nothing() {
        let mut dice = Dice::from_seed([5; 32]);
        let mut counts = [[0_u32; 256]; 2];
        for round in 0..40_000 {
            let secret = [[0_u8], [0xff]][round % 2];
            let shares = split(&secret, 2, 2, &mut dice);
            counts[round % 2][usize::from(shares[0].value[0])] += 1;
        }
        for of in counts {
            for count in of {
                assert!((35..=130).contains(&count), "{count} of 78 expected");
            }
        }
    }
}
