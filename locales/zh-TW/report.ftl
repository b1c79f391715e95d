### 報告的框架：標題、標籤、狀態。規則的文字在 rules*.ftl。

report-title = KMS 啟用報告

## 判定

verdict-fault = 找到問題
verdict-clear = 沒有問題
verdict-undecided = 無法判定
sentence-clear = 檢視的資訊足以做出此判斷。
sentence-clear-findings = 檢視的資訊足以做出此判斷。以下發現的項目並非故障：
sentence-undecided = 現有的資訊無法說明問題所在。需要另外收集的資訊列於下方。
sentence-undecided-findings = 現有的資訊不足以指出單一的根本原因。發現的項目與需要另外收集的資訊列於下方。
sentence-nothing-found = 沒有任何規則發現問題。
read-summary = 已讀取 { $files } 個檔案，識別出 { $facts } 項資訊。

## 標題

heading-proof = 依據
heading-fix = 解決方法
heading-fixes = 可用的解決方法
heading-undo = 復原方法
heading-verify = 確認結果
heading-explains = 可解釋的現象
heading-affected = 受影響的電腦
heading-references = 參考資料
heading-findings = 發現的項目
heading-other-findings = 其他發現的項目
heading-checked = 已檢查，沒有問題
heading-unknown = 無法檢查的項目
heading-collect = 收集用的命令，最有用的在前
heading-observed = 證據顯示的內容
heading-codes = 證據中的錯誤碼
heading-notes = 關於輸入資料的注意事項
heading-machines = 電腦
heading-timeline = 事件經過
heading-curves = KMS 主機的計數

## 嚴重性、把握程度、解決方法的安全性

severity-error = 錯誤
severity-warning = 警告
severity-info = 資訊
confidence-certain = 確定
confidence-likely = 很可能
confidence-possible = 有可能
confidence-certain-meaning = 收集到的資訊本身已明確指出
confidence-likely-meaning = 收集到的資訊指向此原因，且沒有相反的資訊
confidence-possible-meaning = 與此原因相符，但也可能是其他原因
safety-safe = 安全
safety-disruptive = 有影響
safety-show-only = 需調整
safety-safe-meaning = 只變更一項設定，可以復原，不會重新啟動任何項目
safety-disruptive-meaning = 會重新啟動服務或電腦、影響其他電腦，或無法復原
safety-show-only-meaning = 請先閱讀並依環境調整這些命令，不要直接貼上執行

## 輸入命令的位置

shell-cmd = 命令提示字元 (以系統管理員身分執行)
shell-powershell = PowerShell (以系統管理員身分執行)
shell-az = Azure CLI
shell-bind = BIND (nsupdate 或區域檔案)
shell-sh = 命令列 (任何系統)
shell-text = 手動操作

## 電腦

role-client = KMS 用戶端
role-host = KMS 主機
license-unlicensed = 未授權
license-licensed = 已授權
license-initial-grace = 初始寬限期
license-out-of-tolerance-grace = 超出允許範圍寬限期
license-non-genuine-grace = 非正版寬限期
license-notification = 通知
license-extended-grace = 延長寬限期
column-machine = 電腦
column-role = 角色
column-product = 產品
column-license = 授權狀態
column-cmid = 用戶端電腦識別碼 (CMID)
column-files = 檔案

## 事件經過

column-time = 時間
column-event = 事件
column-what = 內容
column-record = 記錄
column-source = 來源
what-request = 已傳送要求
what-response = 已收到回應
what-activated = 已啟用
what-refused = 遭拒絕
what-count = 已計入要求
what-published = 已發佈至 DNS
what-failed = 失敗
what-other = 其他
time-as-printed = 未標示 UTC 的時間為當地時間 (依原始輸出)。

## 計數

application-windows = Windows
application-office = Office
application-own = 站台自有軟體
curve-heading = { $host } ({ $application })
curve-last = 記錄結尾的計數：{ $last }
curve-names = 來自 { $names } 個電腦名稱
curve-cmids = 共 { $cmids } 個用戶端電腦識別碼 (CMID)
curve-printed = 主機本身顯示 { $printed }
curve-threshold = 所需數量：{ $count }
curve-cap = 主機顯示的上限：{ $count }
curve-description = { $host } 的計數變化，結尾為 { $last }
timeline-description = { $count } 個事件的經過

## 短語

place-record = { $path } 記錄 { $record }
place-probe = 探查 { $probe } ({ $at })
list-more = … 以及其他 { $count } 項
list-separator = 、
part-separator = ；
label-colon = ：
report-made-by = 由 kmscope { $version } 產生。命令僅供建議，kmscope 未變更任何設定。

## Error codes

code-times = { $times } 次
code-overcome = 之後已成功
