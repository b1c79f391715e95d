### レポートの枠: 見出し、ラベル、状態。ルールの文は rules*.ftl にあります。

report-title = KMS ライセンス認証レポート

## 判定

verdict-fault = 障害が見つかりました
verdict-clear = 問題はありません
verdict-undecided = 判定できません
sentence-clear = そう判断するのに十分な情報を確認しました。
sentence-clear-findings = そう判断するのに十分な情報を確認しました。検出された次の項目は障害ではありません。
sentence-undecided = 収集された情報からは原因を特定できません。追加で収集する情報を以下に示します。
sentence-undecided-findings = 根本原因を 1 つに絞り込むための情報が不足しています。検出された項目と、追加で収集する情報を以下に示します。
sentence-nothing-found = どのルールにも該当しませんでした。
read-summary = { $files } 個のファイルを読み取り、{ $facts } 件の情報を認識しました。

## 見出し

heading-proof = 根拠
heading-fix = 対処方法
heading-fixes = 対処方法の選択肢
heading-undo = 元に戻す方法
heading-verify = 結果の確認
heading-explains = これで説明できるもの
heading-affected = 対象のコンピューター
heading-references = 関連情報
heading-findings = 検出された項目
heading-other-findings = その他の検出項目
heading-checked = 確認済み (問題なし)
heading-unknown = 確認できなかった項目
heading-collect = 最も役に立つものから順に収集するコマンド
heading-observed = 証拠からわかること
heading-codes = 証拠に含まれるエラー コード
heading-notes = 入力データに関する注意
heading-machines = コンピューター
heading-timeline = イベントの経過
heading-curves = KMS ホストのカウント

## 重大度、確度、対処の安全性

severity-error = エラー
severity-warning = 警告
severity-info = 情報
confidence-certain = 確実
confidence-likely = 可能性が高い
confidence-possible = 可能性がある
confidence-certain-meaning = 収集された情報にそのまま示されています
confidence-likely-meaning = 収集された情報がこの原因を示しており、反する情報はありません
confidence-possible-meaning = この原因と矛盾しませんが、ほかの原因も考えられます
safety-safe = 安全
safety-disruptive = 影響あり
safety-show-only = 要調整
safety-safe-meaning = 変更する設定は 1 つだけで、元に戻すことができ、再起動は発生しません
safety-disruptive-meaning = 再起動が発生するか、ほかのコンピューターに影響するか、元に戻すことができません
safety-show-only-meaning = 内容を確認し、環境に合わせて書き換えてください。そのまま貼り付けないでください

## コマンドを入力する場所

shell-cmd = コマンド プロンプト (管理者として実行)
shell-powershell = PowerShell (管理者として実行)
shell-az = Azure CLI
shell-bind = BIND (nsupdate またはゾーン ファイル)
shell-sh = コマンド ライン (どのシステムでも可)
shell-text = 手作業

## コンピューター

role-client = KMS クライアント
role-host = KMS ホスト
license-unlicensed = ライセンスなし
license-licensed = ライセンスされています
license-initial-grace = 初期猶予期間
license-out-of-tolerance-grace = 許容範囲外猶予期間
license-non-genuine-grace = 非正規猶予期間
license-notification = 通知
license-extended-grace = 延長猶予期間
column-machine = コンピューター
column-role = 役割
column-product = 製品
column-license = ライセンスの状態
column-cmid = クライアント コンピューター ID (CMID)
column-files = ファイル

## イベントの経過

column-time = 時刻
column-event = イベント
column-what = 内容
column-record = レコード
column-source = 出典
what-request = 要求を送信
what-response = 応答を受信
what-activated = ライセンス認証済み
what-refused = 拒否
what-count = 要求をカウント
what-published = DNS に公開
what-failed = 失敗
what-other = その他
time-as-printed = UTC と表示されていない時刻は現地時刻 (出力のまま) です。

## カウント

application-windows = Windows
application-office = Office
application-own = サイト独自のソフトウェア
curve-heading = { $host } ({ $application })
curve-last = ログの末尾でのカウント: { $last }
curve-names = コンピューター名は { $names } 種類
curve-cmids = クライアント コンピューター ID (CMID) は全部で { $cmids } 種類
curve-printed = ホスト自身の出力では { $printed }
curve-threshold = 必要数: { $count }
curve-cap = ホストに表示される上限: { $count }
curve-description = { $host } のカウントの推移。末尾では { $last }
timeline-description = { $count } 件のイベントの経過

## 短い語句

place-record = { $path } レコード { $record }
place-probe = プローブ { $probe } ({ $at })
list-more = … ほか { $count } 件
list-separator = 、
part-separator = 、
label-colon = {": "}
report-made-by = kmscope { $version } により作成。コマンドは提案であり、kmscope は何も変更していません。

## Error codes

code-times = { $times } 回
code-overcome = その後成功
