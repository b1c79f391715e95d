note-label-guessed = 無法辨識顯示語言；下列各行是依值的格式判讀的：{ $lines }。
note-license-without-key = 已略過 { $count } 個沒有產品金鑰且從未使用的產品。
