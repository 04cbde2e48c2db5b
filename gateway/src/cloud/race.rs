//! A second attempt beside the first ("The Tail at Scale", Dean and Barroso, 2013): where the first takes long, the same
//! request is sent once more, and whichever answers first counts. The other is dropped, which closes its connection.

use std::pin::pin;

/// What became of a second attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hedged {
    /// None was made.
    Not,
    /// It was due, and not allowed.
    Withheld,
    /// It answered first.
    Won,
    /// The first answered first.
    Lost,
    /// Both failed.
    Failed,
}

impl Hedged {
    /// Its name in metrics and records; none where there was nothing.
    #[must_use]
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Not => None,
            Self::Withheld => Some("withheld"),
            Self::Won => Some("won"),
            Self::Lost => Some("lost"),
            Self::Failed => Some("failed"),
        }
    }
}

/// Waits for the first attempt, and once it is `due` for the second, too, if `second` gives one. What a failed pair says is what
/// the first said.
///
/// # Errors
/// When every attempt that was made has failed.
pub async fn race<T, E, F, S>(
    first: F,
    due: impl Future<Output = ()>,
    second: impl FnOnce() -> Option<S>,
) -> (Result<T, E>, Hedged)
where
    F: Future<Output = Result<T, E>>,
    S: Future<Output = Result<T, E>>,
{
    let mut first = pin!(first);
    tokio::select! {
        biased;
        ended = first.as_mut() => return (ended, Hedged::Not),
        () = due => {}
    }
    let Some(second) = second() else { return (first.await, Hedged::Withheld) };
    let mut second = pin!(second);
    let (of_first, ended) = tokio::select! {
        biased;
        ended = first.as_mut() => (true, ended),
        ended = second.as_mut() => (false, ended),
    };
    match (of_first, ended) {
        (true, Ok(answer)) => (Ok(answer), Hedged::Lost),
        (false, Ok(answer)) => (Ok(answer), Hedged::Won),
        (true, Err(error)) => match second.await {
            Ok(answer) => (Ok(answer), Hedged::Won),
            Err(_) => (Err(error), Hedged::Failed),
        },
        (false, Err(_)) => {
            let ended = first.await;
            let hedged = if ended.is_ok() { Hedged::Lost } else { Hedged::Failed };
            (ended, hedged)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ends when it has been asked so often.
    async fn ends(after: u32, result: Result<u8, u8>) -> Result<u8, u8> {
        for _ in 0..after {
            tokio::task::yield_now().await;
        }
        result
    }

    #[tokio::test]
    async fn whichever_answers_first_counts() {
        for (first, second, expected, hedged) in [
            ((0, Ok(1)), (0, Ok(2)), Ok(1), Hedged::Not),
            ((0, Err(1)), (0, Ok(2)), Err(1), Hedged::Not),
            ((9, Ok(1)), (3, Ok(2)), Ok(2), Hedged::Won),
            ((3, Ok(1)), (9, Ok(2)), Ok(1), Hedged::Lost),
            ((3, Err(1)), (9, Ok(2)), Ok(2), Hedged::Won),
            ((9, Ok(1)), (3, Err(2)), Ok(1), Hedged::Lost),
            ((9, Err(1)), (3, Err(2)), Err(1), Hedged::Failed),
            ((3, Err(1)), (9, Err(2)), Err(1), Hedged::Failed),
        ] {
            let second = || Some(ends(second.0, second.1));
            assert_eq!(
                race(ends(first.0, first.1), std::future::ready(()), second).await,
                (expected, hedged)
            );
        }
        let none = || None::<std::future::Ready<Result<u8, u8>>>;
        assert_eq!(race(ends(9, Ok(1)), std::future::ready(()), none).await, (Ok(1), Hedged::Withheld));
    }
}
