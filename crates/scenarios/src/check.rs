//! Comparing an answer with the expectation.

use serde_json::Value;

use crate::{Answer, Expectation};

/// How well an answer meets the expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// As expected in every point.
    Ok,
    /// The root cause is another acceptable one; all else as expected.
    Near,
    /// Something is not as expected.
    Wrong,
}

/// The comparison of one scenario.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// How well it went.
    pub grade: Grade,
    /// Verdict and root cause that were expected, in one word.
    pub expected: String,
    /// Verdict or root cause that came.
    pub got: String,
    /// Confidence of the root cause, empty without one.
    pub confidence: String,
    /// True when a cause was named with confidence that is not the fault: the worst thing that can happen.
    pub wrong_with_confidence: bool,
    /// What is not as expected.
    pub problems: Vec<String>,
}

/// Compares an answer with the expectation.
pub fn check(expectation: &Expectation, answer: &Answer) -> Outcome {
    let report: Value = serde_json::from_str(&answer.report).unwrap_or(Value::Null);
    let verdict = report["verdict"].as_str().unwrap_or("nothing").to_owned();
    let root = report["root_cause"]["cause"].as_str().map(str::to_owned);
    let confidence = report["root_cause"]["confidence"].as_str().unwrap_or_default().to_owned();
    let mut problems = Vec::new();
    if verdict != expectation.verdict {
        problems.push(format!("verdict {verdict}, expected {}", expectation.verdict));
    }
    let fits = root == expectation.root_cause;
    let acceptable = root.as_ref().is_some_and(|root| expectation.acceptable.contains(root));
    if !fits && !acceptable {
        let name = |cause: &Option<String>| cause.clone().unwrap_or_else(|| "none".into());
        problems.push(format!("root cause {}, expected {}", name(&root), name(&expectation.root_cause)));
    }
    let forbidden = forbidden_findings(expectation, &report);
    problems.extend(forbidden.iter().map(|cause| format!("{cause} named with confidence")));
    if let Some(second) = &expectation.second
        && !causes(&report).any(|cause| cause == second)
    {
        problems.push(format!("{second} is not among the findings"));
    }
    problems.extend(missing_quotes(expectation, &answer.report, &report));
    for (name, value) in &expectation.facts {
        if !answer.facts.iter().any(|fact| has_field(fact, name, value)) {
            problems.push(format!("no fact with {name} = {value}"));
        }
    }
    let sure = matches!(confidence.as_str(), "certain" | "likely");
    let wrong_with_confidence = !forbidden.is_empty() || (!fits && !acceptable && root.is_some() && sure);
    let known_gap = !expectation.open.is_empty() && !problems.is_empty();
    if known_gap {
        problems.push(format!("known: {}", expectation.open));
    }
    let grade = match (problems.is_empty(), fits) {
        (true, true) => Grade::Ok,
        (true, false) => Grade::Near,
        (false, _) if known_gap => Grade::Near,
        (false, _) => Grade::Wrong,
    };
    Outcome {
        grade,
        expected: expectation.root_cause.clone().unwrap_or_else(|| expectation.verdict.clone()),
        got: root.unwrap_or(verdict),
        confidence,
        wrong_with_confidence,
        problems,
    }
}

fn findings(report: &Value) -> impl Iterator<Item = &Value> {
    report["findings"].as_array().into_iter().flatten()
}

fn causes(report: &Value) -> impl Iterator<Item = &str> {
    findings(report).filter_map(|finding| finding["cause"].as_str())
}

/// Causes that must not be named, and are, as an error and not merely as possible.
fn forbidden_findings(expectation: &Expectation, report: &Value) -> Vec<String> {
    let named = |finding: &&Value| finding["severity"] == "error" && finding["confidence"] != "possible";
    let mut causes: Vec<String> = findings(report)
        .filter(named)
        .filter_map(|finding| finding["cause"].as_str().map(str::to_owned))
        .filter(|cause| expectation.must_not.contains(cause))
        .collect();
    causes.dedup();
    causes
}

