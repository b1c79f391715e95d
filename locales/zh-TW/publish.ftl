### kmscope dns publish、remove 與 record 的說明。

publish-done = { $domain }: 已變更
publish-unchanged = { $domain }: 記錄已存在, 不需變更
publish-nothing-to-remove = { $domain }: 沒有此記錄, 不需移除
publish-would-send = { $domain }: 將傳送至 { $server }:
publish-no-zone = { $domain }: DNS 伺服器未告知 { $owner } 屬於哪個區域 ({ $words })。請以 --nameserver 指定知道該區域的伺服器。
publish-not-read = { $domain }: 無法從主要伺服器 { $server } 讀取現有內容 ({ $words })。
publish-no-answer = { $domain }: 主要伺服器 { $server } 未回應更新: { $words }。更新經由 TCP 傳送, 請檢查途中的防火牆。
publish-done-looked-up = { $domain }: 已變更。回應的簽章無法驗證（Samba 對這類回應的簽章不正確），因此另行查詢了記錄：內容符合要求。
publish-no-ticket = { $domain }: 沒有 { $server } 上 DNS 服務的 Kerberos 票證：{ $words }。請以可變更 { $owner } 的帳戶執行 kinit 取得票證，並以 klist 檢視；伺服器名稱必須與其服務主體（DNS/名稱）相同。
publish-ticket-refused = { $domain }：{ $server } 不以此 Kerberos 票證協商金鑰（{ $words }）。伺服器需要自己的 DNS/名稱 金鑰（在 BIND 為 tkey-gssapi-keytab），且雙方時鐘相差必須在五分鐘以內。
publish-no-kerberos = --gss-tsig: 此 kmscope 建置時未包含 Kerberos。請以 cargo build --release --features gss-tsig 建置（需要 libkrb5-dev 與 libclang-dev），或以 --tsig 簽署。
publish-refused = { $domain }: { $server } 回應 REFUSED: 其原則不允許此傳送者變更 { $owner }。在 BIND 中請將此名稱授與金鑰 (kmscope dns record 會印出該行); 在 Microsoft DNS 中記錄屬於其他帳戶, 請刪除記錄或授與權限; 未簽署的更新需要 --tsig 或 --gss-tsig。
publish-notauth = { $domain }: { $server } 回應 NOTAUTH: 它不是區域的主要伺服器。請查看 SOA 記錄的 MNAME, 並以 --nameserver 指定主要伺服器。
publish-badkey = { $domain }: { $server } 回應 BADKEY: 沒有此名稱與演算法的金鑰。請與伺服器的 key 子句比對。
publish-badsig = { $domain }: { $server } 回應 BADSIG: 金鑰名稱存在, 但密碼不同。請重新複製密碼。
publish-badtime = { $domain }: { $server } 回應 BADTIME: 時鐘相差超過五分鐘 (伺服器快 { $words } 秒)。請校正這部電腦的時鐘。
publish-notzone = { $domain }: { $server } 回應 NOTZONE: 變更中的名稱位於區域之外。
publish-changed = { $domain }: 有其他寫入者同時多次變更 { $owner }。未做任何變更, 請再試一次。
publish-unverified = { $domain }: { $server } 接受了更新, 但其回應的簽章不正確 ({ $words })。請先查詢記錄再信任它。
publish-code = { $domain }: { $server } 回應 { $words }。
record-bind = BIND: 區域檔中的記錄, 以及只允許一個金鑰變更此名稱的原則
record-bind-why = 若 allow-update 設為 any, 任何能連到伺服器的電腦都能變更區域中的所有名稱。
record-microsoft = Microsoft DNS: PowerShell 或 dnscmd
record-azure = Azure 私人 DNS: az 命令列
record-dnsmasq = dnsmasq: 設定檔中的一行
