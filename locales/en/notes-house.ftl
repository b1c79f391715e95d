### Notes on files as a whole: encodings, bundles, limits, and what is not read.

note-encoding-damaged = { $count ->
    [one] One place was damaged
   *[other] { $count } places were damaged
  } and could not be decoded; the first is at byte { $offset }.
note-encoding-mixed = This file mixes encodings: { $encodings }. Each part was read in its own.
note-file-limit = Only the first { $max } bytes were read.
note-file-damaged = This is damaged, and was read as far as possible: { $message }.
note-file-not-text = This is no text and no event log ({ $kind }) and was not read.
note-archive-unknown = Archives of this kind ({ $kind }) are not read; unpack it first.
note-zip-depth = More than { $max } archives within each other; this one was not read.
note-zip-members = This archive has { $count } members; only the first { $max } were read.
note-zip-encrypted = This is encrypted and was not read; unpack it first.
note-zip-path-escapes = The archive names this { $name }, which leads out of it; it was read under a safe name.
note-zip-ratio = This unpacks to more than { $max } times its size, as only a bomb does; the rest was not read.
note-unpacked-limit = All archives together unpack to more than { $max } bytes; the rest was not read.
note-symlink-skipped = This is a link and was not followed.
note-special-skipped = This is a pipe, socket or device and was not read.
note-hidden-skipped = { $count ->
    [one] One hidden entry of this folder was not read.
   *[other] { $count } hidden entries of this folder were not read.
  }
note-folder-depth = More than { $count } folders within each other; this one was not read.
