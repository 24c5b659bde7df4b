//! Recovery words: a 32-byte seed as 24 English words with a checksum (BIP-39), to be printed on paper.

use bip39::{Error, Language, Mnemonic};
use thiserror::Error;
use zeroize::Zeroizing;

/// Words that one seed needs.
pub const WORDS: usize = 24;
/// Bytes of what is read at all, numbers and white space included.
pub const TEXT_BYTES: usize = 2048;

/// Why words are not a seed; the words themselves stay out of it, since it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WordsError {
    #[error("the recovery words are longer than any: enter only the {WORDS} words")]
    TooLong,
    #[error(
        "{found} recovery words were entered instead of {WORDS}: compare with the printed sheet"
    )]
    Count { found: usize },
    #[error("word {position} is not a recovery word: compare it with the printed sheet")]
    Unknown { position: usize },
    #[error("the recovery words do not belong together: one is wrong or two changed places")]
    Checksum,
}

/// The words of a seed with single spaces between them.
pub fn spell(seed: &[u8; 32]) -> Zeroizing<String> {
    let mnemonic =
        Mnemonic::from_entropy_in(Language::English, seed).expect("32 bytes make 24 words");
    let mut text = Zeroizing::new(String::with_capacity(WORDS * 9));
    for word in mnemonic.words() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// Reads words in any case, with the numbers, stops and line breaks of a printed sheet between them.
/// Positions count from 1.
pub fn read(text: &str) -> Result<Zeroizing<[u8; 32]>, WordsError> {
    if text.len() > TEXT_BYTES {
        return Err(WordsError::TooLong);
    }
    let lower = Zeroizing::new(text.to_lowercase());
    let words = || {
        lower
            .split(|letter: char| !letter.is_alphabetic())
            .filter(|word| !word.is_empty())
    };
    if let Some(before) = words().position(|word| Language::English.find_word(word).is_none()) {
        return Err(WordsError::Unknown {
            position: before + 1,
        });
    }
    let found = words().count();
    if found != WORDS {
        return Err(WordsError::Count { found });
    }
    let mut spaced = Zeroizing::new(String::with_capacity(lower.len() + 1));
    words().for_each(|word| {
        spaced.push_str(word);
        spaced.push(' ');
    });
    let mnemonic = Mnemonic::parse_in_normalized(Language::English, &spaced).map_err(refusal)?;
    let (entropy, _) = mnemonic.to_entropy_array();
    let entropy = Zeroizing::new(entropy);
    Ok(Zeroizing::new(
        *entropy.first_chunk().expect("24 words are 32 bytes"),
    ))
}

fn refusal(error: Error) -> WordsError {
    match error {
        Error::UnknownWord(before) => WordsError::Unknown {
            position: before + 1,
        },
        Error::BadWordCount(found) => WordsError::Count { found },
        Error::InvalidChecksum | Error::BadEntropyBitCount(_) | Error::AmbiguousLanguages(_) => {
            WordsError::Checksum
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    /// Vectors of BIP-39.
    const VECTORS: [(&str, &str); 3] = [
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
             abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art",
        ),
        (
            "8080808080808080808080808080808080808080808080808080808080808080",
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor \
             acoustic avoid letter advice cage absurd amount doctor acoustic bless",
        ),
        (
            "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
            "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen \
             patrol group space point ten exist slush involve unfold",
        ),
    ];

    #[test]
    fn seeds_and_words_are_those_of_bip_39() {
        for (hex, words) in VECTORS {
            let seed: [u8; 32] = HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap();
            assert_eq!(spell(&seed).as_str(), words);
            assert_eq!(*read(words).unwrap(), seed);
        }
    }

    #[test]
    fn words_are_read_as_a_printed_sheet_shows_them() {
        let (_, words) = VECTORS[2];
        let sheet: String = words
            .split(' ')
            .zip(1..)
            .map(|(word, number)| format!("{number:2}. {word}\r\n"))
            .collect();
        assert_eq!(read(&sheet.to_uppercase()), read(words));
    }

    #[test]
    fn the_first_wrong_word_is_named_by_its_place() {
        let (_, words) = VECTORS[2];
        for position in 1..=WORDS {
            let mut changed: Vec<_> = words.split(' ').collect();
            changed[position - 1] = "palisade";
            assert_eq!(
                read(&changed.join(" ")),
                Err(WordsError::Unknown { position })
            );
        }
        assert_eq!(
            read("void co\u{301}me"),
            Err(WordsError::Unknown { position: 2 })
        );
    }

    #[test]
    fn missing_doubled_and_exchanged_words_are_found() {
        let (_, words) = VECTORS[2];
        assert_eq!(read(""), Err(WordsError::Count { found: 0 }));
        assert_eq!(read("void come"), Err(WordsError::Count { found: 2 }));
        assert_eq!(
            read(&format!("{words} void")),
            Err(WordsError::Count { found: 25 })
        );
        assert_eq!(
            read(&words.replace("void come", "come void")),
            Err(WordsError::Checksum)
        );
        assert_eq!(read(&"void ".repeat(1000)), Err(WordsError::TooLong));
    }
}
