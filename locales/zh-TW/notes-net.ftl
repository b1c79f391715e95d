### DNS 與網路輸出讀取器的附註。

note-nslookup-no-default-server = nslookup 表示這部電腦沒有可查詢的 DNS 伺服器。
note-named-conf-update = 區域 { $zone } 的更新權限如下：{ $policy }。
