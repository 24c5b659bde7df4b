//! Three verifiers that were written apart look at the same repositories, sound ones and broken ones.
//!
//! Each row of the table says what the specification wants, and where a verifier does otherwise, that it does. A row that
//! no longer says what happens fails, in both directions.

mod clients;
mod repository;
mod table;
mod tough_writes;
