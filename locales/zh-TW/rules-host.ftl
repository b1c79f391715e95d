### 規則 4xx 的文字：KMS 主機及其計數。

## K401：主機未啟用

K401-title = KMS 主機本身尚未啟用
K401-checked = KMS 主機本身的啟用
K401-summary-by-host = { $host-given ->
    [no] 這部電腦已安裝
   *[yes] { $host } 已安裝
  } KMS 主機金鑰，但其授權狀態不是「已授權」。KMS 主機必須先向 Microsoft 啟用一次，在此之前不會啟用任何用戶端。
K401-summary-by-client = 用戶端收到的回應指出，所連線的 KMS 主機尚未啟用 (0xC004F041)。KMS 主機必須先向 Microsoft 啟用一次，在此之前不會啟用任何用戶端。
K401-remedy-activate-online = 透過網際網路啟用 KMS 主機
K401-remedy-activate-by-telephone = 透過電話啟用 KMS 主機
K401-missing = 缺少 KMS 主機的授權狀態資訊。

## K402：服務未執行

K402-title = KMS 主機的 Software Protection 服務未執行
K402-checked = KMS 主機的 Software Protection 服務
K402-summary-stopped = { $host-given ->
    [no] KMS 主機的
   *[yes] { $host } 的
  } Software Protection 服務 (sppsvc) 已停止。服務停止期間，沒有程式在 KMS 連接埠上接聽，用戶端的連線會失敗。在用戶端上，此服務會自行停止，屬於正常行為；但在 KMS 主機上必須執行。
K402-summary-disabled = { $host-given ->
    [no] KMS 主機的
   *[yes] { $host } 的
  } Software Protection 服務 (sppsvc) 已停用，因此不會啟動。沒有程式在 KMS 連接埠上接聽，用戶端的連線會失敗。
K402-summary-failed = { $host-given ->
    [no] KMS 主機記錄了
   *[yes] { $host } 記錄了
  }事件 12291 或 12292：無法初始化金鑰管理服務或其計時器。處於此狀態的主機不會為用戶端提供服務。
K402-remedy-start = 啟動服務，並將啟動類型設為自動 (延遲啟動)
K402-missing = 缺少 KMS 主機上 Software Protection 服務的狀態資訊。

## K403：主機金鑰或更新過舊

K403-title = KMS 主機不支援用戶端的產品
K403-checked = KMS 主機金鑰及更新是否支援用戶端的產品
K403-summary = KMS 主機有回應，但以某個代碼拒絕，該代碼表示其主機金鑰或更新不支援提出要求的產品{ $clients ->
    [0] 。
   *[other] ；收集到的資訊中有 { $clients } 部用戶端受影響。
  }主機金鑰屬於較舊或其他的產品群組，或主機缺少支援較新產品的更新。若用戶端連線到並非為其準備的主機，代碼也相同。
K403-summary-named = KMS 主機有回應，但以某個代碼拒絕，該代碼表示其主機金鑰或更新不支援提出要求的產品。主機的通路為 { $channel }，用戶端的產品為 { $product }。主機金鑰屬於較舊或其他的產品群組，或主機缺少支援較新產品的更新。
K403-remedy-update-host = 在 KMS 主機上安裝最新的更新
K403-remedy-new-host-key = 安裝並啟用支援該產品的 KMS 主機金鑰
K403-remedy-other-host = 讓用戶端改用支援其產品的 KMS 主機
K403-missing = 缺少主機的金鑰與更新資訊，也沒有主機對用戶端的回應。

## K404：計數不足

K404-title = KMS 主機的計數不足
K404-checked = KMS 主機的計數與用戶端所需的數量
K404-summary-numbers = KMS 主機的計數為 { $count }，所需數量為 { $needed }。Windows 用戶端需要的計數為 25，Windows Server 與 Office 為 5。主機運作正常；在 30 天內有足夠數量的不同電腦提出要求後，便會開始啟用。
K404-summary-count = KMS 主機的計數為 { $count }，數量不足。Windows 用戶端需要的計數為 25，Windows Server 與 Office 為 5。主機運作正常；在 30 天內有足夠數量的不同電腦提出要求後，便會開始啟用。
K404-summary-code = KMS 主機回應其計數不足 (0xC004F038)。Windows 用戶端需要的計數為 25，Windows Server 與 Office 為 5。主機運作正常；在 30 天內有足夠數量的不同電腦提出要求後，便會開始啟用。
K404-summary-own-numbers = 主機的計數為 { $count }，所需數量為 { $needed }。每項產品所需的數量由發行者決定。主機運作正常；在 30 天內有足夠數量的不同電腦提出要求後，便會開始啟用。
K404-summary-own-code = 主機回應其計數不足 (0xC004F038)。每項產品所需的數量由發行者決定。主機運作正常；在 30 天內有足夠數量的不同電腦提出要求後，便會開始啟用。
K404-remedy-look-at-host = 檢視 KMS 主機的計數與記錄檔
K404-remedy-more-machines = 讓更多電腦提出要求
K404-remedy-other-method = 電腦數量太少時，改用 MAK 或 Active Directory 型啟用
K404-missing = 缺少 KMS 主機的計數，也沒有主機對用戶端的回應。

## K405：共用用戶端電腦識別碼

K405-title = 多部電腦共用同一個用戶端電腦識別碼 (CMID)
K405-checked = 由多部電腦共用的用戶端電腦識別碼 (CMID)
K405-summary = { $machines } 部電腦傳送相同的用戶端電腦識別碼 { $cmid }。KMS 主機依此識別碼計數，因此將它們視為同一部電腦，計數最多比實際電腦數量少 { $lost }。從未一般化的映像複製出來的電腦會有相同的識別碼。
K405-summary-several = 有 { $cmids } 個用戶端電腦識別碼各由多部電腦共用，其中 { $cmid } 就有 { $machines } 部。KMS 主機依此識別碼計數，因此計數最多比實際電腦數量少 { $lost }。從未一般化的映像複製出來的電腦會有相同的識別碼。
K405-summary-own = { $machines } 部電腦傳送相同的用戶端電腦識別碼 { $cmid }。主機依此識別碼計數，因此將它們視為一部，計數最多比實際電腦數少 { $lost }。識別碼位於 kmscope 用戶端的資料夾；複製該資料夾 (例如在映像中) 的電腦會有相同的識別碼。
K405-remedy-rearm = 保留其中一部，重設其餘每部複製電腦的授權狀態
K405-remedy-generalize-image = 使用 Sysprep 將映像一般化，且不使用 SkipRearm
K405-missing = 缺少用戶端電腦識別碼：沒有 KMS 主機的記錄檔，也沒有用戶端的輸出。

## K406：多部主機

K406-title = 計數分散在 { $hosts } 部 KMS 主機
K406-checked = 分擔要求的 KMS 主機數量
K406-summary = KMS 主機之間不會共用計數。{ $hosts } 部主機的計數都低於 { $needed } ({ $counts })，但合計為 { $sum }。用戶端會分散到 DNS 中的所有主機，因此沒有一部達到所需數量。
K406-summary-own = 除非指定同一個叢集，主機之間不會共用計數。{ $hosts } 部主機的計數都低於 { $needed } ({ $counts })，但合計為 { $sum }。用戶端會分散到 DNS 中的所有主機，因此沒有一部達到所需數量。
K406-remedy-one-record = 在 DNS 中只保留一部 KMS 主機
K406-remedy-retire-host = 將多餘的主機改回 KMS 用戶端
K406-remedy-forget-cached-host = 清除用戶端快取的 KMS 主機
K406-missing = 缺少 KMS 主機的計數，或指向這些主機的記錄。
