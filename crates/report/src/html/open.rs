//! The commands that open a case for what the page shows, each in one line to be copied.

use huoyan_model::{Finding, Fingerprint, RecordKind};

/// For one finding, by its fingerprint: the type that its nature suggests, which the reader may change.
pub(super) fn finding(finding: &Finding) -> String {
    let shop = finding.shop_id.as_deref();
    match (finding.record_kind, finding.owner_kind) {
        // Who appeals owns the picture; the finding knows the shop that uses it.
        (RecordKind::Image, _) => print("brand_notice", None, finding.fingerprint, " --gallery GALLERY"),
        (_, RecordKind::Review) => print("malicious_review", shop, finding.fingerprint, ""),
        _ => print("penalty", shop, finding.fingerprint, ""),
    }
}

fn print(kind: &str, shop: Option<&str>, print: Fingerprint, more: &str) -> String {
    command(kind, shop, &format!("--fingerprint {print}"), more)
}

/// For a review, or for all reviews of its campaign.
pub(super) fn review(option: &str, id: &str, shop: Option<&str>) -> String {
    let id = if is_plain(id) { id } else { "REVIEW" };
    command("malicious_review", shop, &format!("{option} {id}"), "")
}

fn command(kind: &str, shop: Option<&str>, about: &str, more: &str) -> String {
    let shop = shop.filter(|shop| is_plain(shop)).unwrap_or("SHOP_ID");
    format!("huoyan appeal new --type {kind} --shop {shop} {about} --from findings.jsonl{more} --out CASE")
}

/// An id that a shell would read otherwise, or take for an option, is left to the reader.
fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && !id.starts_with('-')
        && !id.starts_with('#')
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '#' | '.'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::campaign::tests::told;

    #[test]
    fn each_finding_has_the_command_for_what_it_is() {
        let mut item = told("R1", 0.9, &[], &json!({})).finding;
        item.shop_id = Some("S2002".to_owned());
        let print = item.fingerprint;
        let start = "huoyan appeal new --type malicious_review --shop S2002 --fingerprint";
        assert_eq!(finding(&item), format!("{start} {print} --from findings.jsonl --out CASE"));
        item.record_kind = RecordKind::Image;
        assert!(
            finding(&item).contains("--type brand_notice --shop SHOP_ID")
                && finding(&item).contains("--gallery GALLERY")
        );
        (item.record_kind, item.owner_kind) = (RecordKind::Listing, RecordKind::Listing);
        item.shop_id = Some("S1; rm -rf ~".to_owned());
        assert!(finding(&item).contains("--type penalty --shop SHOP_ID "), "{}", finding(&item));
        assert!(review("--campaign", "$(x)", None).contains("--campaign REVIEW "));
        assert!(review("--campaign", "R20082", Some("S1")).contains("--shop S1 --campaign R20082 "));
        assert!(review("--review", "--out", None).contains("--review REVIEW "));
    }
}
