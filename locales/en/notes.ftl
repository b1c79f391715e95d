### Notes that the frame of the readers makes.

note-not-understood = { $first ->
    [0] These lines were not understood, beginning with: { $text }
   *[other] Lines { $first } to { $last } were not understood, beginning with: { $text }
  }
note-json-broken = This is not valid JSON (line { $line }, column { $column }): { $message }. The parts of it that are whole were read.
note-json-unknown = This JSON document is of no kind that kmscope knows.
note-row-unknown = This table is of no kind that kmscope knows; its rows were not read.
note-facts-limit = { $dropped } facts were left out: no more than { $max } are kept for one file.
note-notes-limit = { $dropped } notes were left out: no more than { $max } are kept for one file.
note-attribution-unclear = This file tells of several machines ({ $names }); it is not clear which of them the rest of it is about.
note-collection-remark = The bundle says what was left out or changed when it was collected: { $text }
note-terraform-broken = This is not valid Terraform: { $message }. Lines with values that are written out were read.
note-terraform-variables-broken = These values of variables can't be read: { $message }. The modules are judged without them.
note-terraform-module-remote = The module { $module } comes from { $source }, which is not in these folders: what it makes is not judged.
note-terraform-module-missing = The module { $module } should be in { $source }, where there is no Terraform to read.
note-terraform-module-limit = The module { $module } ({ $source }) is called too deep or too often: what it makes is not judged.
note-terraform-limit = These modules make more than is followed: the rest is judged as if its values were not known.
