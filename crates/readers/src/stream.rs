//! Reading a file of any size and shape from whatever gives its bytes, with memory that does not grow with it.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use model::{EvidenceFile, Kind, Place};

use crate::bundle;
use crate::encoding::Decoder;
use crate::events::evtx;
use crate::limits::Limits;
use crate::machine_texts::MachineTexts;
use crate::out::Out;
use crate::pieces::Pieces;
use crate::shape::{self, HEAD_LENGTH, Shape};

/// Bytes that are read and decoded at once.
const CHUNK_BYTES: usize = 4 << 20;

/// Reads a file, or the members of a zip file; `sink` gets each as soon as it is read.
///
/// `texts` carries what one file tells of its machine's display language on to the next.
/// Only an error of the input itself is an error; what was read before it has been handed over by then.
pub fn read_stream(
    path: &str,
    mut input: impl Read + Seek + Send,
    limits: &Limits,
    texts: &mut MachineTexts,
    sink: &mut dyn FnMut(EvidenceFile),
) -> io::Result<()> {
    let (head, _) = read_up_to(&mut input, HEAD_LENGTH)?;
    input.seek(SeekFrom::Start(0))?;
    let mut reading = Reading::new(limits, texts, sink);
    match shape::of(&head) {
        Shape::Zip => bundle::read_zip(&mut reading, path, input, 0),
        shape => reading.plain(path, shape, &head, &mut SkipHead::new(input, head.len())?, 0),
    }
}

/// Reads a file that can't be gone back in, such as standard input.
pub fn read_sequential(
    path: &str,
    mut input: impl Read + Send,
    limits: &Limits,
    texts: &mut MachineTexts,
    sink: &mut dyn FnMut(EvidenceFile),
) -> io::Result<()> {
    Reading::new(limits, texts, sink).member(path, &mut input, 0)
}

/// Reads a file that is held in memory.
pub fn read_all(path: &str, bytes: &[u8], limits: &Limits) -> Vec<EvidenceFile> {
    let mut files = Vec::new();
    let mut sink = |file| files.push(file);
    // Memory gives no errors of its own.
    let _ = read_stream(path, Cursor::new(bytes), limits, &mut MachineTexts::default(), &mut sink);
    files
}

/// The input behind its head.
struct SkipHead<R>(R);

impl<R: Read + Seek> SkipHead<R> {
    fn new(mut input: R, length: usize) -> io::Result<SkipHead<R>> {
        input.seek(SeekFrom::Start(length as u64))?;
        Ok(SkipHead(input))
    }
}

impl<R: Read> Read for SkipHead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

/// Gives an error that was met before, once.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// One call's limits, what is left of them, and where files go.
pub(crate) struct Reading<'a> {
    pub limits: &'a Limits,
    /// Bytes that may still be unpacked.
    pub unpacked_left: u64,
    /// Display texts of the machines.
    texts: &'a mut MachineTexts,
    pub sink: &'a mut dyn FnMut(EvidenceFile),
}

/// A limit that ended the reading of a member, carried through `io::Error`.
#[derive(Debug, thiserror::Error)]
#[error("limit reached")]
pub(crate) struct LimitReached {
    pub key: &'static str,
    pub args: Vec<(&'static str, String)>,
}

impl<'a> Reading<'a> {
    fn new(
        limits: &'a Limits,
        texts: &'a mut MachineTexts,
        sink: &'a mut dyn FnMut(EvidenceFile),
    ) -> Reading<'a> {
        Reading { limits, unpacked_left: limits.unpacked_bytes, texts, sink }
    }

    /// Reads a member of a bundle, or another input without seeking; `depth` counts the bundles around it.
    pub(crate) fn member(
        &mut self,
        path: &str,
        input: &mut (dyn Read + Send),
        depth: usize,
    ) -> io::Result<()> {
        let (head, error) = read_up_to(input, HEAD_LENGTH)?;
        match shape::of(&head) {
            // Its directory stands at the end, so it is held in memory, within the limit.
            Shape::Zip => {
                let mut bytes = head;
                let max = self.limits.memory_bytes;
                let read = match error {
                    Some(error) => Err(error),
                    None => input.take(max.saturating_sub(bytes.len() as u64)).read_to_end(&mut bytes),
                };
                if bytes.len() as u64 >= max {
                    self.note_file(path, "note-file-limit", vec![("max", max.to_string())]);
                }
                bundle::read_zip(self, path, Cursor::new(bytes), depth)?;
                match read {
                    Ok(_) => Ok(()),
                    Err(error) => self.tell_error(path, error, depth),
                }
            }
            shape => match error {
                Some(error) => self.plain(path, shape, &head, &mut Failing(Some(error)), depth),
                None => self.plain(path, shape, &head, input, depth),
            },
        }
    }

    /// Reads what needs no seeking. `input` stands behind the head.
    fn plain(
        &mut self,
        path: &str,
        shape: Shape,
        head: &[u8],
        input: &mut (dyn Read + Send),
        depth: usize,
    ) -> io::Result<()> {
        match shape {
            Shape::Text | Shape::Zip => self.text(path, head, input, depth),
            Shape::EventLog => self.event_log(path, head, input, depth),
            Shape::Gzip => bundle::read_gzip(self, path, &mut head.chain(input), depth),
            Shape::Tar => bundle::read_tar(self, path, &mut head.chain(input), depth),
            Shape::Archive(kind) => {
                self.note_file(path, "note-archive-unknown", vec![("kind", kind.to_owned())]);
                Ok(())
            }
            Shape::NotText(kind) => {
                self.note_file(path, "note-file-not-text", vec![("kind", kind.to_owned())]);
                Ok(())
            }
        }
    }

