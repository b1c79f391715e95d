### 規則 6xx 的文字：金鑰與版本。

## K601：其他通路的金鑰

K601-title = 產品金鑰不是 KMS 用戶端安裝金鑰
K601-checked = 已安裝產品金鑰的通路
K601-summary-avma = 錯誤碼 { $code } 只會出現在使用自動虛擬機器啟用（AVMA）金鑰時，而此電腦在 Azure 中執行，AVMA 在 Azure 無法運作。它需要其版本的安裝金鑰。
K601-summary = 已安裝的產品金鑰屬於不使用 KMS 的 { $channel } 通路。使用這類金鑰的電腦不會向 KMS 主機提出要求；只有用戶端安裝金鑰 (GVLK) 才會使電腦成為 KMS 用戶端。收集到的資訊未顯示這部電腦已由此金鑰啟用。
K601-summary-host-key = 未作為站台 KMS 主機的電腦上安裝了 KMS 主機金鑰。這部電腦不會向主機提出要求，而是自行充當主機；此外，主機金鑰只能在有限數量的電腦上啟用。KMS 用戶端需要其版本的用戶端安裝金鑰 (GVLK)。
K601-remedy-install-setup-key = 安裝該版本的用戶端安裝金鑰 (GVLK)
K601-missing = 缺少已安裝產品金鑰的通路資訊。

## K602：其他版本的金鑰

K602-title = 產品金鑰屬於其他版本
K602-checked = 產品金鑰與已安裝版本是否相符
K602-summary-key = 已安裝的金鑰是 { $belongs } 的用戶端安裝金鑰 (GVLK)，但已安裝的產品是 { $product }。用戶端安裝金鑰只適用於其對應的版本。
K602-summary-code = Windows 拒絕了產品金鑰，代碼表示該金鑰無效或不適用於已安裝的版本{ $product-given ->
    [no] 。
   *[yes] {""} ({ $product })。
  }用戶端安裝金鑰 (GVLK) 只適用於其對應的版本。
K602-remedy-own-key = 安裝已安裝版本的用戶端安裝金鑰 (GVLK)
K602-missing = 缺少已安裝產品金鑰的資訊。

## K603：評估版

K603-title = 評估版無法透過 KMS 啟用
K603-checked = 評估版
K603-summary = 這部電腦執行的是評估版。評估版的授權有時間限制，且不接受用戶端安裝金鑰 (GVLK)，因此無法透過 KMS 啟用。伺服器可以轉換為完整版本；用戶端則必須重新安裝。
K603-remedy-convert-server = 將伺服器轉換為完整版本
K603-remedy-reinstall-client = 以大量授權媒體重新安裝用戶端
K603-step-reinstall-client = 以大量授權媒體重新安裝完整版本的 Windows。

## K604：非大量授權版本

K604-title = 已安裝的版本無法透過 KMS 啟用
K604-checked = 沒有大量授權的版本
K604-summary = 這部電腦執行的是家用版或其他消費者版本。這些版本沒有大量授權，沒有適用的用戶端安裝金鑰 (GVLK)，因此無法透過 KMS 啟用。
K604-remedy-upgrade-edition = 取得授權並升級為大量授權版本

## K605：沒有合格的 OEM 標記

K605-title = 韌體缺少大量授權所需的 OEM 標記
K605-checked = 韌體中的 OEM 標記
K605-summary = Windows 回報韌體中沒有合格 OEM Windows 的標記 (0xC004F035 或對應的旗標)。Windows 7 的大量授權版本屬於升級授權，只有具備此標記的電腦才能透過 KMS 啟用。
K605-remedy-other-key = 在這部電腦上使用 MAK 或零售金鑰
