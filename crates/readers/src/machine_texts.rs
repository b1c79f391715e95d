//! The display texts of the machines of one run: a `slmgr.ini` is for all that lies beside it and below.

use std::sync::Arc;

use facts::labels::Labels;

/// Tables that are kept at once; each takes some hundred kilobytes, and files come folder by folder.
const TABLES_MAX: usize = 16;

/// What `slmgr.ini` files of this run said, by the folder that they lay in.
///
/// Give the same value to every call of one run, and the `.ini` files of a folder before its others.
#[derive(Debug, Default)]
pub struct MachineTexts {
    by_folder: Vec<(String, Arc<Labels>)>,
}

impl MachineTexts {
    /// The table for a file: that of its folder, or of the nearest folder around it that has one.
    pub(crate) fn of(&self, path: &str) -> Option<Arc<Labels>> {
        if self.by_folder.is_empty() {
            return None;
        }
        let mut folder = folder_of(path);
        loop {
            if let Some((_, labels)) = self.by_folder.iter().find(|(known, _)| known == folder) {
                return Some(labels.clone());
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder_of(folder);
        }
    }

    /// Keeps the table that a file ended with, if the file changed it.
    pub(crate) fn keep(&mut self, path: &str, labels: Option<&Arc<Labels>>) {
        let Some(labels) = labels else { return };
        if self.of(path).is_some_and(|known| Arc::ptr_eq(&known, labels)) {
            return;
        }
        let folder = folder_of(path);
        self.by_folder.retain(|(known, _)| known != folder);
        if self.by_folder.len() == TABLES_MAX {
            self.by_folder.remove(0);
        }
        self.by_folder.push((folder.to_owned(), labels.clone()));
    }
}

/// True for a name that a `slmgr.ini` may have: such files are read before the others of their folder.
///
/// What they are is told by their content, as for all files.
pub fn is_read_first(name: &str) -> bool {
    name.len() > 4 && name.as_bytes()[name.len() - 4..].eq_ignore_ascii_case(b".ini")
}

/// Sorts names of one bundle: by folder and name, `.ini` before the others of its folder and of the folders in it.
pub(crate) fn order(name: &str) -> (&str, bool, &str) {
    let name = name.trim_start_matches(['/', '\\']);
    (folder_of(name), !is_read_first(name), name)
}

fn folder_of(path: &str) -> &str {
    path.rfind(['/', '\\']).map_or("", |at| &path[..at])
}
