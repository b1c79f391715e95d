//! What must hold for any input whatever: shared by the property tests and the fuzz targets in `fuzz/`.
//!
//! Each function reads the bytes in one way and panics when a promise of this crate is broken.

use std::io::Cursor;

use model::{EvidenceFile, Place};

use crate::azure::terraform::{Folders, ModuleFile, Tree, normal};
use crate::encoding::Decoder;
use crate::limits::Limits;
use crate::{MachineTexts, read_all, read_stream};

/// Notes that a file has at most beyond the limit: they tell of the limits themselves, and of the input as a whole.
const NOTES_BEYOND: usize = 2;

/// Limits small enough to be met by small inputs.
fn limits() -> Limits {
    Limits {
        text_piece_bytes: 4 << 10,
        file_bytes: 1 << 20,
        memory_bytes: 1 << 20,
        unpacked_bytes: 1 << 20,
        zip_members: 50,
        zip_depth: 3,
        facts_per_file: 500,
        notes_per_file: 50,
        threads: 1,
    }
}

/// Reading ends, gives no more than the limits allow, names only places that exist, and gives the same again.
pub fn reads(bytes: &[u8]) {
    let limits = limits();
    let files = read_all("input", bytes, &limits);
    for file in &files {
        bounded(file, &limits);
        shown(file);
    }
    if bytes.len() < 16 << 10 {
        assert_eq!(files, read_all("input", bytes, &limits), "the same bytes read differently");
    }
}

/// A text reads the same whether its bytes come at once or piece by piece, as far as its lines are numbered.
pub fn pieces(bytes: &[u8]) {
    let whole = Limits { text_piece_bytes: 64 << 20, ..limits() };
    let lines = |limits: &Limits| {
        let mut last = 0;
        let mut sink = |file: EvidenceFile| last = last.max(last_line(&file));
        read_stream("input", Cursor::new(bytes), limits, &mut MachineTexts::default(), &mut sink)
            .map(|()| last)
            .unwrap_or_default()
    };
    let most = bytes.len() as u64 + 1;
    assert!(lines(&limits()) <= most && lines(&whole) <= most, "a line beyond the end of the input");
}

/// Decoding keeps every ASCII line of UTF-8 text, and never makes more text than it could.
pub fn decodes(bytes: &[u8]) {
    let mut decoder = Decoder::default();
    let text = decoder.decode(bytes);
    // A byte becomes at most one character, of at most four bytes.
    assert!(text.len() <= bytes.len() * 4 + 4);
    if let Ok(valid) = std::str::from_utf8(bytes)
        && !bytes.contains(&0)
        && !valid.starts_with('\u{feff}')
    {
        assert_eq!(text, valid, "valid UTF-8 was changed");
    }
}

/// Begins another file in what [`terraform`] is given; the rest of the line is its path.
pub const TERRAFORM_FILE: &str = "\n#file ";

/// A tree of Terraform ends, gives no more than the limits allow, keeps every fact at a line that exists, and tells the
/// same when each block of the root stands in a file of its own.
pub fn terraform(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut files: Vec<(String, String)> = Vec::new();
    for part in format!("{TERRAFORM_FILE}main.tf\n{text}").split(TERRAFORM_FILE).skip(1) {
        let (path, text) = part.split_once('\n').unwrap_or((part, ""));
        files.push((path.trim().to_owned(), text.to_owned()));
    }
    let tree = terraform_tree(&files);
    bounded(&tree.file, &limits());
    shown(&tree.file);
    let lines = |path: &str| {
        files.iter().filter(|(own, _)| own == path).map(|(_, text)| text.split('\n').count()).max()
    };
    let sources = tree.file.facts.iter().map(|one| &one.fact.source);
    for source in sources {
        let origin = tree.origins.of(source).expect("a fact without a file").source;
        let Place::Line(line) = origin.place else { panic!("{origin} is no line") };
        assert!(lines(&origin.path).is_some_and(|most| line as usize <= most && line > 0), "{origin}");
    }
    for allow in &tree.allows {
        let most = lines(&allow.path).unwrap_or_default();
        assert!(
            (*allow.lines.start()..=*allow.lines.end()).contains(&allow.line)
                || *allow.lines.start() > allow.line
        );
        assert!(*allow.lines.end() as usize <= most, "{allow:?}");
    }
    let told = |tree: &Tree| -> Vec<String> {
        tree.file.facts.iter().map(|one| format!("{:?}", one.fact.value)).collect()
    };
    let Some((first, rest)) = files.split_first().filter(|(first, _)| !first.1.contains('\r')) else {
        return;
    };
    let Ok(body) = hcl_edit::parser::parse_body(&first.1) else { return };
    let spans = body.iter().filter_map(|one| one.as_block().and_then(hcl_edit::Span::span));
    let blocks = spans
        .enumerate()
        .filter_map(|(index, span)| Some((format!("{index:06}.tf"), format!("{}\n", first.1.get(span)?))));
    let is_root = |(path, _): &&(String, String)| !path.contains(['/', '\\']);
    // Other files of the root would come to stand elsewhere in its order.
    if rest.iter().any(|file| is_root(&file)) {
        return;
    }
    let cut = terraform_tree(&blocks.chain(rest.iter().cloned()).collect::<Vec<_>>());
    assert_eq!(told(&tree), told(&cut), "cut into several files, it tells something else");
}

