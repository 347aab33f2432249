use proptest::prelude::*;

use super::super::forms::patterns;
use super::*;

/// Masks pieces of a stream. Returns what is shown before its end, and all of it.
fn stream(mask: &Mask, pieces: &[&[u8]]) -> (String, String) {
    let mut output = MaskedOutput::new(mask.clone());
    let mut shown = Vec::new();
    let mut show = |chunk: Option<Chunk>| {
        if let Some(chunk) = chunk {
            assert_eq!(chunk.offset, shown.len() as u64);
            shown.extend_from_slice(&chunk.data);
        }
        String::from_utf8_lossy(&shown).into_owned()
    };
    let mut before_end = String::new();
    let mut offset = 0;
    for piece in pieces {
        before_end = show(output.push(Chunk {
            stream: Stream::Stdout,
            offset,
            data: Bytes::copy_from_slice(piece),
        }));
        offset += piece.len() as u64;
    }
    (before_end, show(output.finish(Stream::Stdout)))
}

fn shown(secrets: &[&str], pieces: &[&str]) -> (String, String) {
    let pieces: Vec<&[u8]> = pieces.iter().map(|piece| piece.as_bytes()).collect();
    stream(&Mask::new(secrets.iter().copied()), &pieces)
}

#[test]
fn a_secret_is_masked_also_across_pieces() {
    let all = |secrets: &[&str], pieces: &[&str]| shown(secrets, pieces).1;
    assert_eq!(all(&["hunter22"], &["a hunter22 b"]), "a ******** b");
    let pieces = ["a hun", "ter", "22 b"];
    assert_eq!(all(&["hunter22"], &pieces), "a ******** b");
    assert_eq!(all(&["hunter22"], &["a hun", "t b"]), "a hunt b");
    assert_eq!(all(&["it's a"], &[r#"'it'"'"'"#, "s a'"]), "'**********'");
}

#[test]
fn a_secret_that_begins_with_another_is_masked_whole() {
    let all = |secrets: &[&str], pieces: &[&str]| shown(secrets, pieces).1;
    let pieces = ["a hunt", "er22"];
    assert_eq!(all(&["hunt", "hunter22"], &pieces), "a ********");
    assert_eq!(all(&["hunt", "hunter22"], &["hunte", "d"]), "****ed");
    assert_eq!(all(&["abab"], &["abab", "ab"]), "******");
    assert_eq!(all(&["abcd", "cdefgh"], &["abcd", "xx"]), "****xx");
    assert_eq!(all(&["abcd", "cdefgh"], &["abcd", "efgh"]), "********");
}

#[test]
fn only_the_beginning_of_a_secret_is_held_back() {
    assert_eq!(shown(&["hunter22"], &["password: "]).0, "password: ");
    assert_eq!(shown(&["hunter22"], &["the h"]).0, "the ");
    let secrets = ["hunt", "hunter22", "longer secret"];
    assert_eq!(shown(&secrets, &["a hunt"]).0, "a ****");
    assert_eq!(shown(&secrets, &["a hunt", "er"]).0, "a ****");
    assert_eq!(shown(&secrets, &["a hunt", "er22"]).0, "a ********");
}

#[test]
fn the_streams_are_apart() {
    let mut output = MaskedOutput::new(Mask::new(["hunter22"]));
    for stream in [Stream::Stdout, Stream::Stderr] {
        let data = Bytes::from_static(b"hunt");
        let chunk = Chunk {
            stream,
            offset: 0,
            data,
        };
        assert_eq!(output.push(chunk), None);
    }
    let rest = output.finish(Stream::Stderr).expect("held back");
    assert_eq!((rest.offset, &rest.data[..]), (0, &b"hunt"[..]));
    assert_eq!(output.finish(Stream::Stderr), None);
}

/// Several secrets that share their beginnings, need every escape, and contain each other.
fn several() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(r#"[ab'"$\\ü/\n]{4,9}"#, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Cuts anywhere: into single bytes, at any one place, and at random.
    #[test]
    fn every_chunking_is_masked_like_the_whole(
        secrets in several(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), "[ab' ]{0,3}"), 1..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let forms: Vec<Vec<u8>> = patterns(secrets.iter().map(String::as_str)).into_iter().collect();
        prop_assume!(!forms.is_empty());
        let mut text = Vec::new();
        for (pick, between) in &picks {
            text.extend_from_slice(between.as_bytes());
            text.extend_from_slice(pick.get::<Vec<u8>>(&forms));
        }
        let mask = Mask::new(secrets.iter().map(String::as_str));
        let whole = mask.apply(Bytes::from(text.clone()));
        for form in &forms {
            prop_assert!(memchr::memmem::find(&whole, form).is_none());
        }
        let whole = String::from_utf8_lossy(&whole).into_owned();
        let singles: Vec<&[u8]> = text.chunks(1).collect();
        prop_assert_eq!(&stream(&mask, &singles).1, &whole);
        for cut in 0..=text.len() {
            let (before, after) = text.split_at(cut);
            prop_assert_eq!(&stream(&mask, &[before, after]).1, &whole);
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len())).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let pieces: Vec<&[u8]> = cuts.windows(2).map(|cut| &text[cut[0]..cut[1]]).collect();
        prop_assert_eq!(&stream(&mask, &pieces).1, &whole);
    }
}
