### kmscope probe 對連線的說明。

probe-kms = KMS 主機: 已接受 KMS 介面
probe-own-host = 站台自有軟體的 KMS 主機 (kmscope host)：接受自己的用戶端，拒絕 Windows 用戶端
probe-other-rpc = 沒有 KMS 介面的 RPC 伺服器 ({ $answer })
probe-bind-nak = 拒絕繫結的 RPC 伺服器 ({ $reason })
probe-odd-rpc = 未回應繫結的 RPC 伺服器 ({ $what })
probe-malformed = 損壞的回應 ({ $error })
probe-other-protocol = 不是 RPC 伺服器: 以其他通訊協定回應 ({ $protocol })
probe-closed = 接受連線後未回應即關閉
probe-reset = 接受連線後重設連線
probe-silent = 接受連線但沒有任何回應
probe-incomplete = 接受連線但回應不完整
probe-filtered = 沒有回應: 途中有篩選, 或電腦已關機
probe-refused = 遭到拒絕: 電腦存在, 但連接埠上沒有服務
probe-reset-at-connect = 連線時遭到重設
probe-no-route = 沒有路由 ({ $error })
probe-not-tried = 無法嘗試 ({ $error })
probe-no-address = 名稱沒有位址
probe-lookup-timeout = 未能及時解析名稱
probe-connected = { $connect } 毫秒內連線
probe-connected-answered = { $connect } 毫秒內連線, { $answer } 毫秒內回應
probe-statistics = { $tried } 次中有 { $connected } 次連線 (遺失 { $loss } %); 最小 { $minimum } 毫秒, 中位數 { $median } 毫秒, 最大 { $maximum } 毫秒
probe-statistics-none = { $tried } 次皆未連線
probe-sent = 已傳送
probe-received = 已接收
