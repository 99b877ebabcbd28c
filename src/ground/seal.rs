//! The seal: a short fingerprint of texts, so that two runs can be seen to have had the same input.

use sha2::{Digest, Sha256};

/// The first eight hexadecimal digits of the SHA-256 over the parts, each preceded by its length, so that
/// moving a byte from one part to the next changes the seal.
///
/// ```
/// use fordel::ground::seal::seal;
/// assert_eq!(seal(["a", "b"]), seal(["a", "b"]));
/// assert_ne!(seal(["ab", ""]), seal(["a", "b"]));
/// ```
pub fn seal<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
