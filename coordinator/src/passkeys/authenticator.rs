//! What an authenticator says of itself and of whoever was there (Web Authentication, section 6.1).

use aws_lc_rs::digest::{SHA256, digest};
use minicbor::Decoder;

use super::key::PublicKey;
use super::{ID_BYTES, PasskeyError, Site};

/// What is read of it.
#[derive(Debug)]
pub(super) struct AuthenticatorData {
    site: [u8; 32],
    flags: u8,
    pub count: u32,
    pub credential: Option<(Vec<u8>, PublicKey)>,
}

/// What the data came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A credential was made, and is in it.
    Made,
    /// One was shown.
    Shown,
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const MAY_BE_COPIED: u8 = 1 << 3;
const IS_COPIED: u8 = 1 << 4;
const CREDENTIAL: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;
/// Bytes of the model's id, which nobody vouches for.
const MODEL: usize = 16;

impl AuthenticatorData {
    pub fn read(bytes: &[u8], made: Use) -> Result<Self, PasskeyError> {
        const SHORT: PasskeyError = PasskeyError::Unreadable("the authenticator data");
        let (site, rest) = bytes.split_first_chunk::<32>().ok_or(SHORT)?;
        let ([flags], rest) = rest.split_first_chunk::<1>().ok_or(SHORT)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or(SHORT)?;
        let has_one = flags & CREDENTIAL != 0;
        if has_one != (made == Use::Made) {
            return Err(SHORT);
        }
        let (credential, rest) = if has_one {
            let (credential, rest) = credential(rest)?;
            (Some(credential), rest)
        } else {
            (None, rest)
        };
        let rest = if flags & EXTENSIONS == 0 {
            rest
        } else {
            let mut decoder = Decoder::new(rest);
            decoder.map().map_err(|_| SHORT)?;
            decoder.set_position(0);
            decoder.skip().map_err(|_| SHORT)?;
            &rest[decoder.position()..]
        };
        if !rest.is_empty() {
            return Err(SHORT);
        }
        Ok(Self {
            site: *site,
            flags: *flags,
            count: u32::from_be_bytes(*count),
            credential,
        })
    }

    /// Whether it is for this site, and the authenticator has made sure who was there.
    pub fn is_for(&self, site: &Site) -> Result<(), PasskeyError> {
        if digest(&SHA256, site.name.as_bytes()).as_ref() != self.site {
            return Err(PasskeyError::Site);
        }
        if self.flags & PRESENT == 0 {
            return Err(PasskeyError::NotPresent);
        }
        if self.flags & VERIFIED == 0 {
            return Err(PasskeyError::NotVerified);
        }
        // What is copied may be copied (section 6.1.3).
        if self.flags & (IS_COPIED | MAY_BE_COPIED) == IS_COPIED {
            return Err(PasskeyError::Unreadable("the flags"));
        }
        Ok(())
    }
}

type Read<'a> = ((Vec<u8>, PublicKey), &'a [u8]);

fn credential(bytes: &[u8]) -> Result<Read<'_>, PasskeyError> {
    const SHORT: PasskeyError = PasskeyError::Unreadable("the credential");
    let (_, rest) = bytes.split_first_chunk::<MODEL>().ok_or(SHORT)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(SHORT)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > ID_BYTES {
        return Err(SHORT);
    }
    let (id, rest) = rest.split_at_checked(length).ok_or(SHORT)?;
    let mut decoder = Decoder::new(rest);
    let key = PublicKey::read(&mut decoder)?;
    Ok(((id.to_vec(), key), &rest[decoder.position()..]))
}
