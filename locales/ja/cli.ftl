### プログラム自身のメッセージ: エラー、および read、explain、keys、diagnose --each の見出し。

cli-error-read = { $path } を読み取れません
cli-error-write = { $path } に書き込めません

cli-each-fault = 障害
cli-each-clear = 正常
cli-each-undecided = 判定不能

cli-read-file = { $kind }、{ $encoding }、事実 { $facts } 件
cli-read-note = 注記

cli-explain-unknown = { $what } に該当する情報はありません
cli-explain-parts = 表にない値です。構成要素:
cli-explain-suggestions = もしかして:
cli-explain-related = 関連項目
cli-explain-sources = 出典

cli-keys-none = { $what } に一致する公開セットアップ キーはありません
cli-keys-suggestions = 近い語: { $words }

cli-subject-error-code = エラー コード
cli-subject-event = イベント
cli-subject-event-log = イベント ログ
cli-subject-rule = ルール
cli-subject-cause = 原因
cli-subject-license-state = ライセンス状態
cli-subject-slmgr-option = slmgr.vbs のオプション
cli-subject-ospp-option = ospp.vbs のオプション
cli-subject-registry-value = レジストリ値
cli-subject-registry-key = レジストリ キー
cli-subject-setting = 設定
cli-subject-status-flags = 状態フラグ
cli-subject-product = 製品
cli-subject-application = アプリケーション
cli-subject-host-key = KMS ホスト キー

cli-label-meaning = 意味
cli-label-symbol = シンボル
cli-label-seen-by = 表示される側
cli-label-seen-in = 表示される場所
cli-label-reasons = 原因
cli-label-remedies = 対処
cli-label-note = 注意
cli-label-sign = 現れ方
cli-label-fields = フィールド
cli-label-codes = 代表的なコード
cli-label-usage = 使い方
cli-label-elevated = 管理者権限
cli-label-releases = 対象バージョン
cli-label-registry = レジストリ
cli-label-method = WMI メソッド
cli-label-data-type = データ型
cli-label-default = 既定値
cli-label-set-by = 設定方法
cli-label-activates = ライセンス認証の対象
cli-label-hosted-on = インストール先
cli-label-family = 分類
cli-label-confidence = 確度

collect-not-windows = このコンピューターは Windows ではありません。--script cmd または --script powershell でスクリプトを表示してください
collect-failed = 収集が正常に終わりませんでした。上のメッセージを確認してください
collect-written = 書き込みました: { $path }
