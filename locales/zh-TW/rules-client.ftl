### 規則 5xx 的文字：用戶端。

## K501：指定的主機

K501-title = 指定的 KMS 主機 { $host } 已不存在或不正確
K501-checked = 用戶端上指定的 KMS 主機
K501-summary-azure-vm = 這部電腦在 Azure 中執行，卻指定了 KMS 主機 { $host }，且未獲啟用。指定主機後便不會進行探索。Azure 中的虛擬機器應使用 Azure 本身的 KMS { $instead }。
K501-summary-other-cloud = 這部電腦的中繼資料所示的 Azure 雲端，與所設定的 KMS 主機 { $host } 不同。每個雲端有各自的端點，此處應為 { $instead }。
K501-summary-not-azure = 用戶端指定了 Azure 的 KMS { $host }，但收集到的資訊顯示它並非在 Azure 中執行。Azure 的 KMS 只啟用 Azure 中的電腦，而且指定主機後便不會進行探索。{ $instead-given ->
    [no] {""}
   *[yes] DNS 中另有 KMS 主機：{ $instead }。
  }
K501-summary-port = 用戶端指定了 { $host }，但主機並未在指定的連接埠上接聽。主機本身顯示使用中的連接埠為 { $instead }。用戶端的要求無法到達 KMS 服務。
K501-summary-unreachable = 用戶端指定了 KMS 主機 { $host }，但該處沒有回應。指定主機後便不會進行探索，因此用戶端不會連絡其他主機。{ $instead-given ->
    [no] {""}
   *[yes] 已知另有 KMS 主機：{ $instead }。
  }
K501-summary-unresolvable = 用戶端指定了 KMS 主機 { $host }，但此名稱無法解析為位址。指定主機後便不會進行探索，因此用戶端不會連絡其他主機。{ $instead-given ->
    [no] {""}
   *[yes] 已知另有 KMS 主機：{ $instead }。
  }
K501-remedy-clear = 移除指定的主機，恢復使用探索
K501-remedy-set = 指定正確的 KMS 主機
K501-remedy-find-setter = 找出設定該主機的原則、指令碼或映像
K501-missing = 缺少用戶端的 KMS 主機設定資訊。

## K502：未以系統管理員身分執行

K502-title = 命令未以系統管理員身分執行
K502-checked = 執行命令時的系統管理員權限
K502-summary = Windows 拒絕了 slmgr 或 ospp 的存取。這些命令會變更整部電腦的設定，必須在提升權限的命令提示字元中執行；僅為 Administrators 群組的成員並不足夠。遭拒絕的命令未變更任何項目，因此其結果不能說明啟用的狀況。
K502-remedy-elevate = 在以系統管理員身分執行的命令提示字元中重新執行命令

## K503：存放區的權限

K503-title = 授權登錄或存放區的權限已損壞
K503-checked = 授權登錄與存放區的權限
K503-summary = 存取授權服務的機碼或檔案 (位於 SoftwareProtectionPlatform、S-1-5-20 或權杖存放區之下) 時遭到拒絕。此服務以 Network Service 執行；若無法讀寫自己的資料，即使是系統管理員，啟用也會因「拒絕存取」而失敗。這類變更常見的來源是安全性強化範本或原則。
K503-remedy-look = 與正常電腦的權限進行比較
K503-remedy-restore = 還原權限，並移除造成變更的原則

## K504：COM 權限

K504-title = COM 存取權限使授權服務無法執行動作
K504-checked = 授權服務的 COM 存取權限
K504-summary = 授權服務因存取遭拒而無法執行排程的動作 (事件 8229)。當 SELF 帳戶缺少預設的 COM 存取權限，使服務無法啟動其輔助程式時，就會發生此情形。
K504-remedy-restore-self = 恢復 SELF 的預設 COM 存取權限
K504-step-restore-self = 在 [元件服務] 中，開啟 [電腦] > [我的電腦] > [內容] > [COM 安全性] > [存取權限] > [編輯預設值]，並為 SELF 允許 [本機存取] 與 [遠端存取]。然後重新啟動電腦：

