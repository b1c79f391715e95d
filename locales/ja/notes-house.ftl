### ファイル全体に関する注記: 文字コード、アーカイブ、上限、読み取らなかったもの。

note-encoding-damaged = { $count } か所が壊れていて復号できませんでした。最初の箇所は { $offset } バイト目です。
note-encoding-mixed = このファイルには複数の文字コード ({ $encodings }) が混在しています。それぞれの文字コードで読み取りました。
note-file-limit = 先頭の { $max } バイトだけを読み取りました。
note-file-damaged = 壊れているため、可能な範囲で読み取りました: { $message }。
note-file-not-text = テキストでもイベント ログでもないため ({ $kind })、読み取りませんでした。
note-archive-unknown = この種類のアーカイブ ({ $kind }) は読み取れません。先に展開してください。
note-zip-depth = アーカイブの入れ子が { $max } 段を超えているため、読み取りませんでした。
note-zip-members = このアーカイブには { $count } 個のファイルがあり、先頭の { $max } 個だけを読み取りました。
note-zip-encrypted = 暗号化されているため読み取りませんでした。先に展開してください。
note-zip-path-escapes = アーカイブ内の名前 { $name } は外部を指しています。安全な名前で読み取りました。
note-zip-ratio = 展開すると元のサイズの { $max } 倍を超え、圧縮爆弾とみなされるため、残りは読み取りませんでした。
note-unpacked-limit = 展開後の合計が { $max } バイトを超えるため、残りは読み取りませんでした。
note-symlink-skipped = リンクのため、たどりませんでした。
note-special-skipped = パイプ、ソケット、またはデバイスのため、読み取りませんでした。
note-hidden-skipped = このフォルダーの隠し項目 { $count } 個は読み取りませんでした。
note-folder-depth = フォルダーの入れ子が { $count } 段を超えているため、読み取りませんでした。