fn missing_quotes(expectation: &Expectation, text: &str, report: &Value) -> Vec<String> {
    let mut strings = Vec::new();
    collect_strings(report, &mut strings);
    let quoted =
        |quote: &&String| text.contains(*quote) || strings.iter().any(|s| s.contains(quote.as_str()));
    let missing = expectation.must_quote.iter().filter(|quote| !quoted(quote));
    missing.map(|quote| format!("{quote:?} is not quoted")).collect()
}

fn collect_strings<'a>(value: &'a Value, strings: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => strings.push(text),
        Value::Array(items) => items.iter().for_each(|item| collect_strings(item, strings)),
        Value::Object(map) => map.values().for_each(|inner| collect_strings(inner, strings)),
        _ => {}
    }
}

/// True when the fact, or an object within it, has the field with that value.
///
/// An empty list is left out of the JSON: wanting it means wanting nothing there.
fn has_field(fact: &Value, name: &str, value: &Value) -> bool {
    if value.as_array().is_some_and(Vec::is_empty) {
        return true;
    }
    match fact {
        Value::Object(map) => {
            map.get(name).is_some_and(|found| fits(found, value))
                || map.values().any(|inner| has_field(inner, name, value))
        }
        Value::Array(items) => items.iter().any(|item| has_field(item, name, value)),
        _ => false,
    }
}

/// Equal; a list holds each element of the wanted list, or the wanted value; an object each wanted field.
fn fits(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::Array(found), Value::Array(wanted)) => {
            wanted.iter().all(|wanted| found.iter().any(|found| fits(found, wanted)))
        }
        (Value::Array(found), wanted) => found.iter().any(|found| fits(found, wanted)),
        (Value::Object(found), Value::Object(wanted)) => {
            wanted.iter().all(|(name, wanted)| found.get(name).is_some_and(|found| fits(found, wanted)))
        }
        (found, wanted) => found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expectation(text: &str) -> Expectation {
        serde_json::from_str(text).unwrap()
    }

    fn answer(report: &str) -> Answer {
        let facts = vec![serde_json::json!({"records": [{"target": "kms01", "port": 1688}], "count": 3})];
        Answer { facts, report: report.to_owned() }
    }

    const REPORT: &str = r#"{"verdict": "fault", "root_cause": {"cause": "port-blocked", "confidence": "likely"},
        "findings": [{"cause": "port-blocked", "severity": "error", "confidence": "likely",
                      "evidence": [{"text": "say \"no\""}]}]}"#;

    #[test]
    fn grades() {
        let ok = r#"{"verdict": "fault", "root_cause": "port-blocked", "must_quote": ["say \"no\""],
                     "facts": {"records": [{"target": "kms01"}], "count": 3, "port": 1688}}"#;
        let outcome = check(&expectation(ok), &answer(REPORT));
        assert_eq!((outcome.grade, outcome.problems.len()), (Grade::Ok, 0), "{:?}", outcome.problems);
        let near =
            r#"{"verdict": "fault", "root_cause": "host-unreachable", "acceptable": ["port-blocked"]}"#;
        assert_eq!(check(&expectation(near), &answer(REPORT)).grade, Grade::Near);
    }

    #[test]
    fn finds_every_sort_of_wrong() {
        let wrong = r#"{"verdict": "clear", "root_cause": null, "must_not": ["port-blocked"], "second": "srv-missing",
                        "must_quote": ["0x1"], "facts": {"count": 4}}"#;
        let outcome = check(&expectation(wrong), &answer(REPORT));
        assert_eq!(outcome.grade, Grade::Wrong);
        assert!(outcome.wrong_with_confidence);
        assert_eq!(outcome.problems.len(), 6, "{:?}", outcome.problems);
    }

    #[test]
    fn undecided_is_wrong_but_not_with_confidence() {
        let expected = expectation(r#"{"verdict": "fault", "root_cause": "port-blocked"}"#);
        let outcome =
            check(&expected, &answer(r#"{"verdict": "undecided", "root_cause": null, "findings": []}"#));
        assert_eq!((outcome.grade, outcome.wrong_with_confidence), (Grade::Wrong, false));
    }
}
