# 讀取 Windows 與 Azure 輸出時的附註
note-registry-skipped = 略過 { $count } 個與啟用無關之機碼的登錄值 (第一個機碼：{ $key })。
note-service-not-installed = 這部電腦未安裝服務 { $service }。
note-ip-flow-verify = IP 流量驗證的結果為 { $access } (規則 { $rule })。IP 流量驗證不會考量平台本身針對啟用流量的規則，因此不採計此結果。
