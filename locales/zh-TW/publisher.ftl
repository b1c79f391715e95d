### kmscope publisher 的文字。

publisher-made = 發行者 { $name }，指紋 { $fingerprint }
publisher-file-key = 以複雜密碼封存的根金鑰。請在別處保存一份；遺失後就再也無法核發授權。
publisher-file-catalogue = 產品與已核發的授權。請隨時保存最新的一份。
publisher-file-public = 公開金鑰
publisher-rotated = { $path } 現在只能用新的複雜密碼開啟。舊檔案的副本仍可用舊的複雜密碼開啟。
publisher-written = 已寫入 { $path }
publisher-days = { $count } 天
publisher-list = 撤銷清單 { $number }，含 { $count } 份授權
publisher-host = 序號 { $serial }：授權 { $licence } 的主機 { $number } / { $limit }，至 { $end }：{ $products }
publisher-host-revoked = 序號 { $serial }：授權 { $licence } 的主機 { $number } / { $limit }，於 { $revoked } 撤銷：{ $products }
publisher-label-application = 應用程式
publisher-label-application-id = 應用程式識別碼
publisher-label-activation-id = 啟用識別碼
publisher-label-clients = 所需用戶端數
publisher-label-grace = 寬限期
publisher-label-validity = 有效期
publisher-ask = 根金鑰的複雜密碼：
publisher-ask-new = 根金鑰的新複雜密碼：
publisher-ask-again = 再輸入一次：
publisher-error-passphrase = 複雜密碼是空的：請以 --passphrase-file、KMSCOPE_PASSPHRASE、終端機，或標準輸入的第一行提供
publisher-error-new-passphrase = 新的複雜密碼是空的：請以 --new-passphrase-file、KMSCOPE_NEW_PASSPHRASE、終端機，或標準輸入的下一行提供
publisher-error-differ = 兩次輸入的複雜密碼不同
publisher-error-there = { $path } 已存在，不會覆寫
publisher-error-none = { $path } 不是發行者的資料夾：請先以 kmscope publisher init 建立
publisher-error-from = { $path } 不是序號 { $serial } 的主機金鑰所用
publisher-error-key-lost = { $path } 含有主機的私密金鑰，新的授權不含該金鑰：請以 --from { $path } 沿用金鑰，或寫入其他檔案
