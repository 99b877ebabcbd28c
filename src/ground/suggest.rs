//! "Did you mean": the known name nearest to a misspelt one.

/// The known name nearest to the one written, where one is near enough to be meant.
///
/// ```
/// use fordel::ground::suggest::nearest;
/// assert_eq!(nearest("inhabitnats", ["pupils", "inhabitants"]), Some("inhabitants"));
/// assert_eq!(nearest("area", ["pupils", "inhabitants"]), None);
/// ```
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = written.to_lowercase();
    let limit = (written.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// "did you mean `x`?" for the nearest known name, else the known names themselves where they are few.
pub fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(written, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "there is none here".to_owned(),
        None if known.len() <= 20 => format!("there is: {}", known.join(", ")),
        None => String::new(),
    }
}
