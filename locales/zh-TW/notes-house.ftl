### 關於整個檔案的註記：編碼、封存檔、上限，以及未讀取的項目。

note-encoding-damaged = 有 { $count } 處損毀而無法解碼；第一處位於第 { $offset } 個位元組。
note-encoding-mixed = 此檔案混用多種編碼（{ $encodings }），各部分已依其編碼讀取。
note-file-limit = 只讀取了前 { $max } 個位元組。
note-file-damaged = 此檔案已損毀，僅讀取可讀的部分：{ $message }。
note-file-not-text = 此檔案既不是文字也不是事件記錄檔（{ $kind }），因此未讀取。
note-archive-unknown = 無法讀取此類封存檔（{ $kind }）；請先解壓縮。
note-zip-depth = 封存檔巢狀超過 { $max } 層，因此未讀取。
note-zip-members = 此封存檔有 { $count } 個檔案，只讀取了前 { $max } 個。
note-zip-encrypted = 此檔案已加密，因此未讀取；請先解壓縮。
note-zip-path-escapes = 封存檔中的名稱 { $name } 指向封存檔之外；已改用安全的名稱讀取。
note-zip-ratio = 解壓縮後超過原大小的 { $max } 倍，視為壓縮炸彈，其餘部分未讀取。
note-unpacked-limit = 所有封存檔解壓縮後合計超過 { $max } 個位元組，其餘部分未讀取。
note-symlink-skipped = 這是連結，未予追蹤。
note-special-skipped = 這是管道、通訊端或裝置，因此未讀取。
note-hidden-skipped = 此資料夾有 { $count } 個隱藏項目未讀取。
note-folder-depth = 資料夾巢狀超過 { $count } 層，因此未讀取。
