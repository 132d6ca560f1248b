//! What the source of the model says of itself: structs with their fields, enums, functions with their
//! formulas, which fields are hashed, and what each connector acts on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type};

/// One file of the model.
pub(super) struct Room {
    /// Path below `src`, without its ending.
    pub(super) name: String,
    /// What it says of itself at its top.
    pub(super) prose: String,
    /// Its text without tests.
    pub(super) text: String,
    /// What it declares, without tests.
    items: Vec<Item>,
}

/// A struct of the model.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) fields: Vec<Field>,
}

/// A field of a struct; the only one of a tuple has the name `0`.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) of: String,
    pub(super) doc: String,
}

/// A function with what it says of itself.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) doc: String,
}

/// All files of the model, by path.
pub(super) fn rooms(root: &Path) -> Result<Vec<Room>, String> {
    let source = root.join("crates/prodos-model/src");
    let mut open = vec![source.clone()];
    let mut rooms = Vec::new();
    while let Some(folder) = open.pop() {
        let entries = fs::read_dir(&folder)
            .map_err(|why| format!("cannot list {}: {why}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                rooms.push(room(&source, &path)?);
            }
        }
    }
    rooms.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rooms)
}

fn room(source: &Path, path: &Path) -> Result<Room, String> {
    let failed = |why: String| format!("cannot read {}: {why}", path.display());
    let text = fs::read_to_string(path).map_err(|why| failed(why.to_string()))?;
    let file = syn::parse_file(&text).map_err(|why| failed(why.to_string()))?;
    let below = path.strip_prefix(source).unwrap_or(path).with_extension("");
    let tested = |item: &Item| match item {
        Item::Mod(own) => own.attrs.iter().any(|attr| attr.path().is_ident("cfg")),
        _ => false,
    };
    Ok(Room {
        name: below.to_string_lossy().replace('\\', "/"),
        prose: doc(&file.attrs),
        text: text
            .split("#[cfg(test)]\nmod ")
            .next()
            .unwrap_or("")
            .to_owned(),
        items: file
            .items
            .into_iter()
            .filter(|item| !tested(item))
            .collect(),
    })
}

