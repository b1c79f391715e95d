### kmscope dns audit 對記錄的說明。

audit-fine = KMS 主機
audit-not-tried = 未見異常 (未嘗試連線)
audit-unresolvable = 目標沒有位址
audit-address-unknown = 沒有伺服器告知其位址
audit-dead = 沒有回應
audit-other-service = 由其他服務回應
audit-other-kind = 與同一名稱下的其他 KMS 主機種類不同：Windows 用戶端與站台自有的用戶端共用此名稱
audit-rogue = 不在允許的主機清單中
audit-duplicate = 另一筆記錄指向相同的位址與連接埠
audit-odd-port = 不是連接埠 1688
audit-odd-ttl = 存留時間異常
audit-other-name = 其位址有別的名稱
audit-other-name-is = { $address } 的 PTR 記錄為 { $name }
audit-no-zone-file = { $path }: 其中沒有區域; 應為區域檔, 或 dnscmd /zoneprint 或 dig axfr 的清單
audit-no-origin = { $path }: 其中沒有區域名稱; 請在開頭加上 $ORIGIN, 或以區域名稱命名檔案 (contoso.com.dns)
audit-no-answer = 沒有回應
audit-summary = { $zones } 個區域, 其中 { $with } 個有 KMS 記錄; { $records } 筆記錄, 其中 { $wrong } 筆有問題
