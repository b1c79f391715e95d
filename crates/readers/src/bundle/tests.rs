//! Bundles good and bad, made here.

use std::io::{Cursor, Write};

use model::EvidenceFile;
use zip::write::SimpleFileOptions;

use super::*;
use crate::{Limits, MachineTexts, read_all, read_sequential};

fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn told(files: &[EvidenceFile]) -> Vec<(&str, &str)> {
    files.iter().flat_map(|file| file.notes.iter().map(|note| (&*file.path, note.key))).collect()
}

fn paths(files: &[EvidenceFile]) -> Vec<&str> {
    files.iter().map(|file| &*file.path).collect()
}

#[test]
fn members_are_named_behind_the_bundle_and_sorted() {
    let bytes = zip_of(&[("pc7/dlv.txt", b"x"), ("a.txt", b"y"), ("pc10\\ato.txt", b"z")]);
    let files = read_all("case.zip", &bytes, &Limits::default());
    assert_eq!(paths(&files), ["case.zip!/a.txt", "case.zip!/pc10/ato.txt", "case.zip!/pc7/dlv.txt"]);
}

#[test]
fn names_can_not_leave_the_bundle() {
    let bytes = zip_of(&[("../../etc/passwd", b"x"), ("/abs.txt", b"y"), ("C:\\Users\\x.txt", b"z")]);
    let files = read_all("case.zip", &bytes, &Limits::default());
    assert!(
        paths(&files)
            .iter()
            .all(|path| !path.contains("..") && !path.contains("!//") && !path.contains("C:"))
    );
    assert_eq!(told(&files).iter().filter(|(_, key)| *key == "note-zip-path-escapes").count(), 3);
}

#[test]
fn nested_bundles_are_read_to_the_depth_limit() {
    let mut bytes = zip_of(&[("dlv.txt", b"words")]);
    for depth in 0..5 {
        bytes = zip_of(&[(&format!("{depth}.zip"), &bytes)]);
    }
    let files = read_all("case.zip", &bytes, &Limits::default());
    assert_eq!(told(&files), [("case.zip!/4.zip!/3.zip!/2.zip!/1.zip", "note-zip-depth")]);
    let files = read_all("case.zip", &bytes, &Limits { zip_depth: 6, ..Limits::default() });
    assert_eq!(paths(&files), ["case.zip!/4.zip!/3.zip!/2.zip!/1.zip!/0.zip!/dlv.txt"]);
}

#[test]
fn a_bomb_ends_at_the_limit_with_a_note() {
    let bytes = zip_of(&[("a.txt", &vec![b' '; 3 << 20]), ("b.txt", b"never read")]);
    let limits = Limits { unpacked_bytes: 1 << 20, ..Limits::default() };
    let files = read_all("bomb.zip", &bytes, &limits);
    assert_eq!(told(&files), [("bomb.zip!/a.txt", "note-unpacked-limit")]);
    let bytes = zip_of(&[("a.txt", &vec![b' '; 40 << 20])]);
    assert_eq!(
        told(&read_all("bomb.zip", &bytes, &Limits::default())),
        [("bomb.zip!/a.txt", "note-zip-ratio")]
    );
}

#[test]
fn too_many_members_are_told() {
    let members: Vec<(String, &[u8])> = (0..20).map(|n| (format!("{n:02}.txt"), b"x".as_slice())).collect();
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    let files = read_all("m.zip", &zip_of(&members), &Limits { zip_members: 5, ..Limits::default() });
    assert_eq!(files.len(), 6);
    assert_eq!(told(&files)[0], ("m.zip", "note-zip-members"));
}

#[test]
fn damage_is_a_note_and_the_rest_is_read() {
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["a.txt", "b.txt"] {
        writer.start_file(name, stored).unwrap();
        writer.write_all(b"strange words of no tool").unwrap();
    }
    let mut bytes = writer.finish().unwrap().into_inner();
    let cut_off = bytes[..bytes.len() - 80].to_vec();
    let at = bytes.windows(7).position(|w| w == b"strange").unwrap();
    bytes[at] = b'S';
    let files = read_all("case.zip", &bytes, &Limits::default());
    assert_eq!(paths(&files), ["case.zip!/a.txt", "case.zip!/b.txt"]);
    assert!(told(&files).contains(&("case.zip!/a.txt", "note-file-damaged")), "{:?}", told(&files));
    // Without the directory at its end, the members in front are still there.
    let files = read_all("case.zip", &cut_off, &Limits::default());
    assert_eq!(paths(&files), ["case.zip", "case.zip!/a.txt", "case.zip!/b.txt"]);
}