    fn event_log(
        &mut self,
        path: &str,
        head: &[u8],
        input: &mut (dyn Read + Send),
        depth: usize,
    ) -> io::Result<()> {
        let mut out = Out::new(Arc::from(path), self.limits);
        let mut input = head.chain(input).take(self.limits.file_bytes);
        let mut error = evtx::read_on_threads(&mut input, self.limits.threads, &mut out).err();
        if input.limit() == 0 {
            let max = self.limits.file_bytes;
            out.note("note-file-limit", vec![("max", max.to_string())], Place::Record(0));
        }
        if depth > 0
            && let Some((key, args)) = error.take().map(told)
        {
            out.note(key, args, Place::Record(0));
        }
        self.emit(path, "binary", out);
        error.map_or(Ok(()), Err)
    }

    fn text(
        &mut self,
        path: &str,
        head: &[u8],
        input: &mut (dyn Read + Send),
        depth: usize,
    ) -> io::Result<()> {
        let mut out = Out::new(Arc::from(path), self.limits);
        out.labels = self.texts.of(path);
        let mut decoder = Decoder::default();
        let mut input = head.chain(input).take(self.limits.file_bytes);
        let mut error = decode_pieces(&mut input, &mut decoder, self.limits, &mut out).err();
        if input.limit() == 0 {
            let max = self.limits.file_bytes;
            out.note("note-file-limit", vec![("max", max.to_string())], Place::Line(decoder.line()));
        }
        if depth > 0
            && let Some((key, args)) = error.take().map(told)
        {
            out.note(key, args, Place::Line(decoder.line()));
        }
        decoder.tell(&mut out);
        self.texts.keep(path, out.labels.as_ref());
        self.emit(path, decoder.label(), out);
        error.map_or(Ok(()), Err)
    }

    /// Hands a file over.
    pub(crate) fn emit(&mut self, path: &str, encoding: &str, out: Out) {
        let kind = out.main_kind();
        let (facts, notes) = out.finish();
        (self.sink)(EvidenceFile {
            path: Arc::from(path),
            kind,
            encoding: encoding.to_owned(),
            facts,
            notes,
        });
    }

    /// Hands over a file of which there is only a note to tell.
    pub(crate) fn note_file(&mut self, path: &str, key: &'static str, args: Vec<(&'static str, String)>) {
        let mut out = Out::new(Arc::from(path), self.limits);
        out.note(key, args, Place::Line(1));
        let (_, notes) = out.finish();
        let encoding = "binary".to_owned();
        (self.sink)(EvidenceFile {
            path: Arc::from(path),
            kind: Kind::Unknown,
            encoding,
            facts: Vec::new(),
            notes,
        });
    }

    /// Within a bundle an error is a note; an error of the outermost input is the caller's.
    pub(crate) fn tell_error(&mut self, path: &str, error: io::Error, depth: usize) -> io::Result<()> {
        if depth == 0 {
            return Err(error);
        }
        let (key, args) = told(error);
        self.note_file(path, key, args);
        Ok(())
    }
}

/// The note that tells of an error within a bundle.
fn told(error: io::Error) -> (&'static str, Vec<(&'static str, String)>) {
    let message = error.to_string();
    match error.downcast::<LimitReached>() {
        Ok(limit) => (limit.key, limit.args),
        Err(_) => ("note-file-damaged", vec![("message", message)]),
    }
}

/// Decodes and reads an input piece by piece; what came before an error is read.
fn decode_pieces(
    input: &mut impl Read,
    decoder: &mut Decoder,
    limits: &Limits,
    out: &mut Out,
) -> io::Result<()> {
    let chunk = CHUNK_BYTES.min(limits.text_piece_bytes.max(HEAD_LENGTH));
    let (mut bytes, mut error) = read_up_to(input, chunk)?;
    let mut pieces = Pieces::new(out.path.clone(), limits.text_piece_bytes);
    if bytes.len() < chunk {
        pieces.only(&decoder.decode(&bytes), out);
        return error.map_or(Ok(()), Err);
    }
    loop {
        let last = bytes.len() < chunk;
        let end = if last { bytes.len() } else { decoder.line_end(&bytes).unwrap_or(bytes.len() & !1) };
        pieces.push(&decoder.decode(&bytes[..end]), out);
        bytes.drain(..end);
        if last || error.is_some() {
            break;
        }
        let more;
        (more, error) = read_up_to(input, chunk)?;
        bytes.extend_from_slice(&more);
    }
    if !bytes.is_empty() {
        pieces.push(&decoder.decode(&bytes), out);
    }
    pieces.finish(out);
    error.map_or(Ok(()), Err)
}

/// Fills a buffer as far as the input goes; an error behind the first byte is returned beside the bytes.
pub(crate) fn read_up_to(
    input: &mut (impl Read + ?Sized),
    max: usize,
) -> io::Result<(Vec<u8>, Option<io::Error>)> {
    let mut bytes = Vec::new();
    match input.take(max as u64).read_to_end(&mut bytes) {
        Ok(_) => Ok((bytes, None)),
        Err(error) if bytes.is_empty() => Err(error),
        Err(error) => Ok((bytes, Some(error))),
    }
}
