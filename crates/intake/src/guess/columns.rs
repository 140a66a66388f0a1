//! Decides the kind of the records and which column is which field.

use huoyan_model::{RecordKind, find_column};

use super::profile::Profile;
use super::{Sample, foreign::NotRecords, names};
use crate::options::FieldMap;

/// Why a column was taken for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    /// The user said so.
    Told,
    /// By its name.
    Name,
    /// By its values.
    Values,
}

/// A column taken for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assigned {
    /// The position of the column in the sample.
    pub column: usize,
    pub field: &'static str,
    pub because: Because,
}

/// What a file was found to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Understanding {
    pub kind: RecordKind,
    pub kind_told: bool,
    /// In order of the columns.
    pub assigned: Vec<Assigned>,
}

/// Understands a sample. `named` says whether its headers are names that somebody gave.
///
/// A header of `map` that the sample lacks is no error here: with several inputs each has its own headers.
pub(crate) fn understand(
    sample: &Sample,
    named: bool,
    kind: Option<RecordKind>,
    map: &[FieldMap],
) -> Result<Understanding, NotRecords> {
    let profiles: Vec<Profile> = (0..sample.headers.len())
        .map(|column| Profile::of(sample.rows.iter().filter_map(|row| row.get(column)).map(String::as_str)))
        .collect();
    let found = |kind: RecordKind| assign(sample, &profiles, named, kind, map);
    let (chosen, assigned) = match kind {
        Some(kind) => (kind, found(kind)),
        None => {
            let (listing, review) = (found(RecordKind::Listing), found(RecordKind::Review));
            let told = |kind: RecordKind| map.iter().filter(|m| find_column(kind, &m.field).is_some()).count();
            let weight =
                |kind, assigned: &[Assigned]| told(kind) as f64 * 8.0 + weigh(kind, assigned, sample, &profiles);
            if weight(RecordKind::Review, &review) > weight(RecordKind::Listing, &listing) {
                (RecordKind::Review, review)
            } else {
                (RecordKind::Listing, listing)
            }
        }
    };
    let assigned = if kind.is_some() && assigned.is_empty() { only_text(chosen, &profiles) } else { assigned };
    let has = |field: &str| assigned.iter().any(|a| a.field == field);
    let enough = match chosen {
        RecordKind::Review => has("text") || (has("rating") && (has("reviewer_id") || has("listing_id"))),
        // A list of shops, too, is something to scan.
        _ => {
            has("title")
                || has("description")
                || has("images")
                || (has("shop_id") && (has("url") || has("price") || has("category")))
        }
    };
    let told_enough = kind.is_some() && !assigned.is_empty();
    if enough || told_enough {
        return Ok(Understanding { kind: chosen, kind_told: kind.is_some(), assigned });
    }
    Err(refusal(sample, &profiles, named))
}

/// When the user says what the records are and nothing else is known, the column that says most is what they say.
fn only_text(kind: RecordKind, profiles: &[Profile]) -> Vec<Assigned> {
    let field = if kind == RecordKind::Review { "text" } else { "title" };
    let longest = (0..profiles.len())
        .filter(|column| profiles[*column].is_text())
        .max_by(|a, b| profiles[*a].length.total_cmp(&profiles[*b].length));
    longest.map(|column| Assigned { column, field, because: Because::Values }).into_iter().collect()
}

fn refusal(sample: &Sample, profiles: &[Profile], named: bool) -> NotRecords {
    if !named && profiles.len() == 1 {
        return NotRecords::PlainText;
    }
    let short_texts = profiles.iter().any(|p| p.is_text() && p.length < 30.0);
    let rest_numbers = profiles.iter().all(|p| p.digits > 0.9 || p.is_text());
    if !named && short_texts && rest_numbers && profiles.len() <= 3 {
        return NotRecords::Keywords;
    }
    NotRecords::NoField { columns: sample.headers.iter().take(12).cloned().collect() }
}

