//! What a reader may use up at most, whatever the files hold.

/// Limits of one run. Reaching one is told in a note that names the file and the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one text file that are held at once; a longer file is read piece by piece.
    pub text_piece_bytes: usize,
    /// Bytes of one file that are read at all.
    pub file_bytes: u64,
    /// Bytes of one zip file that comes without seeking (from a zip file or standard input).
    pub memory_bytes: u64,
    /// Bytes that the members of zip files may unpack to, in all.
    pub unpacked_bytes: u64,
    /// Members of one zip file.
    pub zip_members: usize,
    /// Zip files within zip files.
    pub zip_depth: usize,
    /// Facts of one file, the first ones; what follows is counted in a note. An event takes well under a kilobyte.
    pub facts_per_file: usize,
    /// Notes of one file.
    pub notes_per_file: usize,
    /// Threads that decode one event log.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            text_piece_bytes: 8 << 20,
            file_bytes: 4 << 30,
            memory_bytes: 1 << 30,
            unpacked_bytes: 1 << 30,
            zip_members: 10_000,
            zip_depth: 4,
            facts_per_file: 400_000,
            notes_per_file: 200,
            threads: 1,
        }
    }
}
