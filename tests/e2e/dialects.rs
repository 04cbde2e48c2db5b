//! Every client's dialect in, every provider's out.

mod anthropic_in;
mod cases;
mod faults;
mod judged;
mod ollama_in;
mod pairs;
mod refusals;
mod responses_in;
mod stored;
