### 讀取框架產生的注意事項。

note-not-understood = { $first ->
    [0] 無法識別以下列內容開頭的各行：{ $text }
   *[other] 無法識別第 { $first } 行到第 { $last } 行，開頭為：{ $text }
  }
note-json-broken = 這不是有效的 JSON (第 { $line } 行第 { $column } 欄)：{ $message }。其中完整的部分已讀取。
note-json-unknown = 這份 JSON 文件不屬於 kmscope 支援的種類。
note-row-unknown = 這個表格不屬於 kmscope 支援的種類，因此未讀取其資料列。
note-facts-limit = 已略過 { $dropped } 項資訊：每個檔案最多保留 { $max } 項。
note-notes-limit = 已略過 { $dropped } 則注意事項：每個檔案最多保留 { $max } 則。
note-attribution-unclear = 這個檔案包含多部電腦 ({ $names }) 的資訊，無法判斷其餘內容屬於哪一部。
note-collection-remark = 此封包註明收集時略過或變更的內容：{ $text }
note-terraform-broken = 這不是有效的 Terraform：{ $message }。只讀取了直接寫出值的行。
note-terraform-variables-broken = 無法讀取這些變數值：{ $message }。判斷時不計入這些值。
note-terraform-module-remote = 模組 { $module } 來自 { $source }，不在這些資料夾中：未判斷它建立的內容。
note-terraform-module-missing = 模組 { $module } 應位於 { $source }，但那裡沒有可讀取的 Terraform。
note-terraform-module-limit = 模組 { $module }（{ $source }）的呼叫過深或過多：未判斷它建立的內容。
note-terraform-limit = 這些模組建立的內容超過可追蹤的數量：其餘部分視為值未知來判斷。
