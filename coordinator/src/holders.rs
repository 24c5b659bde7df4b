//! The offline root read back: from recovery words or from key files, and held against the root document.

use std::path::{Path, PathBuf};

use protocol::charter::RootSignature;
use protocol::key::{SecretKey, Signer as _};
use protocol::words::{self, WORDS, WordsError};
use thiserror::Error;
use tuf_core::role::RoleName;
use tuf_core::root::Root;
use zeroize::Zeroizing;

use crate::offline::{self, OfflineError};
use crate::secrets::Secret;

/// Bytes of a file that may hold a root key.
const FILE_BYTES: u64 = 8 * 1024;

/// Enough root keys to sign for the root, each of them one that the document names.
pub struct Holders {
    seeds: Vec<Secret>,
}

/// Which check failed; the words themselves stay out of it.
#[derive(Debug, Error)]
pub enum ReadBackError {
    #[error("root key {number}: {why}")]
    Words { number: usize, why: WordsError },
    #[error("{}: {why}", path.display())]
    WordsInFile { path: PathBuf, why: WordsError },
    #[error("{}: {why}", path.display())]
    KeyFile { path: PathBuf, why: OfflineError },
    #[error("{} is encrypted: name the file with its passphrase with --passphrase-file", .0.display())]
    NoPassphrase(PathBuf),
    #[error("cannot read {}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} holds neither a key file nor recovery words", .0.display())]
    Neither(PathBuf),
    #[error(
        "root key {number} can be read, but this mesh has no such root key: look for the words or the file of this mesh"
    )]
    Foreign { number: usize },
    #[error("root key {number} was given before: each holder brings another one")]
    Twice { number: usize },
    #[error("{given} of the {needed} root keys that must sign were given")]
    TooFew { given: usize, needed: u32 },
}

/// The seeds that recovery words stand for; several sets are separated by empty lines.
pub fn from_words(text: &str) -> Result<Vec<Secret>, ReadBackError> {
    let sets = sets(text);
    let read = |(index, set): (usize, &Zeroizing<String>)| {
        words::read(set)
            .map(|seed| Secret::from_bytes(*seed))
            .map_err(|why| ReadBackError::Words {
                number: index + 1,
                why,
            })
    };
    sets.iter().enumerate().map(read).collect()
}

/// The seed in a file: encrypted, or written down as words.
pub fn from_file(path: &Path, passphrase: Option<&str>) -> Result<Secret, ReadBackError> {
    let bytes = read_file(path)?;
    if keyfile::is_key_file(&bytes) {
        let passphrase = passphrase.ok_or_else(|| ReadBackError::NoPassphrase(path.to_owned()))?;
        return offline::decrypt(&bytes, passphrase).map_err(|why| ReadBackError::KeyFile {
            path: path.to_owned(),
            why,
        });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| ReadBackError::Neither(path.to_owned()))?;
    words::read(text)
        .map(|seed| Secret::from_bytes(*seed))
        .map_err(|why| ReadBackError::WordsInFile {
            path: path.to_owned(),
            why,
        })
}

impl Holders {
    /// Checks that these are keys of the root, each another one, and that they are enough.
    pub fn of(root: &Root, seeds: Vec<Secret>) -> Result<Self, ReadBackError> {
        let named = root.keys(RoleName::Root);
        let is_named = |key: &SecretKey| {
            let public = key.public();
            named
                .iter()
                .any(|named| named.as_bytes() == public.as_bytes())
        };
        for (index, seed) in seeds.iter().enumerate() {
            let number = index + 1;
            if !is_named(&SecretKey::from_seed(seed.bytes())) {
                return Err(ReadBackError::Foreign { number });
            }
            if seeds[..index]
                .iter()
                .any(|before| before.bytes() == seed.bytes())
            {
                return Err(ReadBackError::Twice { number });
            }
        }
        let needed = root.threshold(RoleName::Root);
        if seeds.len() < needed as usize {
            let given = seeds.len();
            return Err(ReadBackError::TooFew { given, needed });
        }
        Ok(Self { seeds })
    }

    /// Keys that no root document names yet; there is at least one.
    pub fn unchecked(seeds: Vec<Secret>) -> Self {
        Self { seeds }
    }

    /// The public keys, as a root document lists them.
    pub fn public(&self) -> Vec<[u8; 32]> {
        let public = |seed: &Secret| *SecretKey::from_seed(seed.bytes()).public().as_bytes();
        self.seeds.iter().map(public).collect()
    }

    pub fn count(&self) -> usize {
        self.seeds.len()
    }

    /// The administrator's key that follows from the first of these keys.
    pub fn administrator(&self) -> Secret {
        offline::administrator(&self.seeds[0])
    }

    /// One signature of each holder.
    pub fn sign(&self, message: &[u8]) -> Vec<RootSignature> {
        let keys = self
            .seeds
            .iter()
            .map(|seed| SecretKey::from_seed(seed.bytes()));
        keys.map(|key| RootSignature {
            key: key.public(),
            signature: key.sign(message),
        })
        .collect()
    }
}

impl std::fmt::Debug for Holders {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Holders({})", self.seeds.len())
    }
}