fn terraform_tree(files: &[(String, String)]) -> Tree {
    let mut load = |folder: &str| {
        let is_in = |path: &str| normal(path.rsplit_once('/').map_or("", |(folder, _)| folder)) == folder;
        let own = files.iter().filter(|(path, _)| is_in(path));
        let own = own.map(|(path, text)| ModuleFile { path: path.clone(), bytes: text.clone().into_bytes() });
        Some(own.collect::<Vec<_>>()).filter(|files| !files.is_empty())
    };
    Folders::load(&[String::new()], &mut load).read("", &[], &limits())
}

fn bounded(file: &EvidenceFile, limits: &Limits) {
    assert!(file.facts.len() <= limits.facts_per_file, "{} facts", file.facts.len());
    assert!(file.notes.len() <= limits.notes_per_file + NOTES_BEYOND, "{} notes", file.notes.len());
    let most = limits.unpacked_bytes.max(limits.file_bytes) + 1;
    assert!(last_line(file) <= most, "line {}", last_line(file));
    assert!(!file.path.contains(['\n', '\r', '\u{1b}']), "a path with control characters");
}

fn last_line(file: &EvidenceFile) -> u64 {
    let line = |place: &Place| if let Place::Line(line) = place { u64::from(*line) } else { 0 };
    let facts = file.facts.iter().map(|evidence| line(&evidence.fact.source.place));
    facts.chain(file.notes.iter().map(|note| line(&note.source.place))).max().unwrap_or(0)
}

