//! Who is let in, with what in hand, and how much of it.

mod keys;
mod limits;
mod loopback;
