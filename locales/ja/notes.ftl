### 読み取りの枠が出す注意。

note-not-understood = { $first ->
    [0] 次で始まる行は認識できませんでした: { $text }
   *[other] { $first } 行目から { $last } 行目は認識できませんでした。先頭の内容: { $text }
  }
note-json-broken = 有効な JSON ではありません ({ $line } 行目 { $column } 文字目): { $message }。壊れていない部分は読み取りました。
note-json-unknown = この JSON ドキュメントは、kmscope が対応している種類ではありません。
note-row-unknown = この表は kmscope が対応している種類ではないため、行を読み取っていません。
note-facts-limit = { $dropped } 件の情報を省略しました。1 つのファイルにつき保持するのは { $max } 件までです。
note-notes-limit = { $dropped } 件の注意を省略しました。1 つのファイルにつき保持するのは { $max } 件までです。
note-attribution-unclear = このファイルには複数のコンピューター ({ $names }) の情報が含まれており、残りの部分がどのコンピューターのものか判断できません。
note-collection-remark = 収集時に省略または変更された内容がバンドルに記載されています: { $text }
note-terraform-broken = 有効な Terraform ではありません: { $message }。値が直接書かれている行だけを読み取りました。
note-terraform-variables-broken = 変数の値を読み取れません: { $message }。これらの値なしで判定しました。
note-terraform-module-remote = モジュール { $module } は { $source } から取得されるもので、これらのフォルダーにはありません。作成される内容は判定していません。
note-terraform-module-missing = モジュール { $module } は { $source } にあるはずですが、読み取れる Terraform がありません。
note-terraform-module-limit = モジュール { $module } ({ $source }) の呼び出しが深すぎるか多すぎます。作成される内容は判定していません。
note-terraform-limit = これらのモジュールは追跡できる量を超えています。残りは値が不明なものとして判定しました。
