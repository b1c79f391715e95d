### 站台自有軟體的 KMS 系統：主機、用戶端、slmgr。

system-host-runs = { $publisher } 的 KMS 主機，正在連接埠 { $port } 上接聽
system-host-stopped = 主機未執行。最後一次要求：{ $last }
system-host-unwell = 狀況不正常：{ $problem }
system-host-product = { $name }：需要 { $needed } 部，已有 { $count } 部，要求 { $total } 次 (拒絕 { $failed } 次)，授權至 { $until }
system-host-not-in-force = { $name }：授權未生效，要求會遭拒絕。請發行者更新授權 (kmscope publisher renew-host)；若授權已撤銷，則請其另發新授權 (replace-host)，然後執行：kmscope host reload
system-installed = 已寫入 { $path }。啟動方式：systemd-sysusers && systemctl daemon-reload && systemctl enable --now { $unit }
system-backed-up = 已寫入 { $path }
system-restored = 已將複本放回 { $path }
system-kept-aside = 先前的記錄保留在 { $path }
system-reloaded = 主機已重新讀取授權與選項
system-needs-restart = 下列選項須重新啟動才會變更：{ $options }
system-revocations-taken = 主機已取得已撤銷主機的清單
system-none-runs = { $path } 中沒有執行中的服務
system-no-client = { $path } 中沒有用戶端
system-remote-needs-key = 請在電腦名稱之後提供使用者 (任意名稱) 與服務的控制金鑰
system-client-activated = { $name } 已由 { $host } 啟用，有效至 { $until }
system-client-not-activated = { $name } 尚未啟用：{ $state }
system-client-why = 原因：{ $code } { $meaning }
system-client-grace = 目前狀態結束於 { $until }
system-client-next = 下次嘗試：{ $at }
system-client-not-running = 代理程式未執行；啟動方式：kmscope client run
system-client-kept = 這是用戶端所保存的狀態；只有其專用帳戶可以詢問代理程式
system-client-in-use = { $path } 中的用戶端正由另一個無法詢問的 kmscope 使用：請待其結束後再試