impl Room {
    /// Structs with named fields or one without a name, in the order of the file.
    pub(super) fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        for item in &self.items {
            if let Item::Struct(own) = item {
                tables.push(table(own));
            }
        }
        tables.extend(self.summed());
        tables
    }

    /// The struct that `tally!` declares: numbers named in its call, lists named in the macro.
    fn summed(&self) -> Option<Table> {
        let body = self.text.split("pub struct Tally {").nth(1)?;
        let body = body.split("\n        }").next()?;
        let lists: String = body
            .lines()
            .filter(|line| !line.contains("$("))
            .fold(String::new(), |text, line| text + line + "\n");
        let named = self.text.split("\ntally! {").nth(1)?.split("\n}").next()?;
        let number = |line: &str| match line.trim().strip_suffix(';') {
            Some(name) if !name.starts_with("//") => format!("{name}: f64,\n"),
            _ => format!("{line}\n"),
        };
        let numbers: String = named.lines().map(number).collect();
        let whole = format!(
            "/// Additive flows and stocks of one tick.\nstruct Tally {{ {numbers} {lists} }}"
        );
        syn::parse_str(&whole).ok().map(|own| table(&own))
    }

    /// Names of structs that are parts of entities or resources of the world.
    pub(super) fn held(&self) -> Vec<String> {
        let held = |own: &&syn::ItemStruct| {
            own.attrs.iter().any(|attr| {
                let mut found = false;
                if attr.path().is_ident("derive") {
                    let _ = attr.parse_nested_meta(|meta| {
                        let last = meta.path.segments.last();
                        found |= last.is_some_and(|last| {
                            last.ident == "Component" || last.ident == "Resource"
                        });
                        Ok(())
                    });
                }
                found
            })
        };
        let structs = self.items.iter().filter_map(|item| match item {
            Item::Struct(own) => Some(own),
            _ => None,
        });
        let mut names: Vec<String> = structs
            .filter(held)
            .map(|own| own.ident.to_string())
            .collect();
        names.extend(self.summed().map(|own| own.name));
        names
    }

    /// Names and meanings of the variants of an enum.
    pub(super) fn variants(&self, name: &str) -> Vec<(String, String)> {
        let of = self.items.iter().find_map(|item| match item {
            Item::Enum(own) if own.ident == name => Some(&own.variants),
            _ => None,
        });
        of.into_iter()
            .flatten()
            .map(|variant| (variant.ident.to_string(), doc(&variant.attrs)))
            .collect()
    }

    /// Names of the enums that a file declares.
    pub(super) fn enums(&self) -> Vec<String> {
        let of = self.items.iter().filter_map(|item| match item {
            Item::Enum(own) => Some(own.ident.to_string()),
            _ => None,
        });
        of.collect()
    }

    /// Functions that say what they do; of methods only those with a formula or a rule.
    pub(super) fn functions(&self) -> Vec<Function> {
        let mut functions = Vec::new();
        let mut take = |name: &syn::Ident, attrs: &[Attribute], always: bool| {
            let doc = doc(attrs);
            if !doc.is_empty() && (always || doc.contains("\n\n")) {
                let name = name.to_string();
                functions.push(Function { name, doc });
            }
        };
        for item in &self.items {
            match item {
                Item::Fn(own) => take(&own.sig.ident, &own.attrs, true),
                Item::Impl(own) => {
                    for part in &own.items {
                        if let syn::ImplItem::Fn(own) = part {
                            take(&own.sig.ident, &own.attrs, false);
                        }
                    }
                }
                _ => {}
            }
        }
        functions
    }

    fn function(&self, name: &str) -> Option<&syn::Block> {
        self.items.iter().find_map(|item| match item {
            Item::Impl(own) => own.items.iter().find_map(|part| match part {
                syn::ImplItem::Fn(own) if own.sig.ident == name => Some(&own.block),
                _ => None,
            }),
            _ => None,
        })
    }

    /// Fields that a function of a method body reads, as pairs of struct and field.
    ///
    /// Names of a loop over a query stand for the structs of that query; any other name stands for the
    /// struct of the same name.
    pub(super) fn fields_read(&self, function: &str) -> Vec<(String, String)> {
        let mut reads = Reads::default();
        if let Some(body) = self.function(function) {
            reads.visit_block(body);
        }
        reads.fields
    }

    /// What a function does to parameters: path, how, and the names it does it by.
    pub(super) fn acts_on(&self, function: &str) -> Vec<(String, &'static str, Vec<String>)> {
        let mut acts = Vec::new();
        for statement in self.function(function).iter().flat_map(|body| &body.stmts) {
            let syn::Stmt::Expr(own, _) = statement else {
                continue;
            };
            let (left, how, right) = match own {
                Expr::Assign(own) => (&own.left, "=", &own.right),
                Expr::Binary(own) => match own.op {
                    syn::BinOp::MulAssign(_) => (&own.left, "×", &own.right),
                    syn::BinOp::DivAssign(_) => (&own.left, "÷", &own.right),
                    _ => continue,
                },
                _ => continue,
            };
            let Some(path) = parameter(left) else {
                continue;
            };
            let mut names = Names::default();
            names.visit_expr(right);
            acts.push((path, how, names.0));
        }
        acts
    }
}

/// `wear.scale` of `rules.wear.scale.0`.
fn parameter(place: &Expr) -> Option<String> {
    let text = chain(place)?;
    let inner = text.strip_prefix("rules.")?.strip_suffix(".0")?;
    Some(inner.to_owned())
}

/// A place as it is written: `a.b.0`.
fn chain(place: &Expr) -> Option<String> {
    match place {
        Expr::Path(own) => Some(own.path.get_ident()?.to_string()),
        Expr::Field(own) => Some(format!("{}.{}", chain(&own.base)?, member(&own.member))),
        _ => None,
    }
}

