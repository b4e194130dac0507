//! Lists, whole: the pages of a collection, and of what is expanded in its rows.

use serde_json::Value;

use crate::dataverse::reply::malformed;
use crate::dataverse::{ApiError, Client, Request};
use crate::http::MOST_WEIGHT;

/// Far more pages than any of our questions has; an endless chain is a fault of the server.
const PAGES: usize = 1000;

/// Where the rest of a list is.
const NEXT: &str = "@odata.nextLink";

impl Client {
    /// All rows of a collection. Where a row has an expanded list with a link to it, the list is what the link gives:
    /// service versions before 9.2 left it empty beside that link, later ones may cut it off.
    pub async fn rows(&self, request: Request) -> Result<Vec<Value>, ApiError> {
        let mut room = MOST_WEIGHT;
        let mut rows = self.pages(request.clone(), &mut room).await?;
        for row in &mut rows {
            for (name, link) in expanded(row) {
                let mut whole = request.clone();
                whole.path = link;
                row[name] = self.pages(whole, &mut room).await?.into();
            }
        }
        Ok(rows)
    }

    /// Page by page, as long as there is room in memory for them.
    async fn pages(&self, mut request: Request, room: &mut usize) -> Result<Vec<Value>, ApiError> {
        let mut rows = Vec::new();
        for _ in 0..PAGES {
            let mut answer = self.send(request.clone()).await?;
            *room = room
                .checked_sub(answer.weight)
                .ok_or_else(|| malformed(&request, "the list is longer than any that is expected here"))?;
            match answer.body.get_mut("value").map(Value::take) {
                Some(Value::Array(page)) => rows.extend(page),
                _ => return Err(malformed(&request, "there is no `value` list")),
            }
            match answer.body.get(NEXT).and_then(Value::as_str) {
                Some(next) => next.clone_into(&mut request.path),
                None => return Ok(rows),
            }
        }
        Err(malformed(&request, "the list has no end"))
    }
}

/// The expanded lists of a row that have a link, with that link.
fn expanded(row: &Value) -> Vec<(String, String)> {
    let members = row.as_object().into_iter().flatten();
    let links = members.filter_map(|(key, link)| Some((key.strip_suffix(NEXT)?.to_owned(), link.as_str()?.to_owned())));
    links.filter(|(name, _)| !name.is_empty()).collect()
}
