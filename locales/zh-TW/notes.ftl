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
