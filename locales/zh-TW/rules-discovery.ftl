### 規則 1xx 的文字：探索與 DNS。

## K101：沒有 KMS 記錄

K101-title = 用戶端在 DNS 中找不到 KMS 記錄
K101-checked = 用戶端所搜尋網域中的 KMS 記錄
K101-summary = 用戶端收到的 DNS 錯誤指出，在其搜尋的網域中沒有 KMS 記錄 (_vlmcs._tcp)。未手動指定 KMS 主機的用戶端只能透過此 SRV 記錄找到主機，因此無法要求啟用。
K101-summary-domain = DNS 中沒有 SRV 記錄 _vlmcs._tcp.{ $domain }：查詢結果或區域清單中均不包含此記錄。未手動指定 KMS 主機的用戶端只能透過此記錄找到主機，因此這個網域的用戶端無法要求啟用。
K101-summary-public-resolver = KMS 記錄的查詢送到了公用 DNS 伺服器 { $resolver }，該伺服器沒有這筆記錄。公用 DNS 伺服器看不到內部區域，因此這個回應無法說明內部區域中是否有該記錄。用戶端必須查詢能存取內部區域的 DNS 伺服器。
K101-remedy-use-internal-dns = 將用戶端改為使用內部 DNS 伺服器
K101-remedy-publish = 讓 KMS 主機發佈其記錄
K101-remedy-create-record = 手動建立記錄
K101-remedy-fix-host = 在用戶端上指定 KMS 主機
K101-missing = 沒有 KMS 記錄的查詢結果，也沒有用戶端錯誤可說明該記錄是否存在。

## K102：記錄位於其他網域

K102-title = KMS 記錄所在的網域不在用戶端的搜尋範圍內
K102-checked = KMS 記錄的網域與用戶端的 DNS 尾碼是否相符
K102-summary = KMS 記錄位於 { $published }，但用戶端搜尋的是 { $searched }。探索時只會在用戶端本身 DNS 尾碼的網域中查詢 _vlmcs._tcp，因此找不到主機。以完整記錄名稱進行的查詢仍會成功，但不能據此推翻這項判斷。
K102-summary-lookup-domain = KMS 記錄位於 { $published }，但用戶端的 KMS 查閱網域設定為 { $searched }。查閱網域會取代 DNS 尾碼，因此探索時只會在該網域中查詢 _vlmcs._tcp，而找不到主機。
K102-remedy-publish-there-too = 同時在用戶端的網域中發佈記錄
K102-remedy-lookup-domain = 在用戶端上設定 KMS 查閱網域
K102-remedy-extend-search-list = 將記錄所在的網域加入用戶端的 DNS 尾碼搜尋清單
K102-missing = 已有 KMS 記錄，但缺少用戶端的 DNS 尾碼資訊。

## K103：沒有 DNS 尾碼

K103-title = 用戶端沒有可搜尋的 DNS 尾碼
K103-checked = 用戶端的 DNS 尾碼
K103-summary = 用戶端沒有主要 DNS 尾碼、沒有連線特定 DNS 尾碼，也沒有 DNS 尾碼搜尋清單。探索時會在這些尾碼的網域中尋找 KMS 記錄；沒有任何尾碼就沒有可查詢的網域，因此找不到 KMS 主機。
K103-remedy-lookup-domain = 在用戶端上設定 KMS 查閱網域
K103-remedy-set-suffix = 為用戶端設定 DNS 尾碼搜尋清單
K103-missing = 缺少用戶端的 DNS 尾碼資訊。

## K104：沒有 DNS 伺服器

K104-title = 未設定 DNS 伺服器
K104-checked = 網路介面卡的 DNS 伺服器
K104-summary = 這部電腦沒有可查詢的 DNS 伺服器：Windows 如此回報，或已連線的介面卡均未列出 DNS 伺服器。沒有 DNS，用戶端無法找到 KMS 主機，KMS 主機也無法發佈其記錄。
K104-remedy-set-servers = 設定站台的 DNS 伺服器
K104-missing = 缺少網路介面卡的 DNS 設定資訊。

## K105：DNS 伺服器沒有回應

K105-title = DNS 伺服器沒有回應
K105-checked = DNS 伺服器的回應
K105-summary = { $server-given ->
    [no] 查詢未獲得 DNS 伺服器的回應。
   *[yes] 查詢未獲得 DNS 伺服器 { $server } 的回應。
  }用戶端完全沒有收到答覆，既非「有」也非「沒有」，因此無法由這些查詢判斷 KMS 記錄是否存在。
K105-remedy-reach-server = 找出 DNS 伺服器在連接埠 53 上沒有回應的原因
K105-remedy-change-server = 為用戶端設定有回應的 DNS 伺服器
K105-missing = 沒有可說明 DNS 伺服器是否回應的查詢結果。

## K106：主機名稱無法解析

