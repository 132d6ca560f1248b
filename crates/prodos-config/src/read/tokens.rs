//! The small pieces of a text: numbers, texts in quotes, words, space and comments.

use super::{Read, Reader};
use crate::diagnostics::Problem;
use crate::node::{Content, Node};

impl Reader<'_> {
    pub(super) fn number(&mut self) -> Read<Node> {
        let start = self.at;
        let mut last = ' ';
        while let Some(c) = self.peek() {
            let sign = matches!(c, '+' | '-') && (self.at == start || matches!(last, 'e' | 'E'));
            if !(c.is_alphanumeric() || matches!(c, '.' | '_') || sign) {
                break;
            }
            last = c;
            self.at += c.len_utf8();
        }
        let written = &self.text[start..self.at];
        let digits = written.replace('_', "");
        let content = match digits.trim_start_matches(['+', '-']) {
            "inf" if digits.starts_with('-') => Content::Number(f64::NEG_INFINITY),
            "inf" => Content::Number(f64::INFINITY),
            "NaN" => Content::Number(f64::NAN),
            _ => {
                let plain = digits.bytes().any(|b| b.is_ascii_digit())
                    && digits
                        .bytes()
                        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
                match (digits.parse::<i128>(), digits.parse::<f64>()) {
                    (Ok(whole), _) => Content::Whole(whole),
                    (_, Ok(number)) if plain => Content::Number(number),
                    _ => {
                        let title = format!("`{written}` is not a number");
                        let place = self.span(start, self.at);
                        return Err(Problem::new("syntax", title).at(
                            place,
                            "expected a number such as 12 or 0.5; a text stands in quotes",
                        ));
                    }
                }
            }
        };
        Ok(self.node(start, content))
    }

    pub(super) fn string(&mut self) -> Read<String> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                _ => text.push(c),
            }
        }
        self.ended = true;
        Err(Problem::new("syntax", "a text is not closed").at(
            self.span(start, start + 1),
            "this quotation mark has no partner",
        ))
    }

    pub(super) fn escape(&mut self) -> Read<char> {
        let start = self.at - 1;
        let letter = self.peek();
        self.at += letter.map_or(0, char::len_utf8);
        let code = match letter {
            Some('n') => return Ok('\n'),
            Some('t') => return Ok('\t'),
            Some('r') => return Ok('\r'),
            Some('0') => return Ok('\0'),
            Some(c @ ('"' | '\\' | '\'')) => return Ok(c),
            Some('x') => self.rest().get(..2).map(|code| (code, 2)),
            Some('u') if self.rest().starts_with('{') => self
                .rest()
                .find('}')
                .map(|end| (&self.rest()[1..end], end + 1)),
            _ => None,
        };
        let found = code.and_then(|(code, length)| {
            let letter = u32::from_str_radix(code, 16)
                .ok()
                .and_then(char::from_u32)?;
            Some((letter, length))
        });
        let Some((letter, length)) = found else {
            return Err(
                Problem::new("syntax", "this backslash begins nothing known")
                    .at(self.span(start, self.at), "write two backslashes for one"),
            );
        };
        self.at += length;
        Ok(letter)
    }

    pub(super) fn raw_string_ahead(&self) -> bool {
        self.rest()[1..].trim_start_matches('#').starts_with('"')
    }

    pub(super) fn raw_string(&mut self) -> Read<String> {
        let start = self.at;
        let hashes = self.rest()[1..].bytes().take_while(|&b| b == b'#').count();
        let close = format!("\"{}", "#".repeat(hashes));
        let body = start + 1 + hashes + 1;
        let Some(length) = self.text[body..].find(&close) else {
            self.at = self.text.len();
            self.ended = true;
            return Err(Problem::new("syntax", "a text is not closed").at(
                self.span(start, body),
                format!("expected `{close}` at its end"),
            ));
        };
        self.at = body + length + close.len();
        Ok(self.text[body..body + length].to_owned())
    }

    /// Steps over white space and comments.
    pub(super) fn skip_space(&mut self) -> Read<()> {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if trimmed.starts_with("//") {
                self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            } else if trimmed.starts_with("/*") {
                self.block_comment()?;
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn block_comment(&mut self) -> Read<()> {
        let start = self.at;
        let mut open = 0_usize;
        while let Some(c) = self.peek() {
            if self.rest().starts_with("/*") {
                open += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                open -= 1;
                self.at += 2;
            } else {
                self.at += c.len_utf8();
            }
            if open == 0 {
                return Ok(());
            }
        }
        self.ended = true;
        Err(Problem::new("syntax", "a comment is not closed")
            .at(self.span(start, start + 2), "expected `*/` at its end"))
    }

    pub(super) fn letters(&mut self) -> String {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len());
        let word = rest[..length].to_owned();
        self.at += length;
        word
    }
}
