### 規則 8xx 的文字：時間。

## K801：時鐘

K801-title = 用戶端與 KMS 主機的時鐘相差超過四小時
K801-checked = 用戶端與 KMS 主機的時鐘
K801-summary = 用戶端與 KMS 主機的時鐘相差超過四小時，而主機會拒絕這類要求 (事件中為 0xC004F06C)。slmgr 顯示的是 0xC004F074，如同無法連絡主機。時鐘以 UTC 比較，與時區無關。
K801-summary-measured = 用戶端與 KMS 主機的時鐘相差 { $minutes } 分鐘；相差超過 240 分鐘的要求會遭主機拒絕。slmgr 顯示的是 0xC004F074，如同無法連絡主機。時鐘以 UTC 比較，與時區無關。
K801-summary-own = 用戶端與主機的時鐘相差超過四小時，而主機會拒絕這類要求 (0xC004F06C)。時鐘以 UTC 比較，與時區無關。
K801-summary-own-measured = 用戶端與主機的時鐘相差 { $minutes } 分鐘；相差超過 240 分鐘的要求會遭主機拒絕 (0xC004F06C)。時鐘以 UTC 比較，與時區無關。
K801-remedy-synchronise = 立即同步時鐘
K801-remedy-domain-hierarchy = 從網域階層取得時間
K801-missing = 沒有時鐘的比較結果，也沒有含主機因時間差而使用之代碼的事件。
