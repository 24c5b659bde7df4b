//! The language of a letter as it is stored: nothing for English, so that letters of before are read as they were.

use language::Language;
use minicbor::decode::{Decoder, Error};
use minicbor::encode::{Encoder, Error as EncodeError, Write};

const FRENCH: u8 = 1;

pub fn encode<Ctx, W: Write>(
    language: &Language,
    encoder: &mut Encoder<W>,
    _: &mut Ctx,
) -> Result<(), EncodeError<W::Error>> {
    match language {
        Language::English => encoder.null()?.ok(),
        Language::French => encoder.u8(FRENCH)?.ok(),
    }
}

/// A language that this version does not know is English.
pub fn decode<Ctx>(decoder: &mut Decoder<'_>, _: &mut Ctx) -> Result<Language, Error> {
    Ok(match decoder.u8()? {
        FRENCH => Language::French,
        _ => Language::English,
    })
}

/// What stands for an English letter.
pub fn nil() -> Option<Language> {
    Some(Language::English)
}

pub fn is_nil(language: &Language) -> bool {
    *language == Language::English
}