/// Sets of words: one, if they are as many as one seed needs however they are laid out; else by empty lines.
fn sets(text: &str) -> Vec<Zeroizing<String>> {
    let count = |text: &str| {
        text.split(|letter: char| !letter.is_alphabetic())
            .filter(|word| !word.is_empty())
            .count()
    };
    if count(text) <= WORDS {
        return vec![Zeroizing::new(text.to_owned())];
    }
    let mut sets = vec![Zeroizing::new(String::with_capacity(text.len()))];
    for line in text.lines() {
        let open = sets.last_mut().expect("there is always one set");
        if !line.trim().is_empty() {
            open.push_str(line);
            open.push('\n');
        } else if !open.is_empty() {
            sets.push(Zeroizing::new(String::with_capacity(text.len())));
        }
    }
    sets.retain(|set| !set.is_empty());
    sets
}

fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, ReadBackError> {
    use std::io::Read as _;
    let io = |source| ReadBackError::Io {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES as usize));
    let file = std::fs::File::open(path).map_err(io)?;
    file.take(FILE_BYTES).read_to_end(&mut bytes).map_err(io)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use protocol::words::spell;
    use tuf_core::draft::RootDraft;

    use super::*;

    fn seed(byte: u8) -> Secret {
        Secret::from_bytes([byte; 32])
    }

    fn root_of(seeds: &[u8], threshold: u32) -> Root {
        let keys: Vec<SecretKey> = seeds
            .iter()
            .map(|&byte| SecretKey::from_seed(&[byte; 32]))
            .collect();
        let public = |key: &SecretKey| *key.public().as_bytes();
        let draft = RootDraft::new(
            1,
            2_000_000_000,
            threshold,
            keys.iter().map(public).collect(),
        );
        let payload = draft.payload().expect("a payload");
        let signatures: Vec<_> = keys
            .iter()
            .map(|key| (public(key), key.sign(&payload).0))
            .collect();
        Root::open(&draft.assemble(&signatures).expect("assembled")).expect("a root")
    }

    fn sentence(result: Result<Holders, ReadBackError>) -> String {
        result.expect_err("it must be refused").to_string()
    }

    #[test]
    fn words_bring_the_root_back_however_they_are_laid_out() {
        let sheet: String = spell(&[4; 32])
            .split(' ')
            .zip(1..)
            .map(|(word, number)| format!("{number}. {word}\n\n"))
            .collect();
        let seeds = from_words(&sheet).expect("good words");
        let holders = Holders::of(&root_of(&[4], 1), seeds).expect("the root's");
        assert_eq!(holders.count(), 1);
        assert_eq!(
            holders.sign(b"x")[0].key,
            SecretKey::from_seed(&[4; 32]).public()
        );
    }

    /// The command line prints the causes of an error behind it.
    #[test]
    fn what_is_wrong_with_words_is_said_once() {
        let error = from_words("zoo zoo").expect_err("two are not enough");
        assert!(std::error::Error::source(&error).is_none(), "{error}");
    }

    #[test]
    fn several_holders_enter_their_words_one_after_another() {
        let both = format!(
            "{}\n\n{}\n",
            spell(&[4; 32]).as_str(),
            spell(&[5; 32]).as_str()
        );
        let seeds = from_words(&both).expect("good words");
        let holders = Holders::of(&root_of(&[4, 5, 6], 2), seeds).expect("the root's");
        assert_eq!(holders.count(), 2);
    }

    #[test]
    fn the_sentence_names_the_word_and_the_sheet_that_are_wrong() {
        let wrong = spell(&[5; 32]).replacen(' ', " palisade ", 1);
        let both = format!("{}\n\n{wrong}\n", spell(&[4; 32]).as_str());
        let sentence = from_words(&both).expect_err("refused").to_string();
        assert!(
            sentence.starts_with("root key 2: word 2 is not a recovery word"),
            "{sentence}"
        );
    }

    #[test]
    fn good_words_of_another_mesh_are_told_from_bad_words() {
        let foreign = sentence(Holders::of(&root_of(&[4], 1), vec![seed(9)]));
        assert!(
            foreign.contains("this mesh has no such root key"),
            "{foreign}"
        );
    }

    #[test]
    fn too_few_holders_and_one_holder_twice_are_refused() {
        let root = root_of(&[4, 5, 6], 2);
        let few = sentence(Holders::of(&root, vec![seed(4)]));
        assert!(few.contains("1 of the 2 root keys"), "{few}");
        let twice = sentence(Holders::of(&root, vec![seed(4), seed(4)]));
        assert!(twice.contains("root key 2 was given before"), "{twice}");
    }

    #[test]
    fn a_file_gives_its_key_encrypted_or_as_words() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (locked, plain) = (dir.path().join("root-1.key"), dir.path().join("words.txt"));
        let file = offline::encrypt(&seed(4), "correct horse battery").expect("encrypted");
        std::fs::write(&locked, file).expect("written");
        std::fs::write(&plain, spell(&[4; 32]).as_bytes()).expect("written");
        let opened = from_file(&locked, Some("correct horse battery")).expect("opened");
        assert_eq!(opened.bytes(), &[4; 32]);
        assert_eq!(from_file(&plain, None).expect("read").bytes(), &[4; 32]);
        let wrong = from_file(&locked, Some("wrong horse battery")).expect_err("refused");
        assert!(
            wrong.to_string().contains("the passphrase is wrong"),
            "{wrong}"
        );
        let without = from_file(&locked, None).expect_err("refused");
        assert!(
            without.to_string().contains("--passphrase-file"),
            "{without}"
        );
        std::fs::write(&plain, [0xff; 40]).expect("written");
        assert!(matches!(
            from_file(&plain, None),
            Err(ReadBackError::Neither(_))
        ));
    }
}
