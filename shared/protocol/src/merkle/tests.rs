//! Certificate Transparency's vectors, and every proof of small logs with all its mutations.

use super::*;
use data_encoding::HEXLOWER;

/// The entries and roots of the Certificate Transparency reference implementation.
const ENTRIES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
/// Inclusion proofs of the same implementation: index, size, path.
const INCLUSIONS: [(u64, u64, &[&str]); 3] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
];

#[test]
fn the_roots_are_those_of_certificate_transparency() {
    let tree = reference();
    let mut frontier = Frontier::new();
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(HEXLOWER.encode(&tree.root_at(size as u64).unwrap()), *root);
        assert_eq!(HEXLOWER.encode(&frontier.root()), *root);
        tree.leaf(size as u64)
            .iter()
            .for_each(|leaf| frontier.push(**leaf));
    }
}

#[test]
fn the_proofs_are_those_of_certificate_transparency() {
    for (index, size, path) in INCLUSIONS {
        let proof = reference().inclusion_proof(index, size).unwrap();
        assert_eq!(
            proof
                .iter()
                .map(|hash| HEXLOWER.encode(hash))
                .collect::<Vec<_>>(),
            path
        );
    }
    let proof = reference().consistency_proof(6, 8).unwrap();
    let path = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(
        proof
            .iter()
            .map(|hash| HEXLOWER.encode(hash))
            .collect::<Vec<_>>(),
        path
    );
}

#[test]
fn every_inclusion_up_to_64_is_proven_and_no_mutation_of_it() {
    let tree = numbered(64);
    for size in 1..=64 {
        let root = tree.root_at(size).unwrap();
        for index in 0..size {
            let (leaf, proof) = (
                tree.leaf(index).unwrap(),
                tree.inclusion_proof(index, size).unwrap(),
            );
            assert_eq!(verify_inclusion(leaf, index, size, &proof, &root), Ok(()));
            let neighbour = tree.leaf((index + 1) % 64).unwrap();
            assert!(verify_inclusion(neighbour, index, size, &proof, &root).is_err());
            assert!(verify_inclusion(leaf, size, size, &proof, &root).is_err());
            for other in (0..size).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, size, &proof, &root).is_err());
            }
            for forged in mutations(&proof) {
                assert!(verify_inclusion(leaf, index, size, &forged, &root).is_err());
            }
        }
    }
}

#[test]
fn every_growth_up_to_64_is_proven_and_no_mutation_of_it() {
    let tree = numbered(64);
    for new in 0..=64 {
        let new_root = tree.root_at(new).unwrap();
        for old in 0..=new {
            let (old_root, proof) = (
                tree.root_at(old).unwrap(),
                tree.consistency_proof(old, new).unwrap(),
            );
            assert_eq!(
                verify_consistency(old, new, &old_root, &new_root, &proof),
                Ok(())
            );
            assert!(verify_consistency(old, new, &flipped(&old_root), &new_root, &proof).is_err());
            if old > 0 {
                assert!(
                    verify_consistency(old, new, &old_root, &flipped(&new_root), &proof).is_err()
                );
            }
            for forged in mutations(&proof) {
                assert!(verify_consistency(old, new, &old_root, &new_root, &forged).is_err());
            }
        }
    }
}

#[test]
fn a_rewritten_history_is_not_consistent() {
    let honest = numbered(40);
    for changed in 0..40 {
        let mut rewritten = Tree::new();
        (0..64).for_each(|entry| {
            rewritten.push(leaf_hash(&[entry, u8::from(u64::from(entry) == changed)]));
        });
        for old in changed + 1..=40 {
            let (old_root, proof) = (
                honest.root_at(old).unwrap(),
                rewritten.consistency_proof(old, 64).unwrap(),
            );
            assert!(verify_consistency(old, 64, &old_root, &rewritten.root(), &proof).is_err());
        }
    }
}

#[test]
fn a_frontier_appends_like_the_tree_it_came_from() {
    let tree = numbered(64);
    for size in 0..64 {
        let mut part = numbered(size);
        assert_eq!(part.root(), tree.root_at(u64::from(size)).unwrap());
        let stored = part.frontier();
        let mut frontier = Frontier::from_parts(stored.size(), stored.peaks().to_vec()).unwrap();
        for index in size..64 {
            let leaf = tree.leaf(u64::from(index)).unwrap();
            frontier.push(*leaf);
            part.push(*leaf);
            assert_eq!(frontier.root(), part.root());
            assert_eq!(frontier, part.frontier());
        }
    }
    assert_eq!(
        Frontier::from_parts(5, vec![[0; 32]]),
        Err(FrontierError { size: 5, found: 1 })
    );
}

#[test]
fn a_proof_longer_than_any_log_is_refused() {
    let long = [[0; 32]; PROOF_HASHES + 1];
    assert_eq!(
        verify_inclusion(&[0; 32], 0, u64::MAX, &long, &[0; 32]),
        Err(ProofError::TooLong)
    );
    assert_eq!(
        verify_consistency(1, u64::MAX, &[0; 32], &[0; 32], &long),
        Err(ProofError::TooLong)
    );
    let full = &long[1..];
    assert_eq!(
        verify_inclusion(&[0; 32], 0, u64::MAX, full, &[0; 32]),
        Err(ProofError::WrongRoot)
    );
    assert!(verify_consistency(u64::MAX - 1, u64::MAX, &[0; 32], &[0; 32], full).is_err());
}

#[test]
fn nobody_asks_beyond_the_log() {
    let tree = numbered(3);
    assert_eq!(tree.root_at(4), None);
    assert_eq!(tree.inclusion_proof(3, 3), Err(ProofError::OutOfRange));
    assert_eq!(tree.inclusion_proof(0, 4), Err(ProofError::OutOfRange));
    assert_eq!(tree.consistency_proof(2, 1), Err(ProofError::OutOfRange));
    assert_eq!(tree.consistency_proof(2, 4), Err(ProofError::OutOfRange));
    assert_eq!(
        verify_consistency(2, 1, &[0; 32], &[0; 32], &[]),
        Err(ProofError::OutOfRange)
    );
}

fn reference() -> Tree {
    let mut tree = Tree::new();
    ENTRIES
        .iter()
        .for_each(|entry| tree.push(leaf_hash(&HEXLOWER.decode(entry.as_bytes()).unwrap())));
    tree
}

fn numbered(size: u8) -> Tree {
    let mut tree = Tree::new();
    (0..size).for_each(|entry| tree.push(leaf_hash(&[entry, 0])));
    tree
}

fn flipped(hash: &Hash) -> Hash {
    let mut other = *hash;
    other[7] ^= 1;
    other
}

/// One hash flipped, left out, doubled or exchanged with the next, and one more at the end.
fn mutations(proof: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = vec![[proof, &[[0; 32]]].concat()];
    for at in 0..proof.len() {
        let (mut changed, mut shorter, mut longer) =
            (proof.to_vec(), proof.to_vec(), proof.to_vec());
        changed[at] = flipped(&changed[at]);
        shorter.remove(at);
        longer.insert(at, longer[at]);
        all.extend([changed, shorter, longer]);
        if at + 1 < proof.len() {
            let mut swapped = proof.to_vec();
            swapped.swap(at, at + 1);
            all.push(swapped);
        }
    }
    all
}
