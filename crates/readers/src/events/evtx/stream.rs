//! From a byte stream to batches of chunks, on one thread or several, in the order of the log.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError, mpsc};

pub use super::chunk::Batch;
use super::chunk::{CHUNK_BYTES, Chunk, Problem, Walker};

/// Chunks that a thread takes at once; together they fit into a processor's second-level cache.
const BATCH_CHUNKS: usize = 4;

/// Chunks that each of several threads takes at once: handing the source over costs more than the cache gains.
const SHARED_BATCH_CHUNKS: usize = 16;

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

    fn new(chunks: usize) -> Memory {
        Memory(vec![0; chunks * CHUNK_BYTES + Memory::PAGE_BYTES])
    }

    fn aligned(&mut self) -> &mut [u8] {
        let start = self.0.as_ptr().align_offset(Memory::PAGE_BYTES).min(Memory::PAGE_BYTES);
        let end = start + self.0.len() - Memory::PAGE_BYTES;
        &mut self.0[start..end]
    }
}

/// Where the next chunks come from.
struct Source<R> {
    reader: R,
    /// Number of the next batch.
    sequence: u64,
    /// Number of its first chunk.
    chunk: u64,
    ended: bool,
}

impl<R: Read> Source<R> {
    /// Reads the file header.
    fn begin(mut reader: R, take_header: impl FnOnce(Result<Header, Problem>)) -> io::Result<Source<R>> {
        let mut block = vec![0; HEADER_BYTES];
        let length = fill(&mut reader, &mut block)?;
        take_header(Header::read(&block[..length]));
        Ok(Source { reader, sequence: 0, chunk: 0, ended: length < HEADER_BYTES })
    }

    /// Fills the buffer, whose length is that of whole chunks, with the next ones.
    fn next(&mut self, buffer: &mut [u8]) -> io::Result<Option<Filled>> {
        if self.ended {
            return Ok(None);
        }
        let filled = fill(&mut self.reader, buffer);
        if !matches!(filled, Ok(length) if length == buffer.len()) {
            self.ended = true;
        }
        let (sequence, first_chunk) = (self.sequence, self.chunk);
        self.sequence += 1;
        self.chunk += (buffer.len() / CHUNK_BYTES) as u64;
        filled.map(|length| (length > 0).then_some(Filled { sequence, first_chunk, length }))
    }
}

/// What stands in a buffer.
struct Filled {
    /// Number of the batch.
    sequence: u64,
    /// Number of its first chunk.
    first_chunk: u64,
    /// Bytes.
    length: usize,
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
    read_batches(&mut source, u64::MAX, &mut take)
}

/// Reads on the calling thread until the log or the number of batches ends.
fn read_batches<R: Read>(source: &mut Source<R>, most: u64, take: &mut impl FnMut(Batch)) -> io::Result<()> {
    // Logs of one bundle are read one after the other; fresh memory for each would be cleared and mapped each time.
    thread_local!(static MEMORY: Cell<Option<Memory>> = const { Cell::new(None) });
    let mut memory = MEMORY.take().unwrap_or_else(|| Memory::new(BATCH_CHUNKS));
    let buffer = memory.aligned();
    let mut walker = Walker::default();
    let result = loop {
        if source.sequence >= most {
            break Ok(());
        }
        match source.next(buffer) {
            Ok(Some(filled)) => take(walk(&mut walker, &filled, buffer)),
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    MEMORY.set(Some(memory));
    result
}

/// Batches that are read before further threads are started: 8 MB take less time than starting them would.
/// In tests it is few, so that small logs are enough to try the threads.
const BATCHES_ALONE: u64 = if cfg!(test) { 2 } else { 32 };

/// As [`read`], on several threads.
pub(super) fn read_on_threads(
    reader: impl Read + Send,
    threads: usize,
    take_header: impl FnOnce(Result<Header, Problem>),
    mut take: impl FnMut(Batch),
) -> io::Result<()> {
    let threads = threads.min(THREADS_MAX);
    let mut source = Source::begin(reader, take_header)?;
    read_batches(&mut source, BATCHES_ALONE, &mut take)?;
    if source.ended {
        return Ok(());
    }
    let first = source.sequence;
    let source = Mutex::new(source);
    let (sender, receiver) = mpsc::sync_channel::<io::Result<(u64, Batch)>>(threads * 2);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (source, sender) = (&source, sender.clone());
            scope.spawn(move || work(source, &sender));
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut wanted = first;
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
    let mut memory = Memory::new(SHARED_BATCH_CHUNKS);
    let buffer = memory.aligned();
    let mut walker = Walker::default();
    loop {
        let next = source.lock().unwrap_or_else(PoisonError::into_inner).next(buffer);
        let message = match next {
            Ok(Some(filled)) => Ok((filled.sequence, walk(&mut walker, &filled, buffer))),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        if sender.send(message).is_err() {
            return;
        }
    }
}

fn walk(walker: &mut Walker, filled: &Filled, buffer: &[u8]) -> Batch {
    let mut batch = Batch::default();
    for (number, chunk) in (filled.first_chunk..).zip(buffer[..filled.length].chunks(CHUNK_BYTES)) {
        let offset = HEADER_BYTES as u64 + number * CHUNK_BYTES as u64;
        walker.read(&Chunk { bytes: chunk, number, offset }, &mut batch);
    }
    batch
}
