//! Score and grade, from published weights.
//!
//! Each issue takes a share of what is left of its category, by severity and confidence; the total is the weighted mean of the categories
//! that were tested, and the worst issue caps it. Untested categories have no score and no weight. The same issues give the same score.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::level::scale;
use crate::{Category, Confidence, Severity};

scale! {
    /// The school grade of a score. There is no E.
    Grade {
        /// 90 and above.
        A => "A",
        /// 80 to 89.
        B => "B",
        /// 70 to 79.
        C => "C",
        /// 60 to 69.
        D => "D",
        /// Below 60.
        F => "F",
    }
}

impl Grade {
    /// The grade of a score in 0..=100.
    pub const fn of(score: u8) -> Self {
        match score {
            90.. => Self::A,
            80.. => Self::B,
            70.. => Self::C,
            60.. => Self::D,
            _ => Self::F,
        }
    }
}

/// The weight of each category in the total.
pub const fn weight(category: Category) -> u32 {
    match category {
        Category::Authentication | Category::Bola => 15,
        Category::ResourceConsumption => 14,
        Category::DataExposure | Category::Bfla => 11,
        Category::InputValidation => 9,
        Category::PropertyAuthorization => 7,
        Category::Encryption | Category::Ssrf => 5,
        Category::Llm => 4,
        Category::Inventory | Category::UnsafeConsumption => 2,
    }
}

/// The share, in per cent of what is left of its category, that an issue takes.
pub const fn deduction(severity: Severity, confidence: Confidence) -> u32 {
    let full = match severity {
        Severity::Info => 0,
        Severity::Low => 4,
        Severity::Medium => 12,
        Severity::High => 30,
        Severity::Critical => 60,
    };
    match confidence {
        Confidence::Suspected => full / 2,
        Confidence::Observed | Confidence::Proven => full,
    }
}

/// The highest total that is possible beside an observed or proven issue of this severity.
pub const fn cap(severity: Severity) -> u8 {
    match severity {
        Severity::Info | Severity::Low => 100,
        Severity::Medium => 89,
        Severity::High => 69,
        Severity::Critical => 39,
    }
}

/// How one category did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CategoryScore {
    /// The category.
    pub category: Category,
    /// 0 to 100; none when the category was not tested.
    pub score: Option<u8>,
    /// Its weight in the total.
    pub weight: u32,
    /// How many issues it has above info.
    pub issues: u32,
    /// Why it was not tested, where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
}

/// One issue as the score sees it.
#[derive(Clone, Copy, Debug)]
pub struct Scored {
    /// Where it counts.
    pub category: Category,
    /// Its severity.
    pub severity: Severity,
    /// Its confidence.
    pub confidence: Confidence,
}

/// Scores every category and the whole. `untested` gives the reason for a category that was not tested; the total is none when no
/// category was tested.
pub fn score(issues: &[Scored], untested: impl Fn(Category) -> Option<String>) -> (Vec<CategoryScore>, Option<u8>) {
    let categories: Vec<CategoryScore> = Category::ALL
        .iter()
        .map(|&category| {
            let mine = || issues.iter().filter(move |issue| issue.category == category);
            let reason = untested(category);
            // Millionths of the category that are left; integer arithmetic keeps the result equal on every machine.
            let left = mine().fold(1_000_000u64, |left, issue| {
                left * u64::from(100 - deduction(issue.severity, issue.confidence)) / 100
            });
            CategoryScore {
                category,
                score: reason.is_none().then_some(((left + 5_000) / 10_000) as u8),
                weight: weight(category),
                issues: mine().filter(|issue| issue.severity > Severity::Info).count() as u32,
                untested: reason,
            }
        })
        .collect();
    let tested = categories.iter().filter_map(|c| c.score.map(|score| (u32::from(score), c.weight)));
    let (sum, weights) =
        tested.fold((0, 0), |(sum, weights), (score, weight)| (sum + score * weight, weights + weight));
    if weights == 0 {
        return (categories, None);
    }
    let mean = ((sum + weights / 2) / weights) as u8;
    let ceiling = issues
        .iter()
        .filter(|issue| issue.confidence > Confidence::Suspected)
        .map(|issue| cap(issue.severity))
        .min()
        .unwrap_or(100);
    (categories, Some(mean.min(ceiling)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(category: Category, severity: Severity) -> Scored {
        Scored { category, severity, confidence: Confidence::Observed }
    }

    #[test]
    fn weights_add_up() {
        assert_eq!(Category::ALL.iter().map(|&c| weight(c)).sum::<u32>(), 100);
    }

    #[test]
    fn nothing_found_is_a_hundred_and_nothing_tested_is_nothing() {
        assert_eq!(score(&[], |_| None).1, Some(100));
        assert_eq!(score(&[], |_| Some("not run".to_owned())).1, None);
    }

    #[test]
    fn untested_categories_have_no_score() {
        let (categories, total) = score(&[], |c| (c != Category::Bola).then(|| "not run".to_owned()));
        assert_eq!(total, Some(100));
        assert_eq!(categories.iter().filter(|c| c.score.is_some()).count(), 1);
    }

    #[test]
    fn the_worst_issue_caps_the_total() {
        let critical = [issue(Category::Inventory, Severity::Critical)];
        assert_eq!(score(&critical, |_| None).1, Some(39));
        let info = [issue(Category::Inventory, Severity::Info)];
        assert_eq!(score(&info, |_| None).1, Some(100));
    }

    #[test]
    fn more_issues_never_raise_the_score() {
        let mut issues = Vec::new();
        let mut last = 100;
        for severity in [Severity::Low, Severity::Medium, Severity::High, Severity::Critical] {
            issues.push(issue(Category::ResourceConsumption, severity));
            let total = score(&issues, |_| None).1.unwrap();
            assert!(total <= last);
            last = total;
        }
    }
}
