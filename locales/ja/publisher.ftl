### kmscope publisher の文言。

publisher-made = 発行元 { $name }、フィンガープリント { $fingerprint }
publisher-file-key = パスフレーズで封印されたルート キー。別の場所に控えを保管してください。失うと二度とライセンスを発行できません。
publisher-file-catalogue = 製品と発行済みライセンスの一覧。常に最新の控えを保管してください。
publisher-file-public = 公開キー
publisher-rotated = { $path } は新しいパスフレーズでのみ開きます。古いファイルの控えは古いパスフレーズで開けるままです。
publisher-written = { $path } に書き込みました
publisher-days = { $count } 日
publisher-list = 失効リスト { $number }、ライセンス { $count } 件
publisher-host = シリアル { $serial }: ライセンス { $licence } のホスト { $number } / { $limit }、{ $end } まで: { $products }
publisher-host-revoked = シリアル { $serial }: ライセンス { $licence } のホスト { $number } / { $limit }、{ $revoked } に失効: { $products }
publisher-label-application = アプリケーション
publisher-label-application-id = アプリケーション ID
publisher-label-activation-id = アクティブ化 ID
publisher-label-clients = 必要なクライアント数
publisher-label-grace = 猶予期間
publisher-label-validity = 有効期間
publisher-ask = ルート キーのパスフレーズ:
publisher-ask-new = ルート キーの新しいパスフレーズ:
publisher-ask-again = もう一度:
publisher-error-passphrase = パスフレーズが空です。--passphrase-file、KMSCOPE_PASSPHRASE、端末、または標準入力の 1 行目で指定してください
publisher-error-new-passphrase = 新しいパスフレーズが空です。--new-passphrase-file、KMSCOPE_NEW_PASSPHRASE、端末、または標準入力の次の行で指定してください
publisher-error-differ = 2 つのパスフレーズが一致しません
publisher-error-there = { $path } は既にあるため、上書きしません
publisher-error-none = { $path } は発行元のフォルダーではありません。kmscope publisher init で作成してください
publisher-error-from = { $path } はシリアル { $serial } のホスト キー用ではありません
publisher-error-key-lost = { $path } にはホストの秘密鍵があり、新しいライセンスでは失われます: --from { $path } で鍵を引き継ぐか、別のファイルに書き込んでください
