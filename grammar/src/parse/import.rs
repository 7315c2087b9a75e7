//! `use Encoder, Norm as LayerNorm from "blocks.ndsl"`

use super::basic::{Place, Rule, expect, expect_name, fault, one, token};
use super::declaration::{keyword, rest};
use super::fault::Problem;
use crate::ast::{DeclarationKind, Import, Use};
use crate::lexeme::Lexeme;
use crate::literal;
use crate::token::TokenKind;
use chumsky::prelude::*;

/// A `use`, from its keyword to its end.
pub(super) fn import<'t>(place: Place) -> Rule<'t, DeclarationKind> {
    let from = |lexeme: &Lexeme<'_>| lexeme.is(TokenKind::Word) && lexeme.text == "from";
    let alias = token(TokenKind::As).ignore_then(expect_name(place, "the name it has here")).boxed();
    let name = one(move |lexeme| lexeme.is(TokenKind::Word) && !from(lexeme));
    let named = name
        .then(alias.or_not())
        .map(move |(name, alias)| Some(Import { name: place.ident(name), alias: alias.flatten() }));
    let import = named.boxed().or(fault(Problem::Expected("a name of the other file", None)).to(None).boxed()).boxed();
    let more = token(TokenKind::Comma).ignore_then(import.clone()).repeated().collect::<Vec<_>>().boxed();
    let names = import.then(more).map(|(first, more)| std::iter::once(first).chain(more).flatten().collect::<Vec<_>>());
    let path = expect(TokenKind::Text, "the other file: `\"blocks.ndsl\"`", None);
    let source = one(from)
        .ignore_then(path)
        .or(fault(Problem::Expected("`from` and the other file", None)).to(None).boxed())
        .boxed();
    keyword()
        .ignore_then(names.boxed())
        .then(source)
        .then_ignore(rest())
        .map_with(move |(imports, path): (Vec<Import>, Option<&Lexeme<'t>>), extra| {
            let end = place.span(extra.span()).after();
            let (path, path_span) = match path {
                Some(path) => (literal::string(path.text), place.span(path.span)),
                // The names are known all the same, so that their uses are not reported too.
                None => (String::new(), end),
            };
            DeclarationKind::Use(Use { imports, path, path_span })
        })
        .boxed()
}
