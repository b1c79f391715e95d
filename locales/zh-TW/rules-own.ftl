### 規則 9xx 的文字：站台自有軟體的主機與用戶端。

## K901：授權未生效

K901-title = 站台自有軟體的主機授權未生效
K901-checked = 站台自有軟體主機的授權
K901-summary-by-host = { $host-given ->
    [no] 主機
   *[yes] { $host }
  } 對 { $product } 的授權已到期、尚未開始，或已由發行者撤銷。主機仍在執行，但在取得有效的授權之前，會拒絕此產品的所有用戶端。
K901-summary-by-client = 站台自有軟體的主機以 0xC004F041 拒絕：它對此產品的授權已到期、尚未開始，或已由發行者撤銷。主機仍在執行，但在取得有效的授權之前，會拒絕此產品的所有用戶端。
K901-summary-revoked = 發行者已撤銷啟用此用戶端之主機的授權。用戶端已得知此事，目前處於非正版寬限期；由授權有效的主機啟用後即可恢復。
K901-remedy-renew = 請發行者更新授權，然後重新載入
K901-remedy-replace = 授權遭撤銷時：請發行者授權一部新主機來取代

## K902：授權不含產品

K902-title = 主機的授權不含用戶端的產品
K902-checked = 站台自有軟體主機的授權所含的產品
K902-summary = 站台自有軟體的主機拒絕要求，代碼表示其授權不含所要求的產品{ $clients ->
    [0] 。
   *[other] {""} (受影響的用戶端：{ $clients } 部)。
  }用戶端若連線到另一發行者的主機，代碼也相同。
K902-summary-named = 站台自有軟體的主機拒絕要求，代碼表示其授權不含所要求的產品。授權包含 { $covered }；用戶端要求的是 { $product }。用戶端若連線到另一發行者的主機，代碼也相同。
K902-remedy-licence = 請發行者核發包含此產品的授權，然後重新載入
K902-remedy-other-host = 讓用戶端連線到授權包含其產品的主機

## K903：另一種主機

K903-title = 用戶端被引導至另一種 KMS 主機
K903-checked = 用戶端被引導至的 KMS 主機種類
K903-summary-windows = DNS 將 Windows 用戶端引導至 { $host }，而它是站台自有軟體的主機，會立即拒絕這些用戶端。因此 Windows 與 Office 都不會在該處啟用，也沒有找到供其使用的主機。兩種主機的記錄應放在不同的網域。
K903-summary-windows-both = DNS 也將 Windows 用戶端引導至 { $host }，而它是站台自有軟體的主機，會拒絕這些用戶端{ $living-given ->
    [no] 。
   *[yes] {""} ({ $living } 會受理)。
  }用戶端會接著嘗試下一筆記錄，因此只是耗費時間。兩種主機的記錄應放在不同的網域。
K903-summary-windows-fixed = 這部 Windows 用戶端設定為 { $host }，而它是站台自有軟體的主機，會拒絕 Windows 與 Office。固定主機會關閉探索，因此用戶端不會詢問其他主機。
K903-summary-own = DNS 將站台自有軟體的用戶端引導至 { $host }，而它是 Windows 與 Office 的 KMS 主機，會拒絕這些用戶端；沒有找到它們自己的主機。
K903-summary-own-both = DNS 也將站台自有軟體的用戶端引導至 { $host }，而它是 Windows 與 Office 的 KMS 主機，會拒絕這些用戶端{ $living-given ->
    [no] 。
   *[yes] {""} ({ $living } 會受理)。
  }用戶端會接著嘗試下一筆記錄，因此只是耗費時間。兩種主機的記錄應放在不同的網域。
K903-summary-own-fixed = 這部站台自有軟體的用戶端設定為 { $host }，而它是 Windows 與 Office 的 KMS 主機，會拒絕此用戶端。固定主機會關閉探索，因此用戶端不會詢問其他主機。
K903-summary-log = 站台自有軟體主機的記錄檔顯示，有 Windows 或 Office 用戶端連線到它而遭到拒絕 (位址 { $clients } 個)。某筆記錄或固定主機設定將它們引導至該處。在網路上尋找 KMS 主機的人也會留下相同的一行。
K903-summary-log-both = 站台自有軟體主機的記錄檔顯示，有 Windows 或 Office 用戶端連線到它而遭到拒絕 (位址 { $clients } 個)。它們也有自己的主機可用，因此只是耗費時間。在網路上尋找 KMS 主機的人也會留下相同的一行。
K903-remedy-other-domain = 將站台自有軟體的主機發佈到 Windows 用戶端不搜尋的網域
K903-remedy-windows-fixed = 為 Windows 用戶端設定固定主機
K903-remedy-own-fixed = 為站台自有軟體的用戶端設定固定主機

## K904：不是此發行者的回應

K904-title = 用戶端不信任主機的回應
K904-checked = 對站台自有軟體用戶端之回應的簽章
K904-summary = 用戶端收到{ $host-given ->
    [no] 主機
   *[yes] {""} { $host } {""}
  }的回應，但不予信任 (0x8007000D)。主機的授權來自另一發行者，而非用戶端安裝金鑰的發行者；或授權已遭撤銷或到期；或途中有裝置變更或偽造回應。不受信任的回應不會變更用戶端的任何狀態。
K904-remedy-compare = 比對用戶端金鑰的發行者與授權主機的發行者
K904-remedy-setup-key = 為用戶端安裝授權該主機之發行者的安裝金鑰

## K905：主機未執行

K905-title = 站台自有軟體的主機沒有提供服務
K905-checked = 站台自有軟體主機的服務
K905-summary-stopped = 站台自有軟體的主機未執行。沒有程式在其連接埠上接聽，用戶端不會啟用或續約。
K905-summary-unwell = 站台自有軟體的主機正在執行，但保留其回應：{ $health }。無法留存的回應，主機不會發出。
K905-remedy-start = 啟動服務
K905-remedy-look-at-log = 檢視其記錄檔