## K505：存放區損毀

K505-title = 授權存放區已損毀
K505-checked = 授權存放區 (tokens.dat)
K505-summary = 授權服務回報 { $code }：其權杖存放區 (tokens.dat) 或相關的授權資料已損毀或不一致，因此無法使用任何授權。存放區的權限不正確也可能產生相同的代碼；重建之前請先檢查權限。
K505-remedy-rebuild = 重建權杖存放區並重新安裝授權
K505-remedy-permissions = 檢查權杖存放區的權限

## K506：非正版

K506-title = Windows 被標示為非正版
K506-checked = 用戶端的正版驗證
K506-summary = 這部電腦的正版驗證失敗，因此無論 KMS 主機如何回應，都會停留在通知模式。干擾授權的更新或遭變更的系統檔案會導致此情形。
K506-summary-kb971033 = 這部電腦的正版驗證失敗，且已安裝更新 KB971033。在大量授權的 Windows 7 上，此更新會將 KMS 用戶端標示為非正版；必須移除此更新並重建啟用檔案。
K506-remedy-remove-update = Windows 7：解除安裝更新 KB971033
K506-remedy-rebuild = 重建啟用檔案並重新安裝用戶端安裝金鑰
K506-remedy-repair-files = 檢查並修復系統檔案

## K507：尚未嘗試

K507-title = 用戶端尚未啟用，但沒有失敗的嘗試
K507-checked = 等待下一次嘗試的用戶端
K507-summary = { $machine-given ->
    [no] 有 KMS 用戶端尚未啟用，
   *[yes] KMS 用戶端 { $machine } 尚未啟用，
  }而收集到的資訊中沒有失敗的嘗試，也沒有錯誤。尚未啟用的 KMS 用戶端會每兩小時自動嘗試一次。若狀態在一天內沒有變化，表示資訊中缺少啟用嘗試的記錄，請收集事件。
K507-remedy-activate = 立即執行啟用

## K508：Active Directory

K508-title = 這部電腦是由 Active Directory 啟用
K508-checked = 由 Active Directory 啟用
K508-summary = 這部電腦是由 Active Directory 中的啟用物件{ $object-given ->
    [no] 所啟用。
   *[yes] {""} ({ $object }) 所啟用。
  }它不會向 KMS 主機提出要求，因此不會列入其計數。不需要進行任何修正。
K508-remedy-test-kms = 將這部電腦限制為使用 KMS 以進行測試，之後再改回來

## K509：正常行為

K509-title = 正常行為
K509-checked = 看似故障但並非故障的記錄
K509-summary-count-capped = KMS 主機最多只保留所需數量兩倍的電腦：有 Windows 用戶端提出要求時為 50，只有伺服器或只有 Office 時為 10。計數停留在該值表示已達上限，主機仍會繼續啟用所有提出要求的電腦。
K509-summary-information-code = 代碼 0x4004F040 表示產品已啟用，並提醒確認其使用權。這是資訊，不是錯誤。
K509-summary-genuine-ticket = 事件 8200 或 8208 中的 0x80072EE7 表示電腦無法連上網際網路以取得正版票證。KMS 啟用不需要該票證。
K509-summary-oem-data = 事件 1058 與韌體中的 OEM 啟用資料有關。KMS 啟用不使用該資料，且 OEM 電腦重新啟動後經常出現此事件。
K509-summary-overcome = 先前的啟用失敗，但同一部電腦之後已成功啟用。舊的錯誤已成過去。
K509-summary-renamed = 同一個用戶端電腦識別碼 (CMID) 先後以兩個電腦名稱出現。這是一部重新命名的電腦，不是複製的電腦。
K509-summary-avma = 虛擬機器由其虛擬化主機啟用（AVMA）。KMS 與此無關。
K509-summary-permanent = 有電腦已永久啟用，例如以 MAK、零售或 OEM 金鑰啟用。其本身的啟用不需要 KMS 主機。
K509-summary-working = KMS 啟用運作正常：用戶端已透過 KMS 取得授權，或其最後一次要求已獲回應並完成啟用。