/// Every fact can be shown as JSON, and says where it was read.
fn shown(file: &EvidenceFile) {
    for evidence in &file.facts {
        let value = serde_json::to_value(evidence).expect("a fact that is no JSON");
        assert!(value["source"]["path"].is_string() && value["kind"].is_string(), "{value}");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    /// Parts of real output; strung together in any order they are what a careless paste looks like.
    const PARTS: &[&str] = &[
        "C:\\>cscript slmgr.vbs /dlv\n",
        "Name: Windows(R), Enterprise edition\n",
        "Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel\n",
        "License Status: ",
        "Licensed\n",
        "Key Management Service is enabled on this machine\n    Current count: ",
        "Error: 0xC004F074 ",
        "Server:  dc01.contoso.com\nAddress:  192.0.2.10\n\n",
        "_vlmcs._tcp.contoso.com SRV service location:\n          priority       = 0\n",
        "*** dc01.contoso.com can't find ",
        "Ethernet adapter Ethernet:\n\n   Connection-specific DNS Suffix  . : contoso.com\n",
        "   IPv4 Address. . . . . . . . . . . : 10.0.0.5(Preferred)\n",
        "Log Name:      Application\nSource:        Microsoft-Windows-Security-SPP\nEvent ID:      12288\n",
        "Info:\n0x0, 25, pc1.contoso.com, 7e1f5a08-3c2b-4d57-9a61-2b8c40d9e713, 2025/11/18 07:02, 0, 2, 1, ",
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>12290</EventID>",
        "</System></Event>",
        "\"TimeCreated\",\"Id\",\"Message\"\n\"1/1/2025\",\"12290\",\"",
        "{\"Id\": 12289, \"Message\": \"",
        "[\n{\n",
        "\"}]\n",
        "Source    State    Address Prefix    Next Hop Type    Next Hop IP\n--------  -------  --------------  \
         ---------------  -----------\nDefault   Active   0.0.0.0/0         Internet\n",
        "TimeCreated  : 5/7/2024 12:54:01 PM\nId           : 12289\nMessage      : ",
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\n",
        "    KeyManagementServiceName    REG_SZ    kms01\n",
        "Reply from 192.0.2.25: bytes=32 time<1ms TTL=128\n",
        "ComputerName     : kms01\nRemotePort       : 1688\nTcpTestSucceeded : ",
        "$ORIGIN contoso.com.\n_vlmcs._tcp IN SRV 0 0 1688 kms01\n",
        "\n\n",
        "\r\n",
        "4294967296",
        "-1",
        "サーバー",
        "\u{202e}",
        "\t",
        " : ",
        "]",
        "\"",
        "<br />",
    ];

    /// Words of Terraform; strung together they are seldom right, and often nearly.
    const MODULE_PARTS: &[&str] = &[
        "resource \"azurerm_route_table\" \"t\" {\n  name = \"rt\"\n",
        "locals {\n",
        "  a = local.b\n",
        "  b = [local.a, local.a]\n",
        "}\n",
        "  for_each = ",
        "toset([\"a\", \"b\"])",
        "flatten([local.a, local.b])\n",
        "{ for k, v in local.a : k => v... if k != v }\n",
        "cidrsubnet(\"10.0.0.0/8\", 300, -1)\n",
        "${",
        "\"",
        "# kmscope: allow forced-tunnel because\n",
        "<<EOT\n",
        "EOT\n",
        "/*",
        "\n#file net/main.tf\n",
        "module \"net\" {\n  source = \"./net\"\n",
        "\n#file terraform.tfvars\n",
        "é",
        "\r\n",
    ];

    /// Whole blocks that name each other.
    const MODULE_BLOCKS: &[&str] = &[
        "locals {\n  a = { x = \"10.0.0.0/8\", y = local.c }\n}",
        "locals {\n  c = try(local.a.x, local.b, var.v)\n  b = concat([var.v], [local.c])\n}",
        "variable \"v\" {\n  type = string\n}",
        "variable \"v\" {\n  default = \"20.118.99.224/32\"\n}",
        "variable \"v\" {\n  type = set(object({ p = string, h = optional(string, \"None\") }))\n  default = [{ p = 1 }]\n}",
        "resource \"azurerm_route_table\" \"t\" {\n  for_each = local.a\n  name = each.key\n}",
        "resource \"azurerm_route_table\" \"u\" {\n  count = length(local.a)\n  name = \"u${count.index}\"\n  route = [for r in local.b : { address_prefix = r, next_hop_type = \"Internet\" }]\n}",
        "resource \"azurerm_route\" \"r\" {\n  for_each = azurerm_route_table.t\n  name = \"r\"\n  route_table_name = each.value.name\n  address_prefix = each.key\n  next_hop_type = \"None\"\n}",
        "resource \"azurerm_route\" \"s\" {\n  name = \"s\"\n  route_table_name = azurerm_route_table.u[0].name\n  address_prefix = module.m[\"x\"].out\n  next_hop_type = \"Internet\"\n}",
        "resource \"azurerm_subnet\" \"s\" {\n  name = \"s\"\n}",
        "resource \"azurerm_subnet_route_table_association\" \"a\" {\n  subnet_id = azurerm_subnet.s.id\n  route_table_id = azurerm_route_table.u[*].id[0]\n}",
        "resource \"azurerm_network_security_group\" \"g\" {\n  name = \"g\"\n  dynamic \"security_rule\" {\n    for_each = [1, 2]\n    content {\n      name = \"r${security_rule.key}\"\n      priority = 100 + security_rule.value\n      direction = \"Outbound\"\n      access = \"Deny\"\n      protocol = \"*\"\n    }\n  }\n}",
        "module \"m\" {\n  source = \"./m\"\n  for_each = local.a\n  p = each.value\n}",
        "module \"n\" {\n  source = \"./m\"\n  p = module.n.out\n}",
        "\n#file m/main.tf\nvariable \"p\" {}\noutput \"out\" {\n  value = var.p\n}\nresource \"azurerm_route_table\" \"t\" {\n  name = var.p\n}",
    ];

    /// Beginnings that promise more than random bytes keep.
    const MAGIC: &[&[u8]] = &[b"ElfFile\0", b"PK\x03\x04", b"\x1f\x8b\x08", b"PK\x05\x06"];

    fn paste() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            8 => proptest::sample::select(PARTS).prop_map(str::to_owned),
            1 => "[ -~]{0,20}",
        ];
        proptest::collection::vec(part, 0..40).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn pastes(text in paste()) {
            reads(text.as_bytes());
            pieces(text.repeat(8).as_bytes());
        }

        #[test]
        fn pastes_in_utf_16_with_damage(text in paste(), at in any::<prop::sample::Index>(), byte: u8) {
            let mut bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            reads(&bytes);
            decodes(&bytes);
        }

        #[test]
        fn modules(parts in proptest::collection::vec(proptest::sample::select(MODULE_PARTS), 0..60)) {
            terraform(parts.concat().as_bytes());
        }

        #[test]
        fn modules_of_whole_blocks(parts in proptest::collection::vec(proptest::sample::select(MODULE_BLOCKS), 0..20)) {
            terraform(parts.join("\n").as_bytes());
        }

        #[test]
        fn junk(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            reads(&bytes);
            decodes(&bytes);
        }

        #[test]
        fn logs_and_bundles_that_only_begin_like_one(
            bytes in proptest::collection::vec(any::<u8>(), 0..2000),
            magic in proptest::sample::select(MAGIC),
        ) {
            reads(&[magic, &bytes].concat());
        }

        #[test]
        fn damaged_bundles(text in paste(), at in any::<prop::sample::Index>(), byte: u8) {
            let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
            writer.start_file("a/b.txt", zip::write::SimpleFileOptions::default()).expect("a zip in memory");
            writer.write_all(text.as_bytes()).expect("a zip in memory");
            let mut bytes = writer.finish().expect("a zip in memory").into_inner();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            reads(&bytes);
        }
    }
}
