//! The model that comes with the program: thinking is worth something, so that routing by effort can be seen.

use hearthgate_tests::configs::{all_at_home, device_only};
use hearthgate_tests::gateway::Setup;
use hearthgate_tests::openai::chat;
use serde_json::json;

/// What takes several steps, and what its answer holds: of what is held out of the training, and answered rightly after a
/// thought when the weights came here.
const TASKS: [(&str, &str); 16] = [
    ("Tell me the result of 3 plus 40 minus 31.", "= 12"),
    ("Tell me the result of 13 + 11 + 18.", "= 42"),
    ("Tell me the result of 10 x (9 - 6).", "= 30"),
    ("Tell me the result of (4 + 7) * 5.", "= 55"),
    ("Tell me the result of 6 * 5 + 8 * 2 + 17.", "= 63"),
    ("I start with 3, then add 4 and plus 15. What do I have?", "22"),
    ("I start with 15, then plus 3, then take away 13. What do I have?", "5"),
    ("Give me the average: 10, 9, 11", "10"),
    ("Give me the average: 12, 3, 20 and 5", "10"),
    ("What is the sum of 34, 13, 29 and 7", "83"),
    ("What is the sum of 17, 2, 7, 6, 34", "66"),
    ("What is the sum of 19, 6, 4, 2 and 17", "48"),
    ("Solve x × 5 = 30.", "x = 6"),
    ("x + 27 = 45, x = ?", "x = 18"),
    ("Lucy had 55 apples. She lost 36 and found 27. How many apples does she have now?", "46"),
    ("I think of a number. I multiply it by 4 and subtract 13 and get 23. What is my number?", "is 9"),
];

#[tokio::test]
async fn it_answers_more_of_what_takes_steps_when_it_deliberates() {
    let config = device_only("hello").replace("\"scripted:hello\"", "\"bundled:starter\"");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    let mut right = [0, 0];
    for (task, answer) in TASKS {
        for (right, effort) in right.iter_mut().zip(["low", "high"]) {
            let mut body = chat("auto", task);
            body["reasoning_effort"] = json!(effort);
            body["temperature"] = json!(0);
            body["max_tokens"] = json!(200);
            let said = gateway.client().chat(&body).await.json();
            let message = &said["choices"][0]["message"];
            let content = message["content"].as_str().unwrap_or_default().trim_end_matches('.');
            *right += i32::from(
                content.ends_with(answer.trim_end_matches('.')) || content.contains(&format!("{answer} ")),
            );
            let thought = message["reasoning_content"].as_str().unwrap_or_default();
            assert_eq!(thought.is_empty(), effort == "low", "{task} {effort}: {said}");
        }
    }
    let [quick, deliberate] = right;
    assert!(deliberate >= 10 && deliberate >= quick + 6, "{quick} and {deliberate} of {}", TASKS.len());
}

#[tokio::test]
async fn layers_for_a_card_that_is_not_computed_on_are_said_to_stay_with_the_processor() {
    let config = device_only("hello").replace("\"scripted:hello\"", "\"bundled:starter\"\ngpu_layers = 99");
    let gateway = Setup::new(&config).policy(&all_at_home()).start().await;
    gateway.said("computes on no graphics card of this machine").await;
    let answer = gateway.client().chat(&chat("device/home", "Hello!")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}