K106-title = 無法解析 KMS 主機名稱 { $host }
K106-checked = KMS 主機名稱的位址
K106-summary-registered = 用戶端指定了 KMS 主機 { $host }，但此名稱無法解析為位址。指定了主機的用戶端不會連絡其他主機，因此在名稱可解析或移除該設定之前，無法要求啟用。
K106-summary-record = 用戶端被導向 KMS 主機 { $host }，但此名稱無法解析為位址。用戶端雖然取得主機名稱，卻無法連線。
K106-summary-not-a-name = KMS 記錄指定的主機為「{ $host }」。SRV 記錄的目標必須是主機名稱；若為 IP 位址或預留位置文字，用戶端便無法解析。
K106-remedy-clear-fixed-host = 移除指定的主機，恢復使用探索
K106-remedy-create-address = 建立主機的位址記錄
K106-remedy-correct-record = 將 KMS 記錄改為正確的主機名稱
K106-missing = 不知道 KMS 主機名稱：沒有任何 KMS 記錄、用戶端設定或用戶端事件提及主機名稱。

## K107：DNS 中的主機無法運作

K107-title = KMS 記錄指向 { $host }，但它不是站台中運作的 KMS 主機
K107-checked = KMS 記錄所指向的電腦
K107-summary-no-host = DNS 將用戶端導向 { $host }，但該電腦本身的輸出顯示它是 KMS 用戶端，或是尚未啟用的 KMS 主機。已知另有主機：{ $living }。用戶端會在優先順序相同的所有記錄中選擇，因此部分用戶端會連到錯誤的電腦。
K107-summary-dead = DNS 將用戶端導向 { $host }，但該名稱無法解析，或該電腦不接受連線。已知另有主機：{ $living }。用戶端會在優先順序相同的所有記錄中選擇，因此部分用戶端會連到沒有回應的電腦。
K107-summary-port = { $host } 的 KMS 記錄所指的連接埠在該處已關閉，KMS 主機接聽的是另一個連接埠。用戶端使用記錄中的連接埠。
K107-summary-stray = DNS 將用戶端導向 { $host }，這是一部自行安裝了 KMS 主機金鑰的工作站，其計數中幾乎沒有用戶端。站台的計數位於另一部主機：{ $living }。連到該工作站的用戶端不會獲得啟用，其要求也不會計入另一部主機。
K107-remedy-remove-record = 先向擁有者確認，再刪除無法運作之電腦的記錄
K107-remedy-add-living = 為運作中的主機建立記錄
K107-missing = 缺少 KMS 記錄的資訊。

## K108：發佈失敗

K108-title = KMS 主機無法發佈其 DNS 記錄
K108-checked = KMS 主機發佈 DNS 記錄的情形
K108-summary = { $domain-given ->
    [no] KMS 主機無法寫入其 SRV 記錄
   *[yes] KMS 主機無法在 { $domain } 中寫入其 SRV 記錄
  }{ $code-given ->
    [no] {""} (事件 12293)。
   *[yes] {""} (事件 12293，{ $code })。
  }之後沒有事件 12294 顯示已成功發佈至該網域。除非已手動建立記錄，否則在該網域中尋找主機的用戶端找不到它。
K108-summary-rights = { $domain-given ->
    [no] DNS 伺服器拒絕了 KMS 主機嘗試寫入的記錄
   *[yes] DNS 伺服器拒絕了 KMS 主機嘗試在 { $domain } 中寫入的記錄
  } (事件 12293，{ $code })。使用安全動態更新時，記錄屬於建立它的帳戶，其他主機必須獲得該記錄的權限才能變更。之後沒有事件 12294 顯示成功。
K108-summary-server = { $domain-given ->
    [no] DNS 伺服器未執行更新，因此 KMS 主機無法寫入其 SRV 記錄
   *[yes] DNS 伺服器未執行更新，因此 KMS 主機無法在 { $domain } 中寫入其 SRV 記錄
  } (事件 12293，{ $code })：未設定 DNS 伺服器、伺服器沒有回應，或伺服器處理失敗。之後沒有事件 12294 顯示成功。
K108-remedy-grant-rights = 授與 KMS 主機該記錄的權限
K108-remedy-restart = 修復與 DNS 伺服器之間的連線，然後重新啟動授權服務
K108-remedy-create-record = 手動建立記錄
K108-missing = 缺少 KMS 主機的發佈事件 (12293 與 12294)。

## K109：已停用發佈

K109-title = KMS 主機未發佈其 DNS 記錄，也找不到該主機的記錄
K109-checked = KMS 主機的 DNS 發佈設定
K109-summary = { $host-given ->
    [no] KMS 主機已停用 DNS 發佈，
   *[yes] KMS 主機 { $host } 已停用 DNS 發佈，
  }且收集到的資訊中沒有該主機的 SRV 記錄。依賴探索的用戶端找不到這部主機。若用戶端已指定主機，或已手動建立記錄，則停用發佈並非故障。
K109-remedy-publish = 啟用 DNS 發佈並重新啟動授權服務
K109-remedy-create-record = 手動建立記錄
K109-missing = 缺少 KMS 主機的 DNS 發佈設定資訊。
