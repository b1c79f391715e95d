### 規則 2xx 與 3xx 的文字：能否連線到主機，以及在該處回應的是什麼。

## K201：無法連線到主機

K201-title = 無法連線到 KMS 主機 { $host }
K201-checked = 能否連線到 KMS 主機
K201-summary = { $address-given ->
    [no] 測試未獲得 { $host } 的回應：
   *[yes] 測試未獲得 { $host } ({ $address }) 的回應：
  }顯示無法連線、沒有回覆，或路由追蹤在途中結束。該電腦已關機、位址不同，或用戶端沒有可到達的路由。ping 經常遭到篩選，因此單憑沒有回應，也可能是運作中的電腦前方有防火牆。
K201-remedy-trace = 找出路徑在何處中斷
K201-remedy-other-host = 在用戶端上指定另一部 KMS 主機
K201-missing = 沒有可說明能否連線到 KMS 主機的測試結果。

## K202：連接埠遭封鎖

K202-title = KMS 主機的 TCP 連接埠 { $port } 遭封鎖
K202-checked = KMS 主機的 TCP 連接埠 1688
K202-summary-rule = { $rule-given ->
    [no] 防火牆規則關閉了 TCP 連接埠 { $port }：
   *[yes] 防火牆規則「{ $rule }」關閉了 TCP 連接埠 { $port }：
  }該規則封鎖此連接埠，或是原本允許此連接埠的規則已停用。{ $host-given ->
    [no] 用戶端的要求無法到達 KMS 主機。
   *[yes] 用戶端的要求無法到達 KMS 主機 { $host }。
  }
K202-summary-refused = 連線到 { $host } 的 TCP 連接埠 { $port } 時遭到拒絕。拒絕連線的是該電腦本身或其前方的防火牆，因此不是名稱或路由的問題。若主機的 Software Protection 服務 (sppsvc) 未執行，也會出現同樣的拒絕。
K202-summary-filtered = 連線到 { $host } 的 TCP 連接埠 { $port } 未成功，收集到的資訊中也沒有拒絕的回應。主機上、用戶端上或兩者之間的防火牆捨棄了封包。
K202-summary-some-machines = { $host } 會回應其他電腦，但受影響的電腦無法連線到 TCP 連接埠 { $port }。主機及其連接埠是開放的，因此是這些電腦上或其與主機之間的防火牆阻擋了流量。
K202-remedy-enable-rule = 在 KMS 主機上啟用內建的防火牆規則
K202-remedy-open-path = 在用戶端到 KMS 主機的路徑上允許 TCP 1688
K202-step-open-path = 在用戶端與 KMS 主機之間的每個防火牆上，允許從用戶端到主機的 TCP 連接埠 { $port }。
K202-missing = 沒有 KMS 主機 TCP 連接埠 1688 的測試結果。

## K203：中介設備

K203-title = 途中的設備接受連線，但不允許 RPC 通過
K203-checked = 途中代替主機回應的設備
K203-summary = 與 { $host } 連接埠 { $port } 的 TCP 連線成功，但對同一部主機的 KMS 要求失敗。途中的 Proxy 或防火牆 (例如因應用程式 (HTTP 或 TLS) 規則) 自行完成了連線，或只讓連線的開頭通過，而阻擋了後續的 RPC 流量。在這種路徑上，連線測試無法證明任何事。
K203-summary-rule-only = KMS 的防火牆規則是應用程式 (HTTP 或 TLS) 規則。KMS 使用 TCP 連接埠 { $port } 上的 RPC，即使連線測試成功，這類規則也不會讓 RPC 通過，必須使用網路規則。
K203-remedy-network-rule = 將應用程式規則改為 TCP 1688 的網路規則
K203-remedy-appliance = 讓 TCP 1688 不經檢查通過設備
K203-step-appliance = 在設備上以第 4 層允許從用戶端到 KMS 主機的 TCP 連接埠 { $port }，不進行 HTTP 或 TLS 檢查，也不經過 Proxy。
K203-missing = 沒有可顯示途中設備的連線測試、防火牆規則或用戶端事件。

## K301：不是 KMS 主機

K301-title = 在該連接埠上回應的不是 KMS 主機
K301-checked = 在 KMS 連接埠上回應的服務
K301-summary-host = { $host } 在 KMS 連接埠上有回應，但不是以 KMS 主機的身分回應：探查結果、RPC 錯誤或佔用該連接埠的程式顯示這是其他服務。有其他程式在該連接埠上接聽，或該電腦未設定為 KMS 主機。
K301-summary-unnamed = 用戶端所連絡的電腦在 KMS 連接埠上有回應，但不是以 KMS 主機的身分回應：探查結果、RPC 錯誤或佔用該連接埠的程式顯示這是其他服務。有其他程式在該連接埠上接聽，或該電腦未設定為 KMS 主機。
K301-remedy-find-listener = 找出在該連接埠上接聽的程式
K301-remedy-other-host = 將用戶端指向真正的 KMS 主機
K301-missing = 收集到的資訊未顯示在 KMS 連接埠上回應的是哪個服務。
