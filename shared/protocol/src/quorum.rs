//! How many distinct witnesses must sign one word: the quorums of PROTOCOL.md §2.4, §7 and §8 ("Quorums").
//!
//! A device has K = min(8, N − 1) witnesses, and every quorum is the same share of them: 5 of 8 for a
//! liveness certificate, which its subject refutes, and 6 of 8 for SUSPECT, which nobody refutes and whose
//! certificates must therefore intersect in an honest witness (2Q − W > F). No quorum is below two
//! witnesses, and in a fleet of fewer than four nodes there is none: such a mesh reports and proves.

use std::collections::BTreeSet;

use crate::limits::WITNESSES;

/// The least that a certificate needs whatever the share says: the word of one alone is none.
const AT_LEAST: usize = 2;
/// Witnesses of one device in the smallest fleet with certificates, that of four nodes.
const SMALLEST_JURY: usize = 3;

/// Witnesses of each device in a fleet of so many nodes.
pub fn witnesses(nodes: usize) -> usize {
    WITNESSES.min(nodes.saturating_sub(1))
}

/// Votes for SUSPECT: 6 of 8.
pub fn suspect_quorum(witnesses: usize) -> Option<usize> {
    share(witnesses, 6)
}

/// Votes for a liveness certificate: 5 of 8. It need not intersect another, because it is refutable.
pub fn liveness_quorum(witnesses: usize) -> Option<usize> {
    share(witnesses, 5)
}

/// Votes for a liveness certificate three seconds later, when many may have died at once: 60 % of those
/// witnesses that still answer, the voters included, and 3 of 8 at least.
///
/// Whoever only reads a certificate cannot know who answered; with `answering` at zero this is the least
/// that any certificate carries.
pub fn reduced_liveness_quorum(witnesses: usize, answering: usize) -> Option<usize> {
    let (least, full) = (share(witnesses, 3)?, liveness_quorum(witnesses)?);
    Some((answering * 3).div_ceil(5).clamp(least, full))
}

/// Votes of an appeal committee for quarantine: more than two thirds, which is 21 of 31 and 28 of 41.
pub fn appeal_quorum(committee: usize) -> usize {
    (committee * 2 / 3 + 1).max(AT_LEAST)
}

/// How many of the seated witnesses are among the signers: a stranger has no vote, nobody has two.
pub fn votes<'a, W: Ord + 'a>(seated: &[W], signers: impl IntoIterator<Item = &'a W>) -> usize {
    let signed: BTreeSet<&W> = signers.into_iter().collect();
    let seated: BTreeSet<&W> = seated.iter().collect();
    signed.intersection(&seated).count()
}

/// Whether any two certificates share a witness that does not lie, and so cannot contradict each other.
pub const fn intersects(witnesses: usize, quorum: usize, liars: usize) -> bool {
    2 * quorum > witnesses + liars
}

/// Whether the witnesses that do not lie reach the quorum without the others.
pub const fn attainable(witnesses: usize, quorum: usize, liars: usize) -> bool {
    quorum + liars <= witnesses
}

/// Eighths of the witnesses, rounded up.
fn share(witnesses: usize, eighths: usize) -> Option<usize> {
    (witnesses >= SMALLEST_JURY).then(|| (witnesses * eighths).div_ceil(8).max(AT_LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JURIES: std::ops::RangeInclusive<usize> = SMALLEST_JURY..=WITNESSES;

    #[test]
    fn a_full_jury_has_the_quorums_of_the_protocol() {
        assert_eq!(suspect_quorum(8), Some(6));
        assert_eq!(liveness_quorum(8), Some(5));
        assert_eq!((appeal_quorum(31), appeal_quorum(41)), (21, 28));
    }

    #[test]
    fn small_fleets_have_the_same_shares_and_never_less_than_two_votes() {
        let quorums = JURIES.map(|jury| (suspect_quorum(jury), liveness_quorum(jury)));
        let expected = [(3, 2), (3, 3), (4, 4), (5, 4), (6, 5), (6, 5)];
        assert!(quorums.eq(expected.map(|(suspect, liveness)| (Some(suspect), Some(liveness)))));
        for jury in JURIES {
            assert!(
                reduced_liveness_quorum(jury, 0) >= Some(2),
                "{jury} witnesses"
            );
        }
    }

    #[test]
    fn fewer_than_four_nodes_have_no_certificates() {
        for nodes in 0..4 {
            let jury = witnesses(nodes);
            assert_eq!(suspect_quorum(jury), None, "{nodes} nodes");
            assert_eq!(liveness_quorum(jury), None, "{nodes} nodes");
            assert_eq!(reduced_liveness_quorum(jury, jury), None, "{nodes} nodes");
        }
        assert_eq!(witnesses(4), 3);
        assert_eq!(suspect_quorum(witnesses(4)), Some(3));
        assert_eq!(witnesses(9), 8);
        assert_eq!(witnesses(20_000), 8);
    }

    #[test]
    fn the_liveness_quorum_follows_those_that_still_answer_down_to_three_of_eight() {
        let reduced = (0..=8).map(|answering| reduced_liveness_quorum(8, answering));
        assert!(reduced.eq([3, 3, 3, 3, 3, 3, 4, 5, 5].map(Some)));
        for jury in JURIES {
            let everybody = reduced_liveness_quorum(jury, jury);
            assert!(everybody <= liveness_quorum(jury), "{jury} witnesses");
        }
    }

    #[test]
    fn two_certificates_of_suspicion_always_share_an_honest_witness() {
        for jury in JURIES {
            let quorum = suspect_quorum(jury).expect("the jury is large enough");
            let liars = jury - quorum;
            assert!(attainable(jury, quorum, liars), "{jury} witnesses");
            assert!(intersects(jury, quorum, liars), "{jury} witnesses");
        }
        assert!(
            !intersects(8, 5, 2),
            "one vote less and two liars frame a device"
        );
        assert!(
            !attainable(8, 7, 2),
            "one vote more and two mute ones prevent every verdict"
        );
    }

    #[test]
    fn strangers_have_no_vote_and_nobody_has_two() {
        let seated = [1, 2, 3];
        assert_eq!(votes(&seated, &[]), 0);
        assert_eq!(votes(&seated, &[2, 3, 2, 2]), 2);
        assert_eq!(votes(&seated, &[7, 8, 1]), 1);
        assert_eq!(votes(&[1, 1], &[1, 1]), 1);
    }
}