fn member(own: &syn::Member) -> String {
    match own {
        syn::Member::Named(name) => name.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

#[derive(Default)]
struct Names(Vec<String>);

impl Visit<'_> for Names {
    fn visit_expr_path(&mut self, own: &syn::ExprPath) {
        self.0.extend(own.path.get_ident().map(ToString::to_string));
    }
}

#[derive(Default)]
struct Reads {
    queries: BTreeMap<String, Vec<String>>,
    names: BTreeMap<String, String>,
    fields: Vec<(String, String)>,
}

impl<'a> Visit<'a> for Reads {
    fn visit_local(&mut self, own: &'a syn::Local) {
        let value = own.init.as_ref().map(|init| &*init.expr);
        if let (syn::Pat::Ident(name), Some(Expr::MethodCall(call))) = (&own.pat, value)
            && let Some(generics) = &call.turbofish
            && call.method == "query"
        {
            let of = generics.args.iter().flat_map(|argument| match argument {
                GenericArgument::Type(Type::Tuple(all)) => all.elems.iter().map(written).collect(),
                GenericArgument::Type(one) => vec![written(one)],
                _ => Vec::new(),
            });
            self.queries.insert(name.ident.to_string(), of.collect());
        }
        visit::visit_local(self, own);
    }

    fn visit_expr_for_loop(&mut self, own: &'a syn::ExprForLoop) {
        if let Expr::MethodCall(call) = &*own.expr
            && let Some(query) = chain(&call.receiver)
            && let Some(types) = self.queries.get(&query)
        {
            let mut names = Bound::default();
            names.visit_pat(&own.pat);
            self.names.extend(names.0.into_iter().zip(types.clone()));
        }
        visit::visit_expr_for_loop(self, own);
    }

    fn visit_expr_field(&mut self, own: &'a syn::ExprField) {
        if let Expr::Path(base) = &*own.base
            && let Some(name) = base.path.get_ident().map(ToString::to_string)
            && name != "self"
        {
            let of = self.names.get(&name).cloned();
            let of = of.unwrap_or_else(|| name[..1].to_uppercase() + &name[1..]);
            let read = (of, member(&own.member));
            if !self.fields.contains(&read) {
                self.fields.push(read);
            }
        }
        visit::visit_expr_field(self, own);
    }
}

#[derive(Default)]
struct Bound(Vec<String>);

impl Visit<'_> for Bound {
    fn visit_pat_ident(&mut self, own: &syn::PatIdent) {
        self.0.push(own.ident.to_string());
    }
}

fn table(own: &syn::ItemStruct) -> Table {
    let fields = match &own.fields {
        Fields::Named(all) => all.named.iter().collect(),
        Fields::Unnamed(all) => all.unnamed.iter().collect(),
        Fields::Unit => Vec::new(),
    };
    let whole = doc(&own.attrs);
    let of_tuple = matches!(own.fields, Fields::Unnamed(_));
    let field = |(k, own): (usize, &syn::Field)| Field {
        name: own
            .ident
            .as_ref()
            .map_or(k.to_string(), ToString::to_string),
        of: written(&own.ty),
        doc: if of_tuple {
            whole.clone()
        } else {
            doc(&own.attrs)
        },
    };
    Table {
        name: own.ident.to_string(),
        fields: fields.into_iter().enumerate().map(field).collect(),
        doc: whole,
    }
}

/// A type as it is written, without the path to it and without references.
fn written(own: &Type) -> String {
    match own {
        Type::Reference(inner) => written(&inner.elem),
        Type::Array(list) => format!("[{}; {}]", written(&list.elem), length(&list.len)),
        Type::Slice(list) => format!("[{}]", written(&list.elem)),
        Type::Tuple(all) => {
            let parts: Vec<String> = all.elems.iter().map(written).collect();
            format!("({})", parts.join(", "))
        }
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return String::new();
            };
            let PathArguments::AngleBracketed(inner) = &last.arguments else {
                return last.ident.to_string();
            };
            let parts = inner.args.iter().filter_map(|part| match part {
                GenericArgument::Type(one) => Some(written(one)),
                _ => None,
            });
            format!("{}<{}>", last.ident, parts.collect::<Vec<_>>().join(", "))
        }
        _ => String::from("?"),
    }
}

fn length(own: &Expr) -> String {
    match own {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Int(number) => number.to_string(),
            _ => String::from("?"),
        },
        Expr::Path(path) => {
            let last = path.path.segments.last();
            last.map_or(String::from("?"), |last| last.ident.to_string())
        }
        _ => String::from("?"),
    }
}

/// What stands above an item, without the mark of a comment and the blank after it.
fn doc(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(own) if own.path.is_ident("doc") => match &own.value {
            Expr::Lit(syn::ExprLit {
                lit: Lit::Str(text),
                ..
            }) => {
                let text = text.value();
                Some(
                    text.strip_prefix(' ')
                        .unwrap_or(&text)
                        .trim_end()
                        .to_owned(),
                )
            }
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Whether a line reads as a formula.
pub(super) fn is_formula(line: &str) -> bool {
    [" = ", " ~ ", " <= ", "min over "]
        .iter()
        .any(|sign| line.contains(sign))
}

/// Whether what a function says has a formula or a source in it.
pub(super) fn has_formula(doc: &str) -> bool {
    let mut later = doc.lines().skip_while(|line| !line.is_empty());
    later.any(|line| is_formula(line) || line.contains("Source: "))
}
