//! Nothing: what is here is in the tests.