fn assign(sample: &Sample, profiles: &[Profile], named: bool, kind: RecordKind, map: &[FieldMap]) -> Vec<Assigned> {
    let mut taken: Vec<Option<Assigned>> = vec![None; sample.headers.len()];
    let mut assigned: Vec<Assigned> = Vec::new();
    let mut put = |taken: &mut Vec<Option<Assigned>>, column: usize, field, because| {
        let entry = Assigned { column, field, because };
        taken[column] = Some(entry.clone());
        assigned.push(entry);
    };
    for entry in map {
        let Some(field) = find_column(kind, &entry.field) else { continue };
        let wanted = entry.header.trim();
        let column =
            sample.headers.iter().position(|header| header.trim() == wanted).or_else(|| {
                sample.headers.iter().position(|header| names::normalise(header) == names::normalise(wanted))
            });
        // Of two entries for one field, the later overrules the earlier, as on any command line.
        if let Some(column) = column
            && taken[column].is_none()
        {
            put(&mut taken, column, field.name, Because::Told);
        }
    }
    if named {
        let mut claims: Vec<(usize, usize, &'static str)> = Vec::new();
        for (column, header) in sample.headers.iter().enumerate() {
            if let Some((field, rank)) = names::field_of(kind, &names::normalise(header))
                && taken[column].is_none()
                && fits(kind, field, rank, &profiles[column])
            {
                claims.push((rank, column, field));
            }
        }
        claims.sort_unstable();
        for (_, column, field) in claims {
            if taken.iter().flatten().all(|a| a.field != field) {
                put(&mut taken, column, field, Because::Name);
            }
        }
    }
    by_values(profiles, named, kind, &mut taken, &mut put);
    let _ = put;
    assigned.sort_by_key(|a| a.column);
    assigned
}

/// Whether the values of a column can be the field that its name claims.
fn fits(kind: RecordKind, field: &str, rank: usize, profile: &Profile) -> bool {
    if profile.filled == 0 {
        return true;
    }
    match field {
        // `comment` may as well be the number of comments.
        "title" | "text" | "description" => profile.numbers < 0.8 && profile.booleans < 0.9,
        "price" | "list_price" => profile.with_digit > 0.3,
        "rating" => profile.ratings > 0.5,
        "created_at" | "updated_at" => profile.times + profile.stamps > 0.5,
        "verified_purchase" | "refunded" => profile.booleans > 0.5,
        "hours_since_delivery" | "account_age_days" => profile.numbers > 0.5,
        "url" => profile.urls > 0.5 || (rank == 0 && profile.times + profile.numbers < 0.2),
        "images" => profile.numbers < 0.5,
        "attributes" => true,
        // A review's listing may stand for itself by its name, but then every name must not be different.
        "listing_id" => kind != RecordKind::Review || rank < 10 || profile.numbers < 0.9,
        _ => true,
    }
}

/// Finds by their values the fields that no name told.
fn by_values(
    profiles: &[Profile],
    named: bool,
    kind: RecordKind,
    taken: &mut Vec<Option<Assigned>>,
    put: &mut impl FnMut(&mut Vec<Option<Assigned>>, usize, &'static str, Because),
) {
    let main = if kind == RecordKind::Review { "text" } else { "title" };
    let is_taken = |taken: &[Option<Assigned>], field: &str| taken.iter().flatten().any(|a| a.field == field);
    let best = |taken: &[Option<Assigned>], measure: &dyn Fn(&Profile) -> Option<f64>| -> Option<usize> {
        let mut best: Option<(f64, usize)> = None;
        for (column, profile) in profiles.iter().enumerate() {
            if taken[column].is_none()
                && profile.filled > 0
                && let Some(value) = measure(profile)
                && best.is_none_or(|(most, _)| value > most)
            {
                best = Some((value, column));
            }
        }
        best.map(|(_, column)| column)
    };
    // Labels repeat, sentences do not.
    let says_much =
        |p: &Profile| p.is_text() && p.masked < 0.5 && p.length >= 6.0 && (p.filled < 10 || p.distinct > 0.2);
    let longest_text = |p: &Profile| says_much(p).then_some(p.length);
    if named {
        // With names, little is left to the values: the one field without which there is nothing to scan, when other
        // names already say that these are records of the kind; and a column of shops that is called `name`.
        let others =
            taken.iter().flatten().filter(|a| !matches!(a.field, "id" | "category" | "shop_id" | "url")).count();
        if !is_taken(taken, main)
            && others >= 1
            && let Some(column) = best(taken, &longest_text)
        {
            put(taken, column, main, Because::Values);
        }
        if kind == RecordKind::Listing
            && is_taken(taken, main)
            && !is_taken(taken, "shop_id")
            && let Some(column) = best(taken, &|p: &Profile| (p.is_text() && p.shops > 0.6).then_some(p.shops))
        {
            put(taken, column, "shop_id", Because::Values);
        }
        return;
    }
    let has = |test: &dyn Fn(&Profile) -> bool| profiles.iter().any(|p| p.filled > 0 && test(p));
    let priced = has(&|p| p.prices > 0.8);
    let masked = has(&|p| p.masked > 0.5);
    let timed = has(&|p| p.times > 0.8);
    let speaks = match kind {
        RecordKind::Review => masked || (timed && !priced && has(&|p| p.is_text() && p.length >= 15.0)),
        _ => priced && !masked,
    };
    // Told columns (`--map title=2`) make the rest worth guessing as well.
    if !speaks && !is_taken(taken, main) {
        return;
    }
    if !is_taken(taken, main)
        && let Some(column) = best(taken, &longest_text)
    {
        put(taken, column, main, Because::Values);
    }
    let mut guess = |field: &'static str, measure: &dyn Fn(&Profile) -> Option<f64>| {
        if !is_taken(taken, field)
            && let Some(column) = best(taken, measure)
        {
            put(taken, column, field, Because::Values);
        }
    };
    let id = |p: &Profile| (p.digits > 0.9 && p.length >= 5.0 && p.distinct > 0.8).then_some(p.distinct);
    if kind == RecordKind::Review {
        guess("reviewer_id", &|p| (p.masked > 0.5).then_some(p.masked));
        guess("created_at", &|p| (p.times > 0.8).then_some(p.times));
    } else {
        guess("price", &|p| (p.prices > 0.8).then_some(p.prices));
        guess("id", &id);
        guess("images", &|p| (p.pictures > 0.8).then_some(p.pictures));
        guess("url", &|p| (p.urls > 0.8).then_some(p.urls));
        guess("shop_id", &|p| (p.is_text() && p.shops > 0.5).then_some(p.shops));
        guess("updated_at", &|p| (p.times > 0.8).then_some(p.times));
    }
}

/// How strongly the assigned columns speak for a kind.
fn weigh(kind: RecordKind, assigned: &[Assigned], sample: &Sample, profiles: &[Profile]) -> f64 {
    let mut weight = 0.0;
    for entry in assigned {
        let name = names::normalise(&sample.headers[entry.column]);
        let by_values = entry.because == Because::Values;
        weight += match (kind, entry.field) {
            (RecordKind::Review, "text") if names::CERTAIN_TEXT.contains(&name.as_str()) => 6.0,
            (RecordKind::Review, "text") => 3.0,
            (RecordKind::Review, "reviewer_id") => 3.0 + 2.0 * profiles[entry.column].masked,
            (RecordKind::Review, "rating" | "order_id" | "verified_purchase") => 2.0,
            (RecordKind::Review, "created_at" | "refunded" | "hours_since_delivery" | "account_age_days") => 1.0,
            (RecordKind::Review, "listing_id") if name == "listingid" => 1.0,
            (RecordKind::Review, _) => 0.25,
            (_, "title") if matches!(name.as_str(), "name" | "名称" | "product" | "商品" | "宝贝") => 2.5,
            (_, "title") => 4.0,
            (_, "price") => 3.0,
            (_, "list_price") => 2.0,
            (_, "description" | "brand" | "images" | "url" | "currency") => 1.0,
            (_, "shop_id") => 0.5,
            _ => 0.25,
        } * if by_values && entry.field != "text" && entry.field != "title" { 0.9 } else { 1.0 };
    }
    weight
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(text: &str) -> Sample {
        let mut rows: Vec<Vec<String>> =
            text.lines().map(|line| line.split(',').map(|c| c.trim().to_owned()).collect()).collect();
        Sample { headers: rows.remove(0), rows }
    }

    fn fields(text: &str, named: bool) -> (RecordKind, Vec<(&'static str, usize)>) {
        let found = understand(&sample(text), named, None, &[]).unwrap();
        (found.kind, found.assigned.iter().map(|a| (a.field, a.column)).collect())
    }

    #[test]
    fn listings_by_their_names() {
        let (kind, fields) =
            fields("update_time,id,title,price,sale_count,comment_count,店名\n2016/11/14,A1,面霜,139,2,3,小店\n", true);
        assert_eq!(kind, RecordKind::Listing);
        assert_eq!(fields, [("updated_at", 0), ("id", 1), ("title", 2), ("price", 3), ("shop_id", 6)]);
    }

    #[test]
    fn reviews_by_their_names_even_with_a_product_beside() {
        let (kind, fields) =
            fields("product_name,customer_name,customer_date,customer_review\n螺丝刀,d**1,8个月前,好用\n", true);
        assert_eq!(kind, RecordKind::Review);
        assert_eq!(fields, [("listing_id", 0), ("reviewer_id", 1), ("created_at", 2), ("text", 3)]);
    }

    #[test]
    fn a_number_of_comments_is_no_review() {
        let (kind, _) = fields("name,price,comment\n面霜,139,1200\n口红,20,4\n", true);
        assert_eq!(kind, RecordKind::Listing);
    }

    #[test]
    fn listings_by_their_values() {
        let (kind, fields) = fields(
            "1,2,3,4,5\n7929946,实验用手术剪刀不锈钢,27.00,True,自营旗舰店\n7929916,实验用剪刀不锈钢直头,-1.00,False,自营旗舰店\n",
            false,
        );
        assert_eq!(kind, RecordKind::Listing);
        assert_eq!(fields, [("id", 0), ("title", 1), ("price", 2), ("shop_id", 4)]);
    }

    #[test]
    fn reviews_by_their_values() {
        let (kind, fields) =
            fields("1,2,3,4\nj***q,白色面膜,使用非常好用一股淡淡的蜂蜜香味,2020-03-19 11:03:24\n", false);
        assert_eq!(kind, RecordKind::Review);
        assert_eq!(fields, [("reviewer_id", 0), ("text", 2), ("created_at", 3)]);
    }

    #[test]
    fn queries_are_refused() {
        let queries = sample("1,2\n1,减速器链条\n2,望远镜\n");
        assert_eq!(understand(&queries, false, None, &[]), Err(NotRecords::Keywords));
    }

    #[test]
    fn the_user_has_the_last_word() {
        let map = [FieldMap { field: "title".to_owned(), header: "bar".to_owned() }];
        let found = understand(&sample("foo,bar\n1,减速器链条\n"), true, Some(RecordKind::Listing), &map).unwrap();
        assert_eq!(found.assigned, [Assigned { column: 1, field: "title", because: Because::Told }]);
    }
}
