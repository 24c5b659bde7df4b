//! Join strings: what they grant and what became of them; the secret of an open one is sealed.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use protocol::class::DeviceClass;
use protocol::coordinator::save::{Token, TokenState};
use protocol::enrolment::TokenId;
use protocol::id::DeviceId;
use protocol::limits;
use protocol::text::Name;
use protocol::time::Timestamp;
use redb::ReadTransaction;
use zeroize::Zeroizing;

use super::Reader;
use super::fault::{Fault, ReadError};
use super::key::StoreKey;
use super::rows::{Rows, Table, Writable, decode};

pub(super) static TOKENS: Table = Table::new("tokens");

#[derive(Encode, Decode)]
#[cbor(array)]
struct Row {
    #[n(0)]
    name: Name,
    #[n(1)]
    class: DeviceClass,
    #[n(2)]
    cell: Name,
    #[n(3)]
    created: Timestamp,
    #[n(4)]
    expires: Timestamp,
    #[n(5)]
    state: State,
}

#[derive(Encode, Decode)]
enum State {
    #[n(0)]
    Open(#[n(0)] ByteVec),
    #[n(1)]
    Used(#[n(0)] DeviceId, #[n(1)] Timestamp),
    #[n(2)]
    Withdrawn,
}

/// Stores a token; the oldest goes when there are too many.
pub(super) fn put(tokens: &mut Writable<'_>, key: &StoreKey, token: &Token) -> Result<(), Fault> {
    let state = match token.state {
        TokenState::Open => {
            State::Open(key.seal(&TOKENS, &token.id.0, token.psk.as_slice()).into())
        }
        TokenState::Used { by, at } => State::Used(by, at),
        TokenState::Withdrawn => State::Withdrawn,
    };
    let row = Row {
        name: token.name.clone(),
        class: token.class,
        cell: token.cell.clone(),
        created: token.created,
        expires: token.expires,
        state,
    };
    tokens.put_encoded(&token.id.0, &row)?;
    if tokens.len()? > limits::TOKENS as u64 {
        remove_oldest(tokens)?;
    }
    Ok(())
}

/// All tokens; one that is not open comes without its secret, in whose place stand zeros.
pub(super) fn all(txn: &ReadTransaction, key: &StoreKey) -> Result<Vec<Token>, Fault> {
    let rows = TOKENS.readable(txn)?;
    let tokens = Rows::all(&rows, |id, row| Some(((), open(id, decode(row)?, key)?)))?;
    Ok(tokens.into_iter().map(|(_, token)| token).collect())
}

impl Reader {
    /// What became of a join string.
    pub fn token_state(&self, id: &TokenId) -> Result<Option<TokenState>, ReadError> {
        let read = self.engine.read(|txn| {
            TOKENS.readable(txn)?.read(&id.0, |row| {
                decode::<Row>(row).map(|row| match row.state {
                    State::Open(_) => TokenState::Open,
                    State::Used(by, at) => TokenState::Used { by, at },
                    State::Withdrawn => TokenState::Withdrawn,
                })
            })
        });
        Ok(read?)
    }
}

fn open(id: &[u8], row: Row, key: &StoreKey) -> Option<Token> {
    let (psk, state) = match row.state {
        State::Open(sealed) => (key.open_key(&TOKENS, id, &sealed)?, TokenState::Open),
        State::Used(by, at) => (Zeroizing::default(), TokenState::Used { by, at }),
        State::Withdrawn => (Zeroizing::default(), TokenState::Withdrawn),
    };
    Some(Token {
        id: TokenId(id.try_into().ok()?),
        psk,
        name: row.name,
        class: row.class,
        cell: row.cell,
        created: row.created,
        expires: row.expires,
        state,
    })
}

fn remove_oldest(tokens: &mut Writable<'_>) -> Result<(), Fault> {
    let all = tokens.all(|id, row| Some((decode::<Row>(row)?.created, id.to_vec())))?;
    match all.into_iter().min() {
        Some((_, oldest)) => tokens.remove(&oldest).map(drop),
        None => Ok(()),
    }
}
