//! From a byte stream to batches of chunks, on one thread or several, in the order of the log.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError, mpsc};

pub use super::chunk::Batch;
use super::chunk::{CHUNK_BYTES, Chunk, Problem, Walker};

/// Chunks that a thread takes at once; together they fit into a processor's second-level cache.
const BATCH_CHUNKS: usize = 4;

/// Bytes of the file header's block.
const HEADER_BYTES: usize = 4096;

/// More threads than this gain nothing: the log cannot be brought in faster.
const THREADS_MAX: usize = 64;

/// What the file header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Chunks, as counted when the log was last closed.
    pub chunks: u16,
    /// The log was not closed since it was last written.
    pub dirty: bool,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Header, Problem> {
        if bytes.len() < 128 {
            return Err(Problem::Short);
        }
        if !bytes.starts_with(b"ElfFile\0") {
            return Err(Problem::Magic);
        }
        Ok(Header { chunks: u16::from_le_bytes([bytes[42], bytes[43]]), dirty: bytes[120] & 1 != 0 })
    }
}

/// Room for a batch that begins at a page boundary: the kernel copies file pages there more than twice as fast.
struct Memory(Vec<u8>);

impl Memory {
    const PAGE_BYTES: usize = 4096;

    fn new() -> Memory {
        Memory(vec![0; BATCH_CHUNKS * CHUNK_BYTES + Memory::PAGE_BYTES])
    }

    fn aligned(&mut self) -> &mut [u8] {
        let start = self.0.as_ptr().align_offset(Memory::PAGE_BYTES).min(Memory::PAGE_BYTES);
        &mut self.0[start..start + BATCH_CHUNKS * CHUNK_BYTES]
    }
}

/// Where the next chunks come from.
struct Source<R> {
    reader: R,
    /// Number of the next batch.
    sequence: u64,
    ended: bool,
}

impl<R: Read> Source<R> {
    /// Reads the file header.
    fn begin(mut reader: R, take_header: impl FnOnce(Result<Header, Problem>)) -> io::Result<Source<R>> {
        let mut block = vec![0; HEADER_BYTES];
        let length = fill(&mut reader, &mut block)?;
        take_header(Header::read(&block[..length]));
        Ok(Source { reader, sequence: 0, ended: length < HEADER_BYTES })
    }

    /// Fills the buffer with the next chunks; returns the batch's number and its bytes.
    fn next(&mut self, buffer: &mut [u8]) -> io::Result<Option<(u64, usize)>> {
        if self.ended {
            return Ok(None);
        }
        let filled = fill(&mut self.reader, buffer);
        if !matches!(filled, Ok(length) if length == buffer.len()) {
            self.ended = true;
        }
        let sequence = self.sequence;
        self.sequence += 1;
        filled.map(|length| (length > 0).then_some((sequence, length)))
    }
}

/// Reads until the buffer is full or the stream ends.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match reader.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Reads the whole log; hands over the header, then each batch in order.
pub(super) fn read(
    mut reader: impl Read,
    take_header: impl FnOnce(Result<Header, Problem>),
    mut take: impl FnMut(Batch),
) -> io::Result<()> {
    let mut source = Source::begin(&mut reader, take_header)?;
    // Logs of one bundle are read one after the other; fresh memory for each would be cleared and mapped each time.
    thread_local!(static MEMORY: Cell<Option<Memory>> = const { Cell::new(None) });
    let mut memory = MEMORY.take().unwrap_or_else(Memory::new);
    let buffer = memory.aligned();
    let mut walker = Walker::default();
    let result = loop {
        match source.next(buffer) {
            Ok(Some((sequence, length))) => take(walk(&mut walker, sequence, &buffer[..length])),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    MEMORY.set(Some(memory));
    result
}

/// As [`read`], on several threads.
pub(super) fn read_on_threads(
    reader: impl Read + Send,
    threads: usize,
    take_header: impl FnOnce(Result<Header, Problem>),
    mut take: impl FnMut(Batch),
) -> io::Result<()> {
    let threads = threads.min(THREADS_MAX);
    let source = Source::begin(reader, take_header)?;
    let source = Mutex::new(source);
    let (sender, receiver) = mpsc::sync_channel::<io::Result<(u64, Batch)>>(threads * 2);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (source, sender) = (&source, sender.clone());
            scope.spawn(move || work(source, &sender));
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut wanted = 0;
        let mut result = Ok(());
        for message in receiver {
            match message {
                Ok((sequence, batch)) => {
                    waiting.insert(sequence, batch);
                }
                Err(error) => result = Err(error),
            }
            while let Some(batch) = waiting.remove(&wanted) {
                take(batch);
                wanted += 1;
            }
        }
        waiting.into_values().for_each(take);
        result
    })
}

/// Takes batches from the source until it ends.
fn work<R: Read>(source: &Mutex<Source<R>>, sender: &mpsc::SyncSender<io::Result<(u64, Batch)>>) {
    let mut memory = Memory::new();
    let buffer = memory.aligned();
    let mut walker = Walker::default();
    loop {
        let next = source.lock().unwrap_or_else(PoisonError::into_inner).next(buffer);
        let message = match next {
            Ok(Some((sequence, length))) => Ok((sequence, walk(&mut walker, sequence, &buffer[..length]))),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        if sender.send(message).is_err() {
            return;
        }
    }
}

fn walk(walker: &mut Walker, sequence: u64, bytes: &[u8]) -> Batch {
    let mut batch = Batch::default();
    for (index, chunk) in bytes.chunks(CHUNK_BYTES).enumerate() {
        let number = sequence * BATCH_CHUNKS as u64 + index as u64;
        let offset = HEADER_BYTES as u64 + number * CHUNK_BYTES as u64;
        walker.read(&Chunk { bytes: chunk, number, offset }, &mut batch);
    }
    batch
}