#[test]
fn encrypted_members_and_foreign_files_are_told() {
    let mut bytes = zip_of(&[("a.txt", b"x"), ("i.png", b"\x89PNG\r\n\x1a\n"), ("c.cab", b"MSCF\0\0")]);
    // The encryption bit of the first member, in its own header and in the directory.
    for magic in [b"PK\x03\x04".as_slice(), b"PK\x01\x02"] {
        let at = bytes.windows(4).position(|w| w == magic).unwrap();
        bytes[at + if magic[2] == 3 { 6 } else { 8 }] |= 1;
    }
    let files = read_all("case.zip", &bytes, &Limits::default());
    let expected = [
        ("case.zip!/a.txt", "note-zip-encrypted"),
        ("case.zip!/c.cab", "note-archive-unknown"),
        ("case.zip!/i.png", "note-file-not-text"),
    ];
    assert_eq!(told(&files), expected);
    let docx = zip_of(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")]);
    assert_eq!(told(&read_all("r.docx", &docx, &Limits::default())), [("r.docx", "note-file-not-text")]);
}

#[test]
fn names_in_the_oem_code_page_are_understood() {
    let names = member_names(&[b"Schl\x81ssel f\x81r PC.txt".to_vec(), b"b.txt".to_vec()]);
    assert_eq!(names, ["Schlüssel für PC.txt", "b.txt"]);
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode("サーバー/ライセンス状態.txt");
    assert_eq!(member_names(&[bytes.into_owned()]), ["サーバー/ライセンス状態.txt"]);
}

#[test]
fn gzip_and_tar_are_read_too() {
    let mut header = vec![0u8; 512];
    header[..9].copy_from_slice(b"var/a.txt");
    header[124..135].copy_from_slice(b"00000000005");
    header[156] = b'0';
    header[257..262].copy_from_slice(b"ustar");
    let mut tar = header;
    tar.extend_from_slice(b"words");
    tar.resize(512 * 4, 0);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).unwrap();
    let bytes = gzip.finish().unwrap();
    let files = read_all("/in/logs.tgz", &bytes, &Limits::default());
    assert_eq!(paths(&files), ["/in/logs.tgz!/logs.tar!/var/a.txt"]);
}

#[test]
fn a_bundle_from_standard_input_is_read_alike() {
    let bytes = zip_of(&[("a.txt", b"words")]);
    let mut files = Vec::new();
    read_sequential("-", &bytes[..], &Limits::default(), &mut MachineTexts::default(), &mut |file| {
        files.push(file)
    })
    .unwrap();
    assert_eq!(paths(&files), ["-!/a.txt"]);
}

/// A slmgr.ini in a language that the table lacks (Scottish Gaelic), as Windows stores it: UTF-16 with a mark.
fn gaelic_ini() -> Vec<u8> {
    let text = "[MESSAGES]\r\nL_MsgLicenseStatusLicensed_1=\"Staid: Le cead\"\r\nL_MsgProductName=\"Ainm: \"\r\n\
                L_MsgProductDesc=\"Tuairisgeul: \"\r\nL_MsgKmsFromDNS=\"Freiceadan o DNS: \"\r\n";
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

const GAELIC_DLV: &str = "Ainm: Windows(R), Enterprise edition\r\n\
                          Tuairisgeul: Windows(R) Operating System, VOLUME_KMSCLIENT channel\r\n\
                          Staid: Le cead\r\nFreiceadan o DNS: kms01.contoso.com:1688\r\n";

fn statuses(files: &[EvidenceFile]) -> Vec<(&str, Option<model::LicenseStatus>)> {
    let of = |file: &EvidenceFile| {
        file.facts.iter().find_map(|evidence| match &evidence.fact.value {
            model::Fact::License(license) => license.license_status,
            _ => None,
        })
    };
    files.iter().filter(|file| file.path.ends_with(".txt")).map(|file| (&*file.path, of(file))).collect()
}

#[test]
fn the_display_texts_of_a_machine_are_for_what_lies_beside_and_below() {
    let (ini, dlv) = (gaelic_ini(), GAELIC_DLV.as_bytes());
    let members: [(&str, &[u8]); 4] = [
        ("pc1/PC1_50-dlv.txt", dlv),
        ("pc1/PC1_55-slmgr-gd.ini", &ini),
        ("pc1/more/a.txt", dlv),
        ("pc2/b.txt", dlv),
    ];
    let files = read_all("case.zip", &zip_of(&members), &Limits::default());
    let licensed = Some(model::LicenseStatus::Licensed);
    assert_eq!(
        statuses(&files),
        [
            ("case.zip!/pc1/PC1_50-dlv.txt", licensed),
            ("case.zip!/pc1/more/a.txt", licensed),
            ("case.zip!/pc2/b.txt", None),
        ]
    );
    assert!(told(&files).iter().all(|(path, _)| path.ends_with("pc2/b.txt")), "{:?}", told(&files));
}

#[test]
fn texts_of_many_machines_do_not_add_up() {
    let ini = gaelic_ini();
    let members: Vec<(String, &[u8])> = (0..40)
        .flat_map(|pc| [(format!("{pc:02}/s.ini"), &*ini), (format!("{pc:02}/t.txt"), GAELIC_DLV.as_bytes())])
        .collect();
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let files = read_all("case.zip", &zip_of(&members), &Limits::default());
    assert_eq!(statuses(&files).len(), 40);
    assert!(statuses(&files).iter().all(|(_, status)| status.is_some()));
}
