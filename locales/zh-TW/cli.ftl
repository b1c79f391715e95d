### 程式本身的訊息：錯誤，以及 read、explain、keys 與 diagnose --each 的標題。

cli-error-read = 無法讀取 { $path }
cli-error-write = 無法寫入 { $path }

cli-each-fault = 故障
cli-each-clear = 正常
cli-each-undecided = 無法判定

cli-read-file = { $kind }，{ $encoding }，{ $facts } 項事實
cli-read-note = 註記

cli-explain-unknown = 找不到 { $what } 的相關資料
cli-explain-parts = 不在任何表中；其組成：
cli-explain-suggestions = 您是不是要找：
cli-explain-related = 另請參閱
cli-explain-sources = 來源

cli-keys-none = 沒有符合 { $what } 的公開安裝金鑰
cli-keys-suggestions = 相近的字詞：{ $words }

cli-subject-error-code = 錯誤碼
cli-subject-event = 事件
cli-subject-event-log = 事件記錄檔
cli-subject-rule = 規則
cli-subject-cause = 原因
cli-subject-license-state = 授權狀態
cli-subject-slmgr-option = slmgr.vbs 選項
cli-subject-ospp-option = ospp.vbs 選項
cli-subject-registry-value = 登錄值
cli-subject-registry-key = 登錄機碼
cli-subject-setting = 設定
cli-subject-status-flags = 狀態旗標
cli-subject-product = 產品
cli-subject-application = 應用程式
cli-subject-host-key = KMS 主機金鑰

cli-label-meaning = 意義
cli-label-symbol = 符號名稱
cli-label-seen-by = 出現對象
cli-label-seen-in = 出現位置
cli-label-reasons = 原因
cli-label-remedies = 解決方法
cli-label-note = 注意
cli-label-sign = 徵兆
cli-label-fields = 欄位
cli-label-codes = 常見代碼
cli-label-usage = 用法
cli-label-elevated = 系統管理員權限
cli-label-releases = 適用版本
cli-label-registry = 登錄
cli-label-method = WMI 方法
cli-label-data-type = 資料類型
cli-label-default = 預設值
cli-label-set-by = 設定方式
cli-label-activates = 可啟用
cli-label-hosted-on = 可安裝於
cli-label-family = 類別
cli-label-confidence = 確定程度

collect-not-windows = 這部電腦不是 Windows; 請以 --script cmd 或 --script powershell 印出指令碼
collect-failed = 收集未正常結束, 請查看上方訊息
collect-written = 已寫入: { $path }
