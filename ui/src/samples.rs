//! One sample view per page.
