//! Grants and reserves as written, read from RON.

use super::decode::Decoder;
use super::entries::{GrantEntry, ReserveEntry};
use super::ron_tree::Node;

/// A grant.
pub fn grant(d: &mut Decoder, node: &Node) -> Option<GrantEntry> {
    const KNOWN: [&str; 8] =
        ["id", "title", "funder", "awards", "opening", "payment", "final_report", "carry_over"];
    let fields = d.fields(node, "a grant", &KNOWN)?;
    let id = fields.required(d, "id", Decoder::name);
    let title = fields.optional(d, "title", Decoder::name);
    let funder = fields.optional(d, "funder", Decoder::text);
    let opening = fields.optional(d, "opening", Decoder::year_amounts);
    let awards = match opening {
        // What is left of earlier awards can be all there is.
        Some(Some(_)) => fields.optional(d, "awards", Decoder::year_amounts).map(Option::unwrap_or_default),
        _ => fields.required(d, "awards", Decoder::year_amounts),
    };
    let payment = fields.optional(d, "payment", Decoder::text);
    let final_report = fields.optional(d, "final_report", Decoder::year);
    let carry_over = fields.optional(d, "carry_over", Decoder::text);
    Some(GrantEntry {
        id: id?,
        title: title?.map(|title| title.value),
        funder: funder?.map(|funder| funder.value),
        awards: awards?,
        opening: opening?.unwrap_or_default(),
        payment: payment?,
        final_report: final_report?.map(|year| year.value),
        carry_over: carry_over?,
        place: fields.place().clone(),
    })
}

/// A reserve.
pub fn reserve(d: &mut Decoder, node: &Node) -> Option<ReserveEntry> {
    let fields =
        d.fields(node, "a reserve", &["id", "title", "opening", "minimum", "purpose", "exit_key"])?;
    let id = fields.required(d, "id", Decoder::name);
    let title = fields.optional(d, "title", Decoder::name);
    let opening = fields.required(d, "opening", Decoder::money);
    let minimum = fields.optional(d, "minimum", Decoder::money);
    let purpose = fields.optional(d, "purpose", Decoder::name);
    let exit_key = fields.optional(d, "exit_key", Decoder::text);
    Some(ReserveEntry {
        id: id?,
        title: title?.map(|title| title.value),
        opening: opening?,
        minimum: minimum?,
        purpose: purpose?.map(|purpose| purpose.value),
        exit_key: exit_key?,
        place: fields.place().clone(),
    })
}
